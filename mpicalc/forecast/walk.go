package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

const (
	likeWalk      = 0.05 // a forecast whose errors differ less than that from those of naive is as good as naive
	walkErrors    = 1200 // errors of naive, over all steps, that are enough
	walkOrigins   = 250  // likewise for a short horizon
	leastForWalks = 120  // values
)

// predictWalk is the distribution that follows from the errors of naive, for a forecast that is as good as naive. Of those there
// are far more than of others, since naive needs no fit. Absolute or relative, whichever describe the series better, each is divided by
// the size that volatility let expect at its time and multiplied by that at the end. It is nil for any other forecast.
func (p *problem) predictWalk(e *Engine, dst *Result) *predictive {
	n, h := len(p.values), p.steps
	if !(math.Abs(dst.Skill-1) <= likeWalk) || n < leastForWalks {
		return nil
	}
	stride := originStride(h)
	count := min(walkOrigins, walkErrors/h, (n-h)/2/stride)
	if count <= dst.Origins {
		return nil
	}
	absolute, relative := &e.mem.inSample, &e.mem.relative
	absolute.resize(count, h)
	relative.resize(count, h)
	var c comparison
	for o := range count {
		end := n - h - o*stride
		f := p.values[end-1]
		a, r := absolute.Row(o), relative.Row(o)
		for k, y := range p.values[end : end+h] {
			a[k] = y - f
			if p.positive() {
				r[k] = c.add(y, f)
			}
		}
	}
	errs, prefer := absolute, c.preferRelative(p.meanStep())
	if prefer {
		errs = relative
	}
	v := e.volatility(p, h, prefer)
	now := v.after(n) * dst.Skill
	for o := range count {
		ratio := now / v.after(n-h-o*stride)
		floats.Scale(ratio, errs.Row(o))
		if prefer {
			for k, u := range errs.Row(o) {
				errs.Row(o)[k] = min(u, p.mostAbove(ratio*absolute.Row(o)[k])/dst.Mean[k])
			}
		}
	}
	d := e.predictRelativeOr(dst.Mean, relative, absolute, prefer, p.meanStep())
	d.nu = effectiveOverlapping(float64(count), stride, h)
	return d
}
