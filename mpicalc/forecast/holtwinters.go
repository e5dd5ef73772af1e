package forecast

import "math"

// holtWinters is exponential smoothing with a damped trend and an additive season of period m:
//
//	x̂(t) = l(t-1) + φ·b(t-1) + s(t-m),  u = x(t) - x̂(t)
//	l(t) = l(t-1) + φ·b(t-1) + α·u,  b(t) = φ·b(t-1) + α·β·u,  s(t) = s(t-m) + γ·u
//
// started from the indices of the classical decomposition and the line through the first two periods; (α, β, γ, φ) are
// found by a search along the coordinates. Source: Holt 1957; Winters 1960, Management Science 6, 324-342; damped:
// Gardner and McKenzie 1989, Management Science 35, 372-376. It needs a season, two periods and four points.
func holtWinters(e *Engine, z, row []float64, s *smoothing) {
	m := s.period
	if m < 2 || len(z) < 2*m+4 {
		return
	}
	defer e.mem.release(e.mem.mark())
	fit := winters{z: z, indices: s.indices, season: e.mem.floats(m)}
	start := e.mem.floats(2 * m)
	for i := range start {
		start[i] = z[i] - s.indices[i%m]
	}
	fit.level, fit.slope = e.leastSquaresLine(start)
	fit.level -= fit.slope
	at := [4]float64{s.alpha, s.beta, s.gamma, s.phi}
	step := [4]float64{0.1, 0.04, 0.04, 0.025}
	rounds := 1
	if !s.estimated {
		at, step, rounds = [4]float64{0.3, 0.05, 0.05, 0.95}, [4]float64{0.2, 0.08, 0.08, 0.05}, 5
	}
	if !s.fixed {
		at = fit.search(at, step, rounds)
	}
	s.alpha, s.beta, s.gamma, s.phi, s.estimated = at[0], at[1], at[2], at[3], true
	fit.run(at, row)
}

// winters holds a series and the initial states that every run over it begins with.
type winters struct {
	z, indices, season []float64
	level, slope       float64
}

// search walks along the coordinates while that lowers the squared errors, and halves its steps where it does not.
func (w *winters) search(at, step [4]float64, rounds int) [4]float64 {
	lowest, highest := [4]float64{0.01, 0.0005, 0.0005, 0.8}, [4]float64{0.98, 0.9, 0.5, 0.98}
	best := w.run(at, nil)
	for range rounds {
		moved := false
		for c := range at {
			for _, s := range []float64{-step[c], step[c]} {
				to := at
				to[c] = min(max(to[c]+s, lowest[c]), highest[c])
				if sse := w.run(to, nil); sse < best {
					best, at, moved = sse, to, true
				}
			}
		}
		if !moved {
			for c := range step {
				step[c] /= 2.2
			}
		}
	}
	return at
}

// run returns the sum of squared one-step errors and continues the series into row.
func (w *winters) run(at [4]float64, row []float64) float64 {
	alpha, beta, gamma, phi := at[0], at[1], at[2], at[3]
	copy(w.season, w.indices)
	l, b, sse, phase := w.level, w.slope, 0.0, 0
	for _, v := range w.z {
		b *= phi
		u := v - l - b - w.season[phase]
		sse += u * u
		l += b + alpha*u
		b += alpha * beta * u
		w.season[phase] += gamma * u
		if phase++; phase == len(w.season) {
			phase = 0
		}
	}
	for k := range row {
		b *= phi
		l += b
		row[k] = l + w.season[(phase+k)%len(w.season)]
	}
	if math.IsNaN(sse) {
		return math.Inf(1)
	}
	return sse
}
