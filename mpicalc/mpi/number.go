package mpi

/*
#include "native.h"
*/
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
		~float32 | ~float64 | ~complex64 | ~complex128
}

// kindOf numbers the types as native_types in native.c does: the logarithm of the
// size in bytes, plus 4 when unsigned, 8 when floating and 12 when complex. It finds
// out by computing with T, because a type switch does not match named types; the
// compiler knows the result.
func kindOf[T Number]() int {
	var zero, one T = 0, 1
	kind := bits.TrailingZeros(uint(unsafe.Sizeof(zero)))
	switch {
	case one/2 != 0:
		kind += 8
		if unsafe.Sizeof(zero) == 16 || unsafe.Sizeof(zero) == 8 && isShort[T]() {
			kind += 4
		}
	case (zero-one)/2 != 0:
		kind += 4
	}
	return kind
}

// isShort reports whether the parts of T, which is floating, have 32 bits.
func isShort[T Number]() bool {
	var one T = 1
	small := one / 2
	for range 5 {
		small *= small // at last 1/2³²
	}
	return one+small == one
}

// buffer is memory as MPI takes it: len elements of size bytes each, of a number
// type (kind), or of a derived one.
type buffer struct {
	ptr     *C.char
	len     int
	size    int
	kind    int
	derived *datatype // nil for a number type
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

// InPlace is the argument of a collective call for the slice that MPI should not
// read or write, because the other one has its values: MPI_IN_PLACE (MPI 3.1,
// section 5.2.1). Each call that accepts it says which ranks may pass it, and for
// which slice. It is an empty slice to Go.
func InPlace[T Number]() []T {
	return unsafe.Slice((*T)(unsafe.Pointer(&C.native_in_place)), 0)
}

// inPlace reports whether b is InPlace.
func (b *buffer) inPlace() bool {
	return b.ptr == (*C.char)(unsafe.Pointer(&C.native_in_place))
}

// typ is the datatype of a buffer's kind, or the derived one.
func (p *Process) typ(kind int, derived *datatype) C.native_handle {
	if derived != nil {
		return derived.handle
	}
	return p.types[kind]
}

// count is the length as MPI takes it.
func (b *buffer) count(op string) (C.int, error) {
	if b.len > math.MaxInt32 {
		return 0, refuse(op, ErrCount, "%d elements are more than MPI's limit of %d", b.len, math.MaxInt32)
	}
	return C.int(b.len), nil
}

// payload is how many bytes of each element are sent.
func (b *buffer) payload() int {
	if b.derived != nil {
		return b.derived.size
	}
	return b.size
}

// overlaps reports whether a and b share memory. MPI forbids that, but notices it
// only where both begin at the same address. Derived types may pick different elements of
// the same memory, so they are left to the caller.
func (b *buffer) overlaps(other *buffer) bool {
	if b.len == 0 || other.len == 0 || b.derived != nil || other.derived != nil {
		return false
	}
	begin, otherBegin := uintptr(unsafe.Pointer(b.ptr)), uintptr(unsafe.Pointer(other.ptr))
	return begin < otherBegin+uintptr(other.len*other.size) && otherBegin < begin+uintptr(b.len*b.size)
}
