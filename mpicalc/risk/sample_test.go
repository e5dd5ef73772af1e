package risk_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"foliocast/mpicalc/risk"
)

func ExampleSample_ES() {
	// The worst 15 % of ten losses are one and a half: (10 + 9/2) / 1.5.
	losses := risk.NewSample([]float64{3, 1, 4, 10, 5, 9, 2, 6, 8, 7})
	fmt.Printf("VaR %g, ES %.4f\n", losses.VaR(0.85), losses.ES(0.85))
	// Output: VaR 9, ES 9.6667
}

// near fails when got and want are further apart than tolerance; two NaN are not.
func near(t rapid.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) && got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s is %v, want %v within %.2g", what, got, want, tolerance)
	}
}

// Values at risk and expected shortfalls of distributions with a closed form (McNeil, Frey and Embrechts 2015, section 2.3; the
// exponential by integration), within 4 standard errors of a simulation. Those are √(α(1-α)/n)/f(VaR) for the value at risk,
// and √((V + α(ES-VaR)²)/(n(1-α))) for the expected shortfall, V the variance of the losses beyond.
func TestClosedForms(t *testing.T) {
	t.Parallel()
	const n = 200_000
	r := rand.New(rand.NewPCG(3, 4))
	normal := distuv.Normal{Mu: 2, Sigma: 3, Src: r}
	student := distuv.StudentsT{Sigma: 1, Nu: 4, Src: r}
	exponential := distuv.Exponential{Rate: 1, Src: r}
	for _, c := range []struct {
		name     string
		rand     func() float64
		density  func(float64) float64
		quantile func(float64) float64
		es       func(alpha, q float64) float64
	}{
		{"normal", normal.Rand, normal.Prob, normal.Quantile, func(alpha, q float64) float64 {
			return 2 + 3*distuv.UnitNormal.Prob((q-2)/3)/(1-alpha)
		}},
		{"t", student.Rand, student.Prob, student.Quantile, func(alpha, q float64) float64 {
			return student.Prob(q) / (1 - alpha) * (4 + q*q) / 3
		}},
		{"exponential", exponential.Rand, exponential.Prob, exponential.Quantile, func(_, q float64) float64 { return q + 1 }},
	} {
		x := make([]float64, n)
		for i := range x {
			x[i] = c.rand()
		}
		s := risk.NewSample(x)
		for _, alpha := range []float64{0.5, 0.9, 0.95, 0.99} {
			q := c.quantile(alpha)
			es := c.es(alpha, q)
			beyond := stat.Variance(s[int(alpha*n):], nil)
			near(t, fmt.Sprintf("%s VaR %g", c.name, alpha), s.VaR(alpha), q, 4*math.Sqrt(alpha*(1-alpha)/n)/c.density(q))
			near(t, fmt.Sprintf("%s ES %g", c.name, alpha), s.ES(alpha), es, 4*math.Sqrt((beyond+alpha*(es-q)*(es-q))/(n*(1-alpha))))
		}
	}
}

// lossesOf draws a sample with ties, as whole numbers often are, or of any size.
func lossesOf(n int) *rapid.Generator[[]float64] {
	return rapid.Custom(func(t *rapid.T) []float64 {
		whole := rapid.Bool().Draw(t, "whole")
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
			if whole {
				return float64(rapid.IntRange(-3, 3).Draw(t, "x"))
			}
			return rapid.Float64Range(-1e6, 1e6).Draw(t, "x")
		}), n, n).Draw(t, "losses")
	})
}

// The axioms of coherence (Artzner et al. 1999, Mathematical Finance 9, 203-228), which hold for the expected shortfall of any
// sample, and all but the last for the value at risk.
func TestCoherence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		x, y := lossesOf(n).Draw(t, "x"), lossesOf(n).Draw(t, "y")
		alpha := rapid.Float64Range(0, 1).Draw(t, "alpha")
		c := rapid.Float64Range(0, 100).Draw(t, "c")
		sum, scaled, moved, worse := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		size := 1.0
		for i := range x {
			sum[i], scaled[i], moved[i], worse[i] = x[i]+y[i], c*x[i], x[i]+c, x[i]+math.Abs(y[i])
			size = max(size, math.Abs(x[i])+math.Abs(y[i]))
		}
		tolerance := 1e-9 * size * (c + 1)
		for name, measure := range map[string]func(risk.Sample, float64) float64{"VaR": risk.Sample.VaR, "ES": risk.Sample.ES} {
			of := func(x []float64) float64 { return measure(risk.NewSample(x), alpha) }
			near(t, name+" of scaled losses", of(scaled), c*of(x), tolerance)
			near(t, name+" of moved losses", of(moved), of(x)+c, tolerance)
			if of(worse) < of(x)-tolerance {
				t.Errorf("%s of greater losses is %v, and of %v it was %v", name, of(worse), x, of(x))
			}
			if higher := measure(risk.NewSample(x), min(1, alpha+0.1)); higher < of(x)-tolerance {
				t.Errorf("%s falls from %v to %v at a higher level", name, of(x), higher)
			}
			backwards := slices.Clone(x)
			slices.Reverse(backwards)
			if of(backwards) != of(x) {
				t.Errorf("%s depends on the order of the scenarios", name)
			}
		}
		es := func(x []float64) float64 { return risk.NewSample(x).ES(alpha) }
		if es(sum) > es(x)+es(y)+tolerance {
			t.Errorf("ES %v of the sum exceeds %v + %v", es(sum), es(x), es(y))
		}
	})
}

// The expected shortfall is min over c of c + E max(X-c, 0)/(1-α), reached at a number of the sample (Rockafellar and Uryasev 2002).
func TestShortfallIsAMinimum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		x := lossesOf(n).Draw(t, "x")
		alpha := rapid.Float64Range(0, 0.999).Draw(t, "alpha")
		least := math.Inf(1)
		for _, c := range x {
			excess := 0.0
			for _, v := range x {
				excess += max(v-c, 0)
			}
			least = min(least, c+excess/(float64(n)*(1-alpha)))
		}
		near(t, "ES", risk.NewSample(x).ES(alpha), least, 1e-9*max(1, slices.Max(x)-slices.Min(x), math.Abs(least)))
	})
}

func TestQuantileRanks(t *testing.T) {
	t.Parallel()
	s := make(risk.Sample, 100)
	for i := range s {
		s[i] = float64(i + 1)
	}
	// ⌈100·p⌉, also where the product is not an integer by rounding alone.
	for p, want := range map[float64]float64{0: 1, 0.001: 1, 0.01: 1, 0.07: 7, 0.29: 29, 0.5: 50, 0.501: 51, 0.57: 57, 0.99: 99, 0.991: 100, 1: 100} {
		if got := s.Quantile(p); got != want {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
}

// CRPS is E|X-y| - E|X-X'|/2 (Gneiting and Raftery 2007, Journal of the American Statistical Association 102, 359-378).
func TestCRPS(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		x := lossesOf(n).Draw(t, "x")
		y := rapid.Float64Range(-1e6, 1e6).Draw(t, "y")
		want := 0.0
		for _, a := range x {
			want += math.Abs(a-y) / float64(n)
			for _, b := range x {
				want -= math.Abs(a-b) / 2 / float64(n*n)
			}
		}
		near(t, "CRPS", risk.NewSample(x).CRPS(y), want, 1e-9*4e6)
	})
}
