package forecast

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAbsoluteValuesAscend(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOf(rapid.Float64Range(-3, 3)).Draw(t, "all")
		slices.Sort(all)
		var want []float64
		for _, v := range all {
			want = append(want, math.Abs(v))
		}
		slices.Sort(want)
		if diff := cmp.Diff(appendAbsolute(nil, all), want); diff != "" {
			t.Errorf("got against want:\n%s", diff)
		}
	})
}

// The errors of a walk grow with the root of the step, those of noise not at all. Sizes of one origin that are in the wrong order are
// drawn towards the one or the other, those of many origins hardly, and the mean size stays.
func TestSizesFollowAPowerLaw(t *testing.T) {
	t.Parallel()
	for _, exponent := range []float64{0, 0.5, 1} {
		exact := make([]float64, 24)
		for k := range exact {
			exact[k] = 3 * math.Pow(float64(k+1), exponent)
		}
		size := slices.Clone(exact)
		New().towardsPowerLaw(size, 1)
		for k := range size {
			if math.Abs(size[k]-exact[k]) > 1e-9 {
				t.Fatalf("exponent %v: size of step %d is %v, want %v", exponent, k+1, size[k], exact[k])
			}
		}
		rough := slices.Clone(exact)
		for k := range rough {
			rough[k] *= 1 + 0.5*float64(k%2)
		}
		roughness := func(origins int) float64 {
			size, sum := slices.Clone(rough), 0.0
			New().towardsPowerLaw(size, origins)
			for k := range size {
				sum += size[k] - rough[k]
			}
			if math.Abs(sum) > 1e-9 {
				t.Errorf("exponent %v: the sum of the sizes changes by %v", exponent, sum)
			}
			return size[11] / size[10] / (exact[11] / exact[10])
		}
		if few, many := roughness(1), roughness(1000); few > 1.05 || many < 1.45 {
			t.Errorf("exponent %v: neighbours differ by %.2f with one origin and %.2f with a thousand, want 1.0 and 1.5", exponent, few, many)
		}
	}
}
