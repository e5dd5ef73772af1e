package portfolio

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// wantsJoint reports whether the errors of all assets are wanted at the same hundreds of dates, also of those that need a fit for each.
func (p *Plan) wantsJoint() bool { return p.spec.Paths > 0 || p.wantsMembers() }

// layOrigins says at which origins the errors of an asset are measured, and what its paths are drawn from.
func (p *Plan) layOrigins(s *spmd.Series, a *asset) {
	o, span := &p.overall, p.spanOf(a)
	m := o.measure
	switch {
	case !a.measured:
		s.Stream = streamOf(a.name)
	case !o.dated:
		if p.wantsJoint() { // of the longest, more would be measured
			for k := range o.steps {
				s.Ends = append(s.Ends, forecast.OriginLength(len(s.Values), p.spec.Horizon, k))
			}
		}
	default:
		at := &m.ends
		s.Ends = p.ends.of(span, func() []int { return m.trainings(a, at) })
		if len(m.walks.places) > 0 {
			s.WalkEnds, s.WalkStride = p.walkEnds.of(span, func() []int { return m.trainings(a, &m.walks) }), m.stride
			if p.wantsJoint() {
				s.Ends, at = s.WalkEnds, &m.walks
			}
		}
		if p.spec.Paths > 0 {
			s.Targets = p.targets.of(span, func() []int { return m.targets(a, at) })
		}
	}
}

// originsOf are those at which the errors of a measured asset's result were measured.
func (p *Plan) originsOf(r *forecast.Result) *origins {
	m := p.overall.measure
	if r.Errors.Stride != 0 || p.wantsJoint() && len(m.walks.places) > 0 {
		return &m.walks
	}
	return &m.ends
}

// placesAt are the places of an asset's errors at origins.
func (p *Plan) placesAt(a *asset, at *origins) []int32 {
	made := &p.places
	if at == &p.overall.measure.walks {
		made = &p.walkPlaces
	}
	return made.of(p.spanOf(a), func() []int32 { return p.overall.measure.places(a, at) })
}

// streamOf is the stream of random numbers of an asset whose paths are not joint with those of others. It follows from the name, so
// that the order of the assets changes nothing, and is never 0, the stream of joint paths.
func streamOf(name string) uint64 {
	sum := sha256.Sum256([]byte(name))
	return max(binary.LittleEndian.Uint64(sum[:]), 1)
}

// measuredBeside are the assets without a weight that are measured together with those that count, of which the longest can be
// measured at most origins. They must follow the same calendar, and end no later.
func (p *Plan) measuredBeside(most int) (beside []*asset) {
	o := &p.overall
	if !p.wantsJoint() {
		return nil
	}
	newest := p.table.End(o.newest.index)
	calendar := p.table.CalendarOf(o.newest.index)
	for _, i := range p.usable {
		a := &p.assets[i]
		if a.weight != 0 {
			continue
		}
		if o.dated {
			if c := p.table.CalendarOf(a.index); p.table.End(a.index).Compare(newest) > 0 || (c == nil) != (calendar == nil) || c != nil && !c.Equal(calendar) {
				continue
			}
			a.lag = p.table.StepsTo(a.index, newest)
		}
		if n := p.capacity(a); a.lag > near || n == 0 || 2*n < min(most, 2*enoughOrigins) {
			a.lag = 0
			continue
		}
		a.measured = true
		o.steps = min(o.steps, p.capacity(a))
		beside = append(beside, a)
	}
	return beside
}

// targets are the steps of the errors that the paths of an asset take their ranks from, see [forecast.Series], or nil where that is
// each step for itself.
func (m *measure) targets(a *asset, at *origins) []int {
	var out []int
	width, regular := m.horizon+a.lag, true
	for i, place := range m.places(a, at) {
		o, k := i/m.horizon, i%m.horizon
		if k == 0 {
			for step := range a.lag {
				out = append(out, step+1)
			}
		}
		step := 0
		if place >= 0 {
			step = int(place) - o*width + 1
		}
		regular = regular && step == a.lag+k+1
		out = append(out, step)
	}
	if regular {
		return nil
	}
	return out
}

// jointOrigins is from how many dates, or steps, paths are drawn together, and 0 when each asset's are drawn by themselves.
func (o *overall) jointOrigins() int {
	switch {
	case o.measure != nil:
		return max(len(o.measure.walks.places), len(o.measure.ends.places))
	case !o.dated && o.steps < math.MaxInt:
		return o.steps
	}
	return 0
}
