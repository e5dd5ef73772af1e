package series

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// built is a column of a foreign Arrow file: its type, and its items one by one; nil is a null.
type built struct {
	name  string
	typ   arrow.DataType
	items []any
}

// array makes the column's rows from one number up to another.
func (c built) array(t testing.TB, from, to int) arrow.Array {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, c.typ)
	for _, item := range c.items[from:to] {
		switch v := item.(type) {
		case nil:
			b.AppendNull()
		case float64:
			switch b := b.(type) {
			case *array.Float64Builder:
				b.Append(v)
			case *array.Float32Builder:
				b.Append(float32(v))
			}
		case decimal128.Num:
			b.(*array.Decimal128Builder).Append(v)
		case string:
			if err := b.AppendValueFromString(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.NewArray()
}

// foreign writes columns as an Arrow file, in records of two rows.
func foreign(t testing.TB, columns []built, options ...ipc.Option) []byte {
	t.Helper()
	return foreignBy(t, 2, columns, options...)
}

// foreignAtOnce writes columns as an Arrow file of one record.
func foreignAtOnce(t testing.TB, columns []built, options ...ipc.Option) []byte {
	t.Helper()
	return foreignBy(t, len(columns[0].items), columns, options...)
}

// foreignBy writes columns as an Arrow file, in records of so many rows.
func foreignBy(t testing.TB, rows int, columns []built, options ...ipc.Option) []byte {
	t.Helper()
	var fields []arrow.Field
	for _, c := range columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: c.typ, Nullable: true})
	}
	schema := arrow.NewSchema(fields, nil)
	var out bytes.Buffer
	w, err := ipc.NewFileWriter(&out, append(options, ipc.WithSchema(schema))...)
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < len(columns[0].items); from += rows {
		to := min(from+rows, len(columns[0].items))
		var arrays []arrow.Array
		for _, c := range columns {
			arrays = append(arrays, c.array(t, from, to))
		}
		if err := w.Write(array.NewRecordBatch(schema, arrays, int64(to-from))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func texts4(a, b, c, d string) []any { return []any{a, b, c, d} }

// words is a dictionary of text with indices of a type.
func words(index arrow.DataType) arrow.DataType {
	return &arrow.DictionaryType{IndexType: index, ValueType: arrow.BinaryTypes.String}
}

// hours is the long form at five and six o'clock.
func hours(layout string) []shown {
	five := time.Date(2020, 1, 1, 5, 0, 0, 0, time.UTC)
	times := []string{five.Format(layout), five.Add(time.Hour).Format(layout)}
	return []shown{{"A", "H", times, []float64{1.5, 2.5}, 0}, {"B", "H", times, []float64{3.5, 4.5}, 0}}
}

func TestReadForeignArrow(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	names := built{"unique_id", text, texts4("A", "A", "B", "B")}
	numbers := built{"y", arrow.PrimitiveTypes.Float64, []any{1.5, 2.5, 3.5, 4.5}}
	dates := built{"ds", arrow.FixedWidthTypes.Date32, texts4("2020-01-01", "2020-01-02", "2020-01-01", "2020-01-02")}
	days := []string{"2020-01-01", "2020-01-02"}
	two := []shown{{"A", "B", days, []float64{1.5, 2.5}, 0}, {"B", "B", days, []float64{3.5, 4.5}, 0}}
	at := func(unit arrow.TimeUnit, zone string, times ...string) built {
		c := built{name: "ds", typ: &arrow.TimestampType{Unit: unit, TimeZone: zone}}
		for _, s := range times {
			c.items = append(c.items, s)
		}
		return c
	}
	steps := []shown{{"A", "", []string{"1", "2"}, []float64{1.5, 2.5}, 0}, {"B", "", []string{"1", "2"}, []float64{3.5, 4.5}, 0}}
	tests := map[string]struct {
		columns []built
		want    []shown
	}{
		"text, date32, float64": {[]built{names, dates, numbers}, two},
		"large text":            {[]built{{"unique_id", arrow.BinaryTypes.LargeString, names.items}, dates, numbers}, two},
		"text view":             {[]built{{"unique_id", arrow.BinaryTypes.StringView, names.items}, dates, numbers}, two},
		// An Arrow file may not replace the dictionary of an earlier record, so that this has one record, of two rows.
		"dictionary": {[]built{{"symbol", words(arrow.PrimitiveTypes.Int8), []any{"B", "A"}}, {"ds", arrow.PrimitiveTypes.Int32, []any{"1", "1"}},
			{"y", arrow.PrimitiveTypes.Float64, []any{1.0, 2.0}}}, []shown{{"B", "", []string{"1"}, []float64{1}, 0}, {"A", "", []string{"1"}, []float64{2}, 0}}},
		"integer names": {[]built{{"unique_id", arrow.PrimitiveTypes.Int64, texts4("7", "7", "8", "8")}, dates, numbers},
			[]shown{{"7", "B", days, []float64{1.5, 2.5}, 0}, {"8", "B", days, []float64{3.5, 4.5}, 0}}},
		"date64":              {[]built{names, {"ds", arrow.FixedWidthTypes.Date64, dates.items}, numbers}, two},
		"dates in text":       {[]built{names, {"ds", text, dates.items}, numbers}, two},
		"midnights":           {[]built{names, at(arrow.Nanosecond, "", "2020-01-01 00:00:00", "2020-01-02 00:00:00", "2020-01-01 00:00:00", "2020-01-02 00:00:00"), numbers}, two},
		"nanoseconds, a zone": {[]built{names, at(arrow.Nanosecond, "UTC", "2020-01-01 05:00:00Z", "2020-01-01 06:00:00Z", "2020-01-01 05:00:00Z", "2020-01-01 06:00:00Z"), numbers}, hours(time.RFC3339)},
		"milliseconds":        {[]built{names, at(arrow.Millisecond, "", "2020-01-01 05:00:00", "2020-01-01 06:00:00", "2020-01-01 05:00:00", "2020-01-01 06:00:00"), numbers}, hours(time.DateTime)},
		"seconds":             {[]built{names, at(arrow.Second, "", "2020-01-01 05:00:00", "2020-01-01 06:00:00", "2020-01-01 05:00:00", "2020-01-01 06:00:00"), numbers}, hours(time.DateTime)},
		"steps of uint8":      {[]built{names, {"step", arrow.PrimitiveTypes.Uint8, texts4("1", "2", "1", "2")}, numbers}, steps},
		"float32":             {[]built{names, dates, {"y", arrow.PrimitiveTypes.Float32, numbers.items}}, two},
		"int64": {[]built{names, dates, {"y", arrow.PrimitiveTypes.Int64, texts4("1", "2", "3", "4")}},
			[]shown{{"A", "B", days, []float64{1, 2}, 0}, {"B", "B", days, []float64{3, 4}, 0}}},
		"decimal": {[]built{names, dates, {"y", &arrow.Decimal128Type{Precision: 9, Scale: 1},
			[]any{decimal128.FromI64(15), decimal128.FromI64(25), decimal128.FromI64(35), decimal128.FromI64(45)}}}, two},
		"nulls": {[]built{names, dates, {"y", arrow.PrimitiveTypes.Float64, []any{1.5, nil, 3.5, 4.5}}},
			[]shown{{"A", "B", days[:1], []float64{1.5}, 0}, {"B", "B", days, []float64{3.5, 4.5}, 0}}},
		"mixed rows": {[]built{{"unique_id", text, texts4("A", "B", "A", "B")}, {"ds", arrow.FixedWidthTypes.Date32, texts4(days[0], days[0], days[1], days[1])},
			{"y", arrow.PrimitiveTypes.Float64, []any{1.5, 3.5, 2.5, 4.5}}}, two},
		"wide": {[]built{{"date", arrow.FixedWidthTypes.Date32, []any{days[0], days[1]}}, {"A", arrow.PrimitiveTypes.Float64, []any{1.5, 2.5}},
			{"B", arrow.PrimitiveTypes.Float64, []any{3.5, 4.5}}}, two},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, options := range map[string][]ipc.Option{"plain": nil, "lz4": {ipc.WithLZ4()}, "zstd": {ipc.WithZstd()}} {
				table, _, err := ReadArrow(bytes.NewReader(foreign(t, test.columns, options...)), Options{})
				if err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
				equal(t, kind, show(table), test.want)
			}
		})
	}
}

