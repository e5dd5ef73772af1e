package series

import (
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// valueReader reads a column of numbers; a null is a missing value.
func valueReader(column arrow.Array) (func(int) float64, error) {
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
		scale := c.DataType().(*arrow.Decimal128Type).Scale
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

// timeReader reads a column of times, and says of which kind they are. The function returns a reason for a row that
// has no time.
func timeReader(column arrow.Array) (func(int) (int64, string), Kind, error) {
	read, kind, err := plainTimeReader(column)
	if err != nil || column.NullN() == 0 {
		return read, kind, err
	}
	return func(k int) (int64, string) {
		if column.IsNull(k) {
			return 0, "the time is null"
		}
		return read(k)
	}, kind, nil
}

func plainTimeReader(column arrow.Array) (func(int) (int64, string), Kind, error) {
	switch c := column.(type) {
	case *array.Date32:
		values := c.Date32Values()
		return func(k int) (int64, string) {
			n := int64(values[k])
			return n, checkMicros(n, microsPerDay)
		}, Date, nil
	case *array.Date64:
		values := c.Date64Values()
		return func(k int) (int64, string) {
			n := floorDiv(int64(values[k]), microsPerDay/1000)
			return n, checkMicros(n, microsPerDay)
		}, Date, nil
	case *array.Timestamp:
		return timestamps(c)
	case *array.Int64:
		return steps(c.Int64Values())
	case *array.Int32:
		return steps(c.Int32Values())
	case *array.Int16:
		return steps(c.Int16Values())
	case *array.Int8:
		return steps(c.Int8Values())
	case *array.Uint64:
		return steps(c.Uint64Values())
	case *array.Uint32:
		return steps(c.Uint32Values())
	case *array.Uint16:
		return steps(c.Uint16Values())
	case *array.Uint8:
		return steps(c.Uint8Values())
	}
	text, err := textReader(column)
	if err != nil {
		return nil, 0, errType(column.DataType(), "a time")
	}
	return textTimes(column, text)
}

// textTimes reads times in text; the first sets the kind.
func textTimes(column arrow.Array, text func(int) string) (func(int) (int64, string), Kind, error) {
	kind := Step
	for k := range column.Len() {
		if column.IsNull(k) {
			continue
		}
		if t, ok := parseTimeText(text(k)); ok {
			kind = t.Kind
			break
		}
	}
	return func(k int) (int64, string) {
		t, ok := parseTimeText(text(k))
		if !ok || t.Kind != kind {
			return 0, timeReason(text(k))
		}
		return t.N, ""
	}, kind, nil
}

// steps reads integers of any type as integer steps.
func steps[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](values []T) (func(int) (int64, string), Kind, error) {
	return func(k int) (int64, string) {
		n := int64(values[k])
		return n, checkStep(n)
	}, Step, nil
}

// timestamps reads timestamps of any unit: instants when the type has a zone, and clock times otherwise.
func timestamps(c *array.Timestamp) (func(int) (int64, string), Kind, error) {
	t := c.DataType().(*arrow.TimestampType)
	kind := Clock
	if t.TimeZone != "" {
		kind = Instant
	}
	times, per := int64(1), int64(1)
	switch t.Unit {
	case arrow.Second:
		times = 1_000_000
	case arrow.Millisecond:
		times = 1000
	case arrow.Nanosecond:
		per = 1000
	}
	values := c.TimestampValues()
	return func(k int) (int64, string) {
		n := floorDiv(int64(values[k]), per)
		return n * times, checkMicros(n, times)
	}, kind, nil
}

// textReader reads a column of text. The strings lie in the file.
func textReader(column arrow.Array) (func(int) string, error) {
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

// assetReader reads a column of names as the numbers of assets in rows. A row must be added for each asset that it
// returns. The function returns a reason for a row that has no name.
func assetReader(column arrow.Array, rows *longRows) (func(int) (int32, string), error) {
	var read func(int) (int32, string)
	if c, ok := column.(*array.Dictionary); ok {
		words, err := textReader(c.Dictionary())
		if err != nil {
			return nil, err
		}
		numbers := make([]int32, c.Dictionary().Len()) // the asset of each word, plus 1; 0 is not known yet
		read = func(k int) (int32, string) {
			word := c.GetValueIndex(k)
			if n := numbers[word]; n > 0 {
				return n - 1, ""
			}
			asset, reason := rows.asset([]byte(words(word)))
			if reason == "" {
				numbers[word] = asset + 1
			}
			return asset, reason
		}
	} else if arrow.IsInteger(column.DataType().ID()) {
		number, _, err := plainTimeReader(column) // reads integers as they are
		if err != nil {
			return nil, err
		}
		read = func(k int) (int32, string) {
			n, reason := number(k)
			if reason != "" {
				return 0, "the number of the asset is beyond 2^53"
			}
			var room [24]byte
			return rows.asset(strconv.AppendInt(room[:0], n, 10))
		}
	} else {
		text, err := textReader(column)
		if err != nil {
			return nil, errType(column.DataType(), "the name of an asset")
		}
		read = func(k int) (int32, string) { return rows.asset([]byte(text(k))) }
	}
	if column.NullN() == 0 {
		return read, nil
	}
	return func(k int) (int32, string) {
		if column.IsNull(k) {
			return 0, "the asset is null"
		}
		return read(k)
	}, nil
}
