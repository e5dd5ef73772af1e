package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// MaxRegressors is how many regressors a series may have.
const MaxRegressors = 32

// Coefficient is the estimated effect of a regressor: how much more the series is where the regressor is more by 1.
type Coefficient struct {
	Value float64
	// StdErr is the standard error of Value. It is NaN where nothing can be estimated, because the regressor is constant or a
	// combination of those before it, trend and season, or because the series is too short. Value is then 0.
	StdErr float64
}

// effects is what the regressors of one series do to it. Their coefficients β are estimated first and what they explain is
// taken out, then any model forecasts the rest, and what the regressors will do is added to its forecast:
//
//	y*(t) = y(t) + c - Σ β(i)·(x(i,t) - x̄(i)),  ŷ(n+k) = ŷ*(n+k) - c + Σ β(i)·(x(i,n+k) - x̄(i))
//
// The constant c is 0, unless y is never negative and y* would come closer to zero than y: logarithms of what is left of a positive
// series would see little but that.
// β comes from a regression with autoregressive errors, see regression. At a rolling origin, β must come from the values before
// it, but the models forecast all origins from one y*. What another β would have changed follows from the linear part of
// the forecast: it goes on from what trend and season before the origin say of x, x̂,
//
//	ŷ(n+k; b) ≈ ŷ(n+k; β) + Σ (b(i) - β(i))·(x(i,n+k) - x̂(i,n+k))
type effects struct {
	n, h      int // values, at most MaxPoints, and steps
	exponent  int // y is that of the series times 2^-exponent, so that no square overflows; likewise x
	exponents []int
	least     float64   // the smallest value of the series
	y         []float64 // values
	x         paths     // a row for each regressor, less its mean x̄: values and steps
	means     []float64 // x̄
	size      []float64 // Σ (x - x̄)²
	slot      []int     // of each value and step
	seasons   []int
	terms     paths      // a line, and Fourier terms of each season, see termOf
	unused    bool       // the forecast leaves the effects out, see tooSmall
	lift      float64    // c
	fit       regression // to all values
	past      regression // to the values before an origin
	trial     regression
	added     []float64 // -c + Σ β(i)·(x(i,n+k) - x̄(i)), in units of the series
	deviation []float64 // the standard deviation of that, beyond the one of an average time
}

// checkRegressors returns the fault of the regressors of s, or nil.
func checkRegressors(s *Series) error {
	for i, x := range s.Regressors {
		for t, v := range x {
			if !finite(v) {
				return &DataError{Code: NotFinite, Regressor: i + 1, Index: t, Value: v}
			}
		}
	}
	return nil
}

// explain estimates what the regressors of s explain of its values y, and returns the rest of y.
func (e *Engine) explain(s *Series, y []float64, o *Options) ([]float64, *effects) {
	from, k := max(0, len(y)-MaxPoints), len(s.Regressors)
	f := &e.mem.effects
	*f = effects{n: len(y) - from, h: o.Horizon, exponent: exponentOf(y), least: floats.Min(y)}
	f.y = e.mem.floats(f.n)
	for t := range f.y {
		f.y[t] = math.Ldexp(y[from+t], -f.exponent) - math.Ldexp(y[from], -f.exponent)
	}
	f.x = paths{h: f.n + f.h, data: e.mem.floats(k * (f.n + f.h))}
	f.exponents, f.means, f.size = e.mem.ints(k), e.mem.floats(k), e.mem.floats(k)
	for i, x := range s.Regressors {
		f.exponents[i] = exponentOf(x)
		row := f.x.row(i)
		for t := range row {
			row[t] = math.Ldexp(x[from+t], -f.exponents[i])
		}
		f.means[i] = floats.Sum(row[:f.n]) / float64(f.n)
		floats.AddConst(-f.means[i], row)
		f.size[i] = floats.Dot(row[:f.n], row[:f.n])
	}
	f.slot = e.slots(s.Skips, len(y)+f.h)[from:]
	for _, r := range []*regression{&f.fit, &f.past, &f.trial} {
		r.beta, r.covariance = e.mem.floats(k), e.mem.floats(k*k)
		r.away = paths{h: f.n + f.h, data: e.mem.floats(k * (f.n + f.h))}
	}
	rest := e.mem.floats(len(y))
	f.setSeasons(&e.mem, e.findSeasons(y[from:], o).periods)
	e.regress(f, &f.fit, f.n)
	f.takeOut(rest, y, s)
	if o.Seasons == nil { // the regressors may have hidden a season, or made one up
		if seasons := e.findSeasons(rest[from:], o).periods; !slices.Equal(seasons, f.seasons) {
			f.setSeasons(&e.mem, seasons)
			e.regress(f, &f.fit, f.n)
			f.takeOut(rest, y, s)
		}
	}
	if f.unused = f.tooSmall(y[from:]); f.unused {
		copy(rest, y)
	}
	if f.least >= 0 {
		f.lift = max(f.least-floats.Min(rest), 0)
		floats.AddConst(f.lift, rest)
	}
	f.describeSteps(&e.mem)
	return rest, f
}

