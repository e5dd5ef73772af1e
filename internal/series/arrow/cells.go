package arrow

import (
	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// cells is a column of a record without its encoding: each row has one of the values, or none.
type cells struct {
	values apache.Array
	// at is the place of a row's value, or -1 for a null; nil where row k has value k and no row is null.
	at func(row int) int
	// coded says that rows share values, so that it is worth remembering what a value meant.
	coded bool
}

// cellsOf takes dictionaries and runs off a column.
func cellsOf(column apache.Array) cells {
	switch c := column.(type) {
	case *array.Dictionary:
		return cellsOf(c.Dictionary()).under(func(row int) int {
			if c.IsNull(row) {
				return -1
			}
			return c.GetValueIndex(row)
		})
	case *array.RunEndEncoded:
		return cellsOf(c.Values()).under(c.GetPhysicalIndex)
	}
	if column.NullN() == 0 {
		return cells{values: column}
	}
	return cells{values: column, at: func(row int) int {
		if column.IsNull(row) {
			return -1
		}
		return row
	}}
}

// under puts an encoding in front of values that have been found.
func (c cells) under(place func(row int) int) cells {
	inner := c.at
	if inner == nil {
		return cells{c.values, place, true}
	}
	return cells{c.values, func(row int) int {
		at := place(row)
		if at < 0 {
			return at
		}
		return inner(at)
	}, true}
}

// typeOf is the type of the values under dictionaries and runs.
func typeOf(t apache.DataType) apache.DataType {
	switch t := t.(type) {
	case *apache.DictionaryType:
		return typeOf(t.ValueType)
	case *apache.RunEndEncodedType:
		return typeOf(t.Encoded())
	}
	return t
}
