package series_test

import (
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// Files that people have, with the times that follow as their calendars, R and pandas say.
func TestCalendarsOfFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		freq         series.Freq
		zone         string
		values       int64
		filled       int64
		off, same    int64
		next         []string
		calendarText string
	}{
		"tokyo.csv": {freq: "B", zone: "+09:00", values: 120, calendarText: "business days",
			next: []string{"2024-03-18T00:00:00+09:00", "2024-03-19T00:00:00+09:00", "2024-03-20T00:00:00+09:00", "2024-03-21T00:00:00+09:00", "2024-03-22T00:00:00+09:00", "2024-03-25T00:00:00+09:00"}},
		"dividend_rows.csv":      {freq: "MS", values: 60, calendarText: "months, on the first day", next: []string{"2024-01-01", "2024-02-01", "2024-03-01"}},
		"running_month.csv":      {freq: "MS", values: 30, same: 1, calendarText: "months, on the first day", next: []string{"2024-06-01", "2024-07-01", "2024-08-01"}},
		"half_years.csv":         {freq: "6ME", values: 30, calendarText: "half-years, on the last day of June and December", next: []string{"2025-06-30", "2025-12-31", "2026-06-30", "2026-12-31"}},
		"two_months.csv":         {freq: "2MS", values: 30, calendarText: "every 2 months, on the first day of January, March, May, July, September and November", next: []string{"2025-01-01", "2025-03-01"}},
		"semi_month.csv":         {freq: "SMS", values: 60, calendarText: "months, on the first and 15th day", next: []string{"2024-07-01", "2024-07-15"}},
		"yyyymm.csv":             {freq: "MS", values: 120, calendarText: "months, on the first day", next: []string{"2025-01-01", "2025-02-01"}},
		"yyyymmdd_ds.csv":        {freq: "B", values: 152, calendarText: "business days", next: []string{"2024-01-01", "2024-01-02", "2024-01-03"}},
		"yearweek.csv":           {freq: "W-MON", values: 104, calendarText: "weeks, on Monday", next: []string{"2024-12-30", "2025-01-06"}},
		"excel_serials.csv":      {freq: "B", values: 150, calendarText: "business days", next: []string{"2023-12-28", "2023-12-29", "2024-01-01"}},
		"epoch.csv":              {freq: "B", zone: "UTC", values: 150, calendarText: "business days", next: []string{"2023-12-28T00:00:00Z", "2023-12-29T00:00:00Z", "2024-01-01T00:00:00Z"}},
		"sunday_to_thursday.csv": {freq: "B-SUN,MON,TUE,WED,THU", values: 150, calendarText: "business days, Sunday to Thursday", next: []string{"2023-12-31", "2024-01-01", "2024-01-02"}},
		"good_friday.csv":        {freq: "W-FRI", values: 65, off: 2, calendarText: "weeks, on Friday", next: []string{"2024-04-05", "2024-04-12", "2024-04-19"}},
		"trading_hours.csv": {freq: "h@09:30-15:30", values: 210, calendarText: "hours of sessions from 09:30 to 15:30, Monday to Friday",
			next: []string{"2024-02-13 09:30:00", "2024-02-13 10:30:00", "2024-02-13 11:30:00"}},
		"retail_445.csv": {freq: "445-N-JAN-SUN", values: 42, calendarText: "months of 4, 4 and 5 weeks, in years that end on the Sunday nearest to the end of January",
			next: []string{"2024-08-25", "2024-09-22", "2024-10-27"}},
		"retail_quarters.csv": {freq: "REQ-N-JAN-SAT-4", values: 14, calendarText: "quarters of 13 weeks, in years that end on the Saturday nearest to the end of January",
			next: []string{"2024-08-03", "2024-11-02", "2025-02-01"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, input(t, name), series.Options{})
			seriestest.Equal(t, "freq", table.Freq(), test.freq)
			seriestest.Equal(t, "calendar", audit.Calendar, test.calendarText)
			seriestest.Equal(t, "zone", audit.Zone, test.zone)
			seriestest.Equal(t, "counts", []int64{audit.Values, audit.Filled, audit.OffCalendar.Count, audit.SamePeriod.Count, audit.Irregular.Count},
				[]int64{test.values, test.filled, test.off, test.same, 0})
			seriestest.Equal(t, "next", next(table, 0, len(test.next)), test.next)
			if _, err := table.WithFreq(test.freq, ""); err != nil {
				t.Errorf("its own frequency: %v", err)
			}
		})
	}
}

// The numbers are the same with the zone and without.
func TestTokyoIsAsWithoutItsZone(t *testing.T) {
	t.Parallel()
	zoned, _ := seriestest.ReadText(t, input(t, "tokyo.csv"), series.Options{})
	plain, _ := seriestest.ReadText(t, input(t, "tokyo_plain.csv"), series.Options{})
	seriestest.Equal(t, "values", zoned.Values(0), plain.Values(0))
	seriestest.Equal(t, "skips", zoned.Skips(0, 30), plain.Skips(0, 30))
}

// What breaks the rule is said with its line and its date.
func TestBreaksAreSaid(t *testing.T) {
	t.Parallel()
	_, audit := seriestest.ReadText(t, input(t, "running_month.csv"), series.Options{})
	seriestest.Equal(t, "running month", audit.SamePeriod.First[0].String(),
		`line 31, asset "SPY": 2024-05-01 and 2024-05-17 fall into one period (months, on the first day)`)
	_, audit = seriestest.ReadText(t, input(t, "good_friday.csv"), series.Options{})
	seriestest.Equal(t, "Good Friday", audit.OffCalendar.First[1].String(), `line 66, asset "SPX": 2024-03-28 is not on the calendar (weeks, on Friday)`)
	_, audit = seriestest.ReadText(t, oneAsset("2024-01-01", "2024-01-05", "2024-02-20", "2024-02-23", "2024-06-01", "2024-11-30"), series.Options{})
	seriestest.Equal(t, "no rule", audit.Irregular.Count, 1)
	seriestest.Equal(t, "no rule, calendar", audit.Calendar, "irregular")
}

func TestFreqOfStepsIsRefused(t *testing.T) {
	t.Parallel()
	_, _, err := readText("step,A\n1,1\n2,2\n", series.Options{Freq: "ME"})
	if want := "freq: the times are integer steps, which have no frequency such as ME: leave it out and give the season, or write the times as dates"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
