package calendar_test

import (
	"testing"

	"foliocast/internal/series/calendar"
)

// series is n times of a rule from 2024-01-03 on.
func series(t *testing.T, name string, n int) []int64 {
	t.Helper()
	at := micros(t, "2024-01-02")
	c := parse(t, name).At(at)
	var out []int64
	for range n {
		at = c.Next(at)
		out = append(out, at)
	}
	return out
}

func TestContradicts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name  string
		times []int64
		want  string
	}{
		"days as years":       {"Y", series(t, "D", 100), "Y means years, on no fixed day, but the times are calendar days (D): 2024-01-03 and 2024-01-04 fall into one period"},
		"days as last days":   {"YE", series(t, "B", 100), "YE-DEC means years, on the last day of December, but the times are business days (B): 2024-01-03 and 2024-01-04 fall into one period"},
		"months as days":      {"D", series(t, "ME", 24), "D means calendar days, but the times are months, on the last day (ME): most of its periods have no value"},
		"first and last days": {"ME", series(t, "MS", 24), "ME means months, on the last day, but the times are months, on the first day (MS): 24 of 24 times are not on it, the first is 2024-02-01"},
		"another exchange": {
			"XNYS", series(t, "XTAE", 40),
			"XNYS means sessions of XNYS (New York Stock Exchange), but the times are business days, Sunday to Thursday (B-SUN,MON,TUE,WED,THU): 10 of 40 times are not on it, the first is 2024-01-07",
		},
		"no rule": {
			"W-FRI", microsOf(t, "2024-01-01, 2024-01-03, 2024-01-09, 2024-01-24, 2024-02-28, 2024-03-01"),
			"W-FRI means weeks, on Friday, but the times have no rule: 2024-01-01 and 2024-01-03 fall into one period",
		},
		"days are days":          {"D", series(t, "D", 100), ""},
		"days without weekends":  {"D", series(t, "B", 100), "D means calendar days, but the times are business days (B): it would fill in days or hours that never have a value"},
		"days with some holes":   {"D", append(series(t, "D", 40)[:20:20], series(t, "D", 40)[23:]...), ""},
		"business days, learned": {"B", series(t, "B-SUN,MON,TUE,WED,THU", 40), ""},
		"months, learned":        {"M", series(t, "BME", 40), ""},
		"quarters, learned":      {"Q", series(t, "Q-FEB-15", 40), ""},
		"weeks, learned":         {"W", series(t, "W-TUE", 40), ""},
		"an exchange":            {"XNYS", series(t, "XNYS", 300), ""},
		"hours of sessions":      {"h", series(t, "h@09:30-15:30", 300), ""},
		"half-years, anchored":   {"6ME", microsOf(t, "2022-03-31, 2022-09-30, 2023-03-31, 2023-09-30, 2024-03-31"), ""},
		"every second Friday":    {"2W-FRI", microsOf(t, "2024-01-12, 2024-01-26, 2024-02-09, 2024-02-22"), "2W-FRI means every 2 weeks, on Friday, but the times are every 2 weeks, on Friday (2W-FRI): 1 of 4 times are not on it, the first is 2024-02-22"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := calendar.Contradicts(parse(t, test.name).Fit(test.times), test.times); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A name is fitted to what it leaves open.
func TestFit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, times, want string }{
		{"M", "2024-01-31, 2024-02-29, 2024-03-31", "ME"},
		{"M", "2024-01-01, 2024-02-01, 2024-03-01", "MS"},
		{"Q", "2024-01-01, 2024-04-01, 2024-07-01", "QS-JAN"},
		{"A", "2021-06-30, 2022-06-30, 2023-06-30", "YE-JUN"},
		{"W", "2024-01-03, 2024-01-10, 2024-01-17", "W-WED"},
		{"B", "2024-01-07, 2024-01-08, 2024-01-09, 2024-01-10, 2024-01-11, 2024-01-14, 2024-01-15, 2024-01-16, 2024-01-17, 2024-01-18, 2024-01-21", "B-SUN,MON,TUE,WED,THU"},
		{"D", "2024-01-03, 2024-01-04, 2024-01-05", "D"},
		{"ME", "2024-01-01, 2024-02-01", "ME"},
	} {
		if got := parse(t, test.name).Fit(microsOf(t, test.times)).String(); got != test.want {
			t.Errorf("%s of %s: got %s, want %s", test.name, test.times, got, test.want)
		}
	}
	times := microsOf(t, "2024-01-02, 2024-01-30, 2024-02-27, 2024-03-26, 2024-04-24") // the last is a day late
	if got := following(parse(t, "28D").Fit(times), times[4], 1); got != "2024-05-21" {
		t.Errorf("28D counts on to %s from an odd last time", got)
	}
}

