package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// A view is the series as a regression sees it: in levels or in logarithms, moved to mean 0 and scaled to variance 1,
// so that running sums lose no digits.
//
//	z(t) = (g(y(t)) - centre) / scale,  g = identity or ln
type view struct {
	log           bool
	centre, scale float64
	z             []float64
	sums          lagSums
}

// view returns the view of p, made at the first call for a problem. Logarithms need p.positive().
func (e *Engine) view(p *problem, log bool) *view {
	i := 0
	if log {
		i = 1
	}
	if p.views[i] == nil {
		p.views[i] = &e.mem.views[i]
		p.views[i].set(&e.mem, p.y, log)
	}
	return p.views[i]
}

// set makes v the view of y.
func (v *view) set(mem *scratch, y []float64, log bool) {
	v.log, v.z = log, mem.floats(len(y))
	copy(v.z, y)
	if log {
		for i, y := range v.z {
			v.z[i] = math.Log(y)
		}
	}
	v.centre, v.scale = stat.PopMeanStdDev(v.z, nil)
	if !(v.scale > 1e-12*math.Abs(v.centre)) {
		v.scale = 1
	}
	floats.AddConst(-v.centre, v.z)
	floats.Scale(1/v.scale, v.z)
	v.sums.reset(v.z)
}

// back turns a forecast of z into one of y.
func (v *view) back(row []float64) {
	for k, z := range row {
		row[k] = v.centre + v.scale*z
		if v.log {
			row[k] = math.Exp(row[k])
		}
	}
}
