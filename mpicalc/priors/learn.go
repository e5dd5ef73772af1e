package main

import (
	"bytes"
	"fmt"
	"go/format"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"

	"foliocast/mpicalc/forecast"
)

// trial is one example with what the members say of it.
type trial struct {
	forecast.Trial
	members []int // of each, its place among all
	futures [][]float64
	scale   float64
	size    float64 // what errors count in learning: by scale and by the size of the values
}

// try tries the members on the examples of a part of a kind. bare says which of them have no calendar: 0 for those that have one.
func try(k *kind, examples []example, bare func(i int) int) []trial {
	all := make([]trial, len(examples))
	names := forecast.MemberNames()
	var methods []*forecast.Method
	for _, calendar := range []bool{true, false} {
		m, err := forecast.NewMethod(k.options("auto", calendar))
		if err != nil {
			panic(err)
		}
		methods = append(methods, m)
	}
	parallel(len(examples), func(e *forecast.Engine, i int) {
		x := &examples[i]
		t, err := e.Trial(forecast.Series{Values: x.y, Skips: x.skips}, methods[bare(i)])
		if err != nil {
			return
		}
		all[i] = trial{Trial: t, futures: x.futures, scale: scaleOf(k, x)}
		for _, c := range t.Members {
			all[i].members = append(all[i].members, slices.Index(names, c.Name))
		}
	})
	all = slices.DeleteFunc(all, func(t trial) bool { return !(t.scale > 0) })
	sizes(all)
	return all
}

// sizes sets by what the errors of each trial are divided in learning: half by the scale of the scaled error, and half by the
// mean value, where all are positive. The second half is scaled so that both are alike in the mean.
func sizes(all []trial) {
	byScale, byValue := 0.0, 0.0
	for i := range all {
		t := &all[i]
		if mean := t.meanValue(); mean > 0 {
			e := meanError(t.futures, t.Members[0].Mean)
			byScale += e / t.scale
			byValue += e / mean
		}
	}
	for i := range all {
		t := &all[i]
		t.size = t.scale
		if mean := t.meanValue(); mean > 0 && byValue > 0 {
			t.size = 1 / (0.5/t.scale + 0.5*byScale/byValue/mean)
		}
	}
}

// meanValue is the mean of the values to come, and 0 when one is not positive.
func (t *trial) meanValue() float64 {
	if len(t.futures) > 1 || slices.Min(t.futures[0]) <= 0 {
		return 0
	}
	return floats.Sum(t.futures[0]) / float64(len(t.futures[0]))
}

// scaleOf is the scale of errors: the mean absolute difference at the season, or 0 when the series never changes.
func scaleOf(k *kind, x *example) float64 {
	s := forecast.SeasonalScale(x.y, nil, k.season)
	if math.IsNaN(s) {
		s = forecast.SeasonalScale(x.y, nil, 1)
	}
	if math.IsNaN(s) {
		return 0
	}
	return s
}

// parallel calls do for 0..n-1, each core with an engine of its own.
func parallel(n int, do func(e *forecast.Engine, i int)) {
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() {
			e := forecast.New()
			for i := w; i < n; i += workers {
				do(e, i)
			}
		})
	}
	group.Wait()
}

// model is the weights as a function of its parameters: those of sharpness, of patterns, of groups and of members.
type model struct {
	sharp, patterns, groups, evidence int
	names                             []string
	penalty                           float64
	kinds                             [][]trial
	weights                           []float64 // of the kinds, adding up to 1
}

func (m *model) size() int {
	return m.sharp + m.patterns*m.evidence + (m.groups+len(m.names))*m.width()
}

// width is the number of coefficients of a group or a member.
func (m *model) width() int { return m.evidence + m.patterns }

func (m *model) pattern(x []float64, i int) []float64 { return x[m.sharp+i*m.evidence:][:m.evidence] }

func (m *model) row(x []float64, i int) []float64 {
	return x[m.sharp+m.patterns*m.evidence+i*m.width():][:m.width()]
}

// learn finds the parameters that minimise the mean over the kinds of the logarithm of the scaled error of the combination, and
// writes them as a table.
func learn(all []kind) ([]byte, error) {
	m := modelOf(penalty)
	for i := range all {
		m.add(&all[i], all[i].importance())
	}
	x := m.start()
	best, err := m.minimise(x)
	if err != nil {
		return nil, err
	}
	fmt.Printf("loss %.5f, before learning %.5f\n", m.loss(best, nil), m.loss(x, nil))
	return m.table(best)
}

