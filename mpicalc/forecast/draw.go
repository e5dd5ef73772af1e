package forecast

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// Draws decides for each drawn path which origin it begins from, and by how much it is moved. What path i draws follows from the seed,
// the stream of the series and i alone, so that any rank can make any path, in any order. It is the generator ChaCha8 of the standard library, keyed with all three
// (Bernstein 2008; C2SP chacha8rand), whose streams of different keys have nothing in common. A Draws is for one goroutine; those of
// the same seed draw the same.
type Draws struct {
	key    [32]byte
	source rand.ChaCha8
}

// NewDraws returns the draws of a seed and a stream, see [Series].
func NewDraws(seed, stream uint64) *Draws {
	d := &Draws{}
	d.begin(seed, stream)
	return d
}

func (d *Draws) begin(seed, stream uint64) {
	copy(d.key[:], "fc paths")
	binary.LittleEndian.PutUint64(d.key[8:], stream)
	binary.LittleEndian.PutUint64(d.key[16:], seed)
}

// At returns what the given path draws: an origin, each of 0 to origins-1 equally likely (to 2⁻⁴⁰ for fewer than 2²⁴ origins), and,
// independent of it, a number strictly between 0 and 1, uniform on the odd multiples of 2⁻⁵³. It panics without origins.
func (d *Draws) At(path uint64, origins int) (origin int, jitter float64) {
	if origins <= 0 {
		panic("forecast: a draw from no origins")
	}
	binary.LittleEndian.PutUint64(d.key[24:], path)
	d.source.Seed(d.key)
	high, _ := bits.Mul64(d.source.Uint64(), uint64(origins))
	return int(high), (float64(d.source.Uint64()>>12) + 0.5) / (1 << 52)
}