// tooSmall reports whether the effects are left out of the forecast. What is left of small counts after them are no counts, and
// the quantiles of counts are better known than those of any other series. So the effects must explain a sixth of the squares, or
// one of them must be sure. With a regressor that says nothing, the absolute error on weekly sales in shops was 8 % larger.
func (f *effects) tooSmall(y []float64) bool {
	r := &f.fit
	if !(r.explained > 0 && r.explained < leastExplained) || f.least < 0 || floats.Sum(y) >= smallCounts*float64(len(y)) || !wholeNumbers(y) {
		return false
	}
	for i, b := range r.beta {
		if b*b > sure*sure*r.covariance[i*len(r.beta)+i] {
			return false
		}
	}
	return true
}

const (
	leastExplained = 1. / 6
	sure           = 3   // standard errors
	smallCounts    = 100 // the mean of small counts is less
	effectsUnused  = "the effects are too small and unsure to change the forecast of these counts"
)

// exponentOf is 0, or the power of two that brings v near 1 where squares of its values would overflow or underflow.
func exponentOf(v []float64) int {
	size := max(floats.Max(v), -floats.Min(v))
	if size == 0 || size > 1e-60 && size < 1e60 {
		return 0
	}
	_, exponent := math.Frexp(size)
	return exponent
}

// slots numbers the slots of n values and steps.
func (e *Engine) slots(skips []Skip, n int) []int {
	slot := e.mem.ints(n)
	next, empty := 0, 0
	for k := range slot {
		for ; next < len(skips) && int(skips[next].At) <= k; next++ {
			empty += int(skips[next].Count)
		}
		slot[k] = k + empty
	}
	return slot
}

// takeOut writes y less what the regressors explain into rest.
func (f *effects) takeOut(rest, y []float64, s *Series) {
	for t, v := range y {
		sum := 0.0
		for i, b := range f.fit.beta {
			if b != 0 {
				sum += b * (math.Ldexp(s.Regressors[i][t], -f.exponents[i]) - f.means[i])
			}
		}
		rest[t] = clampFinite(v-math.Ldexp(sum, f.exponent), v)
	}
}

// describeSteps computes what comes back at each step, and how uncertain it is.
func (f *effects) describeSteps(mem *scratch) {
	f.added, f.deviation = mem.floats(f.h), mem.floats(f.h)
	usual := 0.0
	for t := f.fit.start; t < f.n; t++ {
		usual += f.fit.variance(&f.fit, t, t) / float64(f.n-f.fit.start)
	}
	if f.unused {
		clear(f.added)
		clear(f.deviation)
		return
	}
	for k := range f.added {
		f.added[k] = clampFinite(math.Ldexp(f.fit.sum(&f.x, f.n+k), f.exponent)-f.lift, 0)
		beyond := f.fit.variance(&f.fit, f.n, f.n+k) - usual
		f.deviation[k] = clampFinite(math.Ldexp(math.Sqrt(max(beyond, 0)), f.exponent), 0)
	}
}

