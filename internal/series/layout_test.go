package series_test

import (
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// TestRowNumbersOfTypedFiles leaves out columns that only their cells show to number the rows, in formats whose readers see
// the cells last.
func TestRowNumbersOfTypedFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		column string
		values []float64
		want   map[string][]float64
	}{
		"pandas' index":    {"__index_level_0__", []float64{0, 1, 2}, map[string][]float64{"A": {7, 8, 9}}},
		"from one":         {"index", []float64{1, 2, 3}, map[string][]float64{"A": {7, 8, 9}}},
		"prices":           {"index", []float64{1, 2, 4}, map[string][]float64{"A": {7, 8, 9}, "index": {1, 2, 4}}},
		"an asset's name":  {"B", []float64{0, 1, 2}, map[string][]float64{"A": {7, 8, 9}, "B": {0, 1, 2}}},
		"from another row": {"index", []float64{2, 3, 4}, map[string][]float64{"A": {7, 8, 9}, "index": {2, 3, 4}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := series.NewBuilder(series.Named("date", "A", test.column), series.Options{})
			if err != nil {
				t.Fatal(err)
			}
			b.Kind = series.Date
			for k := range 3 {
				b.AddTime(int64(k+1), int64(19000+k))
			}
			b.SetValues([]float64{7, 8, 9})
			b.SetValues(test.values)
			table, _, err := b.Table()
			if err != nil {
				t.Fatal(err)
			}
			seriestest.Equal(t, "values", seriestest.Values(table), test.want)
		})
	}
}

// TestIntegersOfTypedFiles reads integers in columns of times as in text, also by a pattern.
func TestIntegersOfTypedFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header  string
		times   []int64
		options series.Options
		want    string // the first and the last time, or the error
	}{
		"days":             {"date", []int64{20240102, 20240103, 20240104}, series.Options{}, "2024-01-02 2024-01-04"},
		"nanoseconds":      {"ts_date", []int64{1706464800000000000, 1706464860000000000, 1706464920000000000}, series.Options{}, "2024-01-28T18:00:00Z 2024-01-28T18:02:00Z"},
		"by a pattern":     {"date", []int64{31122023, 31012024, 28022024}, series.Options{TimeFormat: "%d%m%Y"}, "2023-12-31 2024-02-28"},
		"not by a pattern": {"date", []int64{31122023, 31022024, 28022024}, series.Options{TimeFormat: "%d%m%Y"}, `the file is rejected: line 2, column "date": 31022024 is not written as --time-format says`},
		"steps":            {"ds", []int64{1, 2, 3}, series.Options{}, "1 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := series.NewBuilder(series.Named(test.header, "A"), test.options)
			if err != nil {
				t.Fatal(err)
			}
			for k, n := range test.times {
				b.AddTime(int64(k+1), n)
			}
			b.SetValues([]float64{7, 8, 9})
			got := ""
			if _, audit, err := b.Table(); err != nil {
				got = err.Error()
			} else {
				got = audit.From + " " + audit.To
			}
			seriestest.Equal(t, "times", got, test.want)
		})
	}
	b, err := series.NewBuilder(series.Named("date", "A"), series.Options{TimeFormat: "excel"})
	if err != nil {
		t.Fatal(err)
	}
	b.Kind = series.Date
	b.AddTime(1, 19000)
	b.SetValues([]float64{1})
	if _, _, err := b.Table(); err == nil || err.Error() != `time_format: column "date" has a type of times, which leaves nothing open` {
		t.Errorf("got error %v for a format of a column of dates", err)
	}
}