func TestSeasonsAndPeriods(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]int{
		"s": {60, 3600, 86400, 604800}, "min": {1440, 10080}, "5min": {288, 2016}, "30min": {48, 336}, "h": {24, 168, 8766}, "4h": {6, 42, 2192}, "12h": {2, 14, 731}, "7s": {86400}, "36h": {},
		"D": {7, 365}, "7D": {52}, "10D": {}, "28D": {13}, "B": {5, 261}, "B-MON,WED,FRI": {3, 157}, "B-MON,TUE,WED,THU,FRI,SAT": {6, 313}, "W-FRI": {52}, "2W-FRI": {26},
		"MS": {12}, "BME": {12}, "SMS": {2, 24}, "M-1,11,21": {3, 36}, "2MS": {6}, "QE-DEC": {4}, "6ME": {2}, "YE-DEC": {}, "2YE": {}, "XNYS": {5, 261},
		"445-N-JAN-SAT": {12}, "REQ-N-JAN-SAT": {4}, "444-N-DEC-SUN": {13}, "RE-N-DEC-SUN": {}, "h@09:30-15:30": {7, 35}, "h@MON-THU/00:00-23:00;FRI/00:00-21:00;SUN/22:00-23:00": {24, 120},
	} {
		got := parse(t, name).Seasons()
		if len(got) != len(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
	}
	order := []string{"s", "min", "h", "D", "W", "ME", "QE", "6ME", "YE"}
	for i, a := range order {
		for j, b := range order {
			if got := calendar.Coarser(parse(t, a), parse(t, b)); got != (i > j) {
				t.Errorf("%s coarser than %s: %v", a, b, got)
			}
		}
	}
}

// Buckets are those of pandas' resample: a rule of first days begins a period, one of last days or a weekday ends it.
func TestBuckets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, time, want string }{
		{"W-FRI", "2024-03-29", "2024-03-29"}, {"W-FRI", "2024-03-30", "2024-04-05"}, {"W-MON", "2024-03-26", "2024-04-01"}, {"W-SUN", "2024-03-31 23:00", "2024-03-31"},
		{"MS", "2024-03-31 23:00", "2024-03-01"}, {"ME", "2024-03-01", "2024-03-31"}, {"QE-DEC", "2024-04-01", "2024-06-30"}, {"QS-FEB", "2024-04-30", "2024-02-01"},
		{"YE-JUN", "2024-07-01", "2025-06-30"}, {"SMS", "2024-03-14", "2024-03-01"}, {"SMS", "2024-03-15", "2024-03-15"}, {"h", "2024-03-14 12:59", "2024-03-14 12:00"},
		{"BME", "2024-03-30", "2024-03-29"}, {"445-N-JAN-SUN", "2024-07-29", "2024-08-25"}, {"D", "2024-03-14 23:59", "2024-03-14"},
	} {
		c := parse(t, test.name)
		if got := show(c.Time(c.Bucket(micros(t, test.time)))); got != test.want {
			t.Errorf("%s: %s falls into %s, want %s", test.name, test.time, got, test.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"B": "business days", "B-SUN,MON,TUE,WED,THU": "business days, Sunday to Thursday", "B-MON,WED,FRI": "business days, Monday, Wednesday, Friday", "15min": "every 15 minutes",
		"h": "hours", "M-25-P": "months, on the 25th day or the business day before", "SME": "months, on the 15th and last day", "M-1,11,21": "months, on the first, 11th and 21st day",
		"6ME-": "", "QS-FEB": "quarters, on the first day of February, May, August and November", "YE-JUN": "years, on the last day of June", "2YE": "every 2 years, on the last day, counted from December",
		"WOM-3FRI": "months, on the third Friday", "LWOM-FRI": "months, on the last Friday", "BME": "months, on the last business day",
		"h@09:30-15:30": "hours of sessions from 09:30 to 15:30, Monday to Friday", "30min@XTKS/09:00-11:00,12:30-14:30": "every 30 minutes of sessions from 09:00 to 11:00 and from 12:30 to 14:30, sessions of XTKS (Tokyo Stock Exchange)",
		"B-SUN,MON,TUE,WED,THU|2026-01-04|B": "business days since 2026-01-04, business days, Sunday to Thursday before",
	} {
		c, err := calendar.Parse(name)
		if err != nil {
			if want != "" {
				t.Error(err)
			}
			continue
		}
		if got := c.Describe(); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
