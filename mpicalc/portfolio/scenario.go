package portfolio

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"foliocast/internal/job"
	"foliocast/mpicalc/risk"
)

// maxScenarioAssets is of how many assets a covariance matrix is estimated at most: the time grows with the cube.
const maxScenarioAssets = 1000

// propagation says how a shock goes from one asset to others and from the first step to later ones.
//
// Let e(i,k) be the error of asset i at step k, and S the shocked assets. To the first step a shock s says, by the regression on it,
//
//	E[e(i,1) | e(S,1) = s] = C(i,S)·C(S,S)⁻¹·s,  and leaves the variance C(i,i) - C(i,S)·C(S,S)⁻¹·C(S,i)
//
// with C the covariance of the errors of all assets, shrunk (see risk.EstimateCovariance). This is the expectation of a normal
// distribution, and the best linear forecast for any other (conditional stress testing: Kupiec 1998, Journal of Derivatives 6(1), 7-24). What an asset has moved by
// the first step it keeps, as far as its own errors do not say otherwise:
//
//	E[e(i,k) | e(i,1)] = γ(i,k)·e(i,1),  γ = 1 + (g - 1)·max(1 - 1/F, 0),  F = (g - 1)²/var(g)
//
// with g the slope of the regression of e(i,k) on e(i,1): 1 for a walk, 0 for noise around a level. So covariances are separable in assets
// and steps; that one asset's first step moves another's later ones by more than through its own first step is left out.
type propagation struct {
	members []*member
	first   *risk.Covariance
	gamma   [][]float64 // by member and step
	size    [][]float64 // the variances of the errors, likewise
	whole   []float64   // and those of the portfolio
}

// setScenarios sets what the scenarios mean. scale is as for joint.
func (p *Plan) setScenarios(out *job.Forecast, scale float64) {
	if len(p.spec.Scenarios) == 0 {
		return
	}
	why := p.whyNoMembers()
	if why == "" && len(p.members) > maxScenarioAssets {
		why = fmt.Sprintf("there are more than %d assets", maxScenarioAssets)
	}
	if why == "" {
		s, err := p.propagation(scale)
		for _, c := range p.spec.Scenarios {
			if err != nil {
				break
			}
			var outcome job.Outcome
			if outcome, err = p.outcome(s, c, out.Mean, scale); err == nil {
				out.Scenarios = append(out.Scenarios, outcome)
			}
		}
		if err == nil {
			return
		}
		why, out.Scenarios = err.Error(), nil
	}
	out.Notes = append(out.Notes, "there are no scenarios: "+why)
}

// propagation measures how shocks go on. Assets whose errors never vary stand still.
func (p *Plan) propagation(scale float64) (*propagation, error) {
	s := &propagation{}
	var errs [][]float64
	for i := range p.members {
		s.members, errs = append(s.members, &p.members[i]), append(errs, p.members[i].errors[0])
	}
	for s.first == nil {
		first, err := risk.EstimateCovariance(errs, risk.ByShape)
		fault, ok := errors.AsType[*risk.DataError](err)
		switch {
		case err == nil:
			s.first = first
		case !ok || len(errs) <= 1 || !constant(errs[fault.Asset]):
			return nil, err
		default:
			errs, s.members = slices.Delete(errs, fault.Asset, fault.Asset+1), slices.Delete(s.members, fault.Asset, fault.Asset+1)
		}
	}
	for _, m := range s.members {
		gamma, size := carried(m.errors)
		s.gamma, s.size = append(s.gamma, gamma), append(s.size, size)
	}
	for k := range p.spec.Horizon {
		s.whole = append(s.whole, variance(p.together(k, scale)))
	}
	return s, nil
}

// constant reports whether all errors are the same.
func constant(errs []float64) bool {
	s := risk.NewSample(errs)
	return len(s) > 0 && s[0] == s[len(s)-1]
}

// variance is that of the errors that are known.
func variance(errs []float64) float64 {
	s := risk.NewSample(errs).StdDev()
	return s * s
}

// carried is what of an error at the first step is left at each, and the variances of the errors.
func carried(errs [][]float64) (gamma, size []float64) {
	for k, later := range errs {
		var x, y []float64
		for o, e := range errs[0] {
			if !math.IsNaN(e) && !math.IsNaN(later[o]) {
				x, y = append(x, e), append(y, later[o])
			}
		}
		size = append(size, variance(later))
		slope, n := 1.0, float64(len(x))
		if k > 0 && n > 2 {
			g := stat.Covariance(x, y, nil) / stat.Variance(x, nil)
			rest := stat.Variance(y, nil) - g*g*stat.Variance(x, nil)
			f := (g - 1) * (g - 1) * stat.Variance(x, nil) * (n - 2) / rest
			if share := 1 - 1/f; share > 0 && !math.IsNaN(share) {
				slope += (g - 1) * share
			}
		}
		gamma = append(gamma, slope)
	}
	return gamma, size
}

