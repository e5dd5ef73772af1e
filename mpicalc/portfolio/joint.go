package portfolio

import (
	"math"
	"slices"
	"strings"

	"foliocast/mpicalc/forecast"
)

// member is an asset whose errors are kept, at the dates at which those of all others are.
type member struct {
	*asset
	mean   []float64 // at the common dates
	last   float64
	errors [][]float64 // of each step, at each origin; NaN where the step is left out
}

// wantsMembers reports whether the errors of each asset are wanted, and not only those of the portfolio.
func (p *Plan) wantsMembers() bool { return len(p.spec.Scenarios) > 0 || p.spec.Benchmark != "" }

// keepMember keeps the errors of a measured asset.
func (p *Plan) keepMember(a *asset, r *forecast.Result) {
	o, h := &p.overall, p.spec.Horizon
	if !p.wantsMembers() || !a.measured || o.fault != nil {
		return
	}
	values := p.table.Values(a.index)
	m := member{asset: a, mean: slices.Clone(r.Mean[a.lag:]), last: values[len(values)-1]}
	if o.dated {
		places := p.placesAt(a, p.originsOf(r))
		for k := range h {
			var row []float64
			for i := k; i < len(places); i += h {
				e := math.NaN()
				if places[i] >= 0 {
					e = r.Errors.Data[places[i]]
				}
				row = append(row, e)
			}
			m.errors = append(m.errors, row)
		}
	} else {
		for k := range h {
			var row []float64
			for i := range o.steps {
				row = append(row, r.Errors.Row(i)[k])
			}
			m.errors = append(m.errors, row)
		}
	}
	p.members = append(p.members, m)
}

// whyNoMembers says why the errors of all assets are not known together, or is empty. It puts the members in the order of their names,
// whatever it is in the job.
func (p *Plan) whyNoMembers() string {
	o := &p.overall
	switch {
	case o.dated && o.measure == nil || len(p.members) == 0:
		return "the errors of the assets cannot be measured on dates that they have in common"
	case o.others:
		return "not all assets can be measured together"
	}
	slices.SortFunc(p.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return ""
}

// memberOf is the member of a name, or nil.
func (p *Plan) memberOf(name string) *member {
	i := slices.IndexFunc(p.members, func(m member) bool { return m.name == name })
	if i < 0 {
		return nil
	}
	return &p.members[i]
}

// together are the errors of the portfolio at a step, origin by origin. scale is what everything is multiplied by because assets are lost.
func (p *Plan) together(k int, scale float64) []float64 {
	out := make([]float64, len(p.members[0].errors[k]))
	for _, m := range p.members {
		if m.weight == 0 {
			continue
		}
		for o, e := range m.errors[k] {
			out[o] += m.coef * e * scale
		}
	}
	return out
}
