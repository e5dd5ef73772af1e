package portfolio

import (
	"math"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// intervals are the bounds of the overall forecast at each level and step, or nil when there is nothing to base them on. mean is
// that forecast, and scale what everything is multiplied by because assets are lost.
func (p *Plan) intervals(mean []float64, scale float64) (lo, hi [][]float64) {
	s, o := &p.sum, &p.overall
	switch {
	case s.levels == 0:
		return nil, nil
	case s.counted == 1:
		return s.only(scale)
	}
	var joint forecast.Errors
	switch {
	case o.measure != nil:
		joint = s.jointErrors(o.measure, scale)
	case !o.dated && o.origins() > 0:
		joint = forecast.Errors{Origins: o.steps, Horizon: s.horizon, Data: s.errors.values()}
		for i := range joint.Data {
			joint.Data[i] = clamped(joint.Data[i] * scale)
		}
	}
	if joint.Origins > 0 {
		lo, hi = forecast.Intervals(mean, &joint, p.Levels())
	}
	if o.others {
		rho := o.alike
		if joint.Origins > 0 {
			if own, known := s.own.correlation(meanSquare(&joint, scale*s.unit)); known {
				rho = own
			}
		}
		lo, hi = s.withOthers(mean, &joint, lo, hi, rho, scale)
	}
	if s.positive {
		p.keepPositive(lo)
	}
	return lo, hi
}

// only are the bounds of the only asset that counts.
func (s *sum) only(scale float64) (lo, hi [][]float64) {
	for _, side := range s.alone {
		for _, row := range side {
			for k := range row {
				row[k] = clamped(row[k] * scale)
			}
		}
	}
	return s.alone[below], s.alone[above]
}

// withOthers widens the bounds of the measured assets, which are nil when there are none, for the others. The errors of the others
// are as correlated with all other errors as rho says, so that their size together is σ with
//
//	σ² = σₘ² + Σ σᵢ² + ρ·((A + B)² - A² - Σ σᵢ²)
//
// where σₘ is that of the measured assets together, A is Σ c·σ of the measured assets, B that of the others, and the sums are
// over the others. The half width is q·σ. For the measured assets q is that of their interval. Those of the others are based on
// few errors, and q is larger: by u² of the difference, where u is the share of the others in σ², since the uncertainty of σ² is
// in proportion to the square of the share (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
func (s *sum) withOthers(mean []float64, joint *forecast.Errors, lo, hi [][]float64, rho, scale float64) (wideLo, wideHi [][]float64) {
	z, unit := s.sizes, scale*s.unit
	for l := range s.levels {
		width := make([]float64, s.horizon) // half of that of the measured assets
		q := 0.0
		if lo != nil {
			for k := range width {
				width[k] = (hi[l][k]/2 - lo[l][k]/2) / unit
			}
			q = ratio(width, joint, unit)
		}
		rowLo, rowHi := make([]float64, s.horizon), make([]float64, s.horizon)
		for k, m := range mean {
			if z.levels[k].parts == nil {
				return nil, nil // no asset has an interval
			}
			own := 0.0
			if q > 0 {
				own = width[k] / q
			}
			size, share := z.together(k, own, rho)
			half := func(side int) float64 {
				qOthers := q
				if squares := z.squares[k].value(); squares > 0 {
					qOthers = math.Sqrt(z.widths[side][l][k].value() / squares)
				}
				return size * (q + (qOthers-q)*share*share) * unit
			}
			rowLo[k], rowHi[k] = clamped(m-half(below)), clamped(m+half(above))
		}
		wideLo, wideHi = append(wideLo, rowLo), append(wideHi, rowHi)
	}
	return wideLo, wideHi
}

// ratio is that of the half widths of an interval, in a unit, to the root mean squares of the errors behind it.
func ratio(width []float64, errs *forecast.Errors, unit float64) float64 {
	var halves, roots float64
	for k, half := range width {
		square := 0.0
		for o := range errs.Origins {
			e := errs.Row(o)[k] / unit
			square += e * e
		}
		halves += half
		roots += math.Sqrt(square / float64(errs.Origins))
	}
	if roots == 0 {
		return 0
	}
	return halves / roots
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

// keepPositive keeps the lower bounds of assets that stay positive at or above 0, and those of a return at or above a total loss.
func (p *Plan) keepPositive(lo [][]float64) {
	least := 0.0
	if p.spec.Combine == job.Return {
		least = -1
	}
	for _, row := range lo {
		for k, v := range row {
			row[k] = max(v, least)
		}
	}
}

// jointErrors are the errors of the measured assets together, scaled, in as many rows as every step has errors: the latest of
// each step come first. Steps without an error are left out.
func (s *sum) jointErrors(m *measure, scale float64) forecast.Errors {
	out := forecast.Errors{Origins: m.usable(), Horizon: s.horizon}
	out.Data = make([]float64, out.Origins*out.Horizon)
	for k := range s.horizon {
		row := 0
		for o, q := range m.origins {
			if row == out.Origins {
				break
			}
			if m.all[q+1+k] {
				out.Row(row)[k] = clamped(s.errors[o*s.horizon+k].value() * scale)
				row++
			}
		}
	}
	return out
}

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
