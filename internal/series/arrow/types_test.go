package arrow

import (
	"bytes"
	"strings"
	"testing"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// parsed makes an array of a type from texts; an empty one is a null.
func parsed(t testing.TB, typ apache.DataType, items []string) apache.Array {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	for _, item := range items {
		if item == "" {
			b.AppendNull()
		} else if err := b.AppendValueFromString(item); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewArray()
}

// runs makes a run-end encoded array with the ends of the runs in 16 bits.
func runs(t testing.TB, values apache.Array, ends ...string) apache.Array {
	t.Helper()
	e := parsed(t, apache.PrimitiveTypes.Int16, ends)
	return array.NewRunEndEncodedArray(e, values, int(e.(*array.Int16).Value(e.Len()-1)), 0)
}

// coded makes a dictionary array.
func coded(t testing.TB, values apache.Array, indices ...string) apache.Array {
	t.Helper()
	typ := &apache.DictionaryType{IndexType: apache.PrimitiveTypes.Uint8, ValueType: values.DataType()}
	return array.NewDictionaryArray(typ, parsed(t, typ.IndexType, indices), values)
}

// column is a column of a file.
type column struct {
	name string
	data apache.Array
}

// recordOf puts columns into a record.
func recordOf(columns []column, metadata ...string) apache.RecordBatch {
	var fields []apache.Field
	var arrays []apache.Array
	for _, c := range columns {
		fields = append(fields, apache.Field{Name: c.name, Type: c.data.DataType(), Nullable: true})
		arrays = append(arrays, c.data)
	}
	var meta *apache.Metadata
	if len(metadata) > 0 {
		m := apache.MetadataFrom(map[string]string{metadata[0]: metadata[1]})
		meta = &m
	}
	return array.NewRecordBatch(apache.NewSchema(fields, meta), arrays, int64(arrays[0].Len()))
}

// fileOf and streamOf write a record.
func fileOf(t testing.TB, record apache.RecordBatch) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := ipc.NewFileWriter(&out, ipc.WithSchema(record.Schema()))
	if err == nil {
		err = w.Write(record)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func streamOf(t testing.TB, records ...apache.RecordBatch) []byte {
	t.Helper()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(records[0].Schema()), ipc.WithDictionaryDeltas(true))
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// typedColumns are columns of three rows in many types, each with a null in the second: a value by its type's text.
func typedColumns(t testing.TB) map[string]struct {
	data apache.Array
	want [2]float64
} {
	type typed = struct {
		data apache.Array
		want [2]float64
	}
	of := func(typ apache.DataType, first, third string, want [2]float64) typed {
		return typed{parsed(t, typ, []string{first, "", third}), want}
	}
	halves := parsed(t, apache.PrimitiveTypes.Float64, []string{"1.5", "", "-2"})
	return map[string]typed{
		"float16":    of(apache.FixedWidthTypes.Float16, "1.5", "65504", [2]float64{1.5, 65504}),
		"decimal32":  of(&apache.Decimal32Type{Precision: 9, Scale: 2}, "1234567.89", "-0.01", [2]float64{1234567.89, -0.01}),
		"decimal64":  of(&apache.Decimal64Type{Precision: 18, Scale: 2}, "90071992547409.93", "-0.01", [2]float64{90071992547409.93, -0.01}),
		"decimal128": of(&apache.Decimal128Type{Precision: 38, Scale: 4}, "-1234567890123456789012345678.9012", "0.1", [2]float64{-1234567890123456789012345678.9012, 0.1}),
		"decimal256": of(&apache.Decimal256Type{Precision: 76, Scale: 10}, "123456789012345678901234567890123456789012345678901234567890.0123456789", "-0.3",
			[2]float64{123456789012345678901234567890123456789012345678901234567890.0123456789, -0.3}),
		"uint64":                      of(apache.PrimitiveTypes.Uint64, "18446744073709551615", "3000000000", [2]float64{18446744073709551616, 3000000000}),
		"int64":                       of(apache.PrimitiveTypes.Int64, "-9223372036854775808", "9007199254740993", [2]float64{-9223372036854775808, 9007199254740992}),
		"runs":                        {runs(t, halves, "1", "2", "3"), [2]float64{1.5, -2}},
		"a dictionary of numbers":     {coded(t, halves, "0", "1", "2"), [2]float64{1.5, -2}},
		"a dictionary with no index":  {coded(t, halves, "2", "", "0"), [2]float64{-2, 1.5}},
		"runs of a dictionary":        {runs(t, coded(t, halves, "2", "1", "0"), "1", "2", "3"), [2]float64{-2, 1.5}},
		"a dictionary of decimal128s": {coded(t, parsed(t, &apache.Decimal128Type{Precision: 38, Scale: 1}, []string{"0.7", "0.1"}), "1", "", "0"), [2]float64{0.1, 0.7}},
	}
}

// The numbers are those of the texts; the last digits of integers and decimals beyond float64 are rounded to nearest.
func TestNumbersOfEveryType(t *testing.T) {
	t.Parallel()
	names := column{"unique_id", parsed(t, apache.BinaryTypes.String, []string{"A", "A", "A"})}
	dates := column{"ds", parsed(t, apache.FixedWidthTypes.Date32, []string{"2020-01-01", "2020-01-02", "2020-01-03"})}
	for name, typed := range typedColumns(t) {
		record := recordOf([]column{names, dates, {"y", typed.data}})
		for form, data := range map[string][]byte{"file": fileOf(t, record), "stream": streamOf(t, record)} {
			table, _, err := Read(data, series.Options{})
			if err != nil {
				t.Fatalf("%s, %s: %v", name, form, err)
			}
			seriestest.Equal(t, name+", "+form, seriestest.Seen(table), seriestest.Observed{"A": {"2020-01-01": typed.want[0], "2020-01-03": typed.want[1]}})
		}
	}
}

func TestNamesAndTimesOfEveryType(t *testing.T) {
	t.Parallel()
	letters := []string{"A", "B"}
	text := parsed(t, apache.BinaryTypes.String, letters)
	fixed := array.NewFixedSizeBinaryBuilder(memory.DefaultAllocator, &apache.FixedSizeBinaryType{ByteWidth: 1})
	bytesOf := array.NewBinaryBuilder(memory.DefaultAllocator, apache.BinaryTypes.Binary)
	largeOf := array.NewBinaryBuilder(memory.DefaultAllocator, apache.BinaryTypes.LargeBinary)
	viewOf := array.NewBinaryViewBuilder(memory.DefaultAllocator)
	for _, s := range letters {
		fixed.Append([]byte(s))
		bytesOf.Append([]byte(s))
		largeOf.Append([]byte(s))
		viewOf.Append([]byte(s))
	}
	dates := parsed(t, apache.FixedWidthTypes.Date32, []string{"2020-01-01", "2020-01-02"})
	names := map[string]apache.Array{
		"utf8": text, "large_utf8": parsed(t, apache.BinaryTypes.LargeString, letters), "utf8_view": parsed(t, apache.BinaryTypes.StringView, letters),
		"binary": bytesOf.NewArray(), "large_binary": largeOf.NewArray(), "binary_view": viewOf.NewArray(), "fixed_size_binary": fixed.NewArray(),
		"dictionary": coded(t, text, "0", "1"), "runs": runs(t, text, "1", "2"), "runs of a dictionary": runs(t, coded(t, text, "0", "1"), "1", "2"),
		"a dictionary of views": coded(t, parsed(t, apache.BinaryTypes.StringView, letters), "0", "1"),
	}
	times := map[string]apache.Array{
		"date32": dates, "date64": parsed(t, apache.FixedWidthTypes.Date64, []string{"2020-01-01", "2020-01-02"}), "text": parsed(t, apache.BinaryTypes.StringView, []string{"2020-01-01", "2020-01-02"}),
		"dictionary": coded(t, dates, "0", "1"), "runs": runs(t, dates, "1", "2"),
	}
	values := column{"y", parsed(t, apache.PrimitiveTypes.Float64, []string{"1", "2"})}
	want := seriestest.Observed{"A": {"2020-01-01": 1}, "B": {"2020-01-02": 2}}
	for name, data := range names {
		for clock, at := range times {
			record := recordOf([]column{{"unique_id", data}, {"ds", at}, values})
			for form, data := range map[string][]byte{"file": fileOf(t, record), "stream": streamOf(t, record)} {
				table, _, err := Read(data, series.Options{})
				if err != nil {
					t.Fatalf("%s, %s, %s: %v", name, clock, form, err)
				}
				seriestest.Equal(t, name+", "+clock+", "+form, seriestest.Seen(table), want)
			}
		}
	}
}

// A stream may replace the dictionary of an earlier record, or add to it.
func TestStreamOfManyRecords(t *testing.T) {
	t.Parallel()
	record := func(day, value string, dictionary ...string) apache.RecordBatch {
		last := string('0' + byte(len(dictionary)-1))
		return recordOf([]column{{"unique_id", coded(t, parsed(t, apache.BinaryTypes.String, dictionary), last)},
			{"ds", parsed(t, apache.FixedWidthTypes.Date32, []string{day})}, {"y", parsed(t, apache.PrimitiveTypes.Float64, []string{value})}})
	}
	stream := streamOf(t, record("2020-01-01", "1", "A"), record("2020-01-01", "2", "A", "B"), record("2020-01-02", "3", "C", "A"), record("2020-01-02", "4", "B"))
	table, _, err := Read(stream, series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := seriestest.Observed{"A": {"2020-01-01": 1, "2020-01-02": 3}, "B": {"2020-01-01": 2, "2020-01-02": 4}}
	seriestest.Equal(t, "values", seriestest.Seen(table), want)
}

func TestStreamsThatAreRefused(t *testing.T) {
	t.Parallel()
	record := recordOf([]column{{"ds", parsed(t, apache.FixedWidthTypes.Date32, []string{"2020-01-01"})}, {"y", parsed(t, apache.PrimitiveTypes.Float64, []string{"1"})}})
	stream := streamOf(t, record)
	union := array.NewDenseUnionBuilder(memory.DefaultAllocator, apache.DenseUnionOf([]apache.Field{{Name: "a", Type: apache.PrimitiveTypes.Int8}}, []apache.UnionTypeCode{0}))
	union.Append(0)
	union.Child(0).AppendEmptyValue()
	mixed := recordOf([]column{{"ds", parsed(t, apache.FixedWidthTypes.Date32, []string{"2020-01-01"})}, {"either", union.NewArray()}})
	tests := map[string]struct {
		data []byte
		want string
	}{
		"cut off in a record": {stream[:len(stream)-40], "not a readable Arrow stream: it is cut off"},
		"two schemas":         {append(bytes.Clone(stream[:len(stream)-8]), stream...), "not a readable Arrow stream: a header is damaged"},
		"no record":           {streamOf(t, record)[:bytes.Index(stream[4:], []byte{255, 255, 255, 255})+4], "the file has no rows"},
		"text":                {[]byte("unique_id,ds,y\nA,1,1\n"), "not an Arrow IPC file or stream"},
		"a union":             {streamOf(t, mixed), `column "either" has a union type: write the file without it`},
		"a union in a file":   {fileOf(t, mixed), `column "either" has a union type: write the file without it`},
		"Feather, version 1":  {[]byte("FEA1\x00\x00\x00\x00FEA1"), "a Feather file of version 1"},
	}
	for name, test := range tests {
		_, _, err := Read(test.data, series.Options{})
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), test.want) {
			t.Errorf("%s: error %q does not say %q", name, r, test.want)
		}
	}
}

// TestDamageGivesAValidTable changes each byte of files and streams that other programs wrote. No reader can notice all of
// the changes, but none may fail in another way than by refusing the file.
func TestDamageGivesAValidTable(t *testing.T) {
	t.Parallel()
	for name, value := range programFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := programFile(t, name)
			data, o := bytes.Clone(file), series.Options{Time: "ds", Value: value}
			if _, _, err := Read(data, o); err != nil {
				t.Fatal(err)
			}
			for at := range file {
				for _, change := range []byte{1, 0xff} {
					data[at] = file[at] ^ change
					if table, _, err := Read(data, o); err == nil {
						seriestest.Valid(t, table)
					}
				}
				data[at] = file[at]
			}
			for n := 0; n < len(file); n += 5 {
				if table, _, err := Read(file[:n], o); err == nil {
					seriestest.Valid(t, table)
				}
			}
		})
	}
}

