package series_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// counting is a wide file with the values 1, 2, 3, … at n times from a first one on.
func counting(n int, layout string, first time.Time, next func(time.Time) time.Time) string {
	var b strings.Builder
	b.WriteString("ds,A\n")
	for k := range n {
		fmt.Fprintf(&b, "%s,%d\n", first.Format(layout), k+1)
		first = next(first)
	}
	return b.String()
}

func daily(at time.Time) time.Time { return at.AddDate(0, 0, 1) }

func workday(at time.Time) time.Time {
	for at = daily(at); at.Weekday() == time.Saturday || at.Weekday() == time.Sunday; {
		at = daily(at)
	}
	return at
}

func date(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// The values are those of pandas 1.5.3, resample(…).last() and so on, without the incomplete periods that WithFreq leaves out.
func TestResample(t *testing.T) {
	t.Parallel()
	days := counting(71, time.DateOnly, date(2024, 1, 10), daily)      // to 20 March 2024
	workdays := counting(25, time.DateOnly, date(2024, 1, 1), workday) // Monday to Friday, 2 February 2024
	hours := hourly(t, "America/New_York", offsetForm, "2024-03-08T05:00:00Z", "2024-03-12T16:00:00Z")
	months := counting(24, time.DateOnly, date(2022, 1, 1), func(at time.Time) time.Time { return at.AddDate(0, 1, 0) })
	remarks := map[string]string{
		"days to months, last":                       "the period of 2024-03-31 is incomplete, and its value is that of 2024-03-20",
		"days to months, mean":                       "the incomplete periods of 2024-01-31 and 2024-03-31 are left out",
		"days to months, sum":                        "the incomplete periods of 2024-01-31 and 2024-03-31 are left out",
		"days to months, first":                      "the incomplete period of 2024-01-31 is left out",
		"days to months, begun":                      "the incomplete periods of 2024-01-01 and 2024-03-01 are left out",
		"hours to days of New York, one of 23 hours": "the incomplete period of 2024-03-12T00:00:00-04:00 is left out",
	}
	tests := map[string]struct {
		text   string
		freq   series.Freq
		how    string
		times  []string
		values []float64
		next   string
	}{
		"days to months, last":  {days, "ME", "last", []string{"2024-01-31", "2024-02-29", "2024-03-31"}, []float64{22, 51, 71}, "2024-04-30"},
		"days to months, mean":  {days, "ME", "mean", []string{"2024-02-29"}, []float64{37}, "2024-03-31"},
		"days to months, sum":   {days, "ME", "sum", []string{"2024-02-29"}, []float64{1073}, "2024-03-31"},
		"days to months, first": {days, "ME", "first", []string{"2024-02-29", "2024-03-31"}, []float64{23, 52}, "2024-04-30"},
		"days to months, begun": {days, "MS", "sum", []string{"2024-02-01"}, []float64{1073}, "2024-03-01"},
		"workdays to Fridays":   {workdays, "W-FRI", "mean", []string{"2024-01-05", "2024-01-12", "2024-01-19", "2024-01-26", "2024-02-02"}, []float64{3, 8, 13, 18, 23}, "2024-02-09"},
		"workdays to weeks":     {workdays, "W", "last", []string{"2024-01-07", "2024-01-14", "2024-01-21", "2024-01-28", "2024-02-04"}, []float64{5, 10, 15, 20, 25}, "2024-02-11"},
		"hours to days of New York, one of 23 hours": {hours, "D", "sum",
			[]string{"2024-03-08T00:00:00-05:00", "2024-03-09T00:00:00-05:00", "2024-03-10T00:00:00-05:00", "2024-03-11T00:00:00-04:00"}, []float64{300, 876, 1380, 2004}, "2024-03-12T00:00:00-04:00"},
		"months to quarters": {months, "QS-JAN", "sum", []string{"2022-01-01", "2022-04-01", "2022-07-01", "2022-10-01", "2023-01-01", "2023-04-01", "2023-07-01", "2023-10-01"},
			[]float64{6, 15, 24, 33, 42, 51, 60, 69}, "2024-01-01"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, test.text, series.Options{})
			coarse, err := table.WithFreq(test.freq, test.how)
			if err != nil {
				t.Fatal(err)
			}
			shown := seriestest.Show(coarse)[0]
			seriestest.Equal(t, "times", shown.Times, test.times)
			seriestest.Equal(t, "values", shown.Values, test.values)
			seriestest.Equal(t, "next", next(coarse, 0, 1), []string{test.next})
			seriestest.Equal(t, "remark", coarse.Remark(0), remarks[name])
		})
	}
}

// A weekend belongs to its Friday, as in pandas 1.5: Series(range(1, 15), index=date_range("2024-01-01", periods=14)).resample("B").
func TestDaysBecomeBusinessDays(t *testing.T) {
	t.Parallel()
	days, _ := seriestest.ReadText(t, counting(14, time.DateOnly, date(2024, 1, 1), daily), series.Options{})
	coarse, err := days.WithFreq("B", "last")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "values", coarse.Values(0), []float64{1, 2, 3, 4, 7, 8, 9, 10, 11, 14})
	seriestest.Equal(t, "next", next(coarse, 0, 1), []string{"2024-01-15"})
}

