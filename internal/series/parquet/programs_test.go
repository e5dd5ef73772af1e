package parquet

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// programFile is a file of testdata, which other programs wrote by the scripts that stand there.
func programFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// programFiles are small files of testdata in which every damage is tried, and from which the fuzzer sets out.
var programFiles = []string{"null2.parquet", "duckdb-rows8.parquet", "duckdb-v2-rows3.parquet", "duckdb-names.parquet", "polars-types.parquet", "polars-zone.parquet", "alltypes.parquet",
	"arrowrs-lz4.parquet"}

// readObserved reads a file of testdata.
func readObserved(t testing.TB, name string, o series.Options) seriestest.Observed {
	t.Helper()
	table, _, err := Read(programFile(t, name), o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return seriestest.Seen(table)
}

// TestRowsOfPrograms reads the same rows in every compression and encoding that DuckDB, Polars and arrow-rs write. DuckDB pads
// its bit-packed runs to 256 values.
func TestRowsOfPrograms(t *testing.T) {
	t.Parallel()
	files := map[string]int{"duckdb-v2-rows3.parquet": 3, "duckdb-v2-rows600.parquet": 600}
	for _, n := range []int{1, 2, 8, 255, 257} {
		files[fmt.Sprintf("duckdb-rows%d.parquet", n)] = n
	}
	for _, codec := range []string{"uncompressed", "snappy", "gzip", "zstd", "brotli"} {
		files["duckdb-"+codec+".parquet"], files["polars-"+codec+".parquet"] = 100, 100
	}
	for _, file := range []string{"duckdb-lz4_raw.parquet", "polars-lz4.parquet", "arrowrs-lz4.parquet", "arrowrs-deltas.parquet"} {
		files[file] = 100
	}
	for file, n := range files {
		for column, value := range seriestest.Rules() {
			t.Run(file+"/"+column, func(t *testing.T) {
				t.Parallel()
				seriestest.Equal(t, "values", readObserved(t, file, series.Options{Value: column}), seriestest.Ruled(n, value))
			})
		}
	}
}

// from is a series of days, each with its value.
func from(year int, month time.Month, values ...float64) seriestest.Observed {
	days := make(map[string]float64)
	for k, v := range values {
		if !math.IsNaN(v) {
			days[time.Date(year, month, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)] = v
		}
	}
	return seriestest.Observed{"A": days}
}

// TestFilesOfUsers reads files that were refused or misread once: of DuckDB (padded runs, decimals in bytes), Polars
// (LZ4_RAW) and hyparquet (decimals with the old type only). Their values are what DuckDB 1.5.6 shows.
func TestFilesOfUsers(t *testing.T) {
	t.Parallel()
	quarters := make([]float64, 60)
	for k := range quarters {
		quarters[k] = 100 + float64(k)/4
	}
	weeks := make([]float64, 40)
	for k := range weeks {
		if weeks[k] = 100 + 1.25*float64(k); k%7 == 3 {
			weeks[k] = math.NaN()
		}
	}
	for file, want := range map[string]seriestest.Observed{
		"null2.parquet": from(2000, 1, 1.5), "plain.parquet": from(2023, 1, quarters...), "dec38.parquet": from(2023, 1, quarters...),
		"dec9.parquet": from(2023, 1, quarters...), "legacy_dec.parquet": from(2023, 1, quarters...), "lz4.parquet": from(2023, 1, weeks...),
	} {
		seriestest.Equal(t, file, readObserved(t, file, series.Options{}), want)
	}
}

// TestDeltaByteArray reads delta_encoding_required_column.parquet of github.com/apache/parquet-testing (Apache-2.0), which
// Spark 3.2 wrote. The values stand in the file delta_encoding_required_column_expect.csv beside it.
func TestDeltaByteArray(t *testing.T) {
	t.Parallel()
	o := series.Options{ID: "c_customer_id:", Time: "c_customer_sk:", Value: "c_birth_year:"}
	got := readObserved(t, "delta.parquet", o)
	seriestest.Equal(t, "assets", len(got), 100)
	some := seriestest.Observed{
		"AAAAAAAAJGAAAAAA": {"105": 1945}, "AAAAAAAAIGAAAAAA": {"104": 1936}, "AAAAAAAACAAAAAAA": {"2": 1966}, "AAAAAAAABAAAAAAA": {"1": 1936},
	}
	for id, want := range some {
		seriestest.Equal(t, id, got[id], want)
	}
}

// TestTimesOfImpala reads 111 rows of alltypes_tiny_pages.parquet of github.com/apache/parquet-testing: INT96, and a dictionary of
// which the file does not say where it is. The times are what DuckDB 1.5.6 shows of the first 111 rows of the whole file.
func TestTimesOfImpala(t *testing.T) {
	t.Parallel()
	got := readObserved(t, "alltypes.parquet", series.Options{ID: "tinyint_col", Time: "timestamp_col", Value: "double_col"})
	for id, want := range map[string]struct {
		rows        int
		first, last string
		value       float64
	}{
		"0": {12, "2009-01-05 23:50:02.25", "2009-01-20 02:10:08.55", 0},
		"1": {12, "2009-01-05 23:51:02.25", "2009-01-20 02:11:08.55", 10.1},
		"3": {11, "2009-01-05 23:53:02.28", "2009-01-20 02:13:08.58", 30.299999999999997},
		"7": {10, "2009-01-05 23:57:02.46", "2009-01-19 02:07:08.31", 70.7},
		"9": {12, "2009-01-04 23:49:02.16", "2009-01-19 02:09:08.46", 90.89999999999999},
	} {
		times := slices.Sorted(maps.Keys(got[id]))
		if len(times) != want.rows || times[0] != want.first || times[len(times)-1] != want.last {
			t.Errorf("asset %s: got times %v, want %d from %s to %s", id, times, want.rows, want.first, want.last)
		}
		for at, v := range got[id] {
			if math.Abs(v-want.value) > 1e-12 {
				t.Errorf("asset %s, %s: got %v, want %v", id, at, v, want.value)
			}
		}
	}
}

// The rows of the script duckdb.mjs; what float64 does not hold is the nearest number that it holds.
func TestNumbersOfDuckDB(t *testing.T) {
	t.Parallel()
	for column, want := range map[string][2]float64{
		"i8": {1, -128}, "u8": {255, 0}, "i16": {-2, 32767}, "u16": {65535, 1}, "i32": {-3, 2147483647}, "u32": {3000000000, 4294967295},
		"i64": {-9007199254740992, 9223372036854775808}, "u64": {18446744073709551616, 1}, "f32": {1.5, -0.25}, "f64": {2.5, 1e300},
		"dec4": {-12.3, 0.1}, "dec9": {1234567.89, -0.01}, "dec18": {90071992547409.93, 0.03}, "dec38": {-1234567890123456789012345678.9012, 0.0001},
	} {
		got := readObserved(t, "duckdb-types.parquet", series.Options{Value: column, Time: "ds"})
		seriestest.Equal(t, column, got, from(2024, 1, want[0], math.NaN(), want[1]))
	}
}

// DuckDB writes the deltas of numbers of 32 bits with up to 64 bits; the rows are those of the script duckdb.mjs.
func TestDeltasOfDuckDB(t *testing.T) {
	t.Parallel()
	want := seriestest.Observed{"i32": {}, "u32": {}}
	for k := range 300 {
		day := time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		switch {
		case k%5 == 4:
		case k%2 == 0:
			want["i32"][day], want["u32"][day] = -2147483648, float64(k)
		default:
			want["i32"][day], want["u32"][day] = 2147483647-float64(k), 4294967295-float64(k)
		}
	}
	seriestest.Equal(t, "values", readObserved(t, "duckdb-deltas.parquet", series.Options{}), want)
}

// The integers of u64 and i64 that float64 does not hold are 2^64-1, -2^53-1 and 2^63-1; those of the others it holds.
func TestRoundedIntegersAreSaid(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]string{
		"i64": `column "i64": integers beyond 2^53 are rounded to the nearest number that 64-bit floating point holds (2)`, "u64": `column "u64": integers beyond 2^53 are rounded to the nearest number that 64-bit floating point holds (1)`, "u32": "", "i8": "", "dec18": "", "f64": "",
	} {
		_, audit, err := Read(programFile(t, "duckdb-types.parquet"), series.Options{Time: "ds", Value: column})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(audit.Notes, "\n")
		if strings.Contains(notes, "rounded") != (want != "") || !strings.Contains(notes, want) {
			t.Errorf("%s: notes %q do not say %q", column, notes, want)
		}
	}
}

