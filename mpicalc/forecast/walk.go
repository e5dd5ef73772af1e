package forecast

import "math"

const (
	likeWalk      = 0.05 // a forecast whose errors differ less than that from those of naive is as good as naive
	walkErrors    = 600  // errors of naive, over all steps, that are enough
	walkOrigins   = 120  // likewise for a short horizon
	leastForWalks = 120  // values
)

// predictWalk is the distribution that follows from the errors of naive, for a forecast that is as good as naive. Of those there
// are far more than of others, since naive needs no fit, and each is divided by the size that the volatility let expect at its time and
// multiplied by that at the end. It is nil for any other forecast.
func (p *problem) predictWalk(e *Engine, dst *Result) *predictive {
	n, h := len(p.values), p.steps
	if !(math.Abs(dst.Skill-1) <= likeWalk) || n < leastForWalks {
		return nil
	}
	stride := originStride(h)
	count := min(walkOrigins, walkErrors/h, (n-h-22)/stride)
	if count <= dst.Origins {
		return nil
	}
	v := e.volatility(p, h)
	now := v.after(n) * dst.Skill
	absolute, relative := &e.mem.inSample, &e.mem.relative
	absolute.resize(count, h)
	relative.resize(count, h)
	var c comparison
	for o := range count {
		end := n - h - o*stride
		f, ratio := p.values[end-1], now/v.after(end)
		a, r := absolute.Row(o), relative.Row(o)
		for k, y := range p.values[end : end+h] {
			a[k] = (y - f) * ratio
			if p.positive() {
				r[k] = min(c.add(y, f)*ratio, p.mostAbove((y-f)*ratio)/dst.Mean[k])
			}
		}
	}
	d := e.predictRelativeOr(dst.Mean, relative, absolute, c.preferRelative(p.meanStep()), p.meanStep())
	d.nu = effectiveOverlapping(float64(count), stride, h)
	return d
}