// The index of a data frame is the time if it can be, and no asset if it cannot.
func TestIndexOfPandas(t *testing.T) {
	t.Parallel()
	days := parsed(t, apache.FixedWidthTypes.Date32, []string{"2020-01-01", "2020-01-02"})
	values := parsed(t, apache.PrimitiveTypes.Float64, []string{"1", "2"})
	numbers := parsed(t, apache.PrimitiveTypes.Int64, []string{"3", "17"})
	want := seriestest.Observed{"A": {"2020-01-01": 1, "2020-01-02": 2}}
	for name, record := range map[string]apache.RecordBatch{
		"dates, last":   recordOf([]column{{"A", values}, {"when", days}}, "pandas", `{"index_columns":["when"]}`),
		"two of dates":  recordOf([]column{{"A", values}, {"Settled", days}, {"when", days}}, "pandas", `{"index_columns":["when"]}`),
		"numbers":       recordOf([]column{{"A", values}, {"key", numbers}, {"when", days}}, "pandas", `{"index_columns":["key"]}`),
		"numbers, bare": recordOf([]column{{"A", values}, {"__index_level_0__", numbers}, {"when", days}}),
	} {
		o := series.Options{}
		if name == "two of dates" {
			o.Drop = []string{"Settled"}
		}
		table, _, err := Read(fileOf(t, record), o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seriestest.Equal(t, name, seriestest.Seen(table), want)
	}
}

func TestUnknownZone(t *testing.T) {
	t.Parallel()
	at := parsed(t, &apache.TimestampType{Unit: apache.Second, TimeZone: "UTC"}, []string{"2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"})
	record := recordOf([]column{{"ds", at}, {"y", parsed(t, apache.PrimitiveTypes.Float64, []string{"1", "2"})}})
	for _, data := range [][]byte{fileOf(t, record), streamOf(t, record)} {
		data = bytes.ReplaceAll(data, []byte("UTC\x00"), []byte("XYZ\x00"))
		_, _, err := Read(data, series.Options{})
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), `column "ds": "XYZ" is not the name of a time zone`) || !strings.Contains(r.Error(), "--timezone") {
			t.Errorf("got error %v", r)
		}
		if _, _, err := Read(data, series.Options{Timezone: "UTC"}); err != nil {
			t.Errorf("with a zone that the options name: got error %v", err)
		}
	}
}

// Before version 0.15 of Arrow, messages had no marker in front.
func TestStreamWithoutMarkers(t *testing.T) {
	t.Parallel()
	record := recordOf([]column{{"ds", parsed(t, apache.FixedWidthTypes.Date32, []string{"2020-01-01", "2020-01-02"})}, {"y", parsed(t, apache.PrimitiveTypes.Float64, []string{"1", "2"})}})
	var old []byte
	for data := streamOf(t, record); len(data) > 0; {
		head, rest, err := nextMessage(data)
		if err != nil {
			t.Fatal(err)
		}
		old = append(old, data[4:len(data)-len(rest)]...)
		if head.data == nil {
			break
		}
		root, err := head.root()
		if err != nil {
			t.Fatal(err)
		}
		size := head.number(root, messageBody)
		old, data = append(old, rest[:size]...), rest[size:]
	}
	table, _, err := Read(old, series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "values", seriestest.Seen(table), seriestest.Observed{"y": {"2020-01-01": 1, "2020-01-02": 2}})
}
