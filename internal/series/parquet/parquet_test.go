package parquet

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// packed writes rows as a Parquet file.
func packed[T any](t testing.TB, rows []T, options ...parquetgo.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquetgo.NewGenericWriter[T](&out, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type datedRow struct {
	ID string   `parquet:"unique_id,dict"`
	At int32    `parquet:"ds,date"`
	Y  *float64 `parquet:"y"`
}

type momentRow struct {
	Asset int64     `parquet:"asset"`
	At    time.Time `parquet:"time,timestamp(millisecond)"`
	Close float32   `parquet:"close"`
	Note  *string   `parquet:"note"`
}

type steppedRow struct {
	ID string `parquet:"series_id"`
	At int64  `parquet:"step,delta"`
	Y  int32  `parquet:"value,delta"`
}

type textRow struct {
	At string  `parquet:"ds"`
	ID string  `parquet:"unique_id,optional"`
	Y  float64 `parquet:"y,split"`
}

type wideRow struct {
	Date int32    `parquet:"a_date,date"`
	B    *float64 `parquet:"dax"`
	C    float64  `parquet:"ftse"`
}

func ptr(v float64) *float64 { return &v }

// writings are the ways in which other programs write Parquet.
func writings() map[string][]parquetgo.WriterOption {
	return map[string][]parquetgo.WriterOption{
		"plain":       {},
		"snappy":      {parquetgo.Compression(&parquetgo.Snappy)},
		"gzip":        {parquetgo.Compression(&parquetgo.Gzip)},
		"zstd":        {parquetgo.Compression(&parquetgo.Zstd)},
		"version 1":   {parquetgo.DataPageVersion(1), parquetgo.Compression(&parquetgo.Snappy)},
		"many groups": {parquetgo.MaxRowsPerRowGroup(1)},
		"small pages": {parquetgo.PageBufferSize(16)},
	}
}

func TestReadForeignParquet(t *testing.T) {
	t.Parallel()
	noon := time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		write func(...parquetgo.WriterOption) []byte
		want  []seriestest.Shown
	}{
		"dates, a dictionary, nulls": {
			func(o ...parquetgo.WriterOption) []byte {
				return packed(t, []datedRow{{"A", 18262, ptr(1)}, {"A", 18263, nil}, {"A", 18264, ptr(3)}, {"B", 18262, ptr(4)}, {"B", 18264, ptr(5)}}, o...)
			},
			[]seriestest.Shown{
				{Name: "A", Freq: "B", Times: []string{"2020-01-01", "2020-01-03"}, Values: []float64{1, 3}},
				{Name: "B", Freq: "B", Times: []string{"2020-01-01", "2020-01-03"}, Values: []float64{4, 5}},
			},
		},
		"timestamps, integer names, float32": {
			func(o ...parquetgo.WriterOption) []byte {
				return packed(t, []momentRow{{7, noon, 1.5, nil}, {7, noon.Add(time.Hour), 2.5, nil}}, o...)
			},
			[]seriestest.Shown{{Name: "7", Freq: "h", Times: []string{"2020-01-01T12:00:00Z", "2020-01-01T13:00:00Z"}, Values: []float64{1.5, 2.5}}},
		},
		"steps, deltas": {
			func(o ...parquetgo.WriterOption) []byte {
				return packed(t, []steppedRow{{"A", 1, 10}, {"B", 1, 20}, {"A", 2, 30}, {"B", 2, 40}}, o...)
			},
			[]seriestest.Shown{{Name: "A", Freq: "", Times: []string{"1", "2"}, Values: []float64{10, 30}}, {Name: "B", Freq: "", Times: []string{"1", "2"}, Values: []float64{20, 40}}},
		},
		"dates in text, split bytes": {
			func(o ...parquetgo.WriterOption) []byte {
				return packed(t, []textRow{{"2020-01-31", "A", 1}, {"2020-02-29", "A", 2}}, o...)
			},
			[]seriestest.Shown{{Name: "A", Freq: "ME", Times: []string{"2020-01-31", "2020-02-29"}, Values: []float64{1, 2}}},
		},
		"wide": {
			func(o ...parquetgo.WriterOption) []byte {
				return packed(t, []wideRow{{18262, ptr(1), 4}, {18263, nil, 5}, {18264, ptr(3), 6}}, o...)
			},
			[]seriestest.Shown{
				{Name: "dax", Freq: "B", Times: []string{"2020-01-01", "2020-01-02", "2020-01-03"}, Values: []float64{1, 1, 3}, Filled: 1},
				{Name: "ftse", Freq: "B", Times: []string{"2020-01-01", "2020-01-02", "2020-01-03"}, Values: []float64{4, 5, 6}},
			},
		},
	}
	for name, test := range tests {
		for kind, o := range writings() {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				table, _, err := Read(test.write(o...), series.Options{})
				if err != nil {
					t.Fatal(err)
				}
				seriestest.Equal(t, "table", seriestest.Show(table), test.want)
			})
		}
	}
}

