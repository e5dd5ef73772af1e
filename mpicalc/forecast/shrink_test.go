package forecast

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestShrinkIndicesKeepsIndicesWithoutNoise(t *testing.T) {
	t.Parallel()
	for _, m := range []int{51, 52} {
		indices := noise(m, uint64(m))
		mean := 0.0
		for _, s := range indices {
			mean += s / float64(m)
		}
		want := make([]float64, m)
		for p := range indices {
			indices[p] -= mean
			want[p] = indices[p]
		}
		New().shrinkIndices(indices, 0, 3*m) // all harmonics together are the indices: Fourier
		if diff := cmp.Diff(indices, want, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("period %d, got against want:\n%s", m, diff)
		}
	}
}

func TestShrinkIndicesByHand(t *testing.T) {
	t.Parallel()
	const m, n = 52, 156
	wave := func(j, p int) float64 { return math.Cos(2 * math.Pi * float64(j*p) / m) }
	cases := []struct {
		name     string
		n        int
		residual float64
		slow     float64 // what is left of a wave of size 2 and frequency 1
		fast     float64 // and of one of size 1 and frequency 5
	}{
		// v = 4·residual/((n-m)·n) = 0.4; 1 - v/4 = 0.9 and 1 - v = 0.6.
		{"two waves in noise", n, 0.1 * (n - m) * n, 0.9, 0.6},
		{"a wave below the noise", n, 0.3 * (n - m) * n, 0.7, 0},
		{"one value a phase", m, 0, 1, 0},
	}
	for _, c := range cases {
		indices, want := make([]float64, m), make([]float64, m)
		for p := range indices {
			indices[p] = 2*wave(1, p) + wave(5, p)
			want[p] = c.slow*2*wave(1, p) + c.fast*wave(5, p)
		}
		New().shrinkIndices(indices, c.residual, c.n)
		if diff := cmp.Diff(indices, want, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("%s, got against want:\n%s", c.name, diff)
		}
	}
}
