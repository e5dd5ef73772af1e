package portfolio

import (
	"slices"

	"foliocast/mpicalc/forecast"
)

// held are the answers to the assets of a job with bands over all of them. They wait for the last one, which may make the bands of all
// others wider.
type held struct {
	results []*forecast.Result   // of the series that have come, or nil
	ends    *forecast.JointBands // the measured assets, at the origins of the measure
	walks   *forecast.JointBands // of these, those that are as good as naive
}

func (p *Plan) newHeld() *held {
	h := &held{results: make([]*forecast.Result, len(p.usable))}
	if m := p.overall.measure; m != nil {
		h.ends, h.walks = forecast.NewJointBands(len(m.ends.places)), forecast.NewJointBands(len(m.walks.places))
	}
	return h
}

// keep keeps the result of series i.
func (h *held) keep(p *Plan, i int, a *asset, r *forecast.Result) {
	h.results[i] = cloned(r)
	m := p.overall.measure
	if m == nil || !a.measured || len(r.Scores) == 0 {
		return
	}
	at := p.originsOf(r)
	if r.Errors.Stride != 0 {
		h.walks.Add(r.Scores, len(r.Mean))
	}
	if at == &m.ends {
		h.ends.Add(r.Scores, len(r.Mean))
		return
	}
	scores := make([]float64, len(m.ends.places))
	for o, end := range at.end {
		if end >= 0 {
			scores[end] = r.Scores[o]
		}
	}
	h.ends.Add(scores, len(r.Mean))
}

// cloned is a copy of what an answer shows of a result.
func cloned(r *forecast.Result) *forecast.Result {
	c := *r
	c.Mean, c.Average, c.Seasons = slices.Clone(r.Mean), nil, slices.Clone(r.Seasons)
	c.Members, c.Coefficients = slices.Clone(r.Members), slices.Clone(r.Coefficients)
	c.Lo, c.Hi, c.Quantiles = rowsOf(r.Lo), rowsOf(r.Hi), rowsOf(r.Quantiles)
	c.BandLo, c.BandHi, c.Marginals = rowsOf(r.BandLo), rowsOf(r.BandHi), rowsOf(r.Marginals)
	c.Parts = nil
	for _, part := range r.Parts {
		c.Parts = append(c.Parts, forecast.Part{Name: part.Name, Values: slices.Clone(part.Values)})
	}
	c.Errors, c.Paths, c.Scores = forecast.Errors{}, nil, nil
	return &c
}

// rowsOf is a copy of rows.
func rowsOf(rows [][]float64) (out [][]float64) {
	for _, row := range rows {
		out = append(out, slices.Clone(row))
	}
	return out
}

// release widens the bands of the assets so that they hold together, and passes the results on.
func (p *Plan) release() error {
	h := p.held
	if h == nil {
		return nil
	}
	var critical []float64
	if m := p.overall.measure; m != nil {
		joint := h.ends
		if p.sum.onlyWalks() {
			joint = h.walks
		}
		critical = joint.Critical(p.asked.bands, m.stride, p.spec.Horizon)
	}
	for i, r := range h.results {
		if r == nil {
			continue // it has a fault
		}
		a := &p.assets[p.usable[i]]
		if err := p.flush(p.usable[i]); err != nil {
			return err
		}
		p.next++
		if a.measured && critical != nil {
			r.Widen(p.optionsOf(a), critical)
		} else {
			r.Note = joined(r.Note, "its band is over its own horizon alone: its errors are not measured with those of the others")
		}
		if err := p.sink(p.next-1, p.ownPart(a, r), nil); err != nil {
			return err
		}
	}
	return nil
}
