package risk_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"foliocast/mpicalc/risk"
)

// rarely is how often a right generator fails a test of randomness. The seeds are fixed.
const rarely = 1e-4

// days returns n days, the first count of them with an exception.
func days(n, count int) []bool {
	hits := make([]bool, n)
	for t := range count {
		hits[t] = true
	}
	return hits
}

// The numbers of exceptions at which the model is not rejected at 5 % (Kupiec 1995; Jorion 2007, Value at Risk, table 6-2). The table accepts
// no exceptions in 255 days at 1 % as well, though the statistic is -2·255·log 0.99 = 5.13 there.
func TestNonRejectionRegions(t *testing.T) {
	t.Parallel()
	limit := distuv.ChiSquared{K: 1}.Quantile(0.95)
	for _, c := range []struct {
		alpha         float64
		n, below, low int // more than low, fewer than below
	}{
		{0.99, 255, 7, 0}, {0.99, 510, 11, 1}, {0.99, 1000, 17, 4},
		{0.975, 255, 12, 2}, {0.975, 510, 21, 6}, {0.975, 1000, 36, 15},
		{0.95, 255, 21, 6}, {0.95, 510, 36, 16}, {0.95, 1000, 65, 37},
	} {
		for count := range 80 {
			test := risk.UnconditionalCoverage(days(c.n, count), c.alpha)
			if rejected, want := test.Statistic > limit, count <= c.low || count >= c.below; rejected != want {
				t.Errorf("α = %v, %d days, %d exceptions: statistic %.3f", c.alpha, c.n, count, test.Statistic)
			}
		}
	}
}

// One day at 90 %: no exception is the likelier outcome, and an exception has a probability of 0.1.
func TestExactPByHand(t *testing.T) {
	t.Parallel()
	near(t, "p-value of no exception", risk.UnconditionalCoverage(days(1, 0), 0.9).P, 1, 1e-12)
	one := risk.UnconditionalCoverage(days(1, 1), 0.9)
	near(t, "p-value of one exception", one.P, 0.1, 1e-12)
	near(t, "its statistic", one.Statistic, -2*math.Log(0.1), 1e-12)
}

// The exact p-value is right: it is at most 5 % with a probability of at most 5 %, but not of much less.
func TestExactSize(t *testing.T) {
	t.Parallel()
	for _, alpha := range []float64{0.8, 0.95, 0.99} {
		const n = 250
		size := 0.0
		for count := range n + 1 {
			if risk.UnconditionalCoverage(days(n, count), alpha).P <= 0.05 {
				size += distuv.Binomial{N: n, P: 1 - alpha}.Prob(float64(count))
			}
		}
		if size > 0.05 || size < 0.01 {
			t.Errorf("α = %v is rejected in %.4f of the cases", alpha, size)
		}
	}
}

// The likelihoods day by day.
func TestIndependenceByDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hits := rapid.SliceOfN(rapid.Bool(), 2, 40).Draw(t, "hits")
		after := func(previous ...bool) float64 { // the share of exceptions after such days
			all, some := 0.0, 0.0
			for i := range len(hits) - 1 {
				if slices.Contains(previous, hits[i]) {
					all++
					if hits[i+1] {
						some++
					}
				}
			}
			return some / all
		}
		chain := 0.0
		for i := range len(hits) - 1 {
			p, q := after(hits[i]), after(true, false)
			if !hits[i+1] {
				p, q = 1-p, 1-q
			}
			chain += 2 * (math.Log(p) - math.Log(q))
		}
		test := risk.Independence(hits)
		near(t, "statistic", test.Statistic, chain, 1e-9)
		near(t, "p-value", test.P, distuv.ChiSquared{K: 1}.Survival(max(chain, 0)), 1e-4)
		both := risk.ConditionalCoverage(hits, 0.7)
		near(t, "sum of the statistics", both.Statistic, risk.UnconditionalCoverage(hits, 0.7).Statistic+test.Statistic, 1e-12)
	})
}

