package arrow

import (
	"fmt"
	"strconv"
	"time"

	apache "github.com/apache/arrow-go/v18/arrow"

	"foliocast/internal/series"
)

// The columns of the stored form, which has a row for each asset. Values, times and filled positions are lists: so the values
// of an asset are contiguous in the file, and one record holds many assets.
const (
	colName   = iota // the asset's name
	colFreq          // the name of its axis's calendar, empty where it has none; in version 1 a letter
	colStep          // the step of its axis where it has no calendar; in version 1 wherever it was constant
	colAxis          // the row of the file that holds its axis: its own or an earlier one
	colFirst         // the place of its first value on the axis
	colTimes         // the times of the axis, in the rows that hold one
	colFilled        // the positions in y that were carried forward
	colValues        // its values
	colAnchor        // the anchor of its axis's calendar, 0 where it has none
	columns
)

// oldColumns is how many of these columns version 1 has.
const oldColumns = colAnchor

// The keys of the stored form's metadata.
const (
	metaVersion = "foliocast.series"
	metaKind    = "foliocast.kind"
	metaShared  = "foliocast.shared"
	metaAssets  = "foliocast.assets"
	metaZone    = "foliocast.zone"       // of instants that are not told in UTC
	metaFound   = "foliocast.zone-found" // true if that was found from offsets
	metaFreq    = "foliocast.freq"       // the frequency that was asked for, if any
)

// storedVersion is the version of the stored form that this program writes. It reads oldVersion as well, whose axes have no
// calendars.
const (
	storedVersion = "2"
	oldVersion    = "1"
)

// storedMeta is the metadata in the schema of a stored file.
type storedMeta struct {
	kind   series.Kind
	zone   *time.Location // nil is UTC, or no zone
	shared bool
	assets int
	origin series.Origin
	old    bool // version 1
}

// storedSchema is the schema of the stored form.
func storedSchema(m storedMeta) *apache.Schema {
	field := func(name string, t apache.DataType) apache.Field { return apache.Field{Name: name, Type: t} }
	fields := make([]apache.Field, columns)
	fields[colName] = field("unique_id", apache.BinaryTypes.String)
	fields[colFreq] = field("freq", apache.BinaryTypes.String)
	fields[colStep] = field("step", apache.PrimitiveTypes.Int64)
	fields[colAxis] = field("axis", apache.PrimitiveTypes.Int64)
	fields[colFirst] = field("first", apache.PrimitiveTypes.Int64)
	fields[colTimes] = field("times", listOf(apache.PrimitiveTypes.Int64))
	fields[colFilled] = field("filled", listOf(apache.PrimitiveTypes.Int32))
	fields[colValues] = field("y", listOf(apache.PrimitiveTypes.Float64))
	fields[colAnchor] = field("anchor", apache.PrimitiveTypes.Int64)
	if m.old {
		fields = fields[:oldColumns]
	}
	meta := m.metadata(metaVersion, storedVersion)
	return apache.NewSchema(fields, &meta)
}

// metadata is the metadata of a file whose form is told by a key and its version.
func (m storedMeta) metadata(form, version string) apache.Metadata {
	keys := []string{form, metaKind, metaShared, metaAssets}
	values := []string{version, strconv.Itoa(int(m.kind)), strconv.FormatBool(m.shared), strconv.Itoa(m.assets)}
	if m.zone != nil {
		keys, values = append(keys, metaZone), append(values, m.zone.String())
	}
	if m.origin.ZoneFound {
		keys, values = append(keys, metaFound), append(values, "true")
	}
	if m.origin.Freq != "" {
		keys, values = append(keys, metaFreq), append(values, string(m.origin.Freq))
	}
	return apache.NewMetadata(keys, values)
}

// metaOf is the metadata of a table in the stored form.
func metaOf(t *series.Table) storedMeta {
	return storedMeta{kind: t.Kind(), zone: t.Zone(), shared: t.Shared(), assets: t.Len(), origin: t.Origin()}
}

// listOf is a list with 64-bit offsets, because a file may hold more than 2^31 values.
func listOf(t apache.DataType) apache.DataType {
	return apache.LargeListOfField(apache.Field{Name: "item", Type: t})
}

// isStored reports whether a schema claims to describe the stored form.
func isStored(s *apache.Schema) bool { return s.Metadata().FindKey(metaVersion) >= 0 }

// checkStored reads the metadata of the stored form, and checks that the schema is that of the form.
func checkStored(s *apache.Schema) (storedMeta, error) {
	meta := s.Metadata()
	version, _ := meta.GetValue(metaVersion)
	if version != storedVersion && version != oldVersion {
		return storedMeta{}, series.Reject("the file has version %q of the stored form, and this program reads versions %s and %s", version, oldVersion, storedVersion)
	}
	m, err := readMeta(meta)
	if err != nil {
		return storedMeta{}, err
	}
	m.old = version == oldVersion
	return m, checkFields(s, storedSchema(m))
}

// checkFields checks that a schema has the columns of a form.
func checkFields(s, want *apache.Schema) error {
	if s.NumFields() != want.NumFields() {
		return series.Reject("the stored file has %d columns, and the stored form has %d", s.NumFields(), want.NumFields())
	}
	for i, f := range want.Fields() {
		if got := s.Field(i); got.Name != f.Name || !sameType(got.Type, f.Type) {
			return series.Reject("column %d of the stored file is %s, and that of the stored form is %s", i+1, typeText(got), typeText(f))
		}
	}
	return nil
}

// readMeta reads what [storedMeta.metadata] makes, without the version.
func readMeta(meta apache.Metadata) (storedMeta, error) {
	kind, ok := meta.GetValue(metaKind)
	k, err := strconv.Atoi(kind)
	if !ok || err != nil || k < int(series.Step) || k > int(series.Instant) {
		return storedMeta{}, series.Reject("the stored file has the unknown kind of time %q", kind)
	}
	shared, _ := meta.GetValue(metaShared)
	assets, _ := meta.GetValue(metaAssets)
	found, _ := meta.GetValue(metaFound)
	freq, _ := meta.GetValue(metaFreq)
	m := storedMeta{kind: series.Kind(k), origin: series.Origin{ZoneFound: found == "true", Freq: series.Freq(freq)}}
	if m.shared, err = strconv.ParseBool(shared); err == nil {
		m.assets, err = strconv.Atoi(assets)
	}
	if err != nil || m.assets < 1 || !m.origin.Freq.Valid() {
		return storedMeta{}, series.Reject("the metadata of the stored file is damaged")
	}
	if zone, ok := meta.GetValue(metaZone); ok {
		if m.zone, err = series.ParseZone(zone); err != nil || m.kind != series.Instant {
			return storedMeta{}, series.Reject("the stored file has the unknown zone %q", zone)
		}
	}
	return m, nil
}

// sameType reports whether types are equal, without regard to the name that a list gives its items.
func sameType(a, b apache.DataType) bool {
	if x, ok := a.(*apache.LargeListType); ok {
		y, ok := b.(*apache.LargeListType)
		return ok && apache.TypeEqual(x.Elem(), y.Elem())
	}
	return apache.TypeEqual(a, b)
}

func typeText(f apache.Field) string { return fmt.Sprintf("%s %s", f.Name, f.Type) }
