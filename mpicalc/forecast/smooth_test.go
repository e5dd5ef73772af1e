package forecast

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var nearly = cmpopts.EquateApprox(1e-7, 1e-9)

// The closed forms for starting states are checked against the recursions of their doc comments, run with these states:
// the errors must be those claimed, and no other states nearby may do better.

func TestThetaErrorsAreThoseOfTheRecursion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := noise(rapid.IntRange(6, 40).Draw(t, "n"), rapid.Uint64().Draw(t, "seed"))
		alpha := rapid.Float64Range(0.1, 0.98).Draw(t, "alpha")
		fits := New().newThetaFits(x)
		fit := fits.fit([4]float64{0.5, 0.2, alpha, 0.9})[2]
		sse, level, w, last := fit.sse, fit.first, fit.w, fit.level
		end := level
		for _, v := range x[2:] {
			end = alpha*v + (1-alpha)*end
		}
		if diff := cmp.Diff(last, end, nearly); diff != "" {
			t.Errorf("last level, got against want:\n%s", diff)
		}
		run := func(level, w float64) float64 {
			sum := 0.0
			for i := 2; i < len(x); i++ {
				a, b := lineThrough(x[:i])
				decay := math.Pow(1-alpha, float64(i))
				mu := level + w*(decay*a+(1-decay*(1-alpha))/alpha*b)
				sum += (x[i] - mu) * (x[i] - mu)
				level = alpha*x[i] + (1-alpha)*level
			}
			return sum
		}
		if diff := cmp.Diff(sse, run(level, w), nearly); diff != "" {
			t.Errorf("sum of squares, got against want:\n%s", diff)
		}
		for _, d := range []float64{-0.01, 0.01} {
			if better := run(level+d, w); better < sse-1e-9 {
				t.Errorf("level %v gives %v, the best %v %v", level+d, better, level, sse)
			}
			if better := run(level, min(max(w+d, 0), 1)); better < sse-1e-9 && w > 0 && w < 1 {
				t.Errorf("weight %v gives %v, the best %v %v", w+d, better, w, sse)
			}
		}
	})
}

// lineThrough is the least-squares line through x over 1..n, by its textbook formula; 0, 0 of nothing, and flat through
// one point.
func lineThrough(x []float64) (a, b float64) {
	n := float64(len(x))
	var st, sx, stt, stx float64
	for i, v := range x {
		t := float64(i + 1)
		st, sx, stt, stx = st+t, sx+v, stt+t*t, stx+t*v
	}
	if n == 0 {
		return 0, 0
	}
	if n > 1 {
		b = (n*stx - st*sx) / (n*stt - st*st)
	}
	return (sx - b*st) / n, b
}

func TestDampedStatesAreThoseOfTheRecursion(t *testing.T) {
	t.Parallel()
	x := noise(30, 3)
	for i := range x {
		x[i] += float64(i) / 3
	}
	set := dampedSet{0.4, 0.3, 0.9}
	search := New().newDampedSearch(x)
	best := search.fit(&[4]dampedSet{{0.9, 0.5, 0.8}, set, {0.1, 0.02, 0.95}, set})[1]
	// The first states are found by running the recursion backwards from the last ones; it is linear and invertible.
	slope := best.slope / (0.9 * 0.9)
	level := best.next - 0.9*slope
	for i := len(x) - 1; i >= 0; i-- {
		// l = l' + φb' + α·u, b = φb' + α·β·u, u = x - l' - φb'.
		ahead := (level - 0.4*x[i]) / 0.6
		rise := slope - 0.4*0.3*(x[i]-ahead)
		level, slope = ahead-rise, rise/0.9
	}
	run := func(l, b float64) float64 {
		sum := 0.0
		for _, v := range x {
			ahead, rise := l+0.9*b, 0.9*b
			u := v - ahead
			l, b = ahead+0.4*u, rise+0.4*0.3*u
			sum += u * u
		}
		return sum
	}
	if diff := cmp.Diff(best.sse, run(level, slope), nearly); diff != "" {
		t.Errorf("sum of squares, got against want:\n%s", diff)
	}
	for _, d := range []float64{-0.01, 0.01} {
		if run(level+d, slope) < best.sse || run(level, slope+d) < best.sse {
			t.Errorf("states beside (%v, %v) do better", level, slope)
		}
	}
}

func TestDampedSetsDoNotDependOnTheirCompany(t *testing.T) {
	t.Parallel()
	// Beside slow sets the first states of a fast one are followed to the end, and by itself until they are negligible.
	search := New().newDampedSearch(noise(300, 5))
	fast, slow := dampedSet{0.4, 0.3, 0.8}, dampedSet{0.02, 0.02, 0.98}
	alone := search.fit(&[4]dampedSet{fast, fast, fast, fast})[3]
	beside := search.fit(&[4]dampedSet{slow, slow, fast, slow})[2]
	if diff := cmp.Diff(alone, beside, nearly, cmp.AllowUnexported(dampedFit{}, dampedSet{})); diff != "" {
		t.Errorf("alone against beside slow sets:\n%s", diff)
	}
}

func TestThetaOfALine(t *testing.T) {
	t.Parallel()
	// On x(t) = t the best α is the largest, 0.99, and the smoothed level follows the line at the distance (1-α)/α. The
	// drift adds half a slope a step and closes half of that distance: x̂(n+k) = n - (1-α)/α + ½·(k-1+1/α).
	x := make([]float64, 30)
	for i := range x {
		x[i] = float64(i + 1)
	}
	got := make([]float64, 2)
	theta(New(), x, got, &smoothing{})
	lag := 0.01 / 0.99
	want := []float64{30 - lag + 0.5/0.99, 30 - lag + 0.5*(1+1/0.99)}
	if diff := cmp.Diff(got, want, nearly); diff != "" {
		t.Errorf("got against want:\n%s", diff)
	}
}

func TestAdditiveIndicesOfALineWithASeason(t *testing.T) {
	t.Parallel()
	for _, season := range [][]float64{{1, -3, 2}, {4, 0, -1, -3}} {
		m := len(season)
		z := make([]float64, 5*m)
		for i := range z {
			z[i] = 10 + 0.5*float64(i) + season[i%m]
		}
		got := make([]float64, m)
		if !New().additiveIndices(got, z) {
			t.Fatal("no indices")
		}
		// The moving average of a line is the line, so the deviations are the season itself.
		if diff := cmp.Diff(got, season, nearly); diff != "" {
			t.Errorf("period %d, got against want:\n%s", m, diff)
		}
	}
}
