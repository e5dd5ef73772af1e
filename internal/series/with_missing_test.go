package series_test

import (
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// A lacks two days in a row and one more; B has them all.
const holes = "ds,A,B\n2024-01-01,1,1\n2024-01-02,2,1\n2024-01-03,,1\n2024-01-04,,1\n2024-01-05,8,1\n2024-01-06,,1\n2024-01-07,4,1\n2024-01-08,5,1\n"

func TestWithMissing(t *testing.T) {
	t.Parallel()
	table, audit := seriestest.ReadText(t, holes, series.Options{})
	seriestest.Equal(t, "filled", audit.Filled, 3)
	for policy, want := range map[string]struct {
		values []float64
		filled []int32
		skips  []series.Skip
	}{
		"":        {[]float64{1, 2, 2, 2, 8, 8, 4, 5}, []int32{2, 3, 5}, nil},
		"forward": {[]float64{1, 2, 2, 2, 8, 8, 4, 5}, []int32{2, 3, 5}, nil},
		"fail":    {[]float64{1, 2, 2, 2, 8, 8, 4, 5}, []int32{2, 3, 5}, nil},
		"linear":  {[]float64{1, 2, 4, 6, 8, 6, 4, 5}, []int32{2, 3, 5}, nil},
		"drop":    {[]float64{1, 2, 8, 4, 5}, nil, []series.Skip{{At: 2, Count: 2}, {At: 3, Count: 1}}},
	} {
		got, err := table.WithMissing(policy)
		if err != nil {
			t.Fatal(err)
		}
		seriestest.Equal(t, policy+": values", got.Values(0), want.values)
		seriestest.Equal(t, policy+": filled", got.FilledAt(0), want.filled)
		seriestest.Equal(t, policy+": skips", got.Skips(0, 5), want.skips)
		seriestest.Equal(t, policy+": the other", got.Values(1), table.Values(1))
		seriestest.Equal(t, policy+": next", next(got, 0, 1), []string{"2024-01-09"})
		// Nothing that nobody observed is written to another file.
		written := string(seriestest.Written(t, csv.Write, got))
		seriestest.Equal(t, policy+": again", seriestest.Values(reread(t, written)), seriestest.Values(table))
	}
	linear, err := table.WithMissing("linear")
	if err != nil {
		t.Fatal(err)
	}
	again, err := linear.WithMissing("forward")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "forward after linear", again.Values(0), table.Values(0))
	if _, err := table.WithMissing("zero"); err == nil || err.Error() != `missing: must be forward, linear, drop or fail, is "zero"` {
		t.Errorf("got error %v", err)
	}
	seriestest.Equal(t, "text", table.MissingText(0), "3 values are missing, at 2024-01-03, 2024-01-04, 2024-01-06")
	seriestest.Equal(t, "no text", table.MissingText(1), "")
}

func reread(t *testing.T, text string) *series.Table {
	t.Helper()
	table, _ := seriestest.ReadText(t, text, series.Options{})
	return table
}

func TestRowsWithoutValuesAreNoTimes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		freq    series.Freq
		missing int64
		filled  int64
		values  []float64
		next    string
	}{
		"holidays of a market":               {"ds,A\n2024-03-25,1\n2024-03-26,2\n2024-03-27,3\n2024-03-28,4\n2024-03-29,\n2024-04-01,\n2024-04-02,5\n2024-04-03,6\n", "B", 2, 0, []float64{1, 2, 3, 4, 5, 6}, "2024-04-04"},
		"weekends of all days":               {"ds,A\n2024-01-04,1\n2024-01-05,2\n2024-01-06,\n2024-01-07,\n2024-01-08,3\n2024-01-09,4\n2024-01-10,5\n2024-01-11,6\n2024-01-12,7\n2024-01-13,\n2024-01-14,\n2024-01-15,8\n", "B", 4, 0, []float64{1, 2, 3, 4, 5, 6, 7, 8}, "2024-01-16"},
		"a month that is missing":            {"ds,A\n2024-01-31,1\n2024-02-29,2\n2024-03-31,\n2024-04-30,4\n2024-05-31,5\n2024-06-30,6\n", "ME", 1, 1, []float64{1, 2, 2, 4, 5, 6}, "2024-07-31"},
		"announcements between months, long": {"unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-09,\nA,2024-02-01,2\nA,2024-02-13,NA\nA,2024-03-01,3\nA,2024-04-01,4\nA,2024-04-21,\nA,2024-05-01,5\n", "MS", 3, 0, []float64{1, 2, 3, 4, 5}, "2024-06-01"},
		"steps":                              {"step,A\n1,1\n2,2\n3,\n4,4\n5,5\n", "", 1, 1, []float64{1, 2, 2, 4, 5}, "6"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, test.text, series.Options{})
			seriestest.Equal(t, "freq", table.Freq(), test.freq)
			seriestest.Equal(t, "counts", []int64{audit.Missing.Count, audit.Filled, audit.Gaps.Count}, []int64{test.missing, test.filled, 0})
			seriestest.Equal(t, "values", table.Values(0), test.values)
			seriestest.Equal(t, "next", next(table, 0, 1), []string{test.next})
		})
	}
}