func TestNumbersOfPolars(t *testing.T) {
	t.Parallel()
	table, _, err := Read(programFile(t, "polars-types.parquet"), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "values", seriestest.Seen(table), seriestest.Observed{
		"u32": {"2024-01-01": 4294967295, "2024-01-02": 0, "2024-01-03": 3000000000},
		"u64": {"2024-01-01": 18446744073709551616, "2024-01-02": 0, "2024-01-03": 1},
		"i8":  {"2024-01-01": -128, "2024-01-03": 127},
	})
}

func TestTimesOfDuckDB(t *testing.T) {
	t.Parallel()
	for column, want := range map[string][]string{
		"ds":    {"2024-01-01", "2024-01-03"},
		"day":   {"2024-01-01", "2024-01-03"},
		"at_s":  {"2024-01-01 09:30:00", "2024-01-01 11:30:00"},
		"at_ms": {"2024-01-01 09:30:00.5", "2024-01-01 11:30:00.5"},
		"at_us": {"2024-01-01 09:30:00.123456", "2024-01-01 11:30:00.123456"},
		"at_ns": {"2024-01-01 09:30:00.123456", "2024-01-01 11:30:00.123456"},
		"at_tz": {"2024-01-01T00:30:00Z", "2024-01-01T02:30:00Z"},
	} {
		got := readObserved(t, "duckdb-types.parquet", series.Options{Time: column, Value: "i8"})
		seriestest.Equal(t, column, got, seriestest.Observed{"A": {want[0]: 1, want[1]: -128}})
	}
}

func TestColumnsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ id, time, value, want string }{
		{"", "ds", "flag", `column "flag": type BOOLEAN cannot be a value: convert it to numbers, or leave it out with --drop`},
		{"", "ds", "clock", `column "clock": type TIME(isAdjustedToUTC=false,unit=MICROS) cannot be a value`},
		{"", "ds", "day", `column "day": type STRING cannot be a value: convert it to numbers, or leave it out with --drop; if it names the assets, say so with --id-column`},
		{"", "ds", "at_us", `column "at_us": type TIMESTAMP(isAdjustedToUTC=false,unit=MICROS) cannot be a value`},
		{"", "ds", "list", `column "list": type LIST cannot be a value`},
		{"", "ds", "struct", `column "struct": type STRUCT cannot be a value`},
		{"", "ds", "blob", `column "blob": type BYTE_ARRAY cannot be a value`},
		{"", "ds", "length", `column "length": type INTERVAL cannot be a value`},
		{"", "clock", "i8", `column "clock": type TIME(isAdjustedToUTC=false,unit=MICROS) cannot be a time: convert it to dates, timestamps or text, or say with --time-column which column has the times`},
		{"", "f64", "i8", `column "f64": type DOUBLE cannot be a time`},
		{"", "dec9", "i8", `column "dec9": type DECIMAL(9,2) cannot be a time`},
		{"", "struct", "i8", `column "struct": type STRUCT cannot be a time`},
		{"dec9", "ds", "i8", `column "dec9": type DECIMAL(9,2) cannot be the name of an asset: convert it to text or integers, or say with --id-column which column names the assets`},
		{"flag", "ds", "i8", `column "flag": type BOOLEAN cannot be the name of an asset`},
		{"list", "ds", "i8", `column "list": type LIST cannot be the name of an asset`},
	} {
		_, _, err := Read(programFile(t, "duckdb-types.parquet"), series.Options{ID: test.id, Time: test.time, Value: test.value})
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), test.want) {
			t.Errorf("error %q does not say %q", r, test.want)
		}
	}
}

func TestNamesOfDuckDB(t *testing.T) {
	t.Parallel()
	for column, names := range map[string][2]string{
		"u64": {"18446744073709551615", "9007199254740993"}, "u32": {"3000000000", "1"},
		"key": {"00112233-4455-6677-8899-aabbccddeeff", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
	} {
		got := readObserved(t, "duckdb-names.parquet", series.Options{ID: column, Value: "y"})
		seriestest.Equal(t, column, got, seriestest.Observed{names[0]: {"2024-01-01": 1}, names[1]: {"2024-01-01": 2}})
	}
}
