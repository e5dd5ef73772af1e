package series_test

import (
	"math"
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

func TestRejectListsTwentyAndCountsAll(t *testing.T) {
	t.Parallel()
	_, audit, err := csv.Read([]byte("step,A\n"+strings.Repeat("1,x\n", 5000)), series.Options{})
	r := seriestest.Rejection(t, err)
	seriestest.Equal(t, "listed", len(r.Faults), 20)
	seriestest.Equal(t, "total", r.Total, 5000)
	seriestest.Equal(t, "audited", audit.Unreadable.Count, 5000)
	if !strings.HasSuffix(r.Error(), "and 4997 more faults") {
		t.Errorf("error %q does not count the rest", r)
	}
}

func TestOptionsAtFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options series.Options
		want    string
	}{
		"no such column":    {series.Options{Value: "yhat"}, `value: the file has no column "yhat", only "unique_id", "ds", "y"`},
		"no such frequency": {series.Options{Freq: "5min"}, "freq: 5min needs times of day, and the file has dates"},
		"hours of dates":    {series.Options{Freq: "H"}, "freq: H needs times of day, and the file has dates"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := csv.Read([]byte("unique_id,ds,y\nA,2020-01-01,1\n"), test.options)
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}

func TestAuditCountsWithLines(t *testing.T) {
	t.Parallel()
	// Line by line: 4 is out of order, 5 is zero, 6 missing, 7 infinite, 9 missing at the end of B, and A lacks step 6
	// before line 8.
	text := "unique_id,ds,y\nA,1,10\nA,3,11\nA,2,12\nA,4,0\nA,5,\nA,7,Inf\nA,8,13\nB,1,\n"
	table, audit := seriestest.ReadText(t, text, series.Options{})
	got := map[string]series.Findings{"missing": audit.Missing, "nonFinite": audit.NonFinite, "nonPositive": audit.NonPositive,
		"unsorted": audit.Unsorted, "gaps": audit.Gaps, "empty": audit.Empty}
	want := map[string]series.Findings{
		"missing":     {Count: 2, First: []series.Finding{{Line: 6, Asset: "A", Reason: "no value"}, {Line: 9, Asset: "B", Reason: "no value"}}},
		"nonFinite":   {Count: 1, First: []series.Finding{{Line: 7, Asset: "A", Reason: "the value is +Inf"}}},
		"nonPositive": {Count: 1, First: []series.Finding{{Line: 5, Asset: "A", Reason: "the value is 0"}}},
		"unsorted":    {Count: 1, First: []series.Finding{{Line: 4, Asset: "A", Reason: "2 comes after 3"}}},
		"gaps":        {Count: 1, First: []series.Finding{{Line: 8, Asset: "A", Reason: "nothing between 4 and 8"}}},
		"empty":       {Count: 1, First: []series.Finding{{Asset: "B", Reason: "no value"}}},
	}
	seriestest.Equal(t, "findings", got, want)
	seriestest.Equal(t, "values", seriestest.Values(table)["A"], []float64{10, 12, 11, 0, 0, 0, 0, 13})
	seriestest.Equal(t, "filled", table.Filled(0), 3)
	seriestest.Equal(t, "rest", series.Audit{Form: audit.Form, Rows: audit.Rows, Assets: audit.Assets, Values: audit.Values,
		From: audit.From, To: audit.To, Freq: audit.Freq, Calendar: audit.Calendar, Filled: audit.Filled},
		series.Audit{Form: "long", Rows: 8, Assets: 2, Values: 8, From: "1", To: "8", Calendar: "integer steps of 1", Filled: 3})
	seriestest.Equal(t, "warnings", audit.Warnings(), 7)
	if math.IsNaN(table.Values(0)[7]) {
		t.Error("a value is NaN")
	}
}
