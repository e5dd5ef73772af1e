package arrow

import (
	"fmt"
	"math"
	"strconv"
	"time"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"foliocast/internal/series"
)

// valueReader finds how to read a column of numbers. A null is a missing value, NaN.
func valueReader(column apache.Array) (func(int) float64, error) {
	var read func(int) float64
	switch c := column.(type) {
	case *array.Float64:
		values := c.Float64Values()
		read = func(k int) float64 { return values[k] }
	case *array.Float32:
		read = numbers(c.Float32Values())
	case *array.Int64:
		read = numbers(c.Int64Values())
	case *array.Int32:
		read = numbers(c.Int32Values())
	case *array.Int16:
		read = numbers(c.Int16Values())
	case *array.Int8:
		read = numbers(c.Int8Values())
	case *array.Uint64:
		read = numbers(c.Uint64Values())
	case *array.Uint32:
		read = numbers(c.Uint32Values())
	case *array.Uint16:
		read = numbers(c.Uint16Values())
	case *array.Uint8:
		read = numbers(c.Uint8Values())
	case *array.Decimal128:
		scale := c.DataType().(*apache.Decimal128Type).Scale
		read = func(k int) float64 { return c.Value(k).ToFloat64(scale) }
	case *array.Null:
		return func(int) float64 { return math.NaN() }, nil
	default:
		return nil, errType(column.DataType(), "a value")
	}
	if column.NullN() == 0 {
		return read, nil
	}
	return func(k int) float64 {
		if column.IsNull(k) {
			return math.NaN()
		}
		return read(k)
	}, nil
}

// numbers reads numbers of any type as float64.
func numbers[T float32 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](values []T) func(int) float64 {
	return func(k int) float64 { return float64(values[k]) }
}

// timesOf finds how to read the times of a record, which are ignored where the rows are numbered.
func (r *reader) timesOf(record apache.RecordBatch) (func(k int) (int64, string), error) {
	if r.table.Time < 0 {
		return func(int) (int64, string) { return 0, "" }, nil
	}
	return r.times(record.Column(r.table.Time))
}

// times finds how to read a column of times. The function that it returns takes the number of a row in the column, and
// returns the time of the row, or the reason why it has none.
func (r *reader) times(column apache.Array) (func(k int) (int64, string), error) {
	read, err := r.presentTimes(column)
	if err != nil || column.NullN() == 0 {
		return read, err
	}
	return func(k int) (int64, string) {
		if column.IsNull(k) {
			return 0, "the time is null"
		}
		return read(k)
	}, nil
}

// presentTimes is times for a column without nulls.
func (r *reader) presentTimes(column apache.Array) (func(k int) (int64, string), error) {
	switch c := column.(type) {
	case *array.Date32:
		r.table.Kind = series.Date
		values := c.Date32Values()
		return func(k int) (int64, string) { return series.Dates(int64(values[k])) }, nil
	case *array.Date64:
		r.table.Kind = series.Date
		values := c.Date64Values()
		return func(k int) (int64, string) { return series.Dates(wholeDays(int64(values[k]))) }, nil
	case *array.Timestamp:
		return r.timestamps(c), nil
	}
	if read, ok := integers(column); ok {
		r.table.Kind = series.Step
		return func(k int) (int64, string) { return series.Steps(read(k)) }, nil
	}
	text, err := textReader(column)
	if err != nil {
		return nil, errType(column.DataType(), "a time")
	}
	return func(k int) (int64, string) { return r.table.ParseTime(r.line(k), []byte(text(k))) }, nil
}

// wholeDays is a number of milliseconds in days, rounded down.
func wholeDays(milliseconds int64) int64 {
	const day = 24 * 60 * 60 * 1000
	days := milliseconds / day
	if milliseconds%day < 0 {
		days--
	}
	return days
}

