package portfolio_test

import (
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// TestRemarksOnSplits has the closing prices of Apple around its split of 4 for 1 on 2020-08-31, as they were quoted then, and
// as they are since, beside each other; and a reverse split with a value missing right before it.
func TestRemarksOnSplits(t *testing.T) {
	t.Parallel()
	const text = `date,QUOTED,ADJUSTED,REVERSE
2020-08-17,458.43,114.61,2.01
2020-08-18,462.25,115.56,2.02
2020-08-19,462.83,115.71,2.02
2020-08-20,473.10,118.28,2.03
2020-08-21,497.48,124.37,2.02
2020-08-24,503.43,125.86,2.01
2020-08-25,499.30,124.83,2.01
2020-08-26,506.09,126.52,2.01
2020-08-27,500.04,125.01,2.02
2020-08-28,499.23,124.81,
2020-08-31,129.04,129.04,20.1
2020-09-01,134.18,134.18,20.3
2020-09-02,131.40,131.40,20.2
2020-09-03,120.88,120.88,20.1
2020-09-04,120.96,120.96,20.3
`
	table, _, err := csv.Read([]byte(text), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const quoted, reverse = "(from 499.23 to 129.04, about 1 : 4, at 2020-08-31)", "(from 2.02 to 20.1, about 10 : 1, at 2020-08-31)"
	if len(table.FilledAt(2)) != 1 {
		t.Fatal("the missing value is not in the table")
	}
	tests := map[string]struct {
		change                   func(*job.Spec)
		quoted, reverse, meaning string
	}{
		"nothing said":      {func(*job.Spec) {}, quoted, reverse, "if they are not adjusted for it, use adjusted ones"},
		"adjusted":          {func(s *job.Spec) { s.Adjusted = new(true) }, quoted, reverse, "although the job says that they are adjusted"},
		"not adjusted":      {func(s *job.Spec) { s.Adjusted = new(false) }, quoted, reverse, "use adjusted ones, or only those after it"},
		"as of the day":     {func(s *job.Spec) { s.AsOf = "2020-08-31" }, quoted, reverse, ""},
		"as of before":      {func(s *job.Spec) { s.AsOf = "2020-08-28"; s.Stale = "off" }, "", "", ""},
		"from the split on": {func(s *job.Spec) { s.From = "2020-08-31" }, "", "", ""},
		"a line between":    {func(s *job.Spec) { s.Missing = job.MissingLinear }, quoted, reverse, ""},
		"weeks":             {func(s *job.Spec) { s.Freq, s.Resample = "W", job.ResampleMean }, quoted, reverse, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, err := compute(t, spec(func(s *job.Spec) {
				s.Assets, s.Model = []string{"*"}, "naive"
				test.change(s)
			}), table)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{test.quoted, "", test.reverse} {
				note := answer.Assets[i].Note
				if want == "" && note != "" && strings.Contains(note, "split") || !strings.Contains(note, want) || want != "" && !strings.Contains(note, test.meaning) {
					t.Errorf("%s: the note is %q, want %q", answer.Assets[i].Asset, note, want+test.meaning)
				}
				if answer.Assets[i].Error != nil {
					t.Errorf("%s: %v", answer.Assets[i].Asset, answer.Assets[i].Error)
				}
			}
		})
	}
}

// TestManySplits keeps the remark short.
func TestManySplits(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("ds,A\n")
	value := "16"
	for k := range 600 {
		if at := map[int]string{100: "8", 210: "4", 300: "2", 420: "1", 500: "0.5"}[k]; at != "" {
			value = at
		}
		text.WriteString(series.Time{Kind: series.Date, N: int64(k)}.String() + "," + value + "\n")
	}
	table, _, err := csv.Read([]byte(text.String()), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model = []string{"A"}, "naive" }), table)
	if err != nil {
		t.Fatal(err)
	}
	if note := answer.Assets[0].Note; strings.Count(note, "about") != 3 || !strings.Contains(note, "; and 2 more)") {
		t.Errorf("the note is %q, want three of five splits", note)
	}
}
