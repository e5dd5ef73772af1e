package forecast

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// The models of the registry that are smoothers, on logarithms where all values are positive.

func thetaModel(e *Engine, t *task, out paths) {
	e.smoothOne(t, smoother{log: true, extend: theta, out: out})
}

func dynamicThetaModel(e *Engine, t *task, out paths) {
	e.smoothOne(t, smoother{log: true, extend: dynamicTheta, out: out})
}

func dampedModel(e *Engine, t *task, out paths) {
	e.smoothOne(t, smoother{log: true, extend: damped, out: out})
}

func holtWintersModel(e *Engine, t *task, out paths) {
	e.smoothOne(t, smoother{log: true, raw: true, extend: holtWinters, out: out})
}

// smoothOne fills the rows of a single smoother.
func (e *Engine) smoothOne(t *task, s smoother) {
	e.pool.smooth = append(e.pool.smooth[:0], s)
	e.smooth(t, e.pool.smooth)
}

// smoothDrift is the drift forecast as a smoother: of the seasonally adjusted series.
func smoothDrift(_ *Engine, x, row []float64, _ *smoothing) {
	n := len(x)
	if n < 2 {
		return
	}
	step := (x[n-1] - x[0]) / float64(n-1)
	for k := range row {
		row[k] = x[n-1] + float64(k+1)*step
	}
}

// smoothLags is the highest order of smoothAR.
const smoothLags = 5

// smoothAR is the autoregression of order up to 5, chosen by AICc, as a smoother: of the seasonally adjusted series.
func smoothAR(e *Engine, x, row []float64, p *smoothing) {
	mark := e.mem.mark()
	defer e.mem.release(mark)
	if !p.keep {
		p.centre = stat.Mean(x, nil)
	}
	z := e.mem.floats(len(x))
	copy(z, x)
	floats.AddConst(-p.centre, z)
	if !p.keep {
		r := autoregression{lags: e.firstLags(max(1, min(smoothLags, len(x)/5))), period: 1, nested: true, ridge: ridgeUsual}
		e.small.begin(z)
		r.want(&e.mem, &e.small)
		e.small.compute(&e.mem)
		e.fitLags(&p.lags, &r, &e.small, len(z))
		p.known = p.lags.points > 0
	}
	if e.continueSeries(&p.lags, z, row) {
		floats.AddConst(p.centre, row)
	}
}
