package parquet

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// refooted is a file with a changed footer: what the library does not write.
func refooted(t testing.TB, file []byte, change func(*format.FileMetaData)) []byte {
	t.Helper()
	end := len(file) - 8
	begin := end - int(binary.LittleEndian.Uint32(file[end:]))
	var m format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), file[begin:end], &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &m)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(file[:begin], footer, binary.LittleEndian.AppendUint32(nil, uint32(len(footer))), []byte(magic))
}

// retyped is a file whose column y, and it alone, has another type of the same storage.
func retyped(t testing.TB, file []byte, change func(*format.SchemaElement)) []byte {
	t.Helper()
	return refooted(t, file, func(m *format.FileMetaData) {
		for i := range m.Schema {
			if e := &m.Schema[i]; e.Name == "y" {
				e.LogicalType, e.ConvertedType = format.LogicalType{}, thrift.Null[deprecated.ConvertedType]{}
				change(e)
			}
		}
	})
}

// longFile is a file of the days from 1970-01-02 on, with values of a type.
func longFile(t testing.TB, y parquetgo.Node, values []parquetgo.Value, options ...parquetgo.WriterOption) []byte {
	t.Helper()
	schema := parquetgo.NewSchema("series", parquetgo.Group{"unique_id": parquetgo.String(), "ds": parquetgo.Date(), "y": y})
	var out bytes.Buffer
	w := parquetgo.NewWriter(&out, append(options, schema)...)
	for k, v := range values {
		// The columns of a group are in the order of their names.
		row := parquetgo.Row{parquetgo.Int32Value(int32(k+1)).Level(0, 0, 0), parquetgo.ByteArrayValue([]byte("A")).Level(0, 0, 1), v.Level(0, 0, 2)}
		if _, err := w.WriteRows([]parquetgo.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The compressions that are refused are named. The library writes neither, so that the footer only says so.
func TestCompressionsThatAreRefused(t *testing.T) {
	t.Parallel()
	file := packed(t, []steppedRow{{"A", 1, 1}, {"A", 2, 2}}, parquetgo.DataPageVersion(1))
	for codec, name := range map[format.CompressionCodec]string{format.LZO: "LZO", 9: "CompressionCodec(?)"} {
		_, _, err := Read(refooted(t, file, func(m *format.FileMetaData) {
			for i := range m.RowGroups[0].Columns {
				m.RowGroups[0].Columns[i].MetaData.Codec = codec
			}
		}), series.Options{})
		want := `column "step": the compression ` + name + ` is not supported: write the file with snappy, zstd, gzip, brotli or LZ4`
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), want) {
			t.Errorf("error %q does not say %q", r, want)
		}
	}
}

// Files from before the logical types have only the converted ones: unsigned numbers must not turn negative.
func TestOldTypes(t *testing.T) {
	t.Parallel()
	four := longFile(t, parquetgo.Leaf(parquetgo.Int32Type), []parquetgo.Value{parquetgo.Int32Value(-1294967296), parquetgo.Int32Value(7)})
	eight := longFile(t, parquetgo.Leaf(parquetgo.Int64Type), []parquetgo.Value{parquetgo.Int64Value(-1), parquetgo.Int64Value(1 << 53)})
	of := func(c deprecated.ConvertedType) func(*format.SchemaElement) {
		return func(e *format.SchemaElement) { e.ConvertedType = thrift.New(c) }
	}
	for name, test := range map[string]struct {
		file []byte
		want []float64
	}{
		"UINT_32": {retyped(t, four, of(deprecated.Uint32)), []float64{3000000000, 7}},
		"INT_32":  {retyped(t, four, of(deprecated.Int32)), []float64{-1294967296, 7}},
		"UINT_64": {retyped(t, eight, of(deprecated.Uint64)), []float64{18446744073709551616, 1 << 53}},
		"INT_64":  {retyped(t, eight, of(deprecated.Int64)), []float64{-1, 1 << 53}},
		"DECIMAL": {retyped(t, four, func(e *format.SchemaElement) {
			e.ConvertedType, e.Scale, e.Precision = thrift.New(deprecated.Decimal), thrift.New[int32](3), thrift.New[int32](9)
		}), []float64{-1294967.296, 0.007}},
	} {
		table, _, err := Read(test.file, series.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seriestest.Equal(t, name, seriestest.Values(table), map[string][]float64{"A": test.want})
	}
}

// bytesOf are values of some bytes each.
func bytesOf(fixed bool, items ...string) []parquetgo.Value {
	var out []parquetgo.Value
	for _, s := range items {
		if fixed {
			out = append(out, parquetgo.FixedLenByteArrayValue([]byte(s)))
		} else {
			out = append(out, parquetgo.ByteArrayValue([]byte(s)))
		}
	}
	return out
}

// Decimals in bytes: 12.34 is 0x04d2 hundredths, -12.34 is 0xfb2e, 0.01 is 1, and -0.01 is all ones. Spark writes five bytes
// for a precision of 10, hyparquet and older programs write bytes of any length.
func TestDecimalsInBytes(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][]byte{
		"five bytes": longFile(t, parquetgo.Decimal(2, 10, parquetgo.FixedLenByteArrayType(5)),
			bytesOf(true, "\x00\x00\x00\x04\xd2", "\xff\xff\xff\xfb\x2e", "\x00\x00\x00\x00\x01", "\xff\xff\xff\xff\xff")),
		"seventeen bytes": longFile(t, parquetgo.Decimal(2, 38, parquetgo.FixedLenByteArrayType(17)),
			bytesOf(true, strings.Repeat("\x00", 15)+"\x04\xd2", strings.Repeat("\xff", 15)+"\xfb\x2e", strings.Repeat("\x00", 16)+"\x01", strings.Repeat("\xff", 17))),
		"any bytes":    longFile(t, parquetgo.Decimal(2, 10, parquetgo.ByteArrayType), bytesOf(false, "\x04\xd2", "\xfb\x2e", "\x01", "\xff")),
		"a dictionary": longFile(t, parquetgo.Encoded(parquetgo.Decimal(2, 10, parquetgo.ByteArrayType), &parquetgo.RLEDictionary), bytesOf(false, "\x04\xd2", "\xfb\x2e", "\x01", "\xff")),
		"deltas":       longFile(t, parquetgo.Encoded(parquetgo.Decimal(2, 10, parquetgo.ByteArrayType), &parquetgo.DeltaByteArray), bytesOf(false, "\x04\xd2", "\xfb\x2e", "\x01", "\xff")),
		"lengths":      longFile(t, parquetgo.Encoded(parquetgo.Decimal(2, 10, parquetgo.ByteArrayType), &parquetgo.DeltaLengthByteArray), bytesOf(false, "\x04\xd2", "\xfb\x2e", "\x01", "\xff")),
	} {
		table, _, err := Read(file, series.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seriestest.Equal(t, name, seriestest.Values(table), map[string][]float64{"A": {12.34, -12.34, 0.01, -0.01}})
	}
	for length, item := range map[string]string{"no": "", "40": strings.Repeat("\x01", 40)} {
		_, _, err := Read(longFile(t, parquetgo.Decimal(2, 10, parquetgo.ByteArrayType), bytesOf(false, "\x01", item)), series.Options{})
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), `line 2: column "y": a decimal has`) {
			t.Errorf("%s bytes: got error %v", length, r)
		}
	}
}

