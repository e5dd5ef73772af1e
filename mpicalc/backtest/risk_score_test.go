package backtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat/distuv"
)

// The forecasts are normal with the standard deviation told, and what comes is normal with 1.
func simulated(n int, told float64, seed uint64) []outcome {
	r := rand.New(rand.NewPCG(seed, 1))
	g := newGrid([]float64{0.95, 0.99})
	var all []outcome
	for range n {
		var f rows
		for _, p := range g.probabilities {
			f.quantiles = append(f.quantiles, 10+told*distuv.UnitNormal.Quantile(p))
		}
		f.lo, f.hi = []float64{10 - 1.6448536*told}, []float64{10 + 1.6448536*told}
		all = append(all, g.outcome(known{base: 10, unit: 1, volatility: 1 + r.Float64()}, f, came{y: 10 + r.NormFloat64()}))
	}
	return all
}

// Right forecasts pass, and those that are deliberately too narrow are rejected by each test.
func TestForecastsThatAreTooNarrowAreRejected(t *testing.T) {
	t.Parallel()
	j := judge{levels: []float64{90}, risks: []float64{95, 99}}
	right, narrow := j.step(0, simulated(1000, 1, 7)), j.step(0, simulated(1000, 0.7, 7))
	for level, expected := range map[string]float64{"95": 50, "99": 10} {
		if s := right.Tails[level]; math.Abs(s.Expected-expected) > 1e-9 || *s.Kupiec < 0.05 || *s.Markov < 0.05 || *s.Z2P < 0.05 {
			t.Errorf("right forecasts at %s: %d hits, Kupiec %.4f, independence %.4f, Z2 %.4f", level, s.Hits, *s.Kupiec, *s.Markov, *s.Z2P)
		}
		if s := narrow.Tails[level]; *s.Kupiec > 1e-4 || *s.Z2P > 1e-3 || *s.Z2 > -0.5 {
			t.Errorf("narrow forecasts at %s: %d hits, Kupiec %.4f, Z2 %.3f with %.4f", level, s.Hits, *s.Kupiec, *s.Z2, *s.Z2P)
		}
	}
	if *right.PITP < 0.01 || *narrow.PITP > 1e-6 || narrow.PIT[0] < 2*narrow.PIT[10] {
		t.Errorf("PIT: %v with %v, and narrow %v with %v", right.PIT, *right.PITP, narrow.PIT, *narrow.PITP)
	}
	a, b := right.Intervals["90"], narrow.Intervals["90"]
	if math.Abs(a.Coverage-0.9) > 0.03 || b.Coverage > 0.8 || b.Score < 1.05*a.Score {
		t.Errorf("coverage %v and %v, scores %v and %v", a.Coverage, b.Coverage, a.Score, b.Score)
	}
}

// Hits that follow each other are found, though they are as many as they should be.
func TestHitsInClustersAreRejected(t *testing.T) {
	t.Parallel()
	all := simulated(1000, 1, 8)
	for i := range all {
		all[i].y = 10
		if i%200 < 10 {
			all[i].y = 0
		}
	}
	s := (&judge{levels: []float64{90}, risks: []float64{95, 99}}).step(0, all)
	if tail := s.Tails["95"]; tail.Hits != 50 || *tail.Kupiec < 0.9 || *tail.Markov > 1e-6 || *tail.Both > 1e-6 {
		t.Errorf("%+v", tail)
	}
}

// The expected shortfall of a normal distribution is φ(z)/(1-α), and that of Student's t with four degrees of freedom
// f(q)·(4+q²)/3/(1-α).
func TestShortfallOfTheGrid(t *testing.T) {
	t.Parallel()
	alphas := []float64{0.9, 0.95, 0.975, 0.99}
	g := newGrid(alphas)
	if len(g.probabilities) > mostAsked {
		t.Errorf("the grid asks for %d quantiles", len(g.probabilities))
	}
	student := distuv.StudentsT{Sigma: 1, Nu: 4}
	for r, alpha := range alphas {
		z, q := distuv.UnitNormal.Quantile(alpha), student.Quantile(alpha)
		for name, c := range map[string]struct {
			law  interface{ Quantile(float64) float64 }
			want float64
		}{"normal": {distuv.UnitNormal, distuv.UnitNormal.Prob(z) / (1 - alpha)}, "t": {student, student.Prob(q) * (4 + q*q) / 3 / (1 - alpha)}} {
			var losses []float64
			for _, at := range g.tails[r] {
				losses = append(losses, -c.law.Quantile(g.probabilities[at]))
			}
			if got := shortfall(losses); math.Abs(got/c.want-1) > 0.005 {
				t.Errorf("%s at %v: expected shortfall %v, want %v", name, alpha, got, c.want)
			}
			// What is drawn has the same mean.
			sum, n := 0.0, 100_000
			for i := range n {
				sum += drawn(losses, (float64(i)+0.5)/float64(n))
			}
			if got := sum / float64(n); math.Abs(got/shortfall(losses)-1) > 1e-3 {
				t.Errorf("%s at %v: the mean of what is drawn is %v, want %v", name, alpha, got, shortfall(losses))
			}
		}
	}
}

func TestCDF(t *testing.T) {
	t.Parallel()
	p, q := []float64{0.1, 0.5, 0.7, 0.9}, []float64{-1, 0, 0, 2}
	var got []float64
	for _, y := range []float64{-5, -1, -0.5, 0, 1, 2, 3} {
		got = append(got, math.Round(1e9*cdf(p, q, y))/1e9)
	}
	if diff := cmp.Diff(got, []float64{0.05, 0.1, 0.3, 0.6, 0.8, 0.9, 0.95}); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
}

// 1.1 and 0.9 of the value before, then unchanged: variances 0.01, 0.94·0.01 + 0.06·0.01, and 0.94 of that. Two steps ahead the normal interval of
// 90 % is 1.645·√2 standard deviations to either side.
func TestIntervalsBesideEWMA(t *testing.T) {
	t.Parallel()
	s := state{positive: true}
	values := []float64{100, 110, 99, 99}
	from := s.after(values, 2)
	if from.base != 110 || from.unit != 110 || math.Abs(from.volatility-0.1) > 1e-12 {
		t.Errorf("after two values: %+v", from)
	}
	from = s.after(values, 4)
	if want := math.Sqrt(0.94 * 0.01); math.Abs(from.volatility-want) > 1e-12 {
		t.Errorf("volatility %v, want %v", from.volatility, want)
	}
	half := distuv.UnitNormal.Quantile(0.95) * from.volatility * 99 * math.Sqrt2
	all := []outcome{
		{y: 99 + half - 1e-6, base: 99, unit: 99, volatility: from.volatility, lo: []float64{90}, hi: []float64{100}},
		{y: 99 - half - 2, base: 99, unit: 99, volatility: from.volatility, lo: []float64{90}, hi: []float64{100}},
	}
	got := interval(all, 1, 0, 90)
	// The width is 10; the first lies above by half-1, the second below by half-7; 2/α is 20.
	score := (10 + 20*(half-1-1e-6) + 10 + 20*(half-7)) / 99 / 2
	if got.Coverage != 0 || got.EWMA != 0.5 || math.Abs(got.Score-score) > 1e-9 || math.Abs(got.EWMAScore-(4*half+40)/99/2) > 1e-9 {
		t.Errorf("got %+v, want the scores %v and %v", got, score, (4*half+40)/99/2)
	}
}
