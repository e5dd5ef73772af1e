package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// levelShape cuts the series into whole periods of its shortest season m, counted back from its end, and forecasts the mean of
// a period, its level, and the course within it, its shape, by themselves:
//
//	y(i, p) = L(i)·S(p) + u,  L(i) = mean of y(i, p) over the phases p of period i
//
// In logarithms, and where some values are negative, L(i) + S(p) takes the place of the product.
//
//   - The levels are a series of few and steady values. They are adjusted for the next season, the weekdays of days or the
//     year of weeks, and extended by the theta method, or the mean of it and an autoregression when they are many.
//   - The shape is smoothed from period to period with the weight max(γ, 1/i), so that γ = 0 makes it the mean of all shapes;
//     γ is the one with the smallest squared errors a period ahead. It is shrunk by the share that noise explains of it.
//   - Where the next season has up to 12 periods, each of them, as Sunday, has a deviation of its own from the shape, shrunk
//     likewise.
//   - The last residual u(n) fades out as u(n)·φ^k, φ the autocorrelation of the residuals.
//
// The idea to factorise is that of FLAIR (arXiv 2605.07222). Shrinkage: James and Stein 1961, Proceedings of the Fourth
// Berkeley Symposium 1, 361-379. It needs a season and three periods.
type levelShape struct{}

const (
	leastShapes  = 3   // periods
	shapePeriods = 120 // the most periods that are used
	manyLevels   = 20  // levels that are enough for an autoregression
	mostTypes    = 12  // periods of the next season, each with a deviation of its own
	mostFading   = 0.9 // the largest φ: residuals contain what the levels are wrong by, which lasts
)

func (levelShape) forecast(e *Engine, p *problem, log bool) fit {
	out, m := e.newPaths(p), p.season()
	if m < 2 {
		return fit{paths: out}
	}
	y := p.y
	if log {
		y = e.view(p, true).z
	}
	s := e.newSmoothing()
	f := shape{m: m, types: p.periodsPerSeason(), product: !log && p.least >= 0, mean: e.mem.floats(m)}
	for o, n := range slices.Backward(p.ends) {
		s.estimated = s.estimated && !p.startsAfresh(o)
		if s.fixed = s.estimated && p.sharesFit(o, s.points); !s.fixed {
			s.points, s.lags.points = n, 0
		}
		periods := min(n/m, max(shapePeriods, leastShapes*f.types))
		if periods < leastShapes {
			continue
		}
		mark := e.mem.mark()
		if row := out.row(o); e.continueShape(&f, y[n-periods*m:n], row, &s) {
			if log {
				e.view(p, true).back(row)
			}
			p.clip(o, row)
		}
		e.mem.release(mark)
	}
	return fit{paths: out}
}

// periodsPerSeason is how many periods of the shortest season the next one has, or 1.
func (p *problem) periodsPerSeason() int {
	m := p.season()
	for _, long := range p.seasons {
		if q := (long + m/2) / m; q > 1 {
			return q
		}
	}
	return 1
}

// shape is the course within a period.
type shape struct {
	m, types  int       // steps in a period, and periods in the next season
	product   bool      // L·S, and not L + S
	level     []float64 // of each period
	mean      []float64 // the shape, by phase; its mean is 1, or 0 for a sum
	gamma     float64   // of mean
	weight    float64   // Σ of the squared weights of the periods in mean
	deviation paths     // by type of period and phase
}

// continueShape writes what follows y, which holds whole periods, into row.
func (e *Engine) continueShape(f *shape, y, row []float64, s *smoothing) bool {
	m, n := f.m, len(y)/f.m
	f.level = e.mem.floats(n)
	for i := range f.level {
		f.level[i] = floats.Sum(y[i*m:(i+1)*m]) / float64(m)
	}
	f.shrink(f.smooth(y, e.mem.floats(m), s.fixed))
	f.deviation = paths{h: m, data: e.mem.floats(f.types * m)}
	f.deviate(y)
	ahead := e.mem.floats((len(row) + m - 1) / m)
	e.continueLevels(f, ahead, s)
	if math.IsNaN(ahead[0]) {
		return false
	}
	residual, fading := f.residual(y)
	for k := range row {
		i, p := k/m, k%m
		at := f.at(n+i, p)
		if f.product {
			at *= ahead[i]
		} else {
			at += ahead[i]
		}
		residual *= fading
		row[k] = at + residual
	}
	return true
}

// continueLevels writes the levels that follow, adjusted for the next season while they are extended, into ahead.
func (e *Engine) continueLevels(f *shape, ahead []float64, s *smoothing) {
	indices, x := e.mem.floats(f.types), e.mem.floats(len(f.level))
	if f.types == 1 || !e.additiveIndices(indices, f.level) {
		clear(indices)
	}
	for i, l := range f.level {
		x[i] = l - indices[i%f.types]
	}
	ahead[0] = math.NaN()
	theta(e, x, ahead, s)
	if len(x) >= manyLevels {
		second := e.mem.floats(len(ahead))
		copy(second, ahead)
		smoothAR(e, x, second, s)
		floats.Add(ahead, second)
		floats.Scale(0.5, ahead)
	}
	for k := range ahead {
		ahead[k] += indices[(len(x)+k)%f.types]
	}
}

