package csv_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// autumn has the hour from 02:00 twice, as clocks in Germany show it on October 27th, 2024.
const autumn = "ds,load\n2024-10-27 00:00:00,48.98\n2024-10-27 01:00:00,55.43\n2024-10-27 02:00:00,59.93\n2024-10-27 02:00:00,64.46\n2024-10-27 03:00:00,68.95\n"

// TestDuplicates merges rows with equal times by each rule; the values are those of pandas' groupby with first, last, mean and sum.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	const wide = "step,A,B\n1,1,10\n2,2,\n2,4,30\n3,5,50\n2,6,40\n"
	const long = "ticker,date,close\nA,2024-01-01,1\nB,2024-01-01,7\nA,2024-01-02,2\nA,2024-01-02,4\nB,2024-01-02,8\n"
	before, after := 59.93, 64.46
	tests := map[string]struct {
		text, rule string
		want       map[string][]float64
		merged     []series.Finding
	}{
		"autumn, first": {autumn, "first", map[string][]float64{"load": {48.98, 55.43, 59.93, 68.95}}, []series.Finding{
			{Line: 5, Reason: "line 4 already has the time 2024-10-27 02:00:00, and the first value is taken"}}},
		"autumn, last": {autumn, "last", map[string][]float64{"load": {48.98, 55.43, 64.46, 68.95}}, []series.Finding{
			{Line: 5, Reason: "line 4 already has the time 2024-10-27 02:00:00, and the last value is taken"}}},
		"autumn, mean": {autumn, "mean", map[string][]float64{"load": {48.98, 55.43, (before + after) / 2, 68.95}}, []series.Finding{
			{Line: 5, Reason: "line 4 already has the time 2024-10-27 02:00:00, and the mean of the values is taken"}}},
		"three rows, first": {wide, "first", map[string][]float64{"A": {1, 2, 5}, "B": {10, 30, 50}}, []series.Finding{
			{Line: 4, Reason: "line 3 already has the time 2, and the first value is taken"},
			{Line: 6, Reason: "line 4 already has the time 2, and the first value is taken"}}},
		"three rows, last": {wide, "last", map[string][]float64{"A": {1, 6, 5}, "B": {10, 40, 50}}, nil},
		"three rows, mean": {wide, "mean", map[string][]float64{"A": {1, 4, 5}, "B": {10, 35, 50}}, nil},
		"three rows, sum":  {wide, "sum", map[string][]float64{"A": {1, 12, 5}, "B": {10, 70, 50}}, nil},
		"long, sum": {long, "sum", map[string][]float64{"A": {1, 6}, "B": {7, 8}}, []series.Finding{
			{Line: 5, Asset: "A", Reason: "line 4 already has the time 2024-01-02, and the sum of the values is taken"}}},
		"equal rows": {"step,A,B\n1,1,\n2,2,3\n2,2,3\n1,1,\n", "", map[string][]float64{"A": {1, 2}, "B": {3}}, []series.Finding{
			{Line: 4, Reason: "line 3 already has the time 2 and the same values"}, {Line: 5, Reason: "line 2 already has the time 1 and the same values"}}},
		"equal rows, long": {"ticker,date,close\nA,2024-01-01,1\nA,2024-01-01,1\nA,2024-01-02,2\n", "fail", map[string][]float64{"A": {1, 2}}, []series.Finding{
			{Line: 3, Asset: "A", Reason: "line 2 already has the time 2024-01-01 and the same values"}}},
		"a row of nothing": {"date,A\n2024-01-01,1\n2024-01-01,\n2024-01-02,2\n", "", map[string][]float64{"A": {1, 2}}, []series.Finding{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, test.text, series.Options{Duplicates: test.rule})
			seriestest.Equal(t, "values", seriestest.Values(table), test.want)
			if test.merged != nil {
				seriestest.Equal(t, "merged", append([]series.Finding{}, audit.Merged.First...), test.merged)
			}
		})
	}
}

func TestDuplicatesRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		autumn: "line 5: line 4 already has the time 2024-10-27 02:00:00",
		"ticker,date,close\nA,2024-01-01,1\nA,2024-01-01,1\nA,2024-01-01,2\n": `line 4, asset "A": line 3 already has the time 2024-01-01`,
		"step,A,B\n1,1,1\n1,1,\n": "line 3: line 2 already has the time 1",
	} {
		_, _, err := csv.Read([]byte(text), series.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--duplicates") {
			t.Errorf("got error %v, want one that says %q and what to do", err, want)
		}
	}
	_, _, err := csv.Read([]byte(autumn), series.Options{Duplicates: "median"})
	if want := `duplicates: "median" is not one of fail, first, last, mean, sum`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	table, audit := seriestest.ReadText(t, autumn, series.Options{Timezone: "Europe/Berlin"})
	seriestest.Equal(t, "values in the zone", seriestest.Values(table)["load"], []float64{48.98, 55.43, 59.93, 64.46, 68.95})
	seriestest.Equal(t, "merged in the zone", audit.Merged.Count, 0)
}
