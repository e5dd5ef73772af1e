package forecast_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"foliocast/mpicalc/forecast"
)

// Limits of the tests of randomness are those that a right generator passes all but once in 10,000 runs; the seeds are fixed.
const rarely = 1e-4

func TestDrawsAreUniform(t *testing.T) {
	t.Parallel()
	const n, origins = 200_000, 37
	d := forecast.NewDraws(1, 0)
	counts := make([]float64, origins)
	jitters, places := make([]float64, n), make([]float64, n)
	for i := range n {
		o, u := d.At(uint64(i), origins)
		counts[o]++
		jitters[i], places[i] = u, float64(o)
	}
	expected := slices.Repeat([]float64{float64(n) / origins}, origins)
	if p := (distuv.ChiSquared{K: origins - 1}).Survival(stat.ChiSquare(counts, expected)); p < rarely {
		t.Errorf("counts of the origins %v, p = %.2g", counts, p)
	}
	// Correlations of independent uniform numbers are normal with a deviation of 1/√n.
	limit := -distuv.UnitNormal.Quantile(rarely/2) / math.Sqrt(n)
	for name, r := range map[string]float64{
		"origin and jitter":           stat.Correlation(places, jitters, nil),
		"jitters of neighbouring":     stat.Correlation(jitters[1:], jitters[:n-1], nil),
		"origins of neighbouring":     stat.Correlation(places[1:], places[:n-1], nil),
		"jitter and the origin after": stat.Correlation(places[1:], jitters[:n-1], nil),
	} {
		if math.Abs(r) > limit {
			t.Errorf("%s: correlation %.4f, limit %.4f", name, r, limit)
		}
	}
	slices.Sort(jitters)
	if jitters[0] <= 0 || jitters[n-1] >= 1 {
		t.Errorf("jitters from %v to %v, want inside (0, 1)", jitters[0], jitters[n-1])
	}
	distance := 0.0
	for i, u := range jitters {
		distance = max(distance, math.Abs(u-(float64(i)+0.5)/n))
	}
	// Kolmogorov: P(√n·D > x) → 2·exp(-2x²).
	if limit := math.Sqrt(math.Log(2/rarely) / 2 / n); distance > limit {
		t.Errorf("the jitters' distance from a uniform distribution is %.5f, limit %.5f", distance, limit)
	}
}

// Paths drawn backwards, by two ranks and after draws of other paths are the same.
func TestDrawsDependOnNothingElse(t *testing.T) {
	t.Parallel()
	type draw struct {
		origin int
		jitter float64
	}
	const n, origins = 500, 12
	want := make([]draw, n)
	d := forecast.NewDraws(7, 0)
	for i := range want {
		want[i].origin, want[i].jitter = d.At(uint64(i), origins)
	}
	ranks := []*forecast.Draws{forecast.NewDraws(7, 0), forecast.NewDraws(7, 0)}
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		o, u := ranks[i%2].At(uint64(i), origins)
		if got := (draw{o, u}); got != want[i] {
			t.Fatalf("path %d drew %v, and %v in order", i, got, want[i])
		}
	}
	for name, other := range map[string]*forecast.Draws{"seed": forecast.NewDraws(8, 0), "stream": forecast.NewDraws(7, 1)} {
		same := 0
		for i := range want {
			if o, u := other.At(uint64(i), origins); (draw{o, u}) == want[i] {
				same++
			}
		}
		if same > 0 {
			t.Errorf("%d of %d draws are the same with another %s", same, n, name)
		}
	}
}

func BenchmarkDraws(b *testing.B) {
	d := forecast.NewDraws(1, 0)
	for i := range b.N {
		d.At(uint64(i), 250)
	}
}
