package parquet

import (
	"encoding/binary"
	"errors"
)

// thriftWalker walks over values in Thrift's compact protocol, in which Parquet writes its headers. The Parquet library
// allocates memory for as much as a header claims to hold; the walk makes sure that the header holds it.
type thriftWalker struct {
	data  []byte
	bytes int64 // about what the lists take in memory
}

// The types of the compact protocol, in the lower half of a field's first byte.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftInt16
	thriftInt32
	thriftInt64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

// Headers of Parquet nest less deeply than maxThriftDepth, and a struct in one of their lists has minThriftStruct bytes at
// least.
const (
	maxThriftDepth  = 16
	minThriftStruct = 3
)

// The memory, about, of an item of a list: a name or a number, or a struct such as an element of the schema or a column of a row
// group, with what the library keeps of it beside the footer.
const (
	itemSize   = 32
	structSize = 1024
)

var errThrift = errors.New("a header is damaged")

// thriftLength is the length in bytes of the struct at the beginning of data.
func thriftLength(data []byte) (int, error) {
	w := thriftWalker{data: data}
	if err := w.structure(maxThriftDepth); err != nil {
		return 0, err
	}
	return len(data) - len(w.data), nil
}

func (w *thriftWalker) structure(depth int) error {
	if depth == 0 {
		return errThrift
	}
	for {
		b, err := w.next()
		if err != nil || b == thriftStop {
			return err
		}
		if b>>4 == 0 { // the field's number follows, rather than its distance from the one before
			if _, err := w.number(); err != nil {
				return err
			}
		}
		if kind := b & 0xf; kind != thriftTrue && kind != thriftFalse { // the type is the value of a bool in a field
			if err := w.value(kind, depth); err != nil {
				return err
			}
		}
	}
}

func (w *thriftWalker) value(kind byte, depth int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return w.skip(1)
	case thriftInt16, thriftInt32, thriftInt64:
		_, err := w.number()
		return err
	case thriftDouble:
		return w.skip(8)
	case thriftBinary:
		n, err := w.number()
		if err != nil {
			return err
		}
		return w.skip(n)
	case thriftList, thriftSet:
		return w.list(depth)
	case thriftMap:
		return w.dictionary(depth)
	case thriftStruct:
		return w.structure(depth - 1)
	}
	return errThrift
}

func (w *thriftWalker) list(depth int) error {
	b, err := w.next()
	if err != nil {
		return err
	}
	n, kind := uint64(b>>4), b&0xf
	if n == 15 {
		if n, err = w.number(); err != nil {
			return err
		}
	}
	least, size := uint64(1), int64(itemSize)
	if kind == thriftStruct {
		least, size = minThriftStruct, structSize
	}
	if n > uint64(len(w.data))/least {
		return errThrift
	}
	w.bytes += int64(n) * size
	for range n {
		if err := w.value(kind, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalker) dictionary(depth int) error {
	n, err := w.number()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := w.next()
	if err != nil || n > uint64(len(w.data))/2 {
		return errThrift
	}
	for range n {
		if err := w.value(kinds>>4, depth); err != nil {
			return err
		}
		if err := w.value(kinds&0xf, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalker) next() (byte, error) {
	if len(w.data) == 0 {
		return 0, errThrift
	}
	b := w.data[0]
	w.data = w.data[1:]
	return b, nil
}

func (w *thriftWalker) number() (uint64, error) {
	n, size := binary.Uvarint(w.data)
	if size <= 0 {
		return 0, errThrift
	}
	w.data = w.data[size:]
	return n, nil
}

func (w *thriftWalker) skip(n uint64) error {
	if n > uint64(len(w.data)) {
		return errThrift
	}
	w.data = w.data[n:]
	return nil
}
