package mpi

/*
#include "native_type.h"
*/
import "C"

import (
	"math"
	"unsafe"
)

// Type is a derived datatype: it picks values out of a []E and puts them back, such as a
// column out of a matrix or the fields out of a struct (MPI 3.1, section 4.1). A message
// of n such types begins at the first element of its slice, and each type begins Extent
// elements after the one before. The calls with a Type are its methods; a receiver may
// use another Type, or plain numbers, of the same values in the same order.
//
// All constructors are local: any rank may call them alone. They commit the type. c may
// be any communicator of the process.
type Type[E any] struct{ native datatype }

// datatype is a Type without its element type.
type datatype struct {
	process *Process
	handle  C.native_handle
	size    int // bytes that are sent
	extent  int // bytes from one to the next
	end     int // bytes of memory up to the end of the first
	freed   bool
}

// NewVector is count blocks of block elements each, which begin stride elements apart
// (MPI_Type_vector; MPI 3.1, section 4.1.2): NewVector[float64](c, rows, 1, columns) is a
// column of a matrix stored by rows. stride must be at least block.
func NewVector[E Number](c *Comm, count, block, stride int) (*Type[E], error) {
	const op = "Type_vector"
	if err := natural(op, count, block, stride); err != nil {
		return nil, err
	}
	if stride < block {
		return nil, refuse(op, ErrArg, "blocks of %d elements overlap at a stride of %d", block, stride)
	}
	return newType[E](op, c, func(of C.native_handle, made *C.native_handle) C.int {
		return C.native_type_vector(C.int(count), C.int(block), C.int(stride), of, made)
	})
}

// NewIndexed is blocks of blocks[i] elements that begin at offsets[i] (MPI_Type_indexed;
// MPI 3.1, section 4.1.2). Blocks from which ranks receive must not overlap.
func NewIndexed[E Number](c *Comm, blocks, offsets []int) (*Type[E], error) {
	const op = "Type_indexed"
	if len(blocks) != len(offsets) {
		return nil, refuse(op, ErrCount, "%d blocks and %d offsets", len(blocks), len(offsets))
	}
	if err := natural(op, append(append([]int(nil), blocks...), offsets...)...); err != nil {
		return nil, err
	}
	lengths, displs := ints(blocks), ints(offsets)
	return newType[E](op, c, func(of C.native_handle, made *C.native_handle) C.int {
		return C.native_type_indexed(C.int(len(lengths)), unsafe.SliceData(lengths), unsafe.SliceData(displs), of, made)
	})
}

// NewSubarray is a block of an array of any number of dimensions, the last of which is
// contiguous, as in Go and C: sizes of the array, sizes of the block, and where the block
// begins (MPI_Type_create_subarray; MPI 3.1, section 4.1.3). Its extent is the whole array.
func NewSubarray[E Number](c *Comm, sizes, block, start []int) (*Type[E], error) {
	const op = "Type_create_subarray"
	if len(sizes) == 0 || len(block) != len(sizes) || len(start) != len(sizes) {
		return nil, refuse(op, ErrDims, "sizes, block and start have %d, %d and %d dimensions", len(sizes), len(block), len(start))
	}
	for i, n := range sizes {
		if err := natural(op, n); err != nil {
			return nil, err
		}
		if block[i] < 1 || start[i] < 0 || start[i] > n-block[i] {
			return nil, refuse(op, ErrArg, "%d elements from %d on are not within the %d of dimension %d", block[i], start[i], n, i)
		}
	}
	whole, part, from := ints(sizes), ints(block), ints(start)
	return newType[E](op, c, func(of C.native_handle, made *C.native_handle) C.int {
		return C.native_type_subarray(C.int(len(whole)), unsafe.SliceData(whole), unsafe.SliceData(part), unsafe.SliceData(from), of, made)
	})
}

// Resized is t with another distance, in elements, from one to the next
// (MPI_Type_create_resized; MPI 3.1, section 4.1.7): a column with extent 1 is followed
// by the next column.
func (t *Type[E]) Resized(extent int) (*Type[E], error) {
	const op = "Type_create_resized"
	if err := natural(op, extent); err != nil {
		return nil, err
	}
	if err := t.enter(op); err != nil {
		return nil, err
	}
	defer t.native.process.leave()
	made := &Type[E]{datatype{process: t.native.process}}
	bytes := C.int64_t(extent) * C.int64_t(sizeOfAny[E]())
	if err := check(op, C.native_type_resized(t.native.handle, bytes, &made.native.handle)); err != nil {
		return nil, err
	}
	return made, made.native.learn(op)
}

// newType runs a constructor.
func newType[E Number](op string, c *Comm, call func(of C.native_handle, made *C.native_handle) C.int) (*Type[E], error) {
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	t := &Type[E]{datatype{process: c.process}}
	if err := check(op, call(c.process.types[kindOf[E]()], &t.native.handle)); err != nil {
		return nil, err
	}
	return t, t.native.learn(op)
}

// learn asks MPI for the layout of a new type.
func (d *datatype) learn(op string) error {
	var size C.int
	var extent, low, length C.int64_t
	if err := check(op, C.native_type_facts(d.handle, &size, &extent, &low, &length)); err != nil {
		return err
	}
	d.size, d.extent, d.end = int(size), int(extent), int(low+length)
	return nil
}

// Extent is the distance from the beginning of one type to the next, in elements (MPI
// 3.1, section 4.1.7).
func (t *Type[E]) Extent() int { return t.native.extent / sizeOfAny[E]() }

// Bytes is how many bytes one type sends (MPI_Type_size; MPI 3.1, section 4.1.5).
func (t *Type[E]) Bytes() int { return t.native.size }

// Free releases t (MPI 3.1, section 4.1.9). Calls in progress are not disturbed.
func (t *Type[E]) Free() error {
	const op = "Type_free"
	if err := t.enter(op); err != nil {
		return err
	}
	defer t.native.process.leave()
	if err := check(op, C.native_type_free(t.native.handle)); err != nil {
		return err
	}
	t.native.freed = true
	return nil
}

func (t *Type[E]) enter(op string) error {
	if err := t.exists(op); err != nil {
		return err
	}
	return t.native.process.enter(op)
}

func (t *Type[E]) exists(op string) error {
	if t == nil || t.native.process == nil || t.native.freed {
		return refuse(op, ErrType, "the type is nil or was freed")
	}
	return nil
}

// buffer is buf as n types, which must lie within it.
func (t *Type[E]) buffer(op string, buf []E, n int) (buffer, error) {
	if err := t.exists(op); err != nil {
		return buffer{}, err
	}
	d := &t.native
	if n < 0 || n > math.MaxInt32 {
		return buffer{}, refuse(op, ErrCount, "%d types are not from 0 to %d", n, math.MaxInt32)
	}
	if have := len(buf) * sizeOfAny[E](); n > 0 && (d.end > have || d.extent > 0 && n-1 > (have-d.end)/d.extent) {
		return buffer{}, refuse(op, ErrCount, "%d types reach beyond the %d elements of the slice", n, len(buf))
	}
	return buffer{
		ptr:     (*C.char)(unsafe.Pointer(unsafe.SliceData(buf))),
		len:     n,
		size:    d.extent,
		derived: d,
	}, nil
}

func sizeOfAny[E any]() int {
	var zero E
	return int(unsafe.Sizeof(zero))
}

// natural checks numbers that MPI takes as ints.
func natural(op string, numbers ...int) error {
	for _, n := range numbers {
		if n < 0 || n > math.MaxInt32 {
			return refuse(op, ErrArg, "%d is not from 0 to %d", n, math.MaxInt32)
		}
	}
	return nil
}