// outcome is what a scenario means. mean is the forecast of the portfolio.
func (p *Plan) outcome(s *propagation, c job.Scenario, mean []float64, scale float64) (job.Outcome, error) {
	names := slices.Sorted(maps.Keys(c.Shocks))
	at, shock := make([]int, len(names)), mat.NewVecDense(len(names), nil)
	for j, name := range names {
		m := p.memberOf(name)
		at[j] = slices.Index(s.members, m)
		switch {
		case m == nil:
			return job.Outcome{}, fmt.Errorf("scenario %q moves asset %q, whose errors are not measured with those of the others", c.Name, name)
		case at[j] < 0:
			return job.Outcome{}, fmt.Errorf("scenario %q moves asset %q, which has never moved", c.Name, name)
		}
		shock.SetVec(j, m.last+c.Shocks[name]*math.Abs(m.last)-m.mean[0])
	}
	shocked := mat.NewSymDense(len(names), nil)
	for i := range names {
		for j := range i + 1 {
			shocked.SetSym(i, j, s.first.Matrix.At(at[i], at[j]))
		}
	}
	var root mat.Cholesky
	if !root.Factorize(shocked) {
		return job.Outcome{}, fmt.Errorf("scenario %q moves assets that always move alike", c.Name)
	}
	var weights mat.VecDense
	if err := root.SolveVecTo(&weights, shock); err != nil {
		return job.Outcome{}, fmt.Errorf("scenario %q moves assets that move too much alike: %w", c.Name, err)
	}
	out := job.Outcome{Name: c.Name, Shocks: c.Shocks, Origins: s.first.Rows, Assets: make(map[string]job.Change)}
	e := effect{propagation: s, at: at, root: &root, weights: &weights}
	for i, m := range s.members {
		out.Assets[m.name] = e.of(i)
	}
	for i := range p.members {
		if m := &p.members[i]; !slices.Contains(s.members, m) {
			out.Assets[m.name] = change(m.mean, m.last, make([]float64, len(m.mean)))
		}
	}
	total, rest := e.whole(mean, scale)
	base := p.base() * scale
	out.Overall = change(total, base, rest)
	if p.spec.Combine == job.Return {
		out.Overall.Change = slices.Clone(total)
	}
	return out, nil
}

// effect is one scenario.
type effect struct {
	*propagation
	at      []int // the shocked members
	root    *mat.Cholesky
	weights *mat.VecDense // C(S,S)⁻¹·s
}

// alike are the covariances of a member with the shocked ones.
func (e *effect) alike(i int) *mat.VecDense {
	v := mat.NewVecDense(len(e.at), nil)
	for j, at := range e.at {
		v.SetVec(j, e.first.Matrix.At(i, at))
	}
	return v
}

// explained is the variance that the shocks explain of something with these covariances.
func (e *effect) explained(alike *mat.VecDense) float64 {
	var v mat.VecDense
	if err := e.root.SolveVecTo(&v, alike); err != nil {
		return 0
	}
	return mat.Dot(alike, &v)
}

// of is what a member is expected to do.
func (e *effect) of(i int) job.Change {
	m, alike := e.members[i], e.alike(i)
	moved, explained := mat.Dot(alike, e.weights), e.explained(alike)
	mean, rest := make([]float64, len(m.mean)), make([]float64, len(m.mean))
	for k, x := range m.mean {
		g := e.gamma[i][k]
		mean[k] = clamped(x + g*moved)
		rest[k] = left(e.size[i][k], g*g*explained)
	}
	return change(mean, m.last, rest)
}

// whole is the expected value of the portfolio, whose forecast is mean, and the variance that is left.
func (e *effect) whole(mean []float64, scale float64) (total, rest []float64) {
	for k, x := range mean {
		alike := mat.NewVecDense(len(e.at), nil)
		for i, m := range e.members {
			if m.weight != 0 {
				alike.AddScaledVec(alike, m.coef*scale*e.gamma[i][k], e.alike(i))
			}
		}
		total = append(total, clamped(x+mat.Dot(alike, e.weights)))
		rest = append(rest, left(e.propagation.whole[k], e.explained(alike)))
	}
	return total, rest
}

// left is what is left of a variance, without what rounding leaves.
func left(size, explained float64) float64 {
	if rest := size - explained; rest > 1e-12*size {
		return rest
	}
	return 0
}

// change puts an expectation and the variance that is left in relation to the last value.
func change(mean []float64, last float64, rest []float64) job.Change {
	c := job.Change{Mean: mean}
	size := math.Abs(last)
	for k, x := range mean {
		if last == 0 {
			c.Volatility = append(c.Volatility, math.Sqrt(rest[k]))
			continue
		}
		c.Change, c.Volatility = append(c.Change, clamped((x-last)/size)), append(c.Volatility, math.Sqrt(rest[k])/size)
	}
	return c
}
