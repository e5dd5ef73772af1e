package arrow

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// built is a column of a foreign Arrow file: its type, and its items one by one; nil is a null.
type built struct {
	name  string
	typ   apache.DataType
	items []any
}

// array makes the column's rows from one number up to another.
func (c built) array(t testing.TB, from, to int) apache.Array {
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

// foreignBy writes columns as an Arrow file, in records of the given number of rows.
func foreignBy(t testing.TB, rows int, columns []built, options ...ipc.Option) []byte {
	t.Helper()
	var fields []apache.Field
	for _, c := range columns {
		fields = append(fields, apache.Field{Name: c.name, Type: c.typ, Nullable: true})
	}
	schema := apache.NewSchema(fields, nil)
	var out bytes.Buffer
	w, err := ipc.NewFileWriter(&out, append(options, ipc.WithSchema(schema))...)
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < len(columns[0].items); from += rows {
		to := min(from+rows, len(columns[0].items))
		var arrays []apache.Array
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
func words(index apache.DataType) apache.DataType {
	return &apache.DictionaryType{IndexType: index, ValueType: apache.BinaryTypes.String}
}

// hours is the long form at five and six o'clock.
func hours(layout string) []seriestest.Shown {
	five := time.Date(2020, 1, 1, 5, 0, 0, 0, time.UTC)
	times := []string{five.Format(layout), five.Add(time.Hour).Format(layout)}
	return []seriestest.Shown{{Name: "A", Freq: "h", Times: times, Values: []float64{1.5, 2.5}}, {Name: "B", Freq: "h", Times: times, Values: []float64{3.5, 4.5}}}
}

func TestReadForeignArrow(t *testing.T) {
	t.Parallel()
	text := apache.BinaryTypes.String
	names := built{"unique_id", text, texts4("A", "A", "B", "B")}
	numbers := built{"y", apache.PrimitiveTypes.Float64, []any{1.5, 2.5, 3.5, 4.5}}
	dates := built{"ds", apache.FixedWidthTypes.Date32, texts4("2020-01-01", "2020-01-02", "2020-01-01", "2020-01-02")}
	days := []string{"2020-01-01", "2020-01-02"}
	two := []seriestest.Shown{{Name: "A", Freq: "B", Times: days, Values: []float64{1.5, 2.5}}, {Name: "B", Freq: "B", Times: days, Values: []float64{3.5, 4.5}}}
	at := func(unit apache.TimeUnit, zone string, times ...string) built {
		c := built{name: "ds", typ: &apache.TimestampType{Unit: unit, TimeZone: zone}}
		for _, s := range times {
			c.items = append(c.items, s)
		}
		return c
	}
	steps := []seriestest.Shown{{Name: "A", Freq: "", Times: []string{"1", "2"}, Values: []float64{1.5, 2.5}}, {Name: "B", Freq: "", Times: []string{"1", "2"}, Values: []float64{3.5, 4.5}}}
	tests := map[string]struct {
		columns []built
		want    []seriestest.Shown
	}{
		"text, date32, float64": {[]built{names, dates, numbers}, two},
		"large text":            {[]built{{"unique_id", apache.BinaryTypes.LargeString, names.items}, dates, numbers}, two},
		"text view":             {[]built{{"unique_id", apache.BinaryTypes.StringView, names.items}, dates, numbers}, two},
		// An Arrow file may not replace the dictionary of an earlier record, so that this has one record, of two rows.
		"dictionary": {[]built{{"symbol", words(apache.PrimitiveTypes.Int8), []any{"B", "A"}}, {"ds", apache.PrimitiveTypes.Int32, []any{"1", "1"}},
			{"y", apache.PrimitiveTypes.Float64, []any{1.0, 2.0}}}, []seriestest.Shown{{Name: "B", Freq: "", Times: []string{"1"}, Values: []float64{1}}, {Name: "A", Freq: "", Times: []string{"1"}, Values: []float64{2}}}},
		"integer names": {[]built{{"unique_id", apache.PrimitiveTypes.Int64, texts4("7", "7", "8", "8")}, dates, numbers},
			[]seriestest.Shown{{Name: "7", Freq: "B", Times: days, Values: []float64{1.5, 2.5}}, {Name: "8", Freq: "B", Times: days, Values: []float64{3.5, 4.5}}}},
		"date64":              {[]built{names, {"ds", apache.FixedWidthTypes.Date64, dates.items}, numbers}, two},
		"dates in text":       {[]built{names, {"ds", text, dates.items}, numbers}, two},
		"midnights":           {[]built{names, at(apache.Nanosecond, "", "2020-01-01 00:00:00", "2020-01-02 00:00:00", "2020-01-01 00:00:00", "2020-01-02 00:00:00"), numbers}, two},
		"nanoseconds, a zone": {[]built{names, at(apache.Nanosecond, "UTC", "2020-01-01 05:00:00Z", "2020-01-01 06:00:00Z", "2020-01-01 05:00:00Z", "2020-01-01 06:00:00Z"), numbers}, hours(time.RFC3339)},
		"milliseconds":        {[]built{names, at(apache.Millisecond, "", "2020-01-01 05:00:00", "2020-01-01 06:00:00", "2020-01-01 05:00:00", "2020-01-01 06:00:00"), numbers}, hours(time.DateTime)},
		"seconds":             {[]built{names, at(apache.Second, "", "2020-01-01 05:00:00", "2020-01-01 06:00:00", "2020-01-01 05:00:00", "2020-01-01 06:00:00"), numbers}, hours(time.DateTime)},
		"steps of uint8":      {[]built{names, {"step", apache.PrimitiveTypes.Uint8, texts4("1", "2", "1", "2")}, numbers}, steps},
		"float32":             {[]built{names, dates, {"y", apache.PrimitiveTypes.Float32, numbers.items}}, two},
		"int64": {[]built{names, dates, {"y", apache.PrimitiveTypes.Int64, texts4("1", "2", "3", "4")}},
			[]seriestest.Shown{{Name: "A", Freq: "B", Times: days, Values: []float64{1, 2}}, {Name: "B", Freq: "B", Times: days, Values: []float64{3, 4}}}},
		"decimal": {[]built{names, dates, {"y", &apache.Decimal128Type{Precision: 9, Scale: 1},
			[]any{decimal128.FromI64(15), decimal128.FromI64(25), decimal128.FromI64(35), decimal128.FromI64(45)}}}, two},
		"nulls": {[]built{names, dates, {"y", apache.PrimitiveTypes.Float64, []any{1.5, nil, 3.5, 4.5}}},
			[]seriestest.Shown{{Name: "A", Freq: "B", Times: days[:1], Values: []float64{1.5}}, {Name: "B", Freq: "B", Times: days, Values: []float64{3.5, 4.5}}}},
		"mixed rows": {[]built{{"unique_id", text, texts4("A", "B", "A", "B")}, {"ds", apache.FixedWidthTypes.Date32, texts4(days[0], days[0], days[1], days[1])},
			{"y", apache.PrimitiveTypes.Float64, []any{1.5, 3.5, 2.5, 4.5}}}, two},
		"wide": {[]built{{"date", apache.FixedWidthTypes.Date32, []any{days[0], days[1]}}, {"A", apache.PrimitiveTypes.Float64, []any{1.5, 2.5}},
			{"B", apache.PrimitiveTypes.Float64, []any{3.5, 4.5}}}, two},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, options := range map[string][]ipc.Option{"plain": nil, "lz4": {ipc.WithLZ4()}, "zstd": {ipc.WithZstd()}} {
				table, _, err := Read(foreign(t, test.columns, options...), series.Options{})
				if err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
				seriestest.Equal(t, kind, seriestest.Show(table), test.want)
			}
		})
	}
}

func TestForeignArrowRejects(t *testing.T) {
	t.Parallel()
	text := apache.BinaryTypes.String
	names := built{"unique_id", text, []any{"A", "A", "A"}}
	times := built{"ds", apache.PrimitiveTypes.Int64, []any{"1", "2", "3"}}
	numbers := built{"y", apache.PrimitiveTypes.Float64, []any{1.0, 2.0, 3.0}}
	tests := map[string]struct {
		columns []built
		want    string
	}{
		"text value":      {[]built{names, times, {"y", text, []any{"1", "2", "3"}}}, `column "y": type utf8 cannot be a value`},
		"float time":      {[]built{names, {"ds", apache.PrimitiveTypes.Float64, []any{1.0, 2.0, 3.0}}, numbers}, `column "ds": type float64 cannot be a time`},
		"boolean name":    {[]built{{"unique_id", apache.FixedWidthTypes.Boolean, []any{"true", "true", "true"}}, times, numbers}, `type bool cannot be the name of an asset`},
		"null time":       {[]built{names, {"ds", apache.PrimitiveTypes.Int64, []any{"1", nil, "3"}}, numbers}, `line 2, column "ds": the time is null`},
		"null name":       {[]built{{"unique_id", text, []any{"A", "A", nil}}, times, numbers}, `line 3, column "unique_id": the asset is null`},
		"empty name":      {[]built{{"unique_id", text, []any{"A", "", "A"}}, times, numbers}, `line 2, column "unique_id": the asset's name is empty`},
		"duplicate":       {[]built{names, {"ds", apache.PrimitiveTypes.Int64, []any{"1", "2", "1"}}, numbers}, `line 3, asset "A": line 1 already has the time 1`},
		"bad time":        {[]built{names, {"ds", text, []any{"2020-01-01", "x", "2020-01-03"}}, numbers}, `line 2, column "ds": not a date`},
		"no value column": {[]built{names, times}, "no column for the value"},
		"no rows":         {[]built{{"unique_id", text, nil}, {"ds", text, nil}, {"y", apache.PrimitiveTypes.Float64, nil}}, "the file has no rows"},
		"step too far":    {[]built{names, {"ds", apache.PrimitiveTypes.Int64, []any{"1", "9007199254740993", "3"}}, numbers}, "beyond 2^53"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := Read(foreign(t, test.columns), series.Options{})
			if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), test.want) {
				t.Errorf("error %q does not say %q", r, test.want)
			}
		})
	}
}

