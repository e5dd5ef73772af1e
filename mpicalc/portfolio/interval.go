package portfolio

import (
	"math"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// joint are the errors of the measured assets together; it has no origins where there are none. scale is what everything is
// multiplied by because assets are lost.
func (p *Plan) joint(scale float64) (joint forecast.Errors) {
	s, o := &p.sum, &p.overall
	switch {
	case o.measure != nil:
		joint = s.jointErrors(o.measure, scale)
	case !o.dated && len(s.errors) > 0:
		joint = forecast.Errors{Origins: o.steps, Horizon: s.horizon, Data: s.errors.values()}
		for i := range joint.Data {
			joint.Data[i] = clamped(joint.Data[i] * scale)
		}
	}
	return joint
}

// rows are the ends of the intervals and the quantiles of the overall forecast, as [asked] numbers them, or nil when there is
// nothing to base them on. mean is that forecast, and scale as for joint.
func (p *Plan) rows(mean []float64, joint *forecast.Errors, scale float64) [][]float64 {
	s, o := &p.sum, &p.overall
	switch {
	case p.asked.rows() == 0:
		return nil
	case s.counted == 1:
		return s.only(scale)
	}
	var rows [][]float64
	if joint.Origins > 0 {
		rows = p.asked.around(mean, joint, p.jointPaths(joint, scale))
	}
	if o.others {
		rho := o.alike
		if joint.Origins > 0 {
			if own, known := s.own.correlation(meanSquare(joint, scale*s.unit)); known {
				rho = own
			}
		}
		rows = s.withOthers(mean, joint, rows, rho, scale)
	}
	if rows == nil {
		return nil
	}
	p.asked.nest(rows)
	if s.positive {
		p.keepPositive(rows)
	}
	return rows
}

// around are the rows that follow from errors, those of bands from the paths. The errors of a sum are more symmetric than those of its
// terms, so its mean is taken for its median.
func (q *asked) around(mean []float64, errs, paths *forecast.Errors) (rows [][]float64) {
	d := forecast.NewDistribution(mean, errs)
	lo, hi := d.Intervals(q.levels)
	for i := range lo {
		rows = append(rows, lo[i], hi[i])
	}
	rows = append(rows, d.Quantiles(q.quantiles)...)
	lo, hi = d.Bands(paths, q.bands)
	for i := range lo {
		rows = append(rows, lo[i], hi[i])
	}
	return rows
}

// nest makes each band contain the intervals of its level and of lower ones, and the bands of lower levels.
func (q *asked) nest(rows [][]float64) {
	intervals, _, bands := q.split(rows)
	widen := func(lo, hi, innerLo, innerHi []float64) {
		for k := range lo {
			lo[k], hi[k] = min(lo[k], innerLo[k]), max(hi[k], innerHi[k])
		}
	}
	for i, level := range q.bands {
		lo, hi := bands[2*i], bands[2*i+1]
		if i > 0 {
			widen(lo, hi, bands[2*i-2], bands[2*i-1])
		}
		for j, l := range q.levels {
			if l <= level {
				widen(lo, hi, intervals[2*j], intervals[2*j+1])
			}
		}
	}
}

// only are the rows of the only asset that counts.
func (s *sum) only(scale float64) [][]float64 {
	for _, row := range s.alone {
		for k := range row {
			row[k] = clamped(row[k] * scale)
		}
	}
	return s.alone
}

// withOthers takes the rows of the measured assets, which are nil when there are none, further from the mean for the others. The
// errors of the others are as correlated with all other errors as rho says, so that their size together is σ with
//
//	σ² = σₘ² + Σ σᵢ² + ρ·((A + B)² - A² - Σ σᵢ²)
//
// where σₘ is that of the measured assets together, A is Σ c·σ of the measured assets, B that of the others, and the sums are
// over the others. A row is q·σ from the mean. For the measured assets q is that of their row. Those of the others are based on
// few errors, and q is larger: by u² of the difference, where u is the share of the others in σ², since the uncertainty of σ² is
// in proportion to the square of the share (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
func (s *sum) withOthers(mean []float64, joint *forecast.Errors, rows [][]float64, rho, scale float64) (wide [][]float64) {
	z, unit := s.sizes, scale*s.unit
	own := make([]float64, s.horizon) // σₘ
	roots := 0.0
	if rows != nil {
		own, roots = sizesOf(mean, joint, unit)
	}
	for i := range s.asked.rows() {
		q := 0.0
		if roots > 0 {
			for k, v := range rows[i] {
				q += (v/unit - mean[k]/unit) / roots
			}
		}
		out := make([]float64, s.horizon)
		for k, m := range mean {
			if !z.levels[k].some {
				return nil // no asset has a row
			}
			size, share := z.together(k, own[k], rho)
			qOthers := q
			if squares := z.squares[k].value(); squares > 0 {
				width := z.widths[i][k].value()
				qOthers = math.Copysign(math.Sqrt(math.Abs(width)/squares), width)
			}
			out[k] = clamped(m + size*(q+(qOthers-q)*share*share)*unit)
		}
		wide = append(wide, out)
	}
	_, quantiles, _ := s.asked.split(wide)
	ascend(quantiles)
	return wide
}

// sizesOf are the sizes of errors at each step, in a unit: as large on average as their root mean squares, and in the proportions
// of an interval around them. It also returns the sum of the root mean squares.
func sizesOf(mean []float64, errs *forecast.Errors, unit float64) (sizes []float64, roots float64) {
	lo, hi := forecast.Intervals(mean, errs, []float64{80})
	sizes = make([]float64, len(mean))
	var halves float64
	for k := range sizes {
		sizes[k] = (hi[0][k]/2 - lo[0][k]/2) / unit
		square := 0.0
		for o := range errs.Origins {
			e := errs.Row(o)[k] / unit
			square += e * e
		}
		halves += sizes[k]
		roots += math.Sqrt(square / float64(errs.Origins))
	}
	for k := range sizes {
		if halves > 0 {
			sizes[k] *= roots / halves
		}
	}
	return sizes, roots
}

// ascend keeps rounding from putting a row below the one before.
func ascend(rows [][]float64) {
	for i := 1; i < len(rows); i++ {
		for k, v := range rows[i] {
			rows[i][k] = max(v, rows[i-1][k])
		}
	}
}

// together is the size of all errors at a step, and the share of those that are not measured in its square. joint is the size
// of those that are. An asset without errors is taken to have errors as large as the others', relative to its level, and at most
// as large as that level.
func (z *sizes) together(k int, joint, rho float64) (size, share float64) {
	measured, others, squares := z.measured[k].value(), z.others[k].value(), z.squares[k].value()
	if levels := z.levels[k].value(); levels > 0 {
		relative := min(z.reaches[k].value()/levels, 1)
		others += relative * z.missing[k].value()
		squares += relative * relative * z.missingSquares[k].value()
	}
	square := joint*joint + squares + rho*(2*measured*others+others*others-squares)
	if !(square > 0) {
		return 0, 0
	}
	return math.Sqrt(square), min(max(1-(joint*joint+rho*measured*others)/square, 0), 1)
}

// keepPositive keeps the rows of assets that stay positive at or above 0, and those of a return at or above a total loss.
func (p *Plan) keepPositive(rows [][]float64) {
	least := p.leastValue()
	for _, row := range rows {
		for k, v := range row {
			row[k] = max(v, least)
		}
	}
}

// leastValue is what a portfolio is worth at least whose assets stay positive.
func (p *Plan) leastValue() float64 {
	if p.spec.Combine == job.Return {
		return -1
	}
	return 0
}

// jointErrors are the errors of the measured assets together, scaled, in as many rows as every step has errors: the latest of
// each step come first. Steps without an error are left out. Where every forecast is as good as naive, they are those at hundreds of origins.
func (s *sum) jointErrors(m *measure, scale float64) forecast.Errors {
	at, errors, stride := &m.fits, s.errors, 0
	if s.onlyWalks() {
		at, errors, stride = &m.walks, s.walkErrors, m.stride
	}
	ratios := s.ratios(m)
	out := forecast.Errors{Origins: at.usable(), Horizon: s.horizon, Stride: stride}
	out.Data = make([]float64, out.Origins*out.Horizon)
	for k := range s.horizon {
		row := 0
		for o, q := range at.places {
			if row == out.Origins {
				break
			}
			if m.all[q+1+k] {
				out.Row(row)[k] = clamped(errors[o*s.horizon+k].value() * scale * ratioAt(ratios, o))
				row++
			}
		}
	}
	return out
}

// jointPaths are the errors of the measured assets together, a row for each origin, with NaN where the step was left out; bands rest on
// them. They are nil when there are none.
func (p *Plan) jointPaths(joint *forecast.Errors, scale float64) *forecast.Errors {
	s, m := &p.sum, p.overall.measure
	if m == nil || len(p.asked.bands) == 0 {
		return joint
	}
	at, errors := &m.ends, s.pathErrors
	if s.onlyWalks() {
		at, errors = &m.walks, s.walkErrors
	}
	ratios := s.ratios(m)
	out := &forecast.Errors{Origins: len(at.places), Horizon: s.horizon, Stride: m.stride, Data: make([]float64, len(at.places)*s.horizon)}
	for o, q := range at.places {
		row := out.Row(o)
		for k := range row {
			if row[k] = math.NaN(); m.all[q+1+k] {
				row[k] = clamped(errors[o*s.horizon+k].value() * scale * ratioAt(ratios, o))
			}
		}
	}
	return out
}

// onlyWalks reports whether every measured asset is as good as naive, and measured at the origins of such.
func (s *sum) onlyWalks() bool { return s.walks > 0 && s.walks == s.own.assets }

// meanSquare is the mean square of errors in a unit.
func meanSquare(e *forecast.Errors, unit float64) float64 {
	sum := 0.0
	for _, v := range e.Data {
		sum += v / unit * (v / unit)
	}
	return sum / float64(len(e.Data))
}

// clamped is v, or the largest finite number of its sign.
func clamped(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }
