package report

import (
	"slices"
	"testing"
)

// Of the values 1 to 10, half do not exceed 5, and nine of ten do not exceed 9.
func TestQuantilesOfPaths(t *testing.T) {
	t.Parallel()
	var paths [][]float64
	for _, i := range []float64{7, 2, 9, 4, 1, 10, 3, 8, 5, 6} {
		paths = append(paths, []float64{i, -i})
	}
	for p, want := range map[float64][]float64{0.5: {5, -6}, 0.9: {9, -2}, 0.05: {1, -10}, 0: {1, -10}} {
		if got := quantiles(paths, 2, p); !slices.Equal(got, want) {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
}
