package backtest_test

import (
	"math"
	"testing"

	"foliocast/mpicalc/backtest"
)

func close10(got, want float64) bool {
	return math.Abs(got-want) < 1e-10 || math.IsNaN(got) && math.IsNaN(want)
}

// The expected numbers are those of R 4.2.2: t.test, wilcox.test, and dm.test of the package forecast 8.20 with power 1 and, for
// h = 3, varestimator "bartlett".
func TestPairedTestsAgreeWithR(t *testing.T) {
	t.Parallel()
	e1 := []float64{1.2, -0.4, 0.9, 2.1, -1.5, 0.3, 1.1, -2.2, 0.8, 1.7, -0.6, 1.3}
	e2 := []float64{0.9, -0.7, 1.1, 1.2, -1.1, 0.5, 0.2, -1.6, 1.0, 0.9, -0.9, 0.8}
	losses := make([]float64, len(e1))
	for i := range e1 {
		losses[i] = math.Abs(e1[i]) - math.Abs(e2[i])
	}
	for h, want := range map[int][2]float64{1: {1.91236577493503, 0.0822103495922912}, 3: {2.60418694392943, 0.0245103067319575}} {
		if dm, p := backtest.DieboldMariano(losses, h); !close10(dm, want[0]) || !close10(p, want[1]) {
			t.Errorf("Diebold-Mariano at h = %d: %v and %v, want %v", h, dm, p, want)
		}
	}

	d := []float64{0.31, -0.12, 0.55, 0.08, -0.27, 0.64, 0.19, 0.43, -0.05, 0.71}
	m := backtest.PairedT(d)
	if !close10(m.Mean, 0.247) || !close10(m.Lo, 0.00624464029697465) || !close10(m.Hi, 0.48775535970302542) || !close10(m.P, 0.04542387021287329) {
		t.Errorf("t test: %+v", m)
	}

	long := make([]float64, 60)
	for k := range long {
		i := float64(k + 1)
		long[k] = math.Sin(i*i) + 0.2
	}
	for name, c := range map[string]struct {
		d    []float64
		want float64
	}{
		"exact":          {d, 0.064453125},
		"ties and zeros": {[]float64{0.3, -0.1, 0.5, 0, -0.3, 0.6, 0.2, 0.4, -0.1, 0.7, 0, 0.3}, 0.0520188199268377},
		"many":           {long, 0.0816802288676201},
		"all positive":   {[]float64{1, 2, 3, 4, 5}, 0.0625}, // 2/2⁵
		"one":            {[]float64{3}, 1},
		"no difference":  {[]float64{0, 0}, math.NaN()},
	} {
		if got := backtest.SignedRank(c.d); !close10(got, c.want) {
			t.Errorf("signed rank, %s: %v, want %v", name, got, c.want)
		}
	}
}

func TestPairedTestsOfTooLittle(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, d := range map[string][]float64{"none": {}, "one": {1}, "no variance": {2, 2, 2}} {
		if m := backtest.PairedT(d); !math.IsNaN(m.P) || !math.IsNaN(m.Lo) {
			t.Errorf("t test of %s: %+v", name, m)
		}
		if dm, p := backtest.DieboldMariano(d, 2); !close10(dm, nan) || !close10(p, nan) {
			t.Errorf("Diebold-Mariano of %s: %v and %v", name, dm, p)
		}
	}
}
