package parquet

import (
	"cmp"
	"encoding/base64"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/pandas"
)

// readMetadata reads what the program that wrote the file says of its columns, beside their types: the metadata of pandas, and
// the schema of Arrow that pyarrow, Polars and others keep. What cannot be read of them is left out.
func (r *reader) readMetadata() {
	if text, ok := r.file.Lookup(pandas.Key); ok {
		r.frame = pandas.Read(text)
	}
	if text, ok := r.file.Lookup("ARROW:schema"); ok {
		if message, err := base64.StdEncoding.DecodeString(text); err == nil {
			r.zones = arrow.SchemaZones(message)
		}
	}
}

// setZone tells instants in the zone that the file names for their column, unless the options name one.
func (r *reader) setZone(column int) error {
	name := r.fields[column].name()
	zone := cmp.Or(r.zones[name], r.frame.Zone(name))
	if zone == "" || r.table.Kind != series.Instant || r.options.Timezone != "" {
		return nil
	}
	if err := r.table.SetZone(zone); err != nil {
		return series.Reject("column %q: %v: say with --timezone in which zone its times are", name, err)
	}
	return nil
}