// timestamps finds how to read timestamps of any unit. They are instants if the type has a zone.
func (r *reader) timestamps(c *array.Timestamp) func(k int) (int64, string) {
	t := c.DataType().(*apache.TimestampType)
	r.table.Kind, r.table.Midnights = series.Datetime, true
	if t.TimeZone != "" {
		r.table.Kind, r.table.Midnights = series.Instant, false
	}
	units := map[apache.TimeUnit]time.Duration{apache.Second: time.Second, apache.Millisecond: time.Millisecond,
		apache.Microsecond: time.Microsecond, apache.Nanosecond: time.Nanosecond}
	convert := series.Timestamps(units[t.Unit])
	values := c.TimestampValues()
	return func(k int) (int64, string) { return convert(int64(values[k])) }
}

// integers finds how to read a column of integers of any type, and returns false for a column of another type.
func integers(column apache.Array) (func(k int) int64, bool) {
	switch c := column.(type) {
	case *array.Int64:
		return whole(c.Int64Values()), true
	case *array.Int32:
		return whole(c.Int32Values()), true
	case *array.Int16:
		return whole(c.Int16Values()), true
	case *array.Int8:
		return whole(c.Int8Values()), true
	case *array.Uint64:
		return whole(c.Uint64Values()), true
	case *array.Uint32:
		return whole(c.Uint32Values()), true
	case *array.Uint16:
		return whole(c.Uint16Values()), true
	case *array.Uint8:
		return whole(c.Uint8Values()), true
	}
	return nil, false
}

// whole reads integers of any type as int64.
func whole[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](values []T) func(k int) int64 {
	return func(k int) int64 { return int64(values[k]) }
}

// textReader finds how to read a column of text. The strings share the memory of the file.
func textReader(column apache.Array) (func(int) string, error) {
	switch c := column.(type) {
	case *array.String:
		return c.Value, nil
	case *array.LargeString:
		return c.Value, nil
	case *array.StringView:
		return c.Value, nil
	case *array.Dictionary:
		words, err := textReader(c.Dictionary())
		if err != nil {
			return nil, err
		}
		return func(k int) string { return words(c.GetValueIndex(k)) }, nil
	}
	return nil, errType(column.DataType(), "text")
}

// assets finds how to read a column of names as the numbers of assets. The function that it returns takes the number of a row
// in the column, and returns the asset of the row, to which the row must be added, or the reason why it has none.
func (r *reader) assets(column apache.Array) (func(k int) (int32, string), error) {
	read, err := r.presentAssets(column)
	if err != nil || column.NullN() == 0 {
		return read, err
	}
	return func(k int) (int32, string) {
		if column.IsNull(k) {
			return 0, "the asset is null"
		}
		return read(k)
	}, nil
}

// presentAssets is assets for a column without nulls.
func (r *reader) presentAssets(column apache.Array) (func(k int) (int32, string), error) {
	if c, ok := column.(*array.Dictionary); ok {
		return r.dictionary(c)
	}
	if number, ok := integers(column); ok {
		return func(k int) (int32, string) {
			n, reason := series.Steps(number(k))
			if reason != "" {
				return 0, "the number of the asset is beyond 2^53"
			}
			var room [24]byte
			return r.table.Asset(strconv.AppendInt(room[:0], n, 10))
		}, nil
	}
	text, err := textReader(column)
	if err != nil {
		return nil, errType(column.DataType(), "the name of an asset")
	}
	return func(k int) (int32, string) { return r.table.Asset([]byte(text(k))) }, nil
}

// dictionary finds how to read names from a dictionary. It looks up each name of the dictionary once.
func (r *reader) dictionary(c *array.Dictionary) (func(k int) (int32, string), error) {
	names, err := textReader(c.Dictionary())
	if err != nil {
		return nil, err
	}
	numbers := make([]int32, c.Dictionary().Len()) // the asset of each name plus 1, or 0 before its first row
	return func(k int) (int32, string) {
		i := c.GetValueIndex(k)
		if n := numbers[i]; n > 0 {
			return n - 1, ""
		}
		asset, reason := r.table.Asset([]byte(names(i)))
		if reason == "" {
			numbers[i] = asset + 1
		}
		return asset, reason
	}, nil
}

// errType is the error for a column whose type does not fit its use.
func errType(t apache.DataType, use string) error { return fmt.Errorf("type %s cannot be %s", t, use) }