// part returns the values of period i, the part of them that the level gives without the shape, and the factor of the shape.
func (f *shape) part(y []float64, i int) (values []float64, base, unit float64) {
	values = y[i*f.m : (i+1)*f.m]
	if f.product {
		return values, 0, f.level[i]
	}
	return values, f.level[i], 1
}

// at is the shape of period i at phase p.
func (f *shape) at(i, p int) float64 { return f.mean[p] + f.deviation.row(i % f.types)[p] }

// smooth finds the mean shape, with the γ known when it is to be kept. trial has room for another. It returns the sum of squared
// errors a period ahead.
func (f *shape) smooth(y, trial []float64, keep bool) (sse float64) {
	if keep {
		sse, f.weight = f.run(y, f.gamma, f.mean)
		return sse
	}
	for _, gamma := range [...]float64{0, 0.1, 0.4, 0.9} {
		if 10*gamma > float64(len(f.level)) {
			break // a few shapes do not show that they change so fast
		}
		if errors, weight := f.run(y, gamma, trial); errors < sse || gamma == 0 {
			sse, f.weight, f.gamma = errors, weight, gamma
			copy(f.mean, trial)
		}
	}
	return sse
}

// run smooths the shape into at, and returns the sum of its squared errors a period ahead, and that of the squared weights.
func (f *shape) run(y []float64, gamma float64, at []float64) (sse, weight float64) {
	clear(at)
	units := 0.0 // the mean of the factors, smoothed as the values are
	for i := range f.level {
		values, base, unit := f.part(y, i)
		share, g := 0.0, max(gamma, 1/float64(i+1))
		if units > 0 {
			share = unit / units
		}
		errors := 0.0
		for p, v := range values[:len(at)] {
			x, before := v-base, at[p]
			d := x - share*before
			errors += d * d
			at[p] = before + g*(x-before)
		}
		if units > 0 {
			sse += errors
		}
		units += g * (unit - units)
		weight = weight*(1-g)*(1-g) + g*g
	}
	if !(units > 0) { // all levels are 0
		fill(at, 1)
		return math.Inf(1), weight
	}
	floats.Scale(1/units, at)
	return sse, weight
}

// shrink shrinks the mean shape towards an even one. The errors a period ahead, of which sse is the sum of squares, come from
// the noise of a period and from that of the shape before it, whose share is weight/(1 + weight).
func (f *shape) shrink(sse float64) {
	even := 0.0
	if f.product {
		even = 1
	}
	units, signal := 0.0, 0.0
	for i := 1; i < len(f.level); i++ {
		unit := 1.0
		if f.product {
			unit = f.level[i]
		}
		units += unit * unit
	}
	for _, v := range f.mean {
		signal += (v - even) * (v - even)
	}
	if !(units > 0 && signal > 0) {
		return
	}
	noise := sse / units * f.weight / (1 + f.weight)
	w := max(0, 1-noise/signal)
	for p, v := range f.mean {
		f.mean[p] = even + w*(v-even)
	}
}

// deviate finds how the shape of each type of period deviates from the mean shape.
func (f *shape) deviate(y []float64) {
	clear(f.deviation.data)
	if n := len(f.level); f.types == 1 || f.types > mostTypes || n < leastShapes*f.types {
		return
	}
	for d := range f.types {
		f.deviateOf(y, d, f.deviation.row(d))
	}
}

// deviateOf writes the deviation of type d into row, shrunk towards 0.
func (f *shape) deviateOf(y []float64, d int, row []float64) {
	units, count := 0.0, 0.0
	for i := d; i < len(f.level); i += f.types {
		values, base, unit := f.part(y, i)
		units += unit
		count++
		for p, v := range values {
			row[p] += v - base - unit*f.mean[p]
		}
	}
	if !(units > 0) {
		clear(row)
		return
	}
	floats.Scale(1/units, row)
	signal, noise := floats.Dot(row, row), 0.0
	for i := d; i < len(f.level); i += f.types {
		values, base, unit := f.part(y, i)
		for p, v := range values {
			r := v - base - unit*(f.mean[p]+row[p])
			noise += r * r
		}
	}
	noise *= count / (count - 1) / (units * units)
	if signal > 0 {
		floats.Scale(max(0, 1-noise/signal), row)
	}
}

// residual returns the last residual, and how much of one is left a step later.
func (f *shape) residual(y []float64) (last, fading float64) {
	products, squares := 0.0, 0.0
	for i := range f.level {
		values, base, unit := f.part(y, i)
		mean, deviation := f.mean[:len(values)], f.deviation.row(i % f.types)[:len(values)]
		for p, v := range values {
			r := v - base - unit*(mean[p]+deviation[p])
			products += r * last
			squares += last * last
			last = r
		}
	}
	if !(products > 0) {
		return 0, 0
	}
	return last, min(products/squares, mostFading)
}