// The bits are those of Wikipedia's article on the half-precision format, the least significant byte first.
func TestFloat16(t *testing.T) {
	t.Parallel()
	halves := bytesOf(true, "\x00\x3c", "\x01\x3c", "\x00\xc0", "\xff\x7b", "\x00\x04", "\xff\x03", "\x01\x00", "\x55\x35")
	want := []float64{1, 1.0009765625, -2, 65504, 1.0 / 16384, 1023.0 / 16777216, 1.0 / 16777216, 0.333251953125}
	file := longFile(t, parquetgo.Leaf(parquetgo.FixedLenByteArrayType(2)), halves)
	table, _, err := Read(retyped(t, file, func(e *format.SchemaElement) { e.LogicalType.Value = new(format.Float16Type) }), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "values", seriestest.Values(table), map[string][]float64{"A": want})
	_, _, err = Read(file, series.Options{})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), `column "y": type FIXED_LEN_BYTE_ARRAY(2) cannot be a value`) {
		t.Errorf("without the type: got error %v", r)
	}
}

// The Julian day 2451545 began at noon of 2000-01-01: so the astronomers' almanacs have it.
func TestInt96(t *testing.T) {
	t.Parallel()
	schema := parquetgo.NewSchema("series", parquetgo.Group{"date": parquetgo.Leaf(parquetgo.Int96Type), "y": parquetgo.Leaf(parquetgo.DoubleType)})
	file := func(times ...deprecated.Int96) []byte {
		var out bytes.Buffer
		w := parquetgo.NewWriter(&out, schema)
		for k, at := range times {
			if _, err := w.WriteRows([]parquetgo.Row{{parquetgo.ValueOf(at).Level(0, 0, 0), parquetgo.DoubleValue(float64(k)).Level(0, 0, 1)}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	const hour = 3600 * 1000_000_000
	at := func(day uint32, nanos uint64) deprecated.Int96 {
		return deprecated.Int96{uint32(nanos), uint32(nanos >> 32), day}
	}
	tests := map[string]struct {
		file []byte
		want []string
	}{
		"hours":     {file(at(2451545, 0), at(2451545, 23*hour+999), at(2451546, hour)), []string{"2000-01-01 00:00:00", "2000-01-01 23:00:00", "2000-01-02 01:00:00"}},
		"midnights": {file(at(2440587, 0), at(2440588, 0), at(2440589, 0)), []string{"1969-12-31", "1970-01-01", "1970-01-02"}},
		"fractions": {file(at(2451545, 1500), at(2451545, 1000_000), at(2451545, 2000_000_000)), []string{"2000-01-01 00:00:00.000001", "2000-01-01 00:00:00.001", "2000-01-01 00:00:02"}},
	}
	for name, test := range tests {
		table, _, err := Read(test.file, series.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seriestest.Equal(t, name, seriestest.Seen(table), seriestest.Observed{"y": {test.want[0]: 0, test.want[1]: 1, test.want[2]: 2}})
	}
	for want, wrong := range map[string]deprecated.Int96{
		"the time of the day is not within its 24 hours": at(2451545, 24*hour), "the time is not within the years 1 to 9999": at(4000000000, 0),
	} {
		_, _, err := Read(file(wrong), series.Options{})
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), `line 1, column "date": `+want) {
			t.Errorf("error %q does not say %q", r, want)
		}
	}
}
