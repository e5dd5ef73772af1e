package parquet

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
)

// frame is what the program that wrote a file said about its data frame, beside the columns and their types.
type frame struct {
	index map[string]bool   // the columns that are its index
	zones map[string]string // the zones in which columns of times are told
}

// frameOf reads the metadata of pandas, and the schema of Arrow that pyarrow, Polars and others keep. Both are only
// additions: what cannot be read of them is left out.
func frameOf(file *parquetgo.File) frame {
	f := frame{map[string]bool{}, map[string]string{}}
	if text, ok := file.Lookup("pandas"); ok {
		f.readPandas([]byte(text))
	}
	if text, ok := file.Lookup("ARROW:schema"); ok {
		if message, err := base64.StdEncoding.DecodeString(text); err == nil {
			for name, zone := range arrow.SchemaZones(message) {
				f.zones[name] = zone
			}
		}
	}
	return f
}

// readPandas reads the metadata of pandas. An index that only numbers the rows is no column: it is an object there, not a name.
func (f *frame) readPandas(text []byte) {
	var meta struct {
		Index   []json.RawMessage `json:"index_columns"`
		Columns []struct {
			Field    string `json:"field_name"`
			Metadata struct {
				Zone string `json:"timezone"`
			} `json:"metadata"`
		} `json:"columns"`
	}
	if json.Unmarshal(text, &meta) != nil {
		return
	}
	for _, raw := range meta.Index {
		var name string
		if json.Unmarshal(raw, &name) == nil {
			f.index[name] = true
		}
	}
	for _, c := range meta.Columns {
		if c.Metadata.Zone != "" {
			f.zones[c.Field] = c.Metadata.Zone
		}
	}
}

// isIndex reports whether the column is the index of the frame. An index without a name is called __index_level_0__, also by
// programs that write no metadata of pandas.
func (f *frame) isIndex(name string) bool {
	return f.index[name] || strings.HasPrefix(name, "__index_level_") && strings.HasSuffix(name, "__")
}

// setZone tells instants in the zone that the file names for their column, unless the options name one.
func (r *reader) setZone(column int) error {
	f := r.fields[column]
	zone := r.frame.zones[f.name()]
	if zone == "" || r.table.Kind != series.Instant || r.options.Timezone != "" {
		return nil
	}
	if err := r.table.SetZone(zone); err != nil {
		return series.Reject("column %q: %v: say with --timezone in which zone its times are", f.name(), err)
	}
	return nil
}