func modelOf(penalty float64) *model {
	return &model{sharp: 2 * forecast.SharpnessTerms, patterns: forecast.Patterns, groups: forecast.Groups, evidence: forecast.EvidenceTerms,
		names: forecast.MemberNames(), penalty: penalty}
}

// add adds the learning part of k, whose weight is relative to those of other kinds.
func (m *model) add(k *kind, weight float64) {
	if trials := try(k, k.learning, func(i int) int { return i % 4 / 3 }); len(trials) > 0 {
		m.kinds = append(m.kinds, trials)
		m.weights = append(m.weights, weight)
	}
}

// start returns parameters with which errors alone decide. The patterns are drawn at random, since equal ones would stay equal.
func (m *model) start() []float64 {
	x := make([]float64, m.size())
	x[0], x[m.sharp/2] = 1.5, 0.5
	r := rand.New(rand.NewPCG(7, 7))
	for i := range m.patterns {
		for k := range m.evidence {
			m.pattern(x, i)[k] = 0.3 * r.NormFloat64()
		}
	}
	return x
}

// minimise returns the parameters with the least loss that a search from x finds.
func (m *model) minimise(x []float64) ([]float64, error) {
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return m.loss(x, nil) },
		Grad: func(grad, x []float64) { m.loss(x, grad) },
	}
	result, err := optimize.Minimize(problem, x, &optimize.Settings{MajorIterations: 400, GradientThreshold: 1e-5}, &optimize.LBFGS{Store: 20})
	if result == nil {
		return nil, err
	}
	return result.X, nil // the best so far, even where the search for a better one failed
}

// loss returns the loss at x and, unless it is nil, writes its gradient into grad.
func (m *model) loss(x, grad []float64) float64 {
	total, all := 0.0, floats.Sum(m.weights)
	clear(grad)
	workers := runtime.GOMAXPROCS(0)
	for kind, trials := range m.kinds {
		losses, grads := make([]float64, workers), make([][]float64, workers)
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				var g []float64
				if grad != nil {
					g = make([]float64, len(x))
				}
				var s scratch
				for i := w; i < len(trials); i += workers {
					losses[w] += m.one(&trials[i], x, g, &s)
				}
				grads[w] = g
			})
		}
		group.Wait()
		sum := floats.Sum(losses)
		total += math.Log(sum/float64(len(trials))) * m.weights[kind] / all
		if grad != nil {
			for _, g := range grads {
				floats.AddScaled(grad, m.weights[kind]/sum/all, g)
			}
		}
	}
	for i, v := range x {
		if i < m.sharp {
			continue
		}
		p := m.penalty * m.firmness(i)
		total += p * v * v
		if grad != nil {
			grad[i] += 2 * p * v
		}
	}
	return total
}

// firmness is how firmly parameter i is held at 0, relative to others: what tells walks from other series may be complicated and
// is learned from many simulated series, and what tells other series apart is learned from few.
func (m *model) firmness(i int) float64 {
	i -= m.sharp + m.patterns*m.evidence
	row := i / m.width()
	switch {
	case i < 0 || row == 0: // the patterns and the group of the walk
		return 1
	case i%m.width() >= m.evidence:
		return patternFirmness
	case row < m.groups:
		return groupFirmness
	case i%m.width() < 2: // how good a member is on the whole, and on longer series
		return memberFirmness / 8
	}
	return memberFirmness
}

// How firmly parameters are held, chosen on the validation parts.
const (
	penalty         = 0.0001 // of the squared parameters
	patternFirmness = 600
	groupFirmness   = 16
	memberFirmness  = 80
)

type scratch struct{ w, logit, mean, slope, known, back []float64 }