// Only observed values are resampled, and periods without any are missing.
func TestResampleOfObservedValues(t *testing.T) {
	t.Parallel()
	text := "ds,A\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-04,\n2024-01-05,5\n2024-01-06,6\n2024-01-07,7\n2024-01-08,8\n"
	table, audit := seriestest.ReadText(t, text, series.Options{})
	seriestest.Equal(t, "filled", audit.Filled, 1)
	coarse, err := table.WithFreq("2D", "mean")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "means", coarse.Values(0), []float64{1.5, 3, 5.5, 7.5})
}

func TestWithFreqRefuses(t *testing.T) {
	t.Parallel()
	days, _ := seriestest.ReadText(t, counting(30, time.DateOnly, date(2024, 1, 1), daily), series.Options{})
	months, _ := seriestest.ReadText(t, counting(30, time.DateOnly, date(2022, 1, 1), func(at time.Time) time.Time { return at.AddDate(0, 1, 0) }), series.Options{})
	steps, _ := seriestest.ReadText(t, "step,A\n1,1\n2,2\n", series.Options{})
	tests := map[string]struct {
		table     *series.Table
		freq      series.Freq
		how       string
		wantField string
		want      []string // parts of the message
	}{
		"years of days":         {days, "YE-DEC", "", "freq", []string{`asset "A"`, "YE-DEC", "calendar days (D)", "2024-01-01", "resample"}},
		"business days of days": {days, "B", "", "freq", []string{"B means business days", "calendar days (D)"}},
		"days of months":        {months, "D", "", "freq", []string{"D means calendar days", "months, on the first day (MS)"}},
		"finer, resampled":      {months, "D", "last", "freq", []string{"only finer times can be resampled"}},
		"hours of dates":        {days, "h", "last", "freq", []string{"h needs times of day"}},
		"steps":                 {steps, "ME", "sum", "freq", []string{"integer steps"}},
		"no frequency":          {days, "fortnight", "", "freq", []string{`"fortnight" is not a known frequency`}},
		"no way to resample":    {days, "ME", "max", "resample", []string{`must be last, mean, sum or first, is "max"`}},
		"another exchange":      {days, "XNYS", "", "freq", []string{"XNYS means sessions of", "calendar days (D)"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.table.WithFreq(test.freq, test.how)
			field, ok := errors.AsType[*series.FieldError](err)
			if !ok || field.Field != test.wantField {
				t.Fatalf("got error %v, want one for %s", err, test.wantField)
			}
			for _, part := range test.want {
				if !strings.Contains(field.Reason, part) {
					t.Errorf("the error %q does not say %q", field.Reason, part)
				}
			}
		})
	}
}

// A frequency that the times do not contradict changes what follows, and nothing else; other assets are left alone.
func TestWithFreqKeepsValues(t *testing.T) {
	t.Parallel()
	text := "unique_id,ds,y\n"
	for k, at := range []string{"2024-03-25", "2024-03-26", "2024-03-27", "2024-03-28", "2024-04-02", "2024-04-03"} {
		text += fmt.Sprintf("A,%s,%d\n", at, k) // the Stock Exchange of London closes on Good Friday and Easter Monday
	}
	for k := range 6 {
		text += fmt.Sprintf("M,2023-%02d-01,%d\n", k+1, k)
	}
	table, _ := seriestest.ReadText(t, text, series.Options{})
	london, err := table.WithFreq("XLON", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "values", london.Values(0), table.Values(0))
	seriestest.Equal(t, "freq", []series.Freq{london.FreqOf(0), london.FreqOf(1)}, []series.Freq{"XLON", "MS"})
	seriestest.Equal(t, "skips", london.Skips(0, 0), []series.Skip{{At: 4, Count: 2}})
	seriestest.Equal(t, "next", next(london, 1, 1), []string{"2023-07-01"})
	if _, err := table.WithFreq("XLON", ""); err == nil {
		t.Error("months are sessions")
	}
}

func TestFreqOptionIsChecked(t *testing.T) {
	t.Parallel()
	_, _, err := readText(counting(30, time.DateOnly, date(2024, 1, 1), daily), series.Options{Freq: "ME"})
	if field, ok := errors.AsType[*series.FieldError](err); !ok || field.Field != "freq" {
		t.Errorf("got error %v, want one for freq", err)
	}
	table, _ := seriestest.ReadText(t, counting(25, time.DateOnly, date(2024, 1, 1), workday), series.Options{Freq: "XETR"})
	seriestest.Equal(t, "next", next(table, 0, 1), []string{"2024-02-05"})
	// Three days alone do not show a rule: the named one holds.
	table, _ = seriestest.ReadText(t, oneAsset("2024-03-27", "2024-03-28"), series.Options{Freq: "XLON"})
	seriestest.Equal(t, "after Easter", next(table, 0, 2), []string{"2024-04-02", "2024-04-03"})
}