func TestForeignArrowRejects(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	names := built{"unique_id", text, []any{"A", "A", "A"}}
	times := built{"ds", arrow.PrimitiveTypes.Int64, []any{"1", "2", "3"}}
	numbers := built{"y", arrow.PrimitiveTypes.Float64, []any{1.0, 2.0, 3.0}}
	tests := map[string]struct {
		columns []built
		want    string
	}{
		"text value":      {[]built{names, times, {"y", text, []any{"1", "2", "3"}}}, `column "y": type utf8 cannot be a value`},
		"float time":      {[]built{names, {"ds", arrow.PrimitiveTypes.Float64, []any{1.0, 2.0, 3.0}}, numbers}, `column "ds": type float64 cannot be a time`},
		"boolean name":    {[]built{{"unique_id", arrow.FixedWidthTypes.Boolean, []any{"true", "true", "true"}}, times, numbers}, `type bool cannot be the name of an asset`},
		"null time":       {[]built{names, {"ds", arrow.PrimitiveTypes.Int64, []any{"1", nil, "3"}}, numbers}, `line 2, column "ds": the time is null`},
		"null name":       {[]built{{"unique_id", text, []any{"A", "A", nil}}, times, numbers}, `line 3, column "unique_id": the asset is null`},
		"empty name":      {[]built{{"unique_id", text, []any{"A", "", "A"}}, times, numbers}, `line 2, column "unique_id": the asset's name is empty`},
		"duplicate":       {[]built{names, {"ds", arrow.PrimitiveTypes.Int64, []any{"1", "2", "1"}}, numbers}, `line 3, asset "A": 1 stands in line 1 already`},
		"bad time":        {[]built{names, {"ds", text, []any{"2020-01-01", "x", "2020-01-03"}}, numbers}, `line 2, column "ds": not a date`},
		"no value column": {[]built{names, times}, "no column for the value"},
		"no rows":         {[]built{{"unique_id", text, nil}, {"ds", text, nil}, {"y", arrow.PrimitiveTypes.Float64, nil}}, "columns and no rows"},
		"step too far":    {[]built{names, {"ds", arrow.PrimitiveTypes.Int64, []any{"1", "9007199254740993", "3"}}, numbers}, "beyond 2^53"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := ReadArrow(bytes.NewReader(foreign(t, test.columns)), Options{})
			if r := rejection(t, err); !strings.Contains(r.Error(), test.want) {
				t.Errorf("error %q does not say %q", r, test.want)
			}
		})
	}
}

