package mpi

/*
#include "native.h"
*/
import "C"

import "unsafe"

// Located is the type of a number that a Loc may have.
type Located interface {
	int16 | int32 | int64 | float32 | float64
}

// Loc is a number and where it was found, such as a rank or an index: MPI's pair types
// (MPI 3.1, section 5.9.4).
type Loc[T Located] struct {
	Value T
	Index int32
}

// LocOp is how pairs are combined.
type LocOp int

// MPI's reductions of pairs (MPI 3.1, section 5.9.4): the pair with the least or the
// greatest value; of several, the one with the least index.
const (
	OpMinloc = LocOp(opMinloc)
	OpMaxloc = LocOp(opMaxloc)
)

// ReduceLoc is Reduce of pairs (MPI 3.1, section 5.9.4). Root cannot pass its own in place.
func ReduceLoc[T Located](c *Comm, send, recv []Loc[T], op LocOp, root Rank) error {
	out, in := bufferOfLoc(send), bufferOfLoc(recv)
	return c.reduce("Reduce", nil, &out, &in, op.checked(), root)
}

// AllreduceLoc is Allreduce of pairs (MPI 3.1, section 5.9.4), never in place.
func AllreduceLoc[T Located](c *Comm, send, recv []Loc[T], op LocOp) error {
	out, in := bufferOfLoc(send), bufferOfLoc(recv)
	return c.allreduce("Allreduce", nil, &out, &in, op.checked())
}

func (o LocOp) checked() Op {
	if o != OpMinloc && o != OpMaxloc {
		return 0
	}
	return Op(o)
}

// bufferOfLoc counts the pair types behind the number types, as native_types in native.c
// does. C and Go lay out the pairs alike.
func bufferOfLoc[T Located](s []Loc[T]) buffer {
	var zero Loc[T]
	first := int(C.native_kinds)
	var kind int
	switch any(zero.Value).(type) {
	case int16:
		kind = first
	case int32:
		kind = first + 1
	case int64:
		kind = first + 2
	case float32:
		kind = first + 3
	case float64:
		kind = first + 4
	}
	return buffer{
		ptr:  (*C.char)(unsafe.Pointer(unsafe.SliceData(s))),
		len:  len(s),
		size: int(unsafe.Sizeof(zero)),
		kind: kind,
	}
}
