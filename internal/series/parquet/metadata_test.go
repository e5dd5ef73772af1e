package parquet

import (
	"strings"
	"testing"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// The metadata are written by hand as "Storing pandas DataFrame objects in Apache Parquet format" of pandas' developer
// documentation says.
const (
	namedIndex  = `{"index_columns":["Date"],"columns":[{"name":"A","field_name":"A","pandas_type":"float64","metadata":null},{"name":"Date","field_name":"Date","pandas_type":"datetime","numpy_type":"datetime64[ns]","metadata":null}]}`
	rangeIndex  = `{"index_columns":[{"kind":"range","name":null,"start":0,"stop":3,"step":1}],"columns":[{"name":"A","field_name":"A","metadata":null}]}`
	numberIndex = `{"index_columns":["__index_level_0__"],"columns":[{"name":null,"field_name":"__index_level_0__","pandas_type":"int64","numpy_type":"int64","metadata":null}]}`
	calledIndex = `{"index_columns":["key"],"columns":[{"name":"key","field_name":"key","pandas_type":"int64","metadata":null}]}`
	zonedIndex  = `{"index_columns":["at"],"columns":[{"name":"at","field_name":"at","pandas_type":"datetimetz","numpy_type":"datetime64[ns]","metadata":{"timezone":"Asia/Tokyo"}}]}`
	twoIndices  = `{"index_columns":["symbol","Date"],"columns":[]}`
)

// indexed is a file with the metadata of pandas.
func indexed[T any](t testing.TB, pandas string, rows []T) []byte {
	t.Helper()
	return packed(t, rows, parquetgo.KeyValueMetadata("pandas", pandas))
}

func TestIndexOfPandas(t *testing.T) {
	t.Parallel()
	type last struct {
		A    float64 `parquet:"A"`
		Date int32   `parquet:"Date,date"`
	}
	type numbered struct {
		Date int32   `parquet:"Date,date"`
		A    float64 `parquet:"A"`
		No   int64   `parquet:"__index_level_0__"`
	}
	type called struct {
		Key  int64   `parquet:"key"`
		A    float64 `parquet:"A"`
		Date int32   `parquet:"Date,date"`
	}
	type settled struct {
		Settled int32   `parquet:"date,date"`
		A       float64 `parquet:"A"`
		At      int32   `parquet:"Date,date"`
	}
	type two struct {
		A      float64 `parquet:"close"`
		Symbol string  `parquet:"symbol"`
		Date   int32   `parquet:"Date,date"`
	}
	type steps struct {
		A  float64 `parquet:"A"`
		No int64   `parquet:"__index_level_0__"`
	}
	asset := seriestest.Observed{"A": {"2020-01-01": 1.5, "2020-01-02": 2.5, "2020-01-03": 4.5}}
	tests := map[string]struct {
		file []byte
		o    series.Options
		want seriestest.Observed
		note string
	}{
		"dates, last":        {file: indexed(t, namedIndex, []last{{1.5, 18262}, {2.5, 18263}, {4.5, 18264}}), want: asset},
		"a range, no column": {file: indexed(t, rangeIndex, []last{{1.5, 18262}, {2.5, 18263}, {4.5, 18264}}), want: asset},
		"numbers of a filtered frame": {file: indexed(t, numberIndex, []numbered{{18262, 1.5, 3}, {18263, 2.5, 17}, {18264, 4.5, 21}}), want: asset,
			note: `column "__index_level_0__" is the index of a data frame and is not read`},
		"the same without metadata": {file: packed(t, []numbered{{18262, 1.5, 3}, {18263, 2.5, 17}, {18264, 4.5, 21}}), want: asset,
			note: `column "__index_level_0__" is the index of a data frame and is not read`},
		"numbers with a name": {file: indexed(t, calledIndex, []called{{5, 1.5, 18262}, {1, 2.5, 18263}, {9, 4.5, 18264}}), want: asset,
			note: `column "key" is the index of a data frame and is not read`},
		"two indices": {file: indexed(t, twoIndices, []two{{1.5, "A", 18262}, {2.5, "A", 18263}, {4.5, "A", 18264}}), want: asset},
		"steps":       {file: indexed(t, numberIndex, []steps{{1.5, 7}, {2.5, 8}, {4.5, 9}}), want: seriestest.Observed{"A": {"7": 1.5, "8": 2.5, "9": 4.5}}},
		"not the index, by option": {file: indexed(t, namedIndex, []settled{{18293, 1.5, 18262}, {18294, 2.5, 18263}}), o: series.Options{Time: "date", Drop: []string{"Date"}},
			want: seriestest.Observed{"A": {"2020-02-01": 1.5, "2020-02-02": 2.5}}},
	}
	for name, test := range tests {
		table, audit, err := Read(test.file, test.o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seriestest.Equal(t, name, seriestest.Seen(table), test.want)
		if notes := strings.Join(audit.Notes, "; "); !strings.Contains(notes, test.note) {
			t.Errorf("%s: notes %q do not say %q", name, notes, test.note)
		}
	}
}

// TestIndexLast reads prices.to_parquet() of a frame with dates as its index, with a name and without. The values
// are those that DuckDB 1.5.6 shows.
func TestIndexLast(t *testing.T) {
	t.Parallel()
	for file, o := range map[string]series.Options{"index-named.parquet": {}, "index-level0.parquet": {Time: "__index_level_0__"}} {
		table, _, err := Read(programFile(t, file), o)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want := seriestest.Observed{"AAPL": {}, "MSFT": {}}
		for k := range 30 {
			day := time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			want["AAPL"][day], want["MSFT"][day] = 100+float64(k)/2, 300+float64(k)
		}
		seriestest.Equal(t, file, seriestest.Seen(table), want)
	}
}

func TestZoneOfColumn(t *testing.T) {
	t.Parallel()
	type row struct {
		A  float64   `parquet:"A"`
		At time.Time `parquet:"at,timestamp(microsecond)"`
	}
	midnight := time.Date(2024, 1, 4, 15, 0, 0, 0, time.UTC) // in Tokyo
	rows := []row{{1, midnight}, {2, midnight.Add(24 * time.Hour)}}
	tests := map[string]struct {
		file []byte
		o    series.Options
		want []string // the times
	}{
		"of pandas":      {file: indexed(t, zonedIndex, rows), want: []string{"2024-01-05T00:00:00+09:00", "2024-01-06T00:00:00+09:00"}},
		"an offset":      {file: indexed(t, strings.ReplaceAll(zonedIndex, "Asia/Tokyo", "+09:00"), rows), want: []string{"2024-01-05T00:00:00+09:00", "2024-01-06T00:00:00+09:00"}},
		"UTC":            {file: indexed(t, strings.ReplaceAll(zonedIndex, "Asia/Tokyo", "UTC"), rows), want: []string{"2024-01-04T15:00:00Z", "2024-01-05T15:00:00Z"}},
		"none":           {file: packed(t, rows), want: []string{"2024-01-04T15:00:00Z", "2024-01-05T15:00:00Z"}},
		"asked":          {file: indexed(t, zonedIndex, rows), o: series.Options{Timezone: "Europe/Berlin"}, want: []string{"2024-01-04T16:00:00+01:00", "2024-01-05T16:00:00+01:00"}},
		"unknown, asked": {file: indexed(t, strings.ReplaceAll(zonedIndex, "Asia", "Mars"), rows), o: series.Options{Timezone: "Asia/Tokyo"}, want: []string{"2024-01-05T00:00:00+09:00", "2024-01-06T00:00:00+09:00"}},
		"of Polars":      {file: programFile(t, "polars-zone.parquet"), want: []string{"2024-11-03T01:00:00-04:00", "2024-11-03T01:00:00-05:00", "2024-11-03T02:00:00-05:00", "2024-11-03T03:00:00-05:00"}},
		"damaged":        {file: packed(t, rows, parquetgo.KeyValueMetadata("pandas", `{"columns":7`), parquetgo.KeyValueMetadata("ARROW:schema", "/////wAB")), want: []string{"2024-01-04T15:00:00Z", "2024-01-05T15:00:00Z"}},
	}
	for name, test := range tests {
		table, _, err := Read(test.file, test.o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for k := range table.Values(0) {
			got = append(got, table.At(0, k).String())
		}
		seriestest.Equal(t, name, got, test.want)
	}
	_, _, err := Read(indexed(t, strings.ReplaceAll(zonedIndex, "Asia", "Mars"), rows), series.Options{})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), `column "at": "Mars/Tokyo" is not the name of a time zone`) || !strings.Contains(r.Error(), "--timezone") {
		t.Errorf("got error %v", r)
	}
}
