package arrow

import (
	"strconv"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"foliocast/internal/series"
)

// assets finds how to read a column of names as the numbers of assets. The function that it returns takes the number of a row
// in the column, and returns the asset of the row, to which the row must be added, or the reason why it has none.
func (r *reader) assets(place int, column apache.Array) (func(row int) (int32, string), error) {
	c := cellsOf(column)
	name, ok := names(c.values)
	if !ok {
		return nil, series.AsName.Misfit(r.table.Columns[place], column.DataType().String())
	}
	find := func(k int) (int32, string) { return r.table.Asset(name(k)) }
	if values := int64(c.values.Len()); c.coded && values > r.limit {
		return nil, series.Reject("column %q claims %d names, too many for the size of the file", r.table.Columns[place], values)
	} else if c.coded {
		if err := r.options.Budget.Hold(4 * (values - r.coded)); err != nil {
			return nil, err
		}
		r.coded = max(r.coded, values)
		find = remembered(values, find)
	}
	return func(row int) (int32, string) {
		k := row
		if c.at != nil {
			if k = c.at(row); k < 0 {
				return 0, "the asset is null"
			}
		}
		return find(k)
	}, nil
}

// remembered looks up the asset of each value once.
func remembered(values int64, find func(k int) (int32, string)) func(k int) (int32, string) {
	known := make([]int32, values) // the asset of each value plus 1, or 0 before its first row
	return func(k int) (int32, string) {
		if n := known[k]; n > 0 {
			return n - 1, ""
		}
		asset, reason := find(k)
		if reason == "" {
			known[k] = asset + 1
		}
		return asset, reason
	}
}

// names finds how to read names, which may be integers, or returns false for another type. A name is valid until the next.
func names(values apache.Array) (func(k int) []byte, bool) {
	var room []byte
	if c, ok := values.(*array.Uint64); ok {
		return func(k int) []byte {
			room = strconv.AppendUint(room[:0], c.Value(k), 10)
			return room
		}, true
	}
	if number, ok := integers(values); ok {
		return func(k int) []byte {
			room = strconv.AppendInt(room[:0], number(k), 10)
			return room
		}, true
	}
	return textOf(values)
}

// textOf finds how to read text, or returns false for another type. The texts share the memory of the file.
func textOf(values apache.Array) (func(k int) []byte, bool) {
	switch c := values.(type) {
	case *array.String:
		return bytesFrom(c.Value), true
	case *array.LargeString:
		return bytesFrom(c.Value), true
	case *array.StringView:
		return bytesFrom(c.Value), true
	case *array.Binary:
		return c.Value, true
	case *array.LargeBinary:
		return c.Value, true
	case *array.BinaryView:
		return c.Value, true
	case *array.FixedSizeBinary:
		return c.Value, true
	}
	return nil, false
}

func bytesFrom(value func(k int) string) func(k int) []byte {
	return func(k int) []byte { return []byte(value(k)) }
}