// storedFile writes the stored form of a text to a file.
func storedFile(t *testing.T, text string) string {
	t.Helper()
	table, _ := seriestest.ReadText(t, text, series.Options{})
	path := filepath.Join(t.TempDir(), "t.arrow")
	if err := os.WriteFile(path, seriestest.Written(t, Write, table), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadFileMapsTheStoredForm(t *testing.T) {
	t.Parallel()
	path := storedFile(t, seriestest.Small)
	table, audit, err := readFile(path, series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "form", audit.Form, "stored")
	seriestest.Equal(t, "rows", audit.Rows, 11)
	seriestest.Equal(t, "filled", audit.Filled, 2)
	seriestest.Equal(t, "freq", audit.Freq, "D")
	seriestest.Equal(t, "values", seriestest.Values(table), map[string][]float64{"A": {1, 2, 2, 4, 5, 6, 7}, "B": {20, 30, 30, 50}})
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	if err := table.Close(); err != nil {
		t.Errorf("the second close: %v", err)
	}
}

func TestStoredFormTakesAnotherFrequency(t *testing.T) {
	t.Parallel()
	if _, _, err := readFile(storedFile(t, seriestest.Small), series.Options{Freq: "B"}); err == nil {
		t.Error("calendar days with a weekend are business days")
	}
	// Thursday, Friday, Monday and Tuesday, which alone may be calendar days with a gap.
	table, _, err := readFile(storedFile(t, "ds,A\n2020-01-02,1\n2020-01-03,2\n2020-01-06,3\n2020-01-07,4\n"), series.Options{Freq: "B"})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	seriestest.Equal(t, "freq", table.Freq(), "B")
	seriestest.Equal(t, "next", table.Next(0, 4)[3].String(), "2020-01-13") // after Tuesday, 7 January: 8, 9, 10, 13
}

func TestStoredFormHasOneRunPerAsset(t *testing.T) {
	t.Parallel()
	table, err := Open(storedFile(t, seriestest.Small))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
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

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, err := os.ReadFile(storedFile(t, seriestest.Small))
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
		"the long form":   {foreign(t, []built{{"unique_id", apache.BinaryTypes.String, []any{"A"}}, {"ds", apache.PrimitiveTypes.Int64, []any{"1"}}, {"y", apache.PrimitiveTypes.Float64, []any{1.0}}}), "not in the stored form"},
		"another version": {bytes.ReplaceAll(good, []byte("foliocast.series"), []byte("foliocast.serial")), "not in the stored form"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "_"))
			if err := os.WriteFile(path, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path)
			if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), test.want) {
				t.Errorf("error %q does not say %q", r, test.want)
			}
		})
	}
	if _, err := Open(filepath.Join(dir, "none.arrow")); err == nil || !strings.Contains(err.Error(), "there is no file") {
		t.Errorf("got error %v for a file that is not there", err)
	}
}

