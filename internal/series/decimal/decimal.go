// Package decimal turns the decimal numbers of Arrow and Parquet, an integer and a scale, into the nearest float64. It
// rounds once, half to even, as [strconv.ParseFloat] does with the same digits in text. It does not calculate with decimals.
package decimal

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
)

// Scale is how many digits of an integer stand after the decimal point. A negative scale adds zeros before it.
type Scale int32

// MaxBytes is the most bytes that a decimal may have: those of Arrow's largest type.
const MaxBytes = 32

// powers are the powers of ten that float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Int is the float64 nearest to n with the scale's digits after the point.
func (s Scale) Int(n int64) float64 {
	const exact = 1 << 53 // both numbers are exact, so that the division is what rounds
	if n >= -exact && n <= exact && s >= 0 && int(s) < len(powers) {
		return float64(n) / powers[s]
	}
	var room [48]byte
	return s.text(strconv.AppendInt(room[:0], n, 10))
}

// Big is [Scale.Int] for an integer of any size. What is beyond float64 becomes infinite.
func (s Scale) Big(n *big.Int) float64 {
	if n.IsInt64() {
		return s.Int(n.Int64())
	}
	return s.text(n.Append(nil, 10))
}

// Bytes is [Scale.Int] for an integer in two's complement, its first byte the most significant. It returns an error for no
// bytes and for more than [MaxBytes].
func (s Scale) Bytes(b []byte) (float64, error) {
	if len(b) == 0 || len(b) > MaxBytes {
		return 0, fmt.Errorf("a decimal has %d bytes, and may have 1 to %d", len(b), MaxBytes)
	}
	negative := b[0]&0x80 != 0
	if len(b) <= 8 {
		var room [8]byte
		if negative {
			room = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
		}
		copy(room[8-len(b):], b)
		return s.Int(int64(binary.BigEndian.Uint64(room[:]))), nil
	}
	n := new(big.Int).SetBytes(b)
	if negative {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return s.Big(n), nil
}

// text reads the digits with the scale as exponent. The error is that of a number beyond float64, which is then infinite.
func (s Scale) text(digits []byte) float64 {
	v, _ := strconv.ParseFloat(string(strconv.AppendInt(append(digits, 'e'), -int64(s), 10)), 64)
	return v
}
