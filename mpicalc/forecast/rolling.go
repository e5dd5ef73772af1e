package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// Errors holds rolling-origin errors, value minus forecast. Origin 0 is the latest; origin k is the same distance
// from the end in every series of the same horizon (see Origins), or as asked for in Series.Ends. An error is NaN where
// there is no value to compare with.
type Errors struct {
	Origins, Horizon int
	Data             []float64 // row-major, Origins × Horizon
	// Stride is 0 for origins as OriginOffset lays them. Otherwise the origins are those of Series.WalkEnds, that many values apart,
	// and the errors are those of naive, each as large as the volatility at the end of the series lets expect.
	Stride int
}

// Row returns the errors of origin o at the steps 1 to Horizon. It shares memory with e.
func (e *Errors) Row(o int) []float64 { return e.Data[o*e.Horizon : (o+1)*e.Horizon] }

// AddScaled adds w·x to e, origin by origin. e keeps only the origins that both have; a zero e (Horizon 0) becomes w·x. It
// panics when the horizons differ.
func (e *Errors) AddScaled(w float64, x *Errors) {
	if e.Horizon == 0 {
		e.resize(x.Origins, x.Horizon)
		clear(e.Data)
	}
	if e.Horizon != x.Horizon {
		panic("forecast: errors of different horizons")
	}
	e.resize(min(e.Origins, x.Origins), e.Horizon)
	for i := range e.Data {
		e.Data[i] += w * x.Data[i]
	}
}

func (e *Errors) resize(origins, h int) {
	e.Origins, e.Horizon, e.Stride = origins, h, 0
	e.Data = resize(e.Data, origins*h)
}

// evaluate turns the forecasts at the rolling origins into errors, skill and intervals.
func (e *Engine) evaluate(dst *Result, p *problem, out paths) {
	defer e.mem.release(e.mem.mark()) // what bounds leaves for the errors of walks is in it
	origins := p.extra - p.rolling
	dst.Origins = origins
	dst.Errors.resize(origins, p.steps)
	var own, naive float64
	for o := range origins {
		n := p.known[p.rolling+o]
		row, scale := dst.Errors.Row(o), p.levelRatio(p.rolling+o)
		for k, f := range out.row(p.rolling + o) {
			actual := p.values[n+k]
			row[k] = p.toPresent(actual-f, scale)
			own += math.Abs(actual - f)
			naive += math.Abs(actual - p.values[n-1])
		}
	}
	if naive > 0 && finite(own/naive) {
		dst.Skill = own / naive
	}
	if origins == 0 {
		p.naiveErrors(&dst.Errors)
	}
	p.bounds(e, dst, out)
	p.setCritical(e, dst, out)
	if p.asked != nil {
		p.askedErrors(&dst.Errors, out)
	}
	if w := p.walk; w != nil && p.walkEnds != nil {
		w.errors(&dst.Errors, p, out.row(0), p.walkEnds, p.walkUnread)
		dst.Errors.Stride = p.walkStride
	}
	if p.options.Joint && len(dst.Quantiles) > 0 {
		dst.Scores = p.marginals.scores(dst.Scores, dst.Quantiles, out.row(0), &dst.Errors)
	}
	dst.Errors.shift(out.row(0), dst.Mean)
}

// bounds makes the intervals and quantiles, and the point where the model has made the other one.
func (p *problem) bounds(e *Engine, dst *Result, out paths) {
	if dst.Note = p.noBasis(); dst.Note != "" {
		dst.Lo, dst.Hi, dst.Quantiles = dst.Lo[:0], dst.Hi[:0], dst.Quantiles[:0]
		return
	}
	d := p.predict(e, dst, out)
	p.relative = d.relative
	d.intervals(e, dst.Lo, dst.Hi, p.options.Levels)
	d.quantiles(e, dst.Quantiles, p.options.Quantiles)
	for _, rows := range [][][]float64{dst.Lo, dst.Hi, dst.Quantiles} {
		for _, row := range rows {
			if p.isConstant() {
				copy(row, dst.Mean)
			}
			raise(row, p.floor(0))
		}
	}
	p.lawBounds(dst)
	p.setPoint(e, dst, d)
}

