package forecast

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
		s := k
		if p.grid != nil {
			s = p.grid.reach(len(p.values), k+1) - 1
		}
		if l.share == 1 {
			steps[k] = slots[s]
		} else {
			steps[k] = max(mean[k]+(1-l.share)*(v-mean[k])+l.share*(slots[s]-l.centre[s]), p.floor(0))
		}
	}
}
