package series_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// oneAsset is a long CSV file of one asset with a value of 1 at each of the times.
func oneAsset(times ...string) string {
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for _, at := range times {
		fmt.Fprintf(&b, "A,%s,1\n", at)
	}
	return b.String()
}

func TestInferAndNext(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		times    []string
		freq     series.Freq
		calendar string
		next     []string
	}{
		"steps":              {[]string{"1", "2", "3"}, "", "integer steps of 1", []string{"4", "5", "6"}},
		"wide steps":         {[]string{"-10", "0", "10"}, "", "integer steps of 10", []string{"20", "30", "40"}},
		"one step":           {[]string{"7"}, "", "integer steps of 1", []string{"8", "9", "10"}},
		"one date":           {[]string{"2020-01-31"}, "", "irregular", []string{"2020-02-01", "2020-02-02", "2020-02-03"}},
		"hours":              {[]string{"2020-12-31T22:00:00Z", "2020-12-31T23:00:00Z"}, "h", "hours", []string{"2021-01-01T00:00:00Z", "2021-01-01T01:00:00Z", "2021-01-01T02:00:00Z"}},
		"quarter hours":      {[]string{"2020-12-31 23:15:00", "2020-12-31 23:30:00"}, "15min", "every 15 minutes", []string{"2020-12-31 23:45:00", "2021-01-01 00:00:00", "2021-01-01 00:15:00"}},
		"calendar days":      {[]string{"2020-02-27", "2020-02-28", "2020-02-29"}, "D", "calendar days", []string{"2020-03-01", "2020-03-02", "2020-03-03"}},
		"business days":      {[]string{"2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"}, "B", "business days", []string{"2020-01-10", "2020-01-13", "2020-01-14"}},
		"business moments":   {[]string{"2020-01-02 16:00:00", "2020-01-03 16:00:00", "2020-01-06 16:00:00", "2020-01-07 16:00:00", "2020-01-08 16:00:00", "2020-01-09 16:00:00"}, "B", "business days", []string{"2020-01-10 16:00:00", "2020-01-13 16:00:00", "2020-01-14 16:00:00"}},
		"weeks":              {[]string{"2020-01-03", "2020-01-10", "2020-01-17"}, "W-FRI", "weeks, on Friday", []string{"2020-01-24", "2020-01-31", "2020-02-07"}},
		"months, first day":  {[]string{"2020-10-01", "2020-11-01"}, "MS", "months, on the first day", []string{"2020-12-01", "2021-01-01", "2021-02-01"}},
		"months, last day":   {[]string{"2019-12-31", "2020-01-31", "2020-02-29"}, "ME", "months, on the last day", []string{"2020-03-31", "2020-04-30", "2020-05-31"}},
		"months, weekday":    {[]string{"2020-01-31", "2020-02-28", "2020-03-31", "2020-04-30"}, "BME", "months, on the last business day", []string{"2020-05-29", "2020-06-30", "2020-07-31"}},
		"months, 30th":       {[]string{"2019-12-30", "2020-01-30", "2020-02-29"}, "M-30", "months, on the 30th day", []string{"2020-03-30", "2020-04-30", "2020-05-30"}},
		"months, 15th":       {[]string{"2020-01-15", "2020-02-14", "2020-03-13"}, "M-15-P", "months, on the 15th day or the business day before", []string{"2020-04-15", "2020-05-15", "2020-06-15"}},
		"months, text":       {[]string{"2020-11", "2020-12"}, "MS", "months, on the first day", []string{"2021-01-01", "2021-02-01", "2021-03-01"}},
		"quarters, last day": {[]string{"2019-12-31", "2020-03-31", "2020-06-30"}, "QE-DEC", "quarters, on the last day of March, June, September and December", []string{"2020-09-30", "2020-12-31", "2021-03-31"}},
		"years":              {[]string{"2018-01-01", "2019-01-01", "2020-01-01"}, "YS-JAN", "years, on the first day of January", []string{"2021-01-01", "2022-01-01", "2023-01-01"}},
		"years, leap day":    {[]string{"2016-02-29", "2017-02-28", "2018-02-28"}, "YE-FEB", "years, on the last day of February", []string{"2019-02-28", "2020-02-29", "2021-02-28"}},
		"before 1970":        {[]string{"1950-11-30", "1950-12-31", "1951-01-31"}, "ME", "months, on the last day", []string{"1951-02-28", "1951-03-31", "1951-04-30"}},
		"every third day":    {[]string{"2020-01-01", "2020-01-04", "2020-01-07"}, "3D", "every 3 days", []string{"2020-01-10", "2020-01-13", "2020-01-16"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, oneAsset(test.times...), series.Options{})
			seriestest.Equal(t, "freq", table.Freq(), test.freq)
			seriestest.Equal(t, "calendar", audit.Calendar, test.calendar)
			var next []string
			for _, at := range table.Next(0, 3) {
				next = append(next, at.String())
			}
			seriestest.Equal(t, "next", next, test.next)
			seriestest.Equal(t, "end", table.End(0).String(), audit.To)
		})
	}
}

