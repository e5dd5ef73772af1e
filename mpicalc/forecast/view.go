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

// view returns the view of t, made at the first call for a series. Logarithms need t.positive().
func (e *Engine) view(t *task, log bool) *view {
	v := &e.views[0]
	if log {
		v = &e.views[1]
	}
	if v.z != nil {
		return v
	}
	v.log, v.z = log, e.mem.floats(len(t.y))
	copy(v.z, t.y)
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
	v.sums.begin(v.z)
	return v
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
