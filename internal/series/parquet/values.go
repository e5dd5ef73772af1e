package parquet

import (
	"encoding/binary"
	"math"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
	"foliocast/internal/series/decimal"
	"foliocast/internal/series/half"
)

// values finds how to read a column of numbers, value by value. A null is a missing value, NaN.
func (r *reader) values(column int) (func() (float64, error), error) {
	f := r.fields[column]
	convert, ok := f.number()
	if !ok {
		return nil, f.valueMisfit()
	}
	c := r.cells(column)
	if f.kind() == parquetgo.Int64 && f.content() == series.Integers {
		convert = r.long(column)
	}
	return func() (float64, error) {
		v, err := c.value()
		if err != nil || v.IsNull() {
			return math.NaN(), err
		}
		number, err := convert(v)
		if err != nil {
			return 0, series.RejectLine(c.row, "column %q: %v", f.name(), err)
		}
		return number, nil
	}, nil
}

// long is number for integers of 64 bits, which float64 may not hold.
func (r *reader) long(column int) func(parquetgo.Value) (float64, error) {
	if l, ok := r.fields[column].logical.(*format.IntType); ok && !l.IsSigned {
		return exact(func(v parquetgo.Value) float64 { return r.table.Uint(column, unsigned(v)) })
	}
	return exact(func(v parquetgo.Value) float64 { return r.table.Int(column, signed(v)) })
}

// number finds how the values of the column become numbers, or returns false for a type that is not a number.
func (f field) number() (func(parquetgo.Value) (float64, error), bool) {
	if f.nested() {
		return nil, false
	}
	switch l := f.logical.(type) {
	case nil:
		return plainNumber(f.kind())
	case *format.DecimalType:
		return decimalNumber(f.kind(), decimal.Scale(l.Scale))
	case *format.Float16Type:
		return exact(func(v parquetgo.Value) float64 { return half.Float64(binary.LittleEndian.Uint16(v.ByteArray())) }), f.column.Type().Length() == 2
	case *format.IntType:
		if !l.IsSigned {
			return exact(func(v parquetgo.Value) float64 { return float64(unsigned(v)) }), isInteger(f.kind())
		}
		return exact(func(v parquetgo.Value) float64 { return float64(signed(v)) }), isInteger(f.kind())
	}
	return nil, false // dates, times and texts are not numbers
}

// valueMisfit is the error for a column that has no numbers.
func (f field) valueMisfit() error {
	use := series.AsValue
	if !f.nested() && f.isText() {
		use = series.AsWords
	}
	return use.Misfit(f.name(), f.typeText())
}

// exact is a conversion without errors.
func exact(convert func(parquetgo.Value) float64) func(parquetgo.Value) (float64, error) {
	return func(v parquetgo.Value) (float64, error) { return convert(v), nil }
}

// plainNumber is number for a type that says only how its values are stored.
func plainNumber(kind parquetgo.Kind) (func(parquetgo.Value) (float64, error), bool) {
	switch kind {
	case parquetgo.Double:
		return exact(parquetgo.Value.Double), true
	case parquetgo.Float:
		return exact(func(v parquetgo.Value) float64 { return float64(v.Float()) }), true
	case parquetgo.Int32, parquetgo.Int64:
		return exact(func(v parquetgo.Value) float64 { return float64(signed(v)) }), true
	}
	return nil, false
}

// decimalNumber is number for decimals, which may be stored in integers or in bytes.
func decimalNumber(kind parquetgo.Kind, scale decimal.Scale) (func(parquetgo.Value) (float64, error), bool) {
	switch kind {
	case parquetgo.Int32, parquetgo.Int64:
		return exact(func(v parquetgo.Value) float64 { return scale.Int(signed(v)) }), true
	case parquetgo.ByteArray, parquetgo.FixedLenByteArray:
		return func(v parquetgo.Value) (float64, error) { return scale.Bytes(v.ByteArray()) }, true
	}
	return nil, false
}

// isInteger reports whether values are stored in integers.
func isInteger(kind parquetgo.Kind) bool { return kind == parquetgo.Int32 || kind == parquetgo.Int64 }

// signed is a value that is stored in an integer.
func signed(v parquetgo.Value) int64 {
	if v.Kind() == parquetgo.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

// unsigned is signed for a type without negative values.
func unsigned(v parquetgo.Value) uint64 {
	if v.Kind() == parquetgo.Int32 {
		return uint64(uint32(v.Int32()))
	}
	return uint64(v.Int64())
}
