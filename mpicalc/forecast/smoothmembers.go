package forecast

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// Smoothers that are members of auto and not models of their own.

// smoothDrift is the drift forecast as a smoother, applied to the seasonally adjusted series.
func smoothDrift(e *Engine, x, row []float64, _ *smoothing) { drift(e, x, row) }

// smoothLags is the highest order of smoothAR.
const smoothLags = 5

// smoothAR is the autoregression of order up to 5, chosen by AICc, as a smoother, applied to the seasonally adjusted series.
func smoothAR(e *Engine, x, row []float64, s *smoothing) {
	defer e.mem.release(e.mem.mark())
	if !s.fixed {
		s.centre = stat.Mean(x, nil)
	}
	z := e.mem.floats(len(x))
	copy(z, x)
	floats.AddConst(-s.centre, z)
	if !s.fixed {
		order := max(1, min(smoothLags, len(x)/5))
		r := autoregression{lags: s.allLags[:order], period: 1, nested: true, ridge: ridgeUsual}
		sums := &e.mem.lagSums
		sums.reset(z)
		r.request(&e.mem, sums)
		sums.compute(&e.mem)
		e.fitLags(&s.lags, &r, sums, len(z))
		s.estimated = s.lags.points > 0
	}
	if e.continueLags(&s.lags, z, row) {
		floats.AddConst(s.centre, row)
	}
}