func TestFilling(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		times  []string
		freq   series.Freq
		filled int
		gaps   int64
	}{
		"a month is absent":          {[]string{"2020-01-31", "2020-02-29", "2020-04-30", "2020-05-31"}, "ME", 1, 1},
		"a quarter is absent":        {[]string{"2020-01-01", "2020-04-01", "2020-10-01", "2021-01-01", "2021-04-01"}, "QS-JAN", 1, 1},
		"two weeks are absent":       {[]string{"2020-01-03", "2020-01-10", "2020-01-17", "2020-01-24", "2020-02-14"}, "W-FRI", 2, 1},
		"a calendar day is absent":   {[]string{"2020-01-03", "2020-01-04", "2020-01-05", "2020-01-07"}, "D", 1, 1},
		"an hour is absent":          {[]string{"2020-01-03T01:00:00Z", "2020-01-03T02:00:00Z", "2020-01-03T04:00:00Z", "2020-01-03T05:00:00Z"}, "h", 1, 1},
		"a holiday is no gap":        {[]string{"2020-04-08", "2020-04-09", "2020-04-14", "2020-04-15", "2020-04-16"}, "B", 0, 0},
		"two weeks of no trade are":  {[]string{"2020-04-01", "2020-04-02", "2020-04-03", "2020-04-20", "2020-04-21"}, "B", 0, 1},
		"nights are not filled":      {[]string{"2020-04-01T08:00:00Z", "2020-04-01T09:00:00Z", "2020-04-01T10:00:00Z", "2020-04-02T08:00:00Z", "2020-04-02T09:00:00Z"}, "h", 0, 1},
		"most would be made up":      {[]string{"2010-01-01", "2010-02-01", "2010-03-01", "2020-01-01"}, "MS", 0, 1},
		"a Saturday session is fine": {append(weekdays(40), "2020-02-01"), "B", 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, oneAsset(test.times...), series.Options{})
			seriestest.Equal(t, "freq", table.Freq(), test.freq)
			seriestest.Equal(t, "filled", table.Filled(0), test.filled)
			seriestest.Equal(t, "gaps", audit.Gaps.Count, test.gaps)
			seriestest.Equal(t, "values", len(table.Values(0)), len(test.times)+test.filled)
		})
	}
}

// weekdays are the first n Mondays to Fridays from 2020-01-01, a Wednesday.
func weekdays(n int) []string {
	var out []string
	for day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); len(out) < n; day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			out = append(out, day.Format(time.DateOnly))
		}
	}
	return out
}

