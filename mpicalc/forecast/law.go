package forecast

import "math"

// lawBounds takes the predictive distribution of the forecast into the intervals and quantiles in dst. With the share λ, their
// distances from the forecast become λ times those in the distribution and 1-λ times those that follow from errors.
func (p *problem) lawBounds(dst *Result) {
	l := p.law
	if l == nil || p.isConstant() {
		return
	}
	for i := range dst.Lo {
		p.blend(dst.Lo[i], dst.Mean, l.rows[2*i])
		p.blend(dst.Hi[i], dst.Mean, l.rows[2*i+1])
	}
	for i := range dst.Quantiles {
		p.blend(dst.Quantiles[i], dst.Mean, l.rows[2*len(dst.Lo)+i])
	}
}

// blend blends the steps of a quantile around mean with the slots of one of the distribution.
func (p *problem) blend(steps, mean, slots []float64) {
	l := p.law
	for k, v := range steps {
		s := p.slotOf(k)
		if l.share == 1 {
			steps[k] = slots[s]
		} else {
			steps[k] = max(mean[k]+(1-l.share)*(v-mean[k])+l.share*(slots[s]-l.centre[s]), p.floor(0))
		}
	}
}

// slotOf is the slot after the end of the series that step k, from 0, is in.
func (p *problem) slotOf(k int) int {
	if p.grid == nil {
		return k
	}
	return p.grid.reach(len(p.values), k+1) - 1
}

// setAverage writes the means into r.Average where the model has the distribution and gives its medians: the mean of a
// distribution is as far from its median as its own one is, times the share.
func (r *Result) setAverage(p *problem, u units) {
	l := p.law
	if l == nil || r.Point != Median || l.share < 0.5 || p.isConstant() {
		return
	}
	r.Average = resize(r.Average, len(r.Mean))
	for k, m := range r.Mean {
		s := p.slotOf(k)
		r.Average[k] = max(clampFinite(m+math.Ldexp(l.share*(l.mean[s]-l.centre[s]), u.exponent), m), min(m, floorOf(u.least)))
	}
}
