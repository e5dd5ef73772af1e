package forecast

import "math"

// A Trial is what auto knows of a series when it weighs its members. It serves to learn the priors.
type Trial struct {
	Members   []TrialMember
	Evidence  []float64
	Near, Far []float64 // what the exponents of the errors depend on; nil without such errors
}

// TrialMember is a member that has a forecast.
type TrialMember struct {
	Name  string    // of the member's prior
	Group int       // of its prior
	Mean  []float64 // its forecast
	Near  float64   // logarithm of its error at the near origins, relative to the other members, as weigh takes it
	Far   float64   // the same of the far origins
}

// Trial tries the members of auto on s. m must be a method of the model auto.
func (e *Engine) Trial(s Series, m *Method) (Trial, error) {
	s.check(m.options.Horizon)
	var t Trial
	e.mem.reset()
	y := e.aligned(s.Values)
	if err := check(y, 0); err != nil {
		return t, err
	}
	unread := max(0, len(y)-MaxPoints)
	values, units := e.normalise(y[unread:])
	p := e.newProblem(question{values: values, skips: s.Skips, ends: s.Ends, unread: unread, offset: units.offset}, m)
	a := m.model().model.(auto)
	c := e.newPool(p, a.members)
	c.rows = c.rows[:0]
	for o := range p.extra {
		c.rows = append(c.rows, o)
	}
	e.try(c, p, c.rows)
	v := e.features(p, 0)
	t.Evidence = append(t.Evidence, v[:]...)
	near, far := c.compare(p, func(int) bool { return true })
	if near > 0 {
		x := sharpnessFeatures(p, &v, near)
		t.Near = append(t.Near, x[:]...)
	}
	if far > 0 {
		x := sharpnessFeatures(p, &v, far)
		t.Far = append(t.Far, x[:]...)
	}
	for i := range c.all {
		k := &c.all[i]
		if k.missing(0) {
			continue
		}
		out := paths{h: p.h, data: append([]float64(nil), k.row(0)...)}
		steps := e.toSteps(&problem{grid: p.grid, ends: p.ends[:1], known: p.known[:1], steps: p.steps}, out)
		mean := append([]float64(nil), steps.row(0)...)
		for i, f := range mean {
			mean[i] = units.level(max(f, p.floor(0)), math.Inf(-1))
		}
		t.Members = append(t.Members, TrialMember{k.member.name, int(k.member.groupFor(p)), mean, k.relative[0], k.relative[1]})
	}
	return t, nil
}

// MemberNames are the names of auto's members, for their priors.
func MemberNames() []string {
	var names []string
	for _, m := range members() {
		names = append(names, m.name)
	}
	return names
}

// The sizes of the priors.
const (
	SharpnessTerms = len(sharpness{})
	Groups         = int(groups)
	EvidenceTerms  = featureCount
	Patterns       = patterns
)
