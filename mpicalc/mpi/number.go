package mpi

import "C"

import (
	"math"
	"math/bits"
	"unsafe"
)

// Number is the type of an element that ranks exchange: the number types whose
// size is the same on every machine. Text and files are sent as []byte.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 |
		~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64
}

// kindOf encodes the number type for native_type in native.h: the logarithm of
// the size in bytes, plus 4 when unsigned, plus 8 when floating. It finds out by
// computing with T, because a type switch does not match named types.
func kindOf[T Number]() C.int {
	var zero, one T = 0, 1
	kind := bits.TrailingZeros(uint(unsafe.Sizeof(zero)))
	switch {
	case one/2 != 0:
		kind += 8
	case zero-one > 0:
		kind += 4
	}
	return C.int(kind)
}

// buffer is a slice of numbers without its type, as MPI takes it.
type buffer struct {
	ptr  *C.char
	len  int
	size int // bytes of one element
	kind C.int
}

func bufferOf[T Number](s []T) buffer {
	var zero T
	return buffer{
		ptr:  (*C.char)(unsafe.Pointer(unsafe.SliceData(s))),
		len:  len(s),
		size: int(unsafe.Sizeof(zero)),
		kind: kindOf[T](),
	}
}

// count is the length as MPI takes it.
func (b buffer) count(op string) (C.int, error) {
	if b.len > math.MaxInt32 {
		return 0, refuse(op, ErrCount, "%d elements are more than MPI's limit of %d", b.len, math.MaxInt32)
	}
	return C.int(b.len), nil
}

// overlaps reports whether a and b share memory. MPI forbids that, but notices it
// only where both begin at the same address.
func (b buffer) overlaps(other buffer) bool {
	if b.len == 0 || other.len == 0 {
		return false
	}
	begin, otherBegin := uintptr(unsafe.Pointer(b.ptr)), uintptr(unsafe.Pointer(other.ptr))
	return begin < otherBegin+uintptr(other.len*other.size) &&
		otherBegin < begin+uintptr(b.len*b.size)
}

// blocks are the counts and offsets of one block for each rank, side by side in
// rank order.
type blocks struct {
	counts, displs []C.int
}

// blocksOf checks that there is one count for each of size ranks and that they add
// up to the length of b.
func blocksOf(op string, b buffer, counts []int, size int) (blocks, error) {
	if len(counts) != size {
		return blocks{}, refuse(op, ErrCount, "%d counts for %d ranks", len(counts), size)
	}
	if _, err := b.count(op); err != nil {
		return blocks{}, err
	}
	both := make([]C.int, 2*size)
	all := blocks{counts: both[:size:size], displs: both[size:]}
	sum := 0
	for rank, n := range counts {
		if n < 0 || n > b.len-sum {
			return blocks{}, refuse(op, ErrCount, "count %d of rank %d is not from 0 to the %d elements left of %d", n, rank, b.len-sum, b.len)
		}
		all.counts[rank], all.displs[rank] = C.int(n), C.int(sum)
		sum += n
	}
	if sum != b.len {
		return blocks{}, refuse(op, ErrCount, "the counts add up to %d, the slice has %d elements", sum, b.len)
	}
	return all, nil
}
