package forecast

import "math"

// pointGrid is over how many quantiles the mean of a predictive distribution is taken.
const pointGrid = 40

// setPoint makes dst.Mean what the options ask for, where the model gave the other one: the median of the predictive
// distribution that follows from errs, or its mean
//
//	∫ q(u) du ≈ Σ q((i-½)/n) / n,  i = 1..n
//
// with q its quantile function (Duan 1983, Journal of the American Statistical Association 78, 605-610, who takes the mean
// over the errors themselves).
func (p *problem) setPoint(e *Engine, dst *Result, d *predictive) {
	point := p.options.Point
	if point == "" || point == dst.Point || p.isConstant() {
		return
	}
	n := 1
	if point == Mean {
		n = pointGrid
	}
	mark := e.mem.mark()
	at, sum := e.mem.floats(n), e.mem.floats(p.steps)
	for i := range at {
		at[i] = (float64(i) + 0.5) / float64(n)
	}
	e.mem.rows = resizeRows(e.mem.rows, n, p.steps)
	d.quantiles(e, e.mem.rows, at)
	clear(sum)
	for _, q := range e.mem.rows {
		raise(q, p.floor(0))
		for k, v := range q {
			sum[k] += v / float64(n)
		}
	}
	copy(dst.Mean, sum)
	dst.Point = point
	e.mem.release(mark)
}

// shift changes errors of the forecast from into those of the forecast to, which differs from it by as much at every origin.
func (e *Errors) shift(from, to []float64) {
	for o := range e.Origins {
		for k, v := range e.Row(o) {
			if d := to[k] - from[k]; d != 0 {
				e.Row(o)[k] = v - d
			}
		}
	}
}

// wholeNumbers reports whether all values of y are integers.
func wholeNumbers(y []float64) bool {
	for _, v := range y {
		if v != math.Trunc(v) {
			return false
		}
	}
	return true
}

// Round rounds an answer about values, with quantiles of the given probabilities, as Options.Integers says.
func (r *Result) Round(values, quantiles []float64) {
	if !wholeNumbers(values) {
		return
	}
	each(r.Mean, math.Round)
	each(r.Paths, math.Round)
	for i := range r.Lo {
		each(r.Lo[i], math.Floor)
		each(r.Hi[i], math.Ceil)
	}
	for i := range r.BandLo {
		each(r.BandLo[i], math.Floor)
		each(r.BandHi[i], math.Ceil)
	}
	for i, q := range r.Quantiles {
		switch at := quantiles[i]; {
		case at < 0.5:
			each(q, math.Floor)
		case at > 0.5:
			each(q, math.Ceil)
		default:
			each(q, math.Round)
		}
	}
	r.Floor = math.Floor(r.Floor)
	if len(r.Parts) > 0 {
		r.adjust()
	}
}

func each(s []float64, f func(float64) float64) {
	for i, v := range s {
		s[i] = f(v) + 0 // -0 is 0
	}
}