func TestAxes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []seriestest.Shown
	}{
		"a holiday of one exchange is filled, one of both is not": {
			"unique_id,ds,y\nA,2020-01-06,1\nA,2020-01-07,2\nA,2020-01-08,3\nA,2020-01-10,5\nB,2020-01-06,1\nB,2020-01-08,3\nB,2020-01-10,5\n",
			[]seriestest.Shown{
				{Name: "A", Freq: "B", Times: []string{"2020-01-06", "2020-01-07", "2020-01-08", "2020-01-10"}, Values: []float64{1, 2, 3, 5}},
				{Name: "B", Freq: "B", Times: []string{"2020-01-06", "2020-01-07", "2020-01-08", "2020-01-10"}, Values: []float64{1, 1, 3, 5}, Filled: 1},
			},
		},
		"a monthly fund among daily prices keeps its months": {
			"unique_id,ds,y\nA,2020-01-06,1\nA,2020-01-07,2\nA,2020-01-08,3\nA,2020-01-09,4\nM,2019-10-31,1\nM,2019-11-30,2\nM,2019-12-31,3\nM,2020-01-31,4\n",
			[]seriestest.Shown{
				{Name: "A", Freq: "B", Times: []string{"2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"}, Values: []float64{1, 2, 3, 4}},
				{Name: "M", Freq: "ME", Times: []string{"2019-10-31", "2019-11-30", "2019-12-31", "2020-01-31"}, Values: []float64{1, 2, 3, 4}},
			},
		},
		"two month calendars do not mix": {
			"unique_id,ds,y\nA,2020-05-31,1\nA,2020-06-30,2\nA,2020-07-31,3\nA,2020-08-31,4\nB,2020-05-29,1\nB,2020-06-30,2\nB,2020-07-31,3\nB,2020-08-31,4\n",
			[]seriestest.Shown{
				{Name: "A", Freq: "ME", Times: []string{"2020-05-31", "2020-06-30", "2020-07-31", "2020-08-31"}, Values: []float64{1, 2, 3, 4}},
				{Name: "B", Freq: "BME", Times: []string{"2020-05-29", "2020-06-30", "2020-07-31", "2020-08-31"}, Values: []float64{1, 2, 3, 4}},
			},
		},
		"times without anything in common stay apart": {
			"unique_id,ds,y\nA,1,1\nA,11,2\nA,21,3\nA,31,4\nB,2,1\nB,12,2\nB,22,3\nB,32,4\n",
			[]seriestest.Shown{
				{Name: "A", Freq: "", Times: []string{"1", "11", "21", "31"}, Values: []float64{1, 2, 3, 4}},
				{Name: "B", Freq: "", Times: []string{"2", "12", "22", "32"}, Values: []float64{1, 2, 3, 4}},
			},
		},
		"short assets take the frequency of the file": {
			"unique_id,ds,y\nA,2020-01-06,1\nA,2020-01-07,2\nA,2020-01-08,3\nA,2020-01-09,4\nB,2020-01-06,1\nB,2020-01-08,2\n",
			[]seriestest.Shown{
				{Name: "A", Freq: "B", Times: []string{"2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"}, Values: []float64{1, 2, 3, 4}},
				{Name: "B", Freq: "B", Times: []string{"2020-01-06", "2020-01-07", "2020-01-08"}, Values: []float64{1, 1, 2}, Filled: 1},
			},
		},
		"short assets alone show one together": {
			"unique_id,ds,y\nA,2020-01-06,1\nA,2020-01-08,2\nB,2020-01-07,1\nB,2020-01-09,2\n",
			[]seriestest.Shown{
				{Name: "A", Freq: "B", Times: []string{"2020-01-06", "2020-01-07", "2020-01-08"}, Values: []float64{1, 1, 2}, Filled: 1},
				{Name: "B", Freq: "B", Times: []string{"2020-01-07", "2020-01-08", "2020-01-09"}, Values: []float64{1, 1, 2}, Filled: 1},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, test.text, series.Options{})
			seriestest.Equal(t, "table", seriestest.Show(table), test.want)
		})
	}
}
