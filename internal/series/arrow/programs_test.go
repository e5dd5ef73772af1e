package arrow

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// programFiles are small files of testdata, with the column of their values, in which every damage is tried, and from which
// the fuzzer sets out.
var programFiles = map[string]string{"polars-types.arrow": "u64", "polars-types.arrows": "i8", "polars-zone.arrow": "", "polars-lz4.arrows": "y",
	"polars-zstd.arrow": "y", "arrowjs-types.arrows": "rates"}

// programFile is a file of testdata, which other programs wrote by the scripts that stand there.
func programFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readSeen reads a file of testdata.
func readSeen(t testing.TB, name string, o series.Options) seriestest.Observed {
	t.Helper()
	table, _, err := Read(programFile(t, name), o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return seriestest.Seen(table)
}

// TestRowsOfPolars reads the same rows from files and from streams, in each compression.
func TestRowsOfPolars(t *testing.T) {
	t.Parallel()
	for _, compression := range []string{"uncompressed", "lz4", "zstd"} {
		for _, ending := range []string{".arrow", ".arrows"} {
			for column, value := range seriestest.Rules() {
				file := "polars-" + compression + ending
				seriestest.Equal(t, file+" "+column, readSeen(t, file, series.Options{Value: column}), seriestest.Ruled(100, value))
			}
		}
	}
}

// The integers that float64 does not hold are the nearest ones: 2^64, and 2^53.
func TestTypesOfPolars(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"polars-types.arrow", "polars-types.arrows"} {
		for column, want := range map[string]seriestest.Observed{
			"u32": {"B": {"2024-01-01": 4294967295, "2024-01-02": 3000000000}, "A": {"2024-01-01": 0, "2024-01-02": 1}},
			"u64": {"B": {"2024-01-01": 18446744073709551616, "2024-01-02": 9007199254740992}, "A": {"2024-01-01": 0, "2024-01-02": 1}},
			"i8":  {"B": {"2024-01-01": -128, "2024-01-02": 127}, "A": {"2024-01-02": 1}},
		} {
			seriestest.Equal(t, file+" "+column, readSeen(t, file, series.Options{Value: column}), want)
		}
	}
}

func TestZoneOfPolars(t *testing.T) {
	t.Parallel()
	seriestest.Equal(t, "values", readSeen(t, "polars-zone.arrow", series.Options{}), seriestest.Observed{"y": {
		"2024-11-03T01:00:00-04:00": 1, "2024-11-03T01:00:00-05:00": 2, "2024-11-03T02:00:00-05:00": 3, "2024-11-03T03:00:00-05:00": 4}})
	seriestest.Equal(t, "values told in UTC", readSeen(t, "polars-zone.arrow", series.Options{Timezone: "UTC"}), seriestest.Observed{"y": {
		"2024-11-03T05:00:00Z": 1, "2024-11-03T06:00:00Z": 2, "2024-11-03T07:00:00Z": 3, "2024-11-03T08:00:00Z": 4}})
}

func TestNumbersOfArrowJS(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"arrowjs-types.arrow", "arrowjs-types.arrows"} {
		for column, want := range map[string][2]float64{
			"f16": {1.5, -0.25}, "f32": {1.5, -0.25}, "i8": {-128, 127}, "u8": {255, 0}, "i16": {-32768, 1}, "u16": {65535, 1}, "i32": {-2147483648, 1}, "u32": {4294967295, 1},
			"i64": {-9007199254740992, 1}, "u64": {18446744073709551616, 1}, "rates": {0.5, 2.25},
		} {
			got := readSeen(t, file, series.Options{Value: column, Time: "ds"})
			seriestest.Equal(t, file+" "+column, got, seriestest.Observed{"A": {"2024-01-01": want[0], "2024-01-03": want[1]}})
		}
	}
}

func TestTimesOfArrowJS(t *testing.T) {
	t.Parallel()
	for column, want := range map[string][2]string{
		"ds": {"2024-01-01", "2024-01-03"}, "at_s": {"2024-01-01", "2024-01-03"}, "at_ns": {"2024-01-01", "2024-01-03"}, "at_date": {"2024-01-01", "2024-01-03"},
		"at_text": {"2024-01-01", "2024-01-03"}, "at_us": {"2024-01-01T00:00:00Z", "2024-01-03T00:00:00Z"},
		"at_ms": {"2024-01-01T09:00:00+09:00", "2024-01-03T09:00:00+09:00"},
	} {
		got := readSeen(t, "arrowjs-types.arrows", series.Options{Time: column, Value: "f32"})
		seriestest.Equal(t, column, got, seriestest.Observed{"A": {want[0]: 1.5, want[1]: -0.25}})
	}
}

func TestColumnsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ id, time, value, want string }{
		{"", "ds", "flag", `column "flag": type bool cannot be a value: convert it to numbers, or leave it out with --drop`},
		{"", "ds", "text", `column "text": type utf8 cannot be a value: convert it to numbers, or leave it out with --drop; if it names the assets, say so with --id-column`},
		{"", "ds", "clock", `column "clock": type time32[ms] cannot be a value`},
		{"", "ds", "list", `column "list": type list<item: float64, nullable> cannot be a value`},
		{"", "ds", "parts", `column "parts": type struct<a: float64 nullable> cannot be a value`},
		{"", "ds", "at_s", `column "at_s": type timestamp[s] cannot be a value`},
		{"", "clock", "f32", `column "clock": type time32[ms] cannot be a time: convert it to dates, timestamps or text, or say with --time-column which column has the times`},
		{"", "f64", "f32", `the file has no column "f64"`},
		{"", "f16", "f32", `column "f16": type float16 cannot be a time`},
		{"flag", "ds", "f32", `column "flag": type bool cannot be the name of an asset: convert it to text or integers, or say with --id-column which column names the assets`},
		{"ds", "at_s", "f32", `column "ds": type date32 cannot be the name of an asset`},
	} {
		_, _, err := Read(programFile(t, "arrowjs-types.arrow"), series.Options{ID: test.id, Time: test.time, Value: test.value})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v does not say %q", err, test.want)
		}
	}
}

func TestRoundedIntegersAreSaid(t *testing.T) {
	t.Parallel()
	for column, rounded := range map[string]bool{"u64": true, "i64": true, "u32": false, "rates": false} {
		_, audit, err := Read(programFile(t, "arrowjs-types.arrow"), series.Options{Time: "ds", Value: column})
		if err != nil {
			t.Fatal(err)
		}
		want := `column "` + column + `": integers beyond 2^53 are rounded to the nearest number that 64-bit floating point holds (1)`
		if notes := strings.Join(audit.Notes, "\n"); strings.Contains(notes, want) != rounded {
			t.Errorf("%s: notes %q", column, notes)
		}
	}
}
