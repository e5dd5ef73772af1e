package decimal

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// twosComplement is n in the given number of bytes, the first the most significant.
func twosComplement(n *big.Int, size int) []byte {
	m := new(big.Int).Set(n)
	if m.Sign() < 0 {
		m.Add(m, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	return m.FillBytes(make([]byte, size))
}

// The values are those of the decimal text, read by hand; the numbers beyond 2^53 are the ones that Python's
// float("...") prints for the same digits.
func TestBytes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		b     []byte
		scale Scale
		want  float64
	}{
		"one byte":             {[]byte{0x0c}, 1, 1.2},
		"minus one":            {[]byte{0xff}, 0, -1},
		"minus, sixteen bytes": {twosComplement(big.NewInt(-12345), 16), 2, -123.45},
		"five bytes":           {[]byte{0, 0, 0, 0x30, 0x39}, 4, 1.2345},
		"nine bytes":           {[]byte{0x01, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 18446744073709551616},
		"nine bytes, minus":    {[]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 0}, 0, -18446744073709551616},
		"a negative scale":     {[]byte{7}, -3, 7000},
		"a scale beyond 22":    {[]byte{1}, 30, 1e-30},
	}
	for name, test := range tests {
		got, err := test.scale.Bytes(test.b)
		if err != nil || got != test.want {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, test.want)
		}
	}
	for _, n := range []int{0, 33} {
		if _, err := Scale(0).Bytes(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are read", n)
		}
	}
}

// 9007199254740993 is 2^53+1, which float64 does not hold: 2^53/100 is 90071992547409.92, as Python's
// float(9007199254740993)/100 says, and float("90071992547409.93") is 90071992547409.94.
func TestIntRoundsOnce(t *testing.T) {
	t.Parallel()
	if got := Scale(2).Int(9007199254740993); got != 90071992547409.94 {
		t.Errorf("got %v, want 90071992547409.94", got)
	}
	if got := Scale(0).Int(math.MinInt64); got != -9223372036854775808 {
		t.Errorf("got %v, want -2^63", got)
	}
}

func TestBigBeyondFloat64(t *testing.T) {
	t.Parallel()
	n, _ := new(big.Int).SetString(strings.Repeat("9", 76), 10)
	if got := Scale(-300).Big(n); !math.IsInf(got, 1) {
		t.Errorf("got %v, want +Inf", got)
	}
}

// TestAsText compares with the digits in text, with their point where the scale says.
func TestAsText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, MaxBytes).Draw(t, "size")
		b := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "bytes")
		scale := rapid.IntRange(0, 38).Draw(t, "scale")
		n := new(big.Int).SetBytes(b)
		if b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
		}
		digits := new(big.Int).Abs(n).String()
		digits = strings.Repeat("0", max(0, scale+1-len(digits))) + digits
		text := digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
		if n.Sign() < 0 {
			text = "-" + text
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Scale(scale).Bytes(b); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	})
}