// storedFile writes the stored form of a text to a file.
func storedFile(t *testing.T, text string) string {
	t.Helper()
	table, _ := readText(t, text, Options{})
	path := filepath.Join(t.TempDir(), "t.arrow")
	if err := os.WriteFile(path, arrowOf(t, table), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadFileMapsTheStoredForm(t *testing.T) {
	t.Parallel()
	path := storedFile(t, windowText)
	table, audit, err := ReadFile(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "form", audit.Form, "stored")
	equal(t, "rows", audit.Rows, 11)
	equal(t, "filled", audit.Filled, 2)
	equal(t, "freq", audit.Freq, "D")
	equal(t, "values", values(table), map[string][]float64{"A": {1, 2, 2, 4, 5, 6, 7}, "B": {20, 30, 30, 50}})
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	if err := table.Close(); err != nil {
		t.Errorf("the second close: %v", err)
	}
}

func TestStoredFormTakesAnotherFrequency(t *testing.T) {
	t.Parallel()
	table, _, err := ReadFile(storedFile(t, windowText), Options{Freq: "B"})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	equal(t, "freq", table.Freq(), "B")
	equal(t, "next", table.Next(0, 4)[3].String(), "2020-01-13") // after Tuesday, 7 January: 8, 9, 10, 13
}

func TestStoredFormHasOneRunAnAsset(t *testing.T) {
	t.Parallel()
	table, closeFile, err := OpenArrow(storedFile(t, windowText))
	if err != nil {
		t.Fatal(err)
	}
	defer closeFile()
	for i := range table.Len() {
		if !aligned(table.Values(i)) {
			t.Errorf("the values of asset %d do not begin at a multiple of eight", i)
		}
	}
	// The values of the second asset follow those of the first.
	a, b := table.Values(0), table.Values(1)
	if unsafe.Add(unsafe.Pointer(unsafe.SliceData(a)), 8*len(a)) != unsafe.Pointer(unsafe.SliceData(b)) {
		t.Error("the runs do not follow each other")
	}
}

func TestOpenArrowRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, err := os.ReadFile(storedFile(t, windowText))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		data []byte
		want string
	}{
		"an empty file":   {nil, "not an Arrow IPC file"},
		"text":            {[]byte("unique_id,ds,y\nA,1,1\n"), "not an Arrow IPC file"},
		"a file cut off":  {good[:len(good)/2], "not a readable Arrow file"},
		"the long form":   {foreign(t, []built{{"unique_id", arrow.BinaryTypes.String, []any{"A"}}, {"ds", arrow.PrimitiveTypes.Int64, []any{"1"}}, {"y", arrow.PrimitiveTypes.Float64, []any{1.0}}}), "not in the stored form"},
		"another version": {bytes.ReplaceAll(good, []byte("foliocast.series"), []byte("foliocast.serial")), "not in the stored form"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "_"))
			if err := os.WriteFile(path, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := OpenArrow(path)
			if r := rejection(t, err); !strings.Contains(r.Error(), test.want) {
				t.Errorf("error %q does not say %q", r, test.want)
			}
		})
	}
	if _, _, err := OpenArrow(filepath.Join(dir, "none.arrow")); err == nil || !strings.Contains(err.Error(), "there is no file") {
		t.Errorf("got error %v for a file that is not there", err)
	}
}