// predict is the distribution that follows from the rolling-origin errors: those in dst.Errors, or relative ones where they
// describe the series better and it is not mostly constant. Where there are too few, or the forecast is no better than naive, it
// follows from errors of naive.
func (p *problem) predict(e *Engine, dst *Result, out paths) *predictive {
	if dst.Origins < MinOrigins {
		return p.predictFew(e, dst)
	}
	if d := p.predictWalk(e, dst); d != nil {
		return d
	}
	prefer := p.relativeErrors(&e.mem.relative, out)
	return e.predictRelativeOr(dst.Mean, &e.mem.relative, &dst.Errors, prefer, p.meanStep())
}

// predictFew is the distribution that follows from the in-sample errors of naive, made smaller where the few rolling-origin errors
// are.
func (p *problem) predictFew(e *Engine, dst *Result) *predictive {
	const worthNaive = 3 // origins are worth as much as the errors of naive
	errs := &e.mem.inSample
	p.naiveErrors(errs)
	if dst.Skill < 1 {
		share := float64(dst.Origins) / float64(dst.Origins+worthNaive)
		floats.Scale(1+share*(dst.Skill-1), errs.Data)
	}
	d := e.predict(dst.Mean, errs, p.meanStep())
	d.nu = effectiveOverlapping(float64(errs.Origins), originStride(p.steps), p.steps)
	return d
}

// surelyConstant is how many equal values make a constant series: the chance that the next of n + 1 exchangeable values is
// the only one that differs is 1/(n+1), one in twenty.
const surelyConstant = 19

// noBasis says why the series cannot have an interval, or returns "".
func (p *problem) noBasis() string {
	switch n := len(p.values); {
	case n == 1:
		return "one value is not enough for intervals"
	case p.isConstant() && n < surelyConstant:
		return "a few equal values are not enough for intervals"
	}
	return ""
}

func (p *problem) isConstant() bool { return p.lo[0] == p.hi[0] }

// meanStep is the mean of |y(t) - y(t-1)|.
func (p *problem) meanStep() float64 {
	sum, last := 0.0, p.values[0]
	for _, v := range p.values[1:] {
		sum += math.Abs(v - last)
		last = v
	}
	return sum / float64(max(len(p.values)-1, 1))
}

// askedErrors writes the errors at the origins asked for into dst, NaN where the series has no value to compare with.
func (p *problem) askedErrors(dst *Errors, out paths) {
	dst.resize(len(p.asked), p.steps)
	fill(dst.Data, math.NaN())
	for i, o := range p.asked {
		if o < 0 {
			continue
		}
		row, scale := dst.Row(i), p.levelRatio(o)
		for k, actual := range p.values[p.known[o]:min(p.known[o]+p.steps, len(p.values))] {
			row[k] = p.toPresent(actual-out.row(o)[k], scale)
		}
	}
}

// levelRatio returns the present level of a positive series divided by that before origin o, at least 1/5 and at most 5,
// and 1 for any other series. A level is the mean of the last season, or of the last three values if that is shorter. The
// errors of a growing series grow with it: without the ratio, past errors would make the intervals too narrow.
func (p *problem) levelRatio(o int) float64 {
	if !p.positive() {
		return 1
	}
	span := max(p.season(), 3)
	level := func(n int) float64 { return stat.Mean(p.values[max(0, n-span):n], nil) }
	return min(max(level(len(p.values))/level(p.known[o]), 0.2), 5)
}

// toPresent scales an error by the ratio of levels. No error becomes larger than the range of the series by that: that a series
// has jumped to another level is no reason to expect a jump that is so many times larger.
func (p *problem) toPresent(e, ratio float64) float64 {
	scaled := e * ratio
	if ratio <= 1 {
		return scaled
	}
	most := max(math.Abs(e), p.hi[0]-p.lo[0])
	return min(max(scaled, -most), most)
}

// naiveErrors writes the in-sample errors of the naive forecast into dst, for a series too short for rolling origins. Their
// origins are as far apart as rolling origins. Beyond the end of the series the last error known grows like that of a
// random walk, with the root of the step. A series of one point has no errors, and dst.Origins is 0.
func (p *problem) naiveErrors(dst *Errors) {
	n, stride := len(p.values), originStride(p.steps)
	count := naiveOrigins(n, p.steps)
	dst.resize(count, p.steps)
	for o := range count {
		last := n - 2 - o*stride
		row := dst.Row(o)
		for k := range row {
			reach := min(k+1, n-1-last)
			row[k] = (p.values[last+reach] - p.values[last]) * math.Sqrt(float64(k+1)/float64(reach))
		}
	}
}