// TestDamagedStoredFormIsSafe changes each byte of a stored file in turn: the file is rejected, or all of the table can be
// read. Only the SHA-256 under which a file is stored can tell whether its values are still the same.
func TestDamagedStoredFormIsSafe(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(storedFile(t, seriestest.Small))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for _, with := range []byte{1, 0x7f, 0xff} {
			data := bytes.Clone(good)
			data[i] ^= with
			if table, err := openStored(data); err == nil {
				seriestest.Use(table)
			} else {
				seriestest.Rejection(t, err)
			}
		}
	}
}

func TestReadArrowVerifiesTheStoredForm(t *testing.T) {
	t.Parallel()
	on, err := series.NewAxis(series.Step, []int64{1, 2}, "", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	var assets []series.Asset
	for _, values := range [][]float64{{1, 2}, {1, 2}, {1, 2}, {1, math.NaN()}, {math.Inf(1)}} {
		asset, err := on.Asset(0, values, nil)
		if err != nil {
			t.Fatal(err)
		}
		assets = append(assets, asset)
	}
	table := series.NewTable(series.Step, nil, true, []string{"A", "A", "", "B", "C"}, assets)
	_, _, err = Read(seriestest.Written(t, Write, table), series.Options{})
	want := &series.RejectError{Total: 4, Faults: []series.Finding{
		{Line: 2, Asset: "A", Reason: "an earlier row already has this asset"},
		{Line: 3, Reason: "the asset's name is empty"},
		{Line: 4, Asset: "B", Reason: "value 2 is NaN"},
		{Line: 5, Asset: "C", Reason: "value 1 is +Inf"},
	}}
	seriestest.Equal(t, "error", seriestest.Rejection(t, err), want)
}

// foreignSeeds are Arrow files for the fuzzer: the long form with a dictionary, with text views and compressed, and the
// wide form.
func foreignSeeds(t testing.TB) [][]byte {
	numbers := built{"y", apache.PrimitiveTypes.Float64, []any{1.0, nil}}
	steps := built{"ds", apache.PrimitiveTypes.Int32, []any{"1", "2"}}
	return [][]byte{
		foreign(t, []built{{"unique_id", words(apache.PrimitiveTypes.Int8), []any{"B", "A"}}, steps, numbers}),
		foreign(t, []built{{"unique_id", apache.BinaryTypes.StringView, []any{"B", "a long name that is not inline"}}, steps, numbers}),
		foreign(t, []built{{"unique_id", apache.BinaryTypes.String, []any{"B", "A"}}, steps, numbers}, ipc.WithZstd()),
		foreign(t, []built{{"ds", apache.FixedWidthTypes.Date32, []any{"2020-01-01", "2020-01-02"}}, numbers}, ipc.WithLZ4()),
	}
}

// What a record unpacks to counts, also in columns that nobody reads: 1 MB each here.
func TestRecordBeyondTheBudget(t *testing.T) {
	t.Parallel()
	zeros := built{"y", apache.PrimitiveTypes.Float64, nil}
	steps := built{"ds", apache.PrimitiveTypes.Int32, nil}
	for k := range 1 << 17 {
		zeros.items, steps.items = append(zeros.items, 0.0), append(steps.items, strconv.Itoa(k))
	}
	columns := []built{steps, zeros}
	var dropped []string
	for k := range 8 {
		zeros.name = "more" + strconv.Itoa(k)
		columns, dropped = append(columns, zeros), append(dropped, zeros.name)
	}
	b := series.NewPool(8<<20, time.Minute).Budget(t.Context())
	defer b.Close()
	_, _, err := Read(foreignAtOnce(t, columns, ipc.WithZstd()), series.Options{Budget: b, Drop: dropped})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "MB of memory or more, and the service has 6 MB for a file") {
		t.Errorf("got %v", r)
	}
}

// TestCompressedBomb reads a file that would become far larger than it is.
func TestCompressedBomb(t *testing.T) {
	t.Parallel()
	zeros := built{"y", apache.PrimitiveTypes.Float64, nil}
	for range 2 << 20 {
		zeros.items = append(zeros.items, 0.0)
	}
	file := foreignAtOnce(t, []built{{"ds", apache.PrimitiveTypes.Float64, zeros.items}, zeros}, ipc.WithZstd())
	_, _, err := Read(file, series.Options{})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "and may not be for a file of this size") {
		t.Errorf("got error %v for a file of %d bytes", err, len(file))
	}
}