// TestStoredFormSurvivesDamage changes each byte of a stored file in turn: the file is refused, or gives a table whose
// parts can all be read.
func TestStoredFormSurvivesDamage(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(storedFile(t, windowText))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for _, with := range []byte{0, 0x7f, 0xff} {
			data := bytes.Clone(good)
			data[i] ^= with
			if table, err := openStored(data); err == nil {
				touch(table)
			}
		}
	}
}

func TestReadArrowVerifiesTheStoredForm(t *testing.T) {
	t.Parallel()
	on := &axis{times: []int64{1, 2}, step: 1}
	table := newTable([]string{"A", "A", "", "B", "C"}, []asset{
		{axis: on, values: []float64{1, 2}}, {axis: on, values: []float64{1, 2}}, {axis: on, values: []float64{1, 2}},
		{axis: on, values: []float64{1, nan()}}, {axis: on, values: []float64{math.Inf(1)}},
	}, Step, true)
	_, _, err := ReadArrow(bytes.NewReader(arrowOf(t, table)), Options{})
	want := &RejectError{Total: 4, Faults: []Finding{
		{Line: 2, Asset: "A", Reason: "the asset stands in an earlier row already"},
		{Line: 3, Reason: "the asset's name is empty"},
		{Line: 4, Asset: "B", Reason: "value 2 is NaN"},
		{Line: 5, Asset: "C", Reason: "value 1 is +Inf"},
	}}
	equal(t, "error", rejection(t, err), want)
}

// touch reads all of a table.
func touch(t *Table) {
	show(t)
	var audit Audit
	t.summarize(&audit)
	for i := range t.Names() {
		if len(t.Values(i)) > 0 {
			t.Next(i, 3)
		}
	}
	t.Stale(nil)
}

// foreignSeeds are Arrow files for the fuzzer: the long form with a dictionary, with text views and compressed, and the
// wide form.
func foreignSeeds(t testing.TB) [][]byte {
	numbers := built{"y", arrow.PrimitiveTypes.Float64, []any{1.0, nil}}
	steps := built{"ds", arrow.PrimitiveTypes.Int32, []any{"1", "2"}}
	return [][]byte{
		foreign(t, []built{{"unique_id", words(arrow.PrimitiveTypes.Int8), []any{"B", "A"}}, steps, numbers}),
		foreign(t, []built{{"unique_id", arrow.BinaryTypes.StringView, []any{"B", "a long name that is not inline"}}, steps, numbers}),
		foreign(t, []built{{"unique_id", arrow.BinaryTypes.String, []any{"B", "A"}}, steps, numbers}, ipc.WithZstd()),
		foreign(t, []built{{"ds", arrow.FixedWidthTypes.Date32, []any{"2020-01-01", "2020-01-02"}}, numbers}, ipc.WithLZ4()),
	}
}