func TestForeignParquetRejects(t *testing.T) {
	t.Parallel()
	type nested struct {
		ID string    `parquet:"unique_id"`
		At int64     `parquet:"ds"`
		Y  []float64 `parquet:"y,list"`
	}
	type words struct {
		ID string `parquet:"unique_id"`
		At int64  `parquet:"ds"`
		Y  string `parquet:"y"`
	}
	type floats struct {
		ID string  `parquet:"unique_id"`
		At float64 `parquet:"ds"`
		Y  float64 `parquet:"y"`
	}
	good := packed(t, []datedRow{{"A", 1, ptr(1)}, {"A", 2, ptr(2)}})
	tests := map[string]struct {
		data []byte
		want string
	}{
		"text":                        {[]byte("unique_id,ds,y\n"), "not a Parquet file"},
		"cut off":                     {good[:len(good)-9], "not a Parquet file"},
		"a huge footer":               {append(bytes.Clone(good[:len(good)-8]), 255, 255, 255, 127, 'P', 'A', 'R', '1'), "its footer would have 2147483647 bytes"},
		"no rows":                     {packed(t, []datedRow(nil)), "the file has no rows"},
		"a list":                      {packed(t, []nested{{"A", 1, []float64{1}}}), `column "y": type LIST cannot be a value`},
		"text as value":               {packed(t, []words{{"A", 1, "1"}}), `column "y": type STRING cannot be a value`},
		"float as time":               {packed(t, []floats{{"A", 1, 1}}), `column "ds": type DOUBLE cannot be a time`},
		"a duplicate":                 {packed(t, []steppedRow{{"A", 1, 1}, {"A", 1, 2}}), `line 2, asset "A": line 1 already has the time 1`},
		"a duplicate after a bad row": {packed(t, []steppedRow{{"A", 1, 1}, {"", 1, 2}, {"A", 1, 3}}), `line 3, asset "A": line 1 already has the time 1`},
		"an empty name":               {packed(t, []steppedRow{{"A", 1, 1}, {"", 1, 2}}), `line 2, column "series_id": the asset's name is empty`},
		"a bad time":                  {packed(t, []textRow{{"2020-01-01", "A", 1}, {"1", "A", 2}}), `line 2, column "ds": "1" is an integer step, and line 1 has a date`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := Read(test.data, series.Options{})
			if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), test.want) {
				t.Errorf("error %q does not say %q", r, test.want)
			}
		})
	}
}

func TestThriftLength(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		data []byte
		want int // -1 is a damaged one
	}{
		"nothing":             {nil, -1},
		"an empty struct":     {[]byte{0, 9, 9}, 1},
		"a number":            {[]byte{0x15, 0x80, 0x01, 0}, 4},
		"a number cut off":    {[]byte{0x15, 0x80}, -1},
		"a bool is its type":  {[]byte{0x11, 0}, 2},
		"a text":              {[]byte{0x18, 2, 'a', 'b', 0}, 5},
		"a text too long":     {[]byte{0x18, 200, 1, 'a', 0}, -1},
		"a list of structs":   {[]byte{0x19, 0x1c, 0x15, 2, 0, 0}, 6},
		"a list too long":     {append([]byte{0x19, 0xfc}, binary.AppendUvarint(nil, 1<<31-1)...), -1},
		"a map":               {[]byte{0x1b, 1, 0x55, 2, 4, 0}, 6},
		"a field by number":   {[]byte{0x05, 0x20, 2, 0}, 4},
		"an unknown type":     {[]byte{0x1f, 0}, -1},
		"nested without end":  {bytes.Repeat([]byte{0x1c}, 100), -1},
		"a double":            {[]byte{0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 10},
		"a byte":              {[]byte{0x13, 7, 0}, 3},
		"a list of booleans":  {[]byte{0x19, 0x21, 1, 2, 0}, 5},
		"an empty map":        {[]byte{0x1b, 0, 0}, 3},
		"a map of many pairs": {[]byte{0x1b, 0x7f, 0x55, 0}, -1},
	}
	for name, test := range tests {
		got, err := thriftLength(test.data)
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, test.want)
		}
	}
}

// Pages that become far larger than the file are refused before they are unpacked.
func TestCompressedPages(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("a", 4<<20) // which the reader refuses, once it has it
	var rows []steppedRow
	for k := range int64(6) {
		rows = append(rows, steppedRow{name, k, 1})
	}
	file := packed(t, rows, parquetgo.Compression(&parquetgo.Zstd), parquetgo.SkipPageBounds("series_id"), parquetgo.DataPageStatistics(false))
	_, _, err := Read(file, series.Options{})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "and may not be for a file of this size") {
		t.Errorf("got %.200v for a file of %d bytes", r, len(file))
	}
}

// TestCompressedBomb reads a file that would become far larger than it is.
func TestCompressedBomb(t *testing.T) {
	t.Parallel()
	const rows = 1 << 20
	steps := make([]steppedRow, rows)
	for k := range steps {
		steps[k] = steppedRow{"A", int64(k), 0}
	}
	_, _, err := Read(packed(t, steps, parquetgo.Compression(&parquetgo.Zstd)), series.Options{})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "too many for its size") {
		t.Errorf("got error %v", err)
	}
}