// Exceptions in clusters are found, though their number is right; independent ones are rejected about as often as the level says.
func TestClusters(t *testing.T) {
	t.Parallel()
	const rounds, n, alpha = 500, 1000, 0.9
	r := rand.New(rand.NewPCG(19, 20))
	rejected := map[string]float64{}
	for range rounds {
		for name, again := range map[string]float64{"independent": 0.1, "clusters": 0.4} {
			hits, hit := make([]bool, n), false
			for i := range hits {
				p := again
				if !hit {
					p = (1 - again) / 9 // so that one day of ten is an exception
				}
				hit = r.Float64() < p
				hits[i] = hit
			}
			for test, p := range map[string]float64{"independence": risk.Independence(hits).P, "both": risk.ConditionalCoverage(hits, alpha).P} {
				if p < 0.05 {
					rejected[name+", "+test] += 1.0 / rounds
				}
			}
		}
	}
	for name, want := range map[string][2]float64{
		"independent, independence": {0.02, 0.09}, "independent, both": {0.02, 0.09}, "clusters, independence": {0.99, 1.01}, "clusters, both": {0.99, 1.01},
	} {
		if got := rejected[name]; got < want[0] || got > want[1] {
			t.Errorf("%s: rejected in %.3f, want from %v to %v", name, got, want[0], want[1])
		}
	}
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	got := risk.Exceptions([]float64{1, 2, nan, 3, 5}, []float64{1, 1, 1, nan, 6})
	if diff := cmp.Diff([]bool{false, true, false}, got); diff != "" {
		t.Error(diff)
	}
	for name, test := range map[string]risk.Test{
		"no days": risk.UnconditionalCoverage(nil, 0.9), "one day": risk.Independence([]bool{true}), "one day, both": risk.ConditionalCoverage([]bool{true}, 0.9),
	} {
		near(t, name, test.Statistic, nan, 0)
		near(t, name, test.P, nan, 0)
	}
	near(t, "never an exception", risk.Independence(days(10, 0)).P, 1, 0)
}

// limitOf simulates the statistic of right forecasts and returns its 5 % quantile.
func limitOf(law interface{ Quantile(float64) float64 }, shortfall float64) float64 {
	const rounds, n, alpha = 5000, 250, 0.975
	r := rand.New(rand.NewPCG(21, 22))
	q := law.Quantile(alpha)
	vars, es, losses := slices.Repeat([]float64{q}, n), slices.Repeat([]float64{shortfall}, n), make([]float64, n)
	z := make([]float64, rounds)
	for i := range z {
		for t := range losses {
			losses[t] = 0
			if u := r.Float64(); u > alpha { // the others do not count
				losses[t] = law.Quantile(u)
			}
		}
		z[i] = risk.ShortfallTest{}.Test(losses, vars, es, alpha).Statistic
	}
	return risk.NewSample(z).Quantile(0.05)
}

// The 5 % limits that Acerbi and Székely (2014) give for 250 days at 2.5 %: -0.70 for normal losses, -0.82 for Student's t with three
// degrees of freedom. The standard error of the simulation is 0.013.
func TestShortfallLimits(t *testing.T) {
	t.Parallel()
	normal, student := distuv.UnitNormal, distuv.StudentsT{Sigma: 1, Nu: 3}
	q := student.Quantile(0.975)
	near(t, "limit of normal losses", limitOf(normal, normal.Prob(normal.Quantile(0.975))/0.025), -0.70, 0.03)
	near(t, "limit of t losses", limitOf(student, student.Prob(q)/0.025*(3+q*q)/2), -0.82, 0.03)
}

// The simulated p-value is small for losses half as large again as forecast, and not for right forecasts. It does not depend on anything
// but the seed.
func TestShortfallP(t *testing.T) {
	t.Parallel()
	const n, alpha = 250, 0.975
	normal := distuv.UnitNormal
	q := normal.Quantile(alpha)
	vars, es := slices.Repeat([]float64{q}, n), slices.Repeat([]float64{normal.Prob(q) / (1 - alpha)}, n)
	test := risk.ShortfallTest{Quantile: func(_ int, p float64) float64 { return normal.Quantile(p) }, Rounds: 200, Seed: 1}
	r := rand.New(rand.NewPCG(23, 24))
	rejected := map[float64]float64{}
	const rounds = 25
	for round := range rounds {
		losses := make([]float64, n)
		for i := range losses {
			losses[i] = r.NormFloat64()
		}
		for _, size := range []float64{1, 1.5} {
			scaled := make([]float64, n)
			for i := range losses {
				scaled[i] = size * losses[i]
			}
			got := test.Test(scaled, vars, es, alpha)
			if round == 0 {
				if again := test.Test(scaled, vars, es, alpha); again != got {
					t.Fatalf("%v, and then %v", got, again)
				}
			}
			if got.P < 0.05 {
				rejected[size] += 1.0 / rounds
			}
		}
	}
	if rejected[1] > 0.15 || rejected[1.5] < 0.8 {
		t.Errorf("rejected: right forecasts in %.3f, too small ones in %.3f", rejected[1], rejected[1.5])
	}
}

