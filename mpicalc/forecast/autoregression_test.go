package forecast

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func noise(n int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	z := make([]float64, n)
	for t := range z {
		z[t] = rng.NormFloat64()
	}
	return z
}

func TestLagSumsEqualDirectSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "n")
		z := noise(n, rapid.Uint64().Draw(t, "seed"))
		i, j := rapid.IntRange(0, n-1).Draw(t, "i"), rapid.IntRange(0, n-1).Draw(t, "j")
		a := rapid.IntRange(max(i, j), n).Draw(t, "a")
		b := rapid.IntRange(a, n).Draw(t, "b")
		period := rapid.IntRange(1, 5).Draw(t, "period")
		var l lagSums
		var mem scratch
		l.reset(z)
		// Further distances, so that some are accumulated by fours and some alone.
		for d := range rapid.IntRange(0, min(n, 9)).Draw(t, "others") {
			l.reserve(d)
			l.request(d)
		}
		l.reserve(max(i-j, j-i))
		l.request(max(i-j, j-i))
		l.requestPhases(&mem, period)
		l.compute(&mem)
		want, phases := 0.0, make([]float64, period)
		for s := a; s < b; s++ {
			want += z[s-i] * z[s-j]
			phases[(s-a)%period] += z[s-i]
		}
		approx := cmpopts.EquateApprox(0, 1e-10)
		if diff := cmp.Diff(l.product(i, j, a, b), want, approx); diff != "" {
			t.Errorf("product, got against want:\n%s", diff)
		}
		got := make([]float64, period)
		l.phaseSums(got, i, a, b)
		if diff := cmp.Diff(got, phases, approx); diff != "" {
			t.Errorf("sums of the phases, got against want:\n%s", diff)
		}
	})
}

// TestAutoregressionEqualsLeastSquares checks the regression from sums of lagged products against the same one solved by
// QR from its design matrix, written out row by row from the definition in autoregression.
func TestAutoregressionEqualsLeastSquares(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		r    autoregression
	}{
		{"plain", autoregression{lags: []int{1, 2, 5}, period: 1}},
		{"phases", autoregression{lags: []int{1, 4}, period: 4}},
		{"differences", autoregression{lags: []int{1, 3}, diff: 4, period: 1}},
		{"differences with phases and a window", autoregression{lags: []int{1, 2}, diff: 1, period: 3, window: 50}},
		{"only an intercept", autoregression{period: 1}},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const n, h = 90, 6
			z := noise(n, uint64(i))
			e := New()
			var l lagSums
			l.reset(z)
			c.r.request(&e.mem, &l)
			l.compute(&e.mem)
			got := make([]float64, h)
			f := e.newLagFit(&c.r)
			e.fitLags(&f, &c.r, &l, n)
			if !e.continueLags(&f, z, got) {
				t.Fatal("not fitted")
			}
			if diff := cmp.Diff(got, extendByQR(&c.r, z, h), cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
				t.Errorf("got against want:\n%s", diff)
			}
		})
	}
}

func extendByQR(r *autoregression, z []float64, h int) []float64 {
	past := func(z []float64, t, lag int) float64 {
		if r.diff == 0 {
			return z[t-lag]
		}
		return z[t-lag] - z[t-lag-r.diff]
	}
	start := r.reach()
	if r.window > 0 {
		start = max(start, len(z)-r.window)
	}
	regressors := func(z []float64, t int) []float64 {
		x := make([]float64, r.period+len(r.lags))
		x[(t-start)%r.period] = 1
		for i, lag := range r.lags {
			x[r.period+i] = past(z, t, lag)
		}
		return x
	}
	x := mat.NewDense(len(z)-start, r.period+len(r.lags), nil)
	y := mat.NewVecDense(len(z)-start, nil)
	for t := start; t < len(z); t++ {
		x.SetRow(t-start, regressors(z, t))
		y.SetVec(t-start, past(z, t, 0))
	}
	var beta mat.VecDense
	if err := beta.SolveVec(x, y); err != nil {
		panic(err)
	}
	for range h {
		t := len(z)
		next := mat.Dot(&beta, mat.NewVecDense(r.period+len(r.lags), regressors(append(z[:t:t], 0), t)))
		if r.diff > 0 {
			next += z[t-r.diff]
		}
		z = append(z[:t:t], next)
	}
	return z[len(z)-h:]
}

func TestBestOrderFindsTheOrderOfAnAutoregression(t *testing.T) {
	t.Parallel()
	// z(t) = 0.9·z(t-1) - 0.6·z(t-2) + noise: the third lag explains nothing, the second a lot.
	z := noise(400, 5)
	for i := 2; i < len(z); i++ {
		z[i] += 0.9*z[i-1] - 0.6*z[i-2]
	}
	e := New()
	var l lagSums
	l.reset(z)
	r := autoregression{lags: []int{1, 2, 3, 4, 5, 6}, period: 1, nested: true}
	r.request(&e.mem, &l)
	l.compute(&e.mem)
	q := e.newNormalEquations(6)
	q.rows = 394
	r.fill(&q, &l, 6, 400)
	beta := make([]float64, 6)
	if !e.ridge(&q, 0, beta, true, 1) {
		t.Fatal("singular")
	}
	if beta[0] < 0.8 || beta[0] > 1 || beta[1] > -0.5 || beta[1] < -0.7 {
		t.Errorf("coefficients %v, want about 0.9 and -0.6", beta)
	}
	if diff := cmp.Diff(beta[3:], []float64{0, 0, 0}); diff != "" {
		t.Errorf("lags beyond the order, got against want:\n%s", diff)
	}
}
