package series

import (
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// values reads a column of numbers; a null is a missing value.
func (f *parquetFile) values(column int) (func() (float64, error), error) {
	c, err := f.cells(column)
	if err != nil {
		return nil, err
	}
	convert, ok := parquetNumber(c.column.Type())
	if !ok {
		return nil, reject("column %q: type %s cannot be a value", c.column.Name(), c.column.Type())
	}
	return func() (float64, error) {
		v, err := c.value()
		if err != nil || v.IsNull() {
			return math.NaN(), err
		}
		return convert(v), nil
	}, nil
}

// parquetNumber finds how a type's values become numbers.
func parquetNumber(t parquet.Type) (func(parquet.Value) float64, bool) {
	scale, unsigned := 0, false
	if l := t.LogicalType(); l != nil {
		switch l := l.Value.(type) {
		case *format.DecimalType:
			scale = int(l.Scale)
		case *format.IntType:
			unsigned = !l.IsSigned
		default:
			return nil, false // dates and times are no values
		}
	}
	divisor := math.Pow10(scale)
	switch t.Kind() {
	case parquet.Double:
		return func(v parquet.Value) float64 { return v.Double() }, true
	case parquet.Float:
		return func(v parquet.Value) float64 { return float64(v.Float()) }, true
	case parquet.Int32:
		if unsigned {
			return func(v parquet.Value) float64 { return float64(v.Uint32()) }, true
		}
		return func(v parquet.Value) float64 { return float64(v.Int32()) / divisor }, true
	case parquet.Int64:
		if unsigned {
			return func(v parquet.Value) float64 { return float64(v.Uint64()) }, true
		}
		return func(v parquet.Value) float64 { return float64(v.Int64()) / divisor }, true
	}
	return nil, false
}

// names reads a column of the assets' names, which may be integers. Each is valid until the call after.
func (f *parquetFile) names(column int) (func() ([]byte, error), error) {
	c, err := f.cells(column)
	if err != nil {
		return nil, err
	}
	var room []byte
	var convert func(parquet.Value) []byte
	switch c.column.Type().Kind() {
	case parquet.ByteArray:
		convert = func(v parquet.Value) []byte { return v.ByteArray() }
	case parquet.Int32, parquet.Int64:
		convert = func(v parquet.Value) []byte {
			room = strconv.AppendInt(room[:0], parquetInteger(v), 10)
			return room
		}
	default:
		return nil, reject("column %q: type %s cannot be the name of an asset", c.column.Name(), c.column.Type())
	}
	return func() ([]byte, error) {
		v, err := c.value()
		if err != nil || v.IsNull() {
			return nil, err
		}
		return convert(v), nil
	}, nil
}

// parquetInteger is a value of one of the two integer kinds.
func parquetInteger(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

// times reads a column of times, and sets the kind of the file's times. The function returns a reason for a row that
// has none.
func (f *parquetFile) times(column int) (func() (int64, string, error), error) {
	c, err := f.cells(column)
	if err != nil {
		return nil, err
	}
	t := c.column.Type()
	if t.Kind() == parquet.ByteArray {
		return f.textTimes(c), nil
	}
	if k := t.Kind(); k != parquet.Int32 && k != parquet.Int64 {
		return nil, reject("column %q: type %s cannot be a time", c.column.Name(), t)
	}
	convert := func(n int64) (int64, string) { return n, checkStep(n) }
	if l := t.LogicalType(); l != nil {
		switch l := l.Value.(type) {
		case *format.IntType:
		case *format.DateType:
			f.source.kind = Date
			convert = func(n int64) (int64, string) { return n, checkMicros(n, microsPerDay) }
		case *format.TimestampType:
			f.source.kind, f.clock = Clock, true
			if l.IsAdjustedToUTC {
				f.source.kind, f.clock = Instant, false
			}
			convert = parquetTimestamp(l.Unit)
		default:
			return nil, reject("column %q: type %s cannot be a time", c.column.Name(), t)
		}
	}
	return func() (int64, string, error) {
		v, err := c.value()
		if err != nil {
			return 0, "", err
		}
		if v.IsNull() {
			return 0, "the time is null", nil
		}
		n, reason := convert(parquetInteger(v))
		return n, reason, nil
	}, nil
}

// parquetTimestamp converts timestamps of a unit to microseconds.
func parquetTimestamp(unit format.TimeUnit) func(int64) (int64, string) {
	times, per := int64(1), int64(1)
	switch unit.Value.(type) {
	case *format.MilliSeconds:
		times = 1000
	case *format.NanoSeconds:
		per = 1000
	}
	return func(n int64) (int64, string) {
		n = floorDiv(n, per)
		return n * times, checkMicros(n, times)
	}
}

// textTimes reads times in text; the first that can be read sets the kind.
func (f *parquetFile) textTimes(c *cells) func() (int64, string, error) {
	known := false
	return func() (int64, string, error) {
		v, err := c.value()
		if err != nil {
			return 0, "", err
		}
		if v.IsNull() {
			return 0, "the time is null", nil
		}
		t, ok := parseTime(v.ByteArray())
		if ok && !known {
			f.source.kind, known = t.Kind, true
		}
		if !ok || t.Kind != f.source.kind {
			return 0, timeReason(string(v.ByteArray())), nil
		}
		return t.N, "", nil
	}
}