func TestShortfallByHand(t *testing.T) {
	t.Parallel()
	losses, vars, es := []float64{1, 5, nan, 8, 2}, []float64{2, 2, 2, 4, 3}, []float64{4, 4, 4, 8, nan}
	// Days 1, 2 and 4; 5/4 + 8/8 beyond: 1 - 2.25/(3·0.5).
	got := risk.ShortfallTest{}.Test(losses, vars, es, 0.5)
	near(t, "statistic", got.Statistic, -0.5, 1e-15)
	near(t, "p-value without a simulation", got.P, nan, 0)
	near(t, "statistic of no days", risk.ShortfallTest{}.Test(nil, nil, nil, 0.5).Statistic, nan, 0)
	near(t, "statistic of a gain", risk.ShortfallTest{}.Test([]float64{1}, []float64{0}, []float64{-1}, 0.5).Statistic, nan, 0)
}

func TestUniformity(t *testing.T) {
	t.Parallel()
	// By hand: 4, 1 and 1 where 2 are expected.
	counts, test := risk.Uniformity([]float64{-0.1, 0, 0.2, 0.3, nan, 0.5, 1}, 3)
	if diff := cmp.Diff([]int{4, 1, 1}, counts); diff != "" {
		t.Error(diff)
	}
	near(t, "statistic", test.Statistic, 3, 1e-12)
	near(t, "p-value", test.P, math.Exp(-1.5), 1e-9) // χ² with two degrees of freedom is exponential
	_, test = risk.Uniformity(nil, 10)
	near(t, "p-value of nothing", test.P, nan, 0)
	const n = 2000
	r := rand.New(rand.NewPCG(25, 26))
	for _, c := range []struct {
		sigma    float64
		rejected bool
	}{{1, false}, {1.2, true}, {0.8, true}} {
		u := make([]float64, n)
		for i := range u {
			u[i] = distuv.Normal{Mu: 0, Sigma: c.sigma}.CDF(r.NormFloat64())
		}
		if _, test := risk.Uniformity(u, 10); (test.P < rarely) != c.rejected {
			t.Errorf("forecasts %v times as wide as they should be have p = %.2g", c.sigma, test.P)
		}
	}
}

func TestCoverageBy(t *testing.T) {
	t.Parallel()
	covariate := []float64{5, 1, 4, 2, 3, 3, nan, 6}
	inside := []bool{true, false, true, true, true, false, true, false}
	// Ascending 1 2 3 3 | 4 5 6: the two 3 are about the middle of the first half.
	want := []risk.Coverage{{1, 3, 4, 2}, {4, 6, 3, 2}}
	if diff := cmp.Diff(want, risk.CoverageBy(covariate, inside, 2)); diff != "" {
		t.Error(diff)
	}
	all := risk.CoverageBy([]float64{7, 7, 7}, []bool{true, false, true}, 3)
	if got := fmt.Sprint(all); got != "[{NaN NaN 0 0} {7 7 3 2} {NaN NaN 0 0}]" {
		t.Errorf("equal covariates are divided into %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOf(rapid.Float64Range(0, 5)).Draw(t, "covariate")
		groups := rapid.IntRange(1, 10).Draw(t, "groups")
		count, last := 0, math.Inf(-1)
		for _, g := range risk.CoverageBy(x, make([]bool, len(x)), groups) {
			if count += g.Count; g.Count > 0 && (g.Low <= last || g.High < g.Low) {
				t.Fatalf("group from %v to %v after %v", g.Low, g.High, last)
			} else if g.Count > 0 {
				last = g.High
			}
		}
		if count != len(x) {
			t.Fatalf("%d of %d in groups", count, len(x))
		}
	})
}
