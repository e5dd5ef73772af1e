package arrow

import (
	"math"
	"math/big"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"foliocast/internal/series"
	"foliocast/internal/series/decimal"
	"foliocast/internal/series/half"
)

// values finds how to read a column of numbers, row by row. A null is a missing value, NaN.
func (r *reader) values(place int, column apache.Array) (func(row int) float64, error) {
	c := cellsOf(column)
	read, ok := r.numbers(place, c.values)
	if !ok {
		return nil, r.valueMisfit(place, column)
	}
	if c.at == nil {
		return read, nil
	}
	return func(row int) float64 {
		k := c.at(row)
		if k < 0 {
			return math.NaN()
		}
		return read(k)
	}, nil
}

// valueMisfit is the error for a column that has no numbers.
func (r *reader) valueMisfit(place int, column apache.Array) error {
	use := series.AsValue
	if _, ok := textOf(cellsOf(column).values); ok {
		use = series.AsWords
	}
	return use.Misfit(r.table.Columns[place], column.DataType().String())
}

// numbers finds how to read numbers that are not null, or returns false for another type.
func (r *reader) numbers(place int, values apache.Array) (func(k int) float64, bool) {
	switch c := values.(type) {
	case *array.Float64:
		return asFloats(c.Float64Values()), true
	case *array.Float32:
		return asFloats(c.Float32Values()), true
	case *array.Float16:
		return func(k int) float64 { return half.Float64(c.Value(k).Uint16()) }, true
	case *array.Int64:
		items := c.Int64Values()
		return func(k int) float64 { return r.table.Int(place, items[k]) }, true
	case *array.Uint64:
		items := c.Uint64Values()
		return func(k int) float64 { return r.table.Uint(place, items[k]) }, true
	case *array.Null:
		return func(int) float64 { return math.NaN() }, true
	}
	if read, ok := integers(values); ok {
		return func(k int) float64 { return float64(read(k)) }, true
	}
	return decimals(values)
}

// asFloats reads numbers as float64.
func asFloats[T float32 | float64](items []T) func(k int) float64 {
	return func(k int) float64 { return float64(items[k]) }
}

// decimals finds how to read decimals, or returns false for another type.
func decimals(values apache.Array) (func(k int) float64, bool) {
	t, ok := values.DataType().(apache.DecimalType)
	if !ok {
		return nil, false
	}
	scale := decimal.Scale(t.GetScale())
	switch c := values.(type) {
	case *array.Decimal32:
		return func(k int) float64 { return scale.Int(int64(c.Value(k))) }, true
	case *array.Decimal64:
		return func(k int) float64 { return scale.Int(int64(c.Value(k))) }, true
	case *array.Decimal128:
		return bigDecimals(scale, c.Value), true
	case *array.Decimal256:
		return bigDecimals(scale, c.Value), true
	}
	return nil, false
}

// bigDecimals reads decimals of more than 64 bits.
func bigDecimals[T interface{ BigInt() *big.Int }](scale decimal.Scale, value func(k int) T) func(k int) float64 {
	return func(k int) float64 { return scale.Big(value(k).BigInt()) }
}

// integers finds how to read integers that int64 holds, or returns false for another type.
func integers(values apache.Array) (func(k int) int64, bool) {
	switch c := values.(type) {
	case *array.Int64:
		return asIntegers(c.Int64Values()), true
	case *array.Int32:
		return asIntegers(c.Int32Values()), true
	case *array.Int16:
		return asIntegers(c.Int16Values()), true
	case *array.Int8:
		return asIntegers(c.Int8Values()), true
	case *array.Uint32:
		return asIntegers(c.Uint32Values()), true
	case *array.Uint16:
		return asIntegers(c.Uint16Values()), true
	case *array.Uint8:
		return asIntegers(c.Uint8Values()), true
	}
	return nil, false
}

// asIntegers reads integers as int64.
func asIntegers[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](items []T) func(k int) int64 {
	return func(k int) int64 { return int64(items[k]) }
}
