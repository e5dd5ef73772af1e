package parquet

import (
	"math"
	"strconv"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
)

// values finds how to read a column of numbers, value by value. A null is a missing value, NaN.
func (r *reader) values(column int) (func() (float64, error), error) {
	c, err := r.cells(column)
	if err != nil {
		return nil, err
	}
	convert, ok := numberOf(c.column.Type())
	if !ok {
		return nil, series.Reject("column %q: type %s cannot be a value", c.column.Name(), c.column.Type())
	}
	return func() (float64, error) {
		v, err := c.value()
		if err != nil || v.IsNull() {
			return math.NaN(), err
		}
		return convert(v), nil
	}, nil
}

// numberOf finds how values of a type become numbers, or returns false for a type that is not a number.
func numberOf(t parquetgo.Type) (func(parquetgo.Value) float64, bool) {
	scale, unsigned := 0, false
	if l := t.LogicalType(); l != nil {
		switch l := l.Value.(type) {
		case *format.DecimalType:
			scale = int(l.Scale)
		case *format.IntType:
			unsigned = !l.IsSigned
		default:
			return nil, false // dates and times are not values
		}
	}
	divisor := math.Pow10(scale)
	switch t.Kind() {
	case parquetgo.Double:
		return func(v parquetgo.Value) float64 { return v.Double() }, true
	case parquetgo.Float:
		return func(v parquetgo.Value) float64 { return float64(v.Float()) }, true
	case parquetgo.Int32:
		if unsigned {
			return func(v parquetgo.Value) float64 { return float64(v.Uint32()) }, true
		}
		return func(v parquetgo.Value) float64 { return float64(v.Int32()) / divisor }, true
	case parquetgo.Int64:
		if unsigned {
			return func(v parquetgo.Value) float64 { return float64(v.Uint64()) }, true
		}
		return func(v parquetgo.Value) float64 { return float64(v.Int64()) / divisor }, true
	}
	return nil, false
}

// names finds how to read a column of names, which may be integers, name by name. A name is valid until the next call.
func (r *reader) names(column int) (func() ([]byte, error), error) {
	c, err := r.cells(column)
	if err != nil {
		return nil, err
	}
	var room []byte
	var convert func(parquetgo.Value) []byte
	switch c.column.Type().Kind() {
	case parquetgo.ByteArray:
		convert = func(v parquetgo.Value) []byte { return v.ByteArray() }
	case parquetgo.Int32, parquetgo.Int64:
		convert = func(v parquetgo.Value) []byte {
			room = strconv.AppendInt(room[:0], integerOf(v), 10)
			return room
		}
	default:
		return nil, series.Reject("column %q: type %s cannot be the name of an asset", c.column.Name(), c.column.Type())
	}
	return func() ([]byte, error) {
		v, err := c.value()
		if err != nil || v.IsNull() {
			return nil, err
		}
		return convert(v), nil
	}, nil
}

// integerOf is a value of the kind Int32 or Int64.
func integerOf(v parquetgo.Value) int64 {
	if v.Kind() == parquetgo.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

// times finds how to read a column of times, time by time. The function that it returns gives the reason for a row that has
// none.
func (r *reader) times(column int) (func() (int64, string, error), error) {
	if column < 0 { // the rows are numbered
		return func() (int64, string, error) { return 0, "", nil }, nil
	}
	c, err := r.cells(column)
	if err != nil {
		return nil, err
	}
	var convert func(parquetgo.Value) (int64, string)
	switch t := c.column.Type(); t.Kind() {
	case parquetgo.ByteArray:
		convert = func(v parquetgo.Value) (int64, string) { return r.table.ParseTime(c.row, v.ByteArray()) }
	case parquetgo.Int32, parquetgo.Int64:
		kind, numeric, ok := timeOf(t)
		if !ok {
			return nil, series.Reject("column %q: type %s cannot be a time", c.column.Name(), t)
		}
		r.table.Kind, r.table.Midnights = kind, kind == series.Datetime
		convert = func(v parquetgo.Value) (int64, string) { return numeric(integerOf(v)) }
	default:
		return nil, series.Reject("column %q: type %s cannot be a time", c.column.Name(), t)
	}
	return func() (int64, string, error) {
		v, err := c.value()
		if err != nil {
			return 0, "", err
		}
		if v.IsNull() {
			return 0, "the time is null", nil
		}
		n, reason := convert(v)
		return n, reason, nil
	}, nil
}

// timeOf finds the kind of time in a column of integers, and how the integers become times. It returns false for a type that
// is not a time.
func timeOf(t parquetgo.Type) (series.Kind, func(int64) (int64, string), bool) {
	l := t.LogicalType()
	if l == nil {
		return series.Step, series.Steps, true
	}
	switch l := l.Value.(type) {
	case *format.IntType:
		return series.Step, series.Steps, true
	case *format.DateType:
		return series.Date, series.Dates, true
	case *format.TimestampType:
		unit := time.Microsecond
		switch l.Unit.Value.(type) {
		case *format.MilliSeconds:
			unit = time.Millisecond
		case *format.NanoSeconds:
			unit = time.Nanosecond
		}
		if l.IsAdjustedToUTC {
			return series.Instant, series.Timestamps(unit), true
		}
		return series.Datetime, series.Timestamps(unit), true
	}
	return 0, nil, false
}
