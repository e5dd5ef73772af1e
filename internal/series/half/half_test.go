package half

import (
	"math"
	"testing"
)

// The numbers are those of the table in Wikipedia's article on the half-precision format.
func TestFloat64(t *testing.T) {
	t.Parallel()
	for bits, want := range map[uint16]float64{
		0x3c00: 1, 0x3c01: 1.0009765625, 0xc000: -2, 0x7bff: 65504, 0x0400: 1.0 / 16384, 0x03ff: 1023.0 / 16777216, 0x0001: 1.0 / 16777216,
		0x3555: 0.333251953125, 0x0000: 0, 0x8000: 0, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1),
	} {
		if got := Float64(bits); got != want {
			t.Errorf("%#04x: got %v, want %v", bits, got, want)
		}
	}
	if got := Float64(0x7e00); !math.IsNaN(got) {
		t.Errorf("0x7e00: got %v, want NaN", got)
	}
}
