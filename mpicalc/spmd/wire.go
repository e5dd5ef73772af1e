package spmd

import (
	"encoding/binary"
	"errors"
	"math"
)

// Ranks of one program exchange little-endian bytes: unsigned varints, 8-byte floats, and text after its length.

func appendText(b []byte, s string) []byte {
	return append(appendNumber(b, uint64(len(s))), s...)
}

// appendNumber appends a varint.
func appendNumber(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func appendFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

// appendInts appends numbers after their count. nil differs from an empty list.
func appendInts(b []byte, s []int) []byte {
	if s == nil {
		return appendNumber(b, 0)
	}
	b = appendNumber(b, uint64(len(s))+1)
	for _, n := range s {
		b = appendNumber(b, uint64(n))
	}
	return b
}

func appendFloats(b []byte, s []float64) []byte {
	for _, v := range s {
		b = appendFloat(b, v)
	}
	return b
}

// errMalformed is the error of bytes that no rank of this program sends.
var errMalformed = errors.New("malformed bytes from another rank: do all ranks run the same version of the program?")

// reader decodes bytes. After the first fault everything that it reads is zero, and failed stays true.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) fail() {
	r.rest, r.failed = nil, true
}

// err is errMalformed after a fault.
func (r *reader) err() error {
	if r.failed {
		return errMalformed
	}
	return nil
}

// end is err, or errMalformed when bytes are left over.
func (r *reader) end() error {
	if len(r.rest) > 0 {
		r.fail()
	}
	return r.err()
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads a varint up to limit.
func (r *reader) number(limit int) int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(limit) {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

// count reads the number of elements that follow, of at least size bytes each.
func (r *reader) count(size int) int { return r.number(len(r.rest) / size) }

// word reads 8 bytes.
func (r *reader) word() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// ints reads what appendInts wrote, numbers up to limit.
func (r *reader) ints(limit int) []int {
	n := r.number(len(r.rest))
	if n == 0 {
		return nil
	}
	s := make([]int, n-1)
	for i := range s {
		s[i] = r.number(limit)
	}
	return s
}

// text shares memory with the bytes that are read.
func (r *reader) text() []byte { return r.bytes(r.count(1)) }

func (r *reader) float() float64 {
	if b := r.bytes(8); b != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

func (r *reader) floats(to []float64) {
	b := r.bytes(8 * len(to))
	if b == nil {
		clear(to)
		return
	}
	for i := range to {
		to[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
}
