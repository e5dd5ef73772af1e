// Package pandas reads what pandas says of a data frame, in JSON, in the metadata of Arrow and Parquet files: which columns
// are its index, and in which zone a column of times is told. It reads no data.
package pandas

import (
	"encoding/json"
	"strings"
)

// Key is the key of the text in a file's metadata.
const Key = "pandas"

// Frame is what a file says of its data frame. The zero value is that of a file that says nothing.
type Frame struct {
	index map[string]bool
	zones map[string]string
}

// Read reads the text. It only adds to what the columns and their types say, so that Read leaves out what it cannot read.
func Read(text string) Frame {
	var meta struct {
		Index   []json.RawMessage `json:"index_columns"`
		Columns []struct {
			Field    string `json:"field_name"`
			Metadata struct {
				Zone string `json:"timezone"`
			} `json:"metadata"`
		} `json:"columns"`
	}
	if json.Unmarshal([]byte(text), &meta) != nil {
		return Frame{}
	}
	f := Frame{make(map[string]bool), make(map[string]string)}
	for _, raw := range meta.Index {
		var name string // an index that only numbers the rows is no column: it is an object, not a name
		if json.Unmarshal(raw, &name) == nil {
			f.index[name] = true
		}
	}
	for _, c := range meta.Columns {
		if c.Metadata.Zone != "" {
			f.zones[c.Field] = c.Metadata.Zone
		}
	}
	return f
}

// IsIndex reports whether the column is the index of the frame. An index without a name is called __index_level_0__, also by
// programs that write no metadata of pandas.
func (f Frame) IsIndex(column string) bool {
	return f.index[column] || strings.HasPrefix(column, "__index_level_") && strings.HasSuffix(column, "__")
}

// Zone is the zone in which the column's times are told, or empty.
func (f Frame) Zone(column string) string { return f.zones[column] }
