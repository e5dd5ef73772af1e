package forecast

import "math"

// priors say how much each member counts before its errors are known. They are learned from other series, see the program
// mpicalc/priors:
//
//	ln π(i) = a(g(i))·x + b(i)·x,  x = (v, tanh(C·v))
//
// with v the features and g(i) the group of member i.
type priors struct {
	near, far sharpness          // of the errors at the near and the far origins
	patterns  [patterns]features // C
	groups    [groups]knowledge  // a
	members   []memberPrior
}

// patterns is the number of combinations of features that the priors tell apart.
const patterns = 16

// knowledge is the features of a series and the patterns in it.
type knowledge [featureCount + patterns]float64

// memberPrior is what is known of a member beyond its group.
type memberPrior struct {
	name      string
	knowledge knowledge
}

// knowledge finds the patterns in v.
func (t *priors) knowledge(v *features) (x knowledge) {
	copy(x[:], v[:])
	for i := range t.patterns {
		sum := 0.0
		for k, w := range t.patterns[i] {
			sum += w * v[k]
		}
		x[featureCount+i] = math.Tanh(sum)
	}
	return x
}

// prior returns the logarithm of the weight of m before its errors are known, up to a constant.
func (t *priors) prior(m *candidate, p *problem, x *knowledge) float64 {
	sum := 0.0
	for i, w := range t.groups[m.member.groupFor(p)] {
		sum += w * x[i]
	}
	for i := range t.members {
		if t.members[i].name == m.member.name {
			for k, w := range t.members[i].knowledge {
				sum += w * x[k]
			}
			break
		}
	}
	return sum
}

// setPriors gives the candidates the weights that they have before their errors are known.
func (c *pool) setPriors(p *problem, x *knowledge) {
	for i := range c.all {
		c.all[i].prior = learned.prior(&c.all[i], p, x)
	}
}

// surely is the evidence for a season from which a series is no walk.
const surely = 0.8

// groupFor is the group of m for the problem p. Where a season shows, what smooths the adjusted series is a seasonal member; where
// there is no doubt about it, the series is no walk.
func (m *member) groupFor(p *problem) group {
	switch {
	case !p.adjust:
		return m.group
	case m.smooth != nil && m.group == plainGroup:
		return seasonalGroup
	case m.group == walkGroup && p.evidence[0] >= surely:
		return plainGroup
	}
	return m.group
}

// sharpness says how fast the weights of members fall with their errors.
type sharpness [7]float64

// of returns the exponent for errors at the given number of origins.
func (s *sharpness) of(p *problem, v *features, origins int) float64 {
	if origins == 0 {
		return 0
	}
	sum := 0.0
	for i, x := range sharpnessFeatures(p, v, origins) {
		sum += x * s[i]
	}
	return math.Log1p(math.Exp(sum))
}

// sharpnessFeatures are what the exponent of errors depends on.
func sharpnessFeatures(p *problem, v *features, origins int) sharpness {
	return sharpness{1, math.Log(float64(origins)) / 2, math.Log(float64(p.steps)) / 3, v[xUnitRoot], v[xSeason], v[xLength], v[xCycle]}
}

// confidence is the power to which the weights are raised: 1 without evidence for a season, and 1/2 where there is no doubt about it. How
// much members with a season count is learned from few series that are independent, and carries over to others less well than what tells walks
// from series that return to their mean, of which any number can be simulated. Chosen on the validation parts, see docs/priors.md.
func (p *problem) confidence() float64 {
	if p.season() == 1 {
		return 1
	}
	return 1 - p.evidence[0]/2
}
