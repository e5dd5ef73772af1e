package parquet

import (
	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
)

// field is a column of the file with its type.
type field struct {
	column  *parquetgo.Column
	element format.SchemaElement
	// logical is what the values mean, or nil where the file says only how they are stored. The library has no type of its own
	// for FLOAT16.
	logical format.LogicalTypeValue
}

// fields finds the columns of the file, which are the children of the schema's root.
func fields(file *parquetgo.File) []field {
	columns := file.Root().Columns()
	out := make([]field, len(columns))
	elements := file.Metadata().Schema[1:]
	for i, c := range columns {
		out[i].column = c
		if t := c.Type(); c.Leaf() && t.LogicalType() != nil {
			out[i].logical = t.LogicalType().Value
		}
		out[i].element = elements[0]
		if f, ok := elements[0].LogicalType.Value.(*format.Float16Type); ok {
			out[i].logical = f
		}
		elements = afterElement(elements)
	}
	return out
}

// afterElement leaves out the first element of a schema and those below it. The library has checked that they are there.
func afterElement(elements []format.SchemaElement) []format.SchemaElement {
	children := int32(0)
	if n := elements[0].NumChildren; n.Valid {
		children = n.V
	}
	elements = elements[1:]
	for range children {
		elements = afterElement(elements)
	}
	return elements
}

// name is the name of the column.
func (f field) name() string { return f.column.Name() }

// kind is how the values are stored.
func (f field) kind() parquetgo.Kind { return f.column.Type().Kind() }

// nested reports whether a row of the column has parts.
func (f field) nested() bool { return !f.column.Leaf() || f.column.Repeated() }

// content is what the type says about the values. A text may be anything.
func (f field) content() series.Content {
	if f.nested() || f.isText() {
		return series.Unknown
	}
	if kind, _, ok := f.time(); ok && kind != series.Step {
		return series.Times
	}
	if _, ok := f.number(); !ok {
		return series.Unknown
	}
	switch f.logical.(type) {
	case nil, *format.IntType:
		if isInteger(f.kind()) {
			return series.Integers
		}
	}
	return series.Numbers
}

// typeText is the type in the words of the format.
func (f field) typeText() string {
	switch f.logical.(type) {
	case *format.Float16Type:
		return "FLOAT16"
	}
	if !f.nested() {
		return f.column.Type().String()
	}
	if l := f.column.Type().LogicalType(); l != nil {
		switch l.Value.(type) {
		case *format.ListType:
			return "LIST"
		case *format.MapType:
			return "MAP"
		}
	}
	if f.column.Leaf() {
		return "repeated " + f.column.Type().String()
	}
	return "STRUCT"
}
