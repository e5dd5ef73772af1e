package mpi

/*
#include "native_type.h"
*/
import "C"

import (
	"reflect"
	"unsafe"
)

// NewStruct is the type of a Go struct whose fields are numbers of fixed size, arrays of
// them, or such structs again (MPI_Type_create_struct; MPI 3.1, section 4.1.2). The bytes
// that align the fields are not sent, so ranks on unlike machines may exchange it. A
// field with the name _ is left out. Any other field is an error of class ErrType. Its
// extent is one element.
func NewStruct[E any](c *Comm) (*Type[E], error) {
	const op = "Type_create_struct"
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	of := reflect.TypeFor[E]()
	var l layout
	if of.Kind() != reflect.Struct {
		return nil, refuse(op, ErrType, "%v is not a struct", of)
	}
	if err := l.add(op, c.process, of, 0); err != nil {
		return nil, err
	}
	t := &Type[E]{datatype{process: c.process}}
	code := C.native_type_struct(C.int(len(l.counts)), unsafe.SliceData(l.counts), unsafe.SliceData(l.offsets),
		unsafe.SliceData(l.types), C.int64_t(of.Size()), &t.native.handle)
	if err := check(op, code); err != nil {
		return nil, err
	}
	return t, t.native.learn(op)
}

// layout is a struct as MPI takes it: one block for each field that is a number or an
// array of numbers.
type layout struct {
	counts  []C.int
	offsets []C.int64_t
	types   []C.native_handle
}

// kinds are the number types as kindOf numbers them.
var kinds = map[reflect.Kind]int{
	reflect.Int8: kindOf[int8](), reflect.Int16: kindOf[int16](), reflect.Int32: kindOf[int32](), reflect.Int64: kindOf[int64](),
	reflect.Uint8: kindOf[uint8](), reflect.Uint16: kindOf[uint16](), reflect.Uint32: kindOf[uint32](), reflect.Uint64: kindOf[uint64](),
	reflect.Float32: kindOf[float32](), reflect.Float64: kindOf[float64](),
	reflect.Complex64: kindOf[complex64](), reflect.Complex128: kindOf[complex128](),
}

// add appends what of has at an offset within the whole.
func (l *layout) add(op string, p *Process, of reflect.Type, offset uintptr) error {
	switch kind, number := kinds[of.Kind()]; {
	case number:
		l.block(1, offset, p.types[kind])
	case of.Kind() == reflect.Array:
		element := of.Elem()
		if kind, number := kinds[element.Kind()]; number {
			l.block(of.Len(), offset, p.types[kind])
			return nil
		}
		for i := range of.Len() {
			if err := l.add(op, p, element, offset+uintptr(i)*element.Size()); err != nil {
				return err
			}
		}
	case of.Kind() == reflect.Struct:
		for i := range of.NumField() {
			field := of.Field(i)
			if field.Name == "_" {
				continue
			}
			if err := l.add(op, p, field.Type, offset+field.Offset); err != nil {
				return err
			}
		}
	default:
		return refuse(op, ErrType, "%v is not a number of fixed size", of)
	}
	return nil
}

func (l *layout) block(count int, offset uintptr, of C.native_handle) {
	l.counts = append(l.counts, C.int(count))
	l.offsets = append(l.offsets, C.int64_t(offset))
	l.types = append(l.types, of)
}
