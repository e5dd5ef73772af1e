package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

const (
	likeWalk      = 0.05 // a forecast whose errors differ less than that from those of naive is as good as naive
	walkErrors    = 5400 // errors of naive, over all steps, that are enough
	walkReach     = 1800 // steps before the end that they reach back: nearly as far as volatility is known
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
	reach := min(walkReach-h, (n-h)/2)
	stride := max(originStride(h), (reach*h+walkErrors-1)/walkErrors)
	count := reach / stride
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
	w := &e.mem.walk
	*w = walkScale{volatility: e.volatility(p, h, prefer), relative: prefer}
	w.now = w.volatility.after(n) * dst.Skill
	p.walk = w
	for o := range count {
		ratio := w.ratio(n - h - o*stride)
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

// walkScale is what is known of the errors of a forecast that is as good as naive.
type walkScale struct {
	volatility *volatility // or nil
	relative   bool        // relative errors describe them better
	now        float64     // the size of those to come, in that of all
}

// ratio is the size of the errors to come, divided by that of those after the first n values.
func (w *walkScale) ratio(n int) float64 { return w.now / w.volatility.after(n) }

// errors writes the errors of naive after the given training lengths, of which so many values are unread, into dst, as large as they
// would be around the forecast mean, and NaN where the series has no value to compare with.
func (w *walkScale) errors(dst *Errors, p *problem, mean []float64, ends []int, unread int) {
	dst.resize(len(ends), p.steps)
	fill(dst.Data, math.NaN())
	for o, end := range ends {
		end -= unread
		if end < 1 {
			continue
		}
		f, ratio := p.values[end-1], w.ratio(end)
		row := dst.Row(o)
		for k, y := range p.values[end:min(end+p.steps, len(p.values))] {
			if w.relative {
				u := min(ratio*relativeError(y, f), p.mostAbove(ratio*(y-f))/mean[k])
				row[k] = afterRelativeError(mean[k], u) - mean[k]
			} else {
				row[k] = ratio * (y - f)
			}
		}
	}
}