// one returns the scaled error of the combination of t, and adds its gradient to grad.
func (m *model) one(t *trial, x, grad []float64, s *scratch) float64 {
	n := len(t.Members)
	s.w, s.logit = grow(s.w, n), grow(s.logit, n)
	near, nearSlope := exponent(t.Near, x[:m.sharp/2])
	far, farSlope := exponent(t.Far, x[m.sharp/2:m.sharp])
	s.known, s.back = grow(s.known, m.width()), grow(s.back, m.width())
	copy(s.known, t.Evidence)
	for i := range m.patterns {
		s.known[m.evidence+i] = math.Tanh(floats.Dot(m.pattern(x, i), t.Evidence))
	}
	for i := range t.Members {
		s.logit[i] = floats.Dot(m.row(x, t.Members[i].Group), s.known) + floats.Dot(m.row(x, m.groups+t.members[i]), s.known) - near*t.Members[i].Near - far*t.Members[i].Far
	}
	most, total := slices.Max(s.logit), 0.0
	for i, v := range s.logit {
		s.w[i] = math.Exp(v - most)
		total += s.w[i]
	}
	floats.Scale(1/total, s.w)
	h := len(t.futures[0])
	s.mean = grow(s.mean, h)
	clear(s.mean)
	for i := range t.Members {
		floats.AddScaled(s.mean, s.w[i], t.Members[i].Mean[:h])
	}
	const soft = 0.05
	loss := 0.0
	s.slope = grow(s.slope, h)
	clear(s.slope)
	share := 1 / float64(h*len(t.futures))
	for _, future := range t.futures {
		for k, f := range s.mean {
			e := (f - future[k]) / t.size
			r := math.Sqrt(e*e + soft*soft)
			loss += (r - soft) * share
			s.slope[k] += e / r / t.size * share
		}
	}
	const beyond = 20 // scaled errors beyond count as the square root
	outer := 1.0
	if loss > beyond {
		outer = math.Sqrt(beyond / loss)
		loss = math.Sqrt(beyond*loss)*2 - beyond
	}
	if grad == nil {
		return loss
	}
	clear(s.back)
	for i := range t.Members {
		d := 0.0
		for k, g := range s.slope {
			d += g * (t.Members[i].Mean[k] - s.mean[k])
		}
		d *= s.w[i] * outer
		for _, row := range []int{t.Members[i].Group, m.groups + t.members[i]} {
			floats.AddScaled(m.row(grad, row), d, s.known)
			floats.AddScaled(s.back, d, m.row(x, row))
		}
		for j, v := range t.Near {
			grad[j] -= d * v * nearSlope * t.Members[i].Near
		}
		for j, v := range t.Far {
			grad[m.sharp/2+j] -= d * v * farSlope * t.Members[i].Far
		}
	}
	for i := range m.patterns {
		u := s.known[m.evidence+i]
		floats.AddScaled(m.pattern(grad, i), s.back[m.evidence+i]*(1-u*u), t.Evidence)
	}
	return loss
}

// exponent returns the exponent of errors for its features, which are nil without errors, and its derivative.
func exponent(features, x []float64) (value, slope float64) {
	if features == nil {
		return 0, 0
	}
	sum := floats.Dot(features, x)
	return math.Log1p(math.Exp(sum)), 1 / (1 + math.Exp(-sum))
}

func grow(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

// table writes the parameters as the Go file that the engine reads them from.
func (m *model) table(x []float64) ([]byte, error) {
	var b bytes.Buffer
	row := func(v []float64) string {
		s := "{"
		for i, x := range v {
			if i > 0 {
				s += ", "
			}
			s += fmt.Sprintf("%.3f", x)
		}
		return s + "}"
	}
	fmt.Fprintf(&b, "package forecast\n\n// Code generated by make priors. DO NOT EDIT.\n\n")
	fmt.Fprintf(&b, "// learned are the priors that auto uses.\nvar learned = priors{\nnear: sharpness%s,\nfar: sharpness%s,\npatterns: [patterns]features{\n", row(x[:m.sharp/2]), row(x[m.sharp/2:m.sharp]))
	for i := range m.patterns {
		fmt.Fprintf(&b, "%s,\n", row(m.pattern(x, i)))
	}
	fmt.Fprintf(&b, "},\ngroups: [groups]knowledge{\n")
	for g := range m.groups {
		fmt.Fprintf(&b, "%s,\n", row(m.row(x, g)))
	}
	fmt.Fprintf(&b, "},\nmembers: []memberPrior{\n")
	for i, name := range m.names {
		fmt.Fprintf(&b, "{%q, knowledge%s},\n", name, row(m.row(x, m.groups+i)))
	}
	fmt.Fprintf(&b, "},\n}\n")
	return format.Source(b.Bytes())
}