// atOrigins changes the forecasts at the origins of p, which has the units u, to those with the coefficients b that the values
// before each give, in levels or differences as the fit to all; origins of up to a fifth more values share a fit. From few values
// b is worse than β will be: a change whose variance, that of b less that of β (Hausman 1978, Econometrica 46, 1251-1271), is
// larger than that of the effects with β is made as small as that. In simulations with 1 to 10 regressors and 40 to 120 values, the
// intervals of theta covered within two points as much as with the effects known.
func (e *Engine) atOrigins(f *effects, p *problem, out paths, u units) {
	if f.unused {
		return
	}
	r := &f.past
	r.points = 0
	for o := len(p.known) - 1; o >= p.rolling; o-- {
		n := f.n - (len(p.values) - p.known[o])
		if r.points == 0 || p.startsAfresh(o) || 5*(n-r.points) >= r.points {
			e.regressOn(f, r, n, f.fit.differenced)
		}
		row := out.row(o)
		for k := range row {
			change := 0.0
			for i, b := range r.beta {
				if r.covariance[i*len(r.beta)+i] == 0 {
					continue // not known yet, as a promotion that never was
				}
				change += (b - f.fit.beta[i]) * r.distance(i, n, n+k)
			}
			if then, now := r.variance(r, n, n+k), r.variance(&f.fit, n, n+k); then > 2*now {
				change *= math.Sqrt(now / (then - now))
			}
			row[k] = clampFinite(row[k]+math.Ldexp(change, f.exponent-u.exponent), row[k])
		}
	}
}

// skill is the mean absolute error at the rolling origins of p, divided by that of the naive forecast of the series as it is,
// which knows no regressors.
func (f *effects) skill(p *problem, out paths, u units) float64 {
	var own, naive float64
	for o := p.rolling; o < p.extra; o++ {
		n := p.known[o]
		ahead := f.y[f.n-len(p.values)+n:]
		last := f.y[f.n-len(p.values)+n-1]
		for k, v := range out.row(o) {
			own += math.Abs(p.values[n+k] - v)
			naive += math.Abs(ahead[k] - last)
		}
	}
	ratio := math.Ldexp(own/naive, u.exponent-f.exponent)
	if naive == 0 || !finite(ratio) {
		return math.NaN()
	}
	return ratio
}

// addTo adds what the regressors will do to the answer dst, and their coefficients.
func (f *effects) addTo(dst *Result, o *Options) {
	if f.unused && dst.Note == "" {
		dst.Note = effectsUnused
	}
	floor := floorOf(f.least)
	for i, q := range dst.Quantiles {
		z := distuv.UnitNormal.Quantile(o.Quantiles[i])
		for k, v := range q {
			q[k] = f.bound(v, dst.Mean[k], z, k, floor)
		}
	}
	for i := range dst.Lo {
		z := distuv.UnitNormal.Quantile((1 + o.Levels[i]/100) / 2)
		for k, m := range dst.Mean {
			dst.Lo[i][k] = f.bound(dst.Lo[i][k], m, -z, k, floor)
			dst.Hi[i][k] = f.bound(dst.Hi[i][k], m, z, k, floor)
		}
	}
	for k, m := range dst.Mean {
		dst.Mean[k] = max(clampFinite(m+f.added[k], m), floor)
	}
	if o.wantsErrors() {
		dst.Floor = floor
	}
	for i, b := range f.fit.beta {
		c := Coefficient{StdErr: math.NaN()}
		if v := f.fit.covariance[i*len(f.fit.beta)+i]; v > 0 || b != 0 {
			exponent := f.exponent - f.exponents[i]
			c.Value = clampFinite(math.Ldexp(b, exponent), 0)
			c.StdErr = clampFinite(math.Ldexp(math.Sqrt(v), exponent), 0)
		}
		dst.Coefficients = append(dst.Coefficients, c)
	}
}

// bound is a bound v of the interval around mean at step k, of the quantile z of the normal distribution, with what the
// regressors will do. The rolling origins have shown how much the coefficients err at usual values of the regressors; what
// these err more at an unusual one is independent of the errors of the series.
func (f *effects) bound(v, mean, z float64, k int, floor float64) float64 {
	d := v - mean
	if d*z >= 0 && f.deviation[k] > 0 {
		d = math.Copysign(math.Hypot(d, z*f.deviation[k]), z)
	}
	return max(clampFinite(mean+d+f.added[k], v), floor)
}
