package parquet

import (
	"encoding/hex"
	"strconv"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
)

// names finds how to read a column of names, which may be integers, name by name. A name is valid until the next call.
func (r *reader) names(column int) (func() ([]byte, error), error) {
	f := r.fields[column]
	convert, ok := f.text()
	if !ok {
		return nil, series.AsName.Misfit(f.name(), f.typeText())
	}
	c := r.cells(column)
	return func() ([]byte, error) {
		v, err := c.value()
		if err != nil || v.IsNull() {
			return nil, err
		}
		return convert(v), nil
	}, nil
}

// text finds how the values of the column become names, or returns false for a type that has none.
func (f field) text() (func(parquetgo.Value) []byte, bool) {
	if f.nested() {
		return nil, false
	}
	if f.isText() {
		return parquetgo.Value.ByteArray, true
	}
	var room []byte
	switch l := f.logical.(type) {
	case *format.UUIDType:
		return func(v parquetgo.Value) []byte {
			room = appendUUID(room[:0], v.ByteArray())
			return room
		}, f.column.Type().Length() == 16
	case *format.IntType:
		if !l.IsSigned {
			return func(v parquetgo.Value) []byte {
				room = strconv.AppendUint(room[:0], unsigned(v), 10)
				return room
			}, isInteger(f.kind())
		}
	case nil:
	default:
		return nil, false
	}
	return func(v parquetgo.Value) []byte {
		room = strconv.AppendInt(room[:0], signed(v), 10)
		return room
	}, isInteger(f.kind())
}

// isText reports whether the column has texts: bytes that are not something else.
func (f field) isText() bool {
	switch f.logical.(type) {
	case nil, *format.StringType, *format.EnumType:
		return f.kind() == parquetgo.ByteArray || f.kind() == parquetgo.FixedLenByteArray
	}
	return false
}

// appendUUID appends the sixteen bytes of a UUID in its usual form.
func appendUUID(to, b []byte) []byte {
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, part)
	}
	return to
}
