package calendar_test

import (
	"strings"
	"testing"
	"time"

	"foliocast/internal/series/calendar"
)

// micros reads a date or a date with a time of day.
func micros(t *testing.T, text string) int64 {
	t.Helper()
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UnixMicro()
		}
	}
	t.Fatalf("%q is not a time", text)
	return 0
}

func microsOf(t *testing.T, text string) []int64 {
	t.Helper()
	var out []int64
	for word := range strings.SplitSeq(text, ", ") {
		out = append(out, micros(t, word))
	}
	return out
}

// following lists the n times after the last, as text.
func following(c *calendar.Calendar, last int64, n int) string {
	var out []string
	for range n {
		last = c.Next(last)
		out = append(out, show(last))
	}
	return strings.Join(out, ", ")
}

// The times to come are those of the calendar on the wall.
func TestInfer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ times, name, next string }{
		"hours":                {"2020-12-31 22:00, 2020-12-31 23:00", "h", "2021-01-01, 2021-01-01 01:00"},
		"quarter hours":        {"2020-12-31 23:15, 2020-12-31 23:30", "15min", "2020-12-31 23:45, 2021-01-01"},
		"calendar days":        {"2020-02-27, 2020-02-28, 2020-02-29", "D", "2020-03-01, 2020-03-02"},
		"business days":        {"2020-01-02, 2020-01-03, 2020-01-06, 2020-01-07, 2020-01-08, 2020-01-09", "B", "2020-01-10, 2020-01-13"},
		"business moments":     {"2020-01-02 16:00, 2020-01-03 16:00, 2020-01-06 16:00, 2020-01-07 13:00, 2020-01-08 16:00, 2020-01-09 16:00", "B", "2020-01-10 16:00, 2020-01-13 16:00"},
		"every third day":      {"2020-01-01, 2020-01-04, 2020-01-07", "3D", "2020-01-10, 2020-01-13"},
		"weeks":                {"2020-01-03, 2020-01-10, 2020-01-17", "W-FRI", "2020-01-24, 2020-01-31"},
		"Good Friday":          {"2024-03-01, 2024-03-08, 2024-03-15, 2024-03-22, 2024-03-28", "W-FRI", "2024-04-05, 2024-04-12"},
		"months, first day":    {"2020-10-01, 2020-11-01", "MS", "2020-12-01, 2021-01-01"},
		"months, last day":     {"2019-12-31, 2020-01-31, 2020-02-29", "ME", "2020-03-31, 2020-04-30"},
		"months, business day": {"2020-01-31, 2020-02-28, 2020-03-31, 2020-04-30", "BME", "2020-05-29, 2020-06-30"},
		"months, 30th":         {"2019-12-30, 2020-01-30, 2020-02-29", "M-30", "2020-03-30, 2020-04-30"},
		"quarters, last day":   {"2019-12-31, 2020-03-31, 2020-06-30", "QE-DEC", "2020-09-30, 2020-12-31"},
		"quarters from May":    {"2019-05-01, 2019-08-01, 2019-11-01", "QS-FEB", "2020-02-01, 2020-05-01"},
		"years":                {"2018-01-01, 2019-01-01, 2020-01-01", "YS-JAN", "2021-01-01, 2022-01-01"},
		"years, leap day":      {"2016-02-29, 2017-02-28, 2018-02-28", "YE-FEB", "2019-02-28, 2020-02-29"},
		"before 1970":          {"1950-11-30, 1950-12-31, 1951-01-31", "ME", "1951-02-28, 1951-03-31"},
		"half-years":           {"2023-06-30, 2023-12-31, 2024-06-30, 2024-12-31", "6ME", "2025-06-30, 2025-12-31"},
		// From nrf.com: fiscal 2023 has a 53rd week, and 2024 begins on February 4th.
		"retail, first days": {"2022-01-30, 2022-02-27, 2022-04-03, 2022-05-01, 2022-05-29, 2022-07-03, 2022-07-31, 2022-08-28, 2022-10-02, 2022-10-30, 2022-11-27, 2023-01-01, " +
			"2023-01-29, 2023-02-26, 2023-04-02, 2023-04-30, 2023-05-28, 2023-07-02, 2023-07-30, 2023-08-27, 2023-10-01, 2023-10-29, 2023-11-26, 2023-12-31",
			"454S-N-JAN-SAT", "2024-02-04, 2024-03-03"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			times := microsOf(t, test.times)
			c, _ := calendar.Infer(times)
			if c == nil {
				t.Fatal("no rule")
			}
			if c.String() != test.name {
				t.Errorf("got %s, want %s", c, test.name)
			}
			if next := following(c, times[len(times)-1], 2); next != test.next {
				t.Errorf("next are %s, want %s", next, test.next)
			}
		})
	}
}

// The Emirates' week went from Sunday to Thursday to Monday to Friday at the beginning of 2022.
func TestChangeOfTheWeek(t *testing.T) {
	t.Parallel()
	times := every(t, "2021-09-05", "2022-02-25", 24*time.Hour, func(at time.Time) bool {
		if at.Year() < 2022 {
			return at.Weekday() < time.Friday
		}
		return weekday(at)
	})
	c, breaks := calendar.Infer(times)
	if c == nil || c.String() != "B-SUN,MON,TUE,WED,THU|2022-01-02|B" || len(breaks) > 0 {
		t.Fatalf("got %v with breaks %v", c, breaks)
	}
	if n := c.Slot(times[len(times)-1]) - c.Slot(times[0]) + 1; n != int64(len(times)) {
		t.Errorf("%d slots for %d days", n, len(times))
	}
	if next := following(c, times[len(times)-1], 2); next != "2022-02-28, 2022-03-01" {
		t.Errorf("next are %s", next)
	}
}

// Times without a rule have no calendar, and the times that break the nearest one are named.
func TestNoRule(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times  string
		breaks int // at least
	}{
		"one":                    {"2024-01-01", 0},
		"three centuries":        {"1700-01-01, 2020-01-01", 0},
		"meetings":               {"2022-01-26, 2022-03-16, 2022-05-04, 2022-06-15, 2022-07-27, 2022-09-21, 2022-11-02, 2022-12-14, 2023-02-01, 2023-03-22", 3},
		"terms":                  {"2021-01-11, 2021-04-19, 2021-09-06, 2022-01-10, 2022-04-25, 2022-09-05, 2023-01-09, 2023-04-17", 3},
		"a third of the days":    {"2024-01-01, 2024-01-02, 2024-01-06, 2024-01-07, 2024-01-13, 2024-01-14, 2024-01-20, 2024-01-24, 2024-01-25, 2024-02-01, 2024-02-06, 2024-02-10, 2024-02-11", 3},
		"hours and some seconds": {"2024-01-01 00:00:01, 2024-01-01 01:00:04, 2024-01-01 02:00:02, 2024-01-01 03:00:07, 2024-01-01 04:00:03, 2024-01-01 05:00:01", 3},
	} {
		if c, breaks := calendar.Infer(microsOf(t, test.times)); c != nil || len(breaks) < test.breaks {
			t.Errorf("%s: got %v with breaks %v", name, c, breaks)
		}
	}
}

// A time that breaks the rule falls into the slot of the period that it belongs to.
func TestSlotsOfOddTimes(t *testing.T) {
	t.Parallel()
	const session, currency, gulf = "h@09:30-15:30", "h@MON-THU/00:00-23:00;FRI/00:00-21:00;SUN/22:00-23:00", "B-SUN,MON,TUE,WED,THU|2026-01-04|B"
	for _, test := range []struct{ name, odd, own string }{
		{"W-FRI", "2024-03-28", "2024-03-29"}, {"W-FRI", "2024-03-30", "2024-03-29"}, {"W-FRI", "2024-03-25", "2024-03-29"},
		{"W-MON", "2024-05-28", "2024-05-27"}, {"W-MON", "2024-06-02", "2024-05-27"}, {"W-WED", "2024-05-30", "2024-05-29"}, {"W-WED", "2024-05-27", "2024-05-29"},
		{"MS", "2024-05-17", "2024-05-01"}, {"BME", "2024-03-28", "2024-03-29"}, {"ME", "2024-03-01", "2024-03-31"}, {"M-1-P", "2024-05-31", "2024-05-31"}, {"M-1-P", "2024-05-30", "2024-05-01"},
		{"B", "2024-03-30", "2024-03-29"}, {"B-MON,WED,FRI", "2024-03-26", "2024-03-25"}, {"XNYS", "2024-03-30", "2024-03-29"}, {"D", "2024-03-30 13:00", "2024-03-30"},
		{session, "2024-03-30 12:00", "2024-03-29 15:30"}, {session, "2024-03-29 08:00", "2024-03-29 09:30"}, {session, "2024-03-29 10:59", "2024-03-29 10:30"}, {session, "2024-03-29 20:00", "2024-03-29 15:30"},
		{currency, "2024-03-31 20:00", "2024-03-31 22:00"}, {currency, "2024-03-30 20:00", "2024-03-29 21:00"}, {currency, "2024-03-29 22:00", "2024-03-29 21:00"},
		{gulf, "2026-01-02", "2026-01-01"}, {gulf, "2026-01-04", "2026-01-01"}, {gulf, "2026-01-10", "2026-01-09"},
	} {
		c := parse(t, test.name)
		if got := show(c.Time(c.Slot(micros(t, test.odd)))); got != test.own {
			t.Errorf("%s: %s falls into %s, want %s", test.name, test.odd, got, test.own)
		}
	}
	if c := parse(t, gulf); c.Slot(micros(t, "2026-01-05"))-c.Slot(micros(t, "2026-01-01")) != 1 || c.Slot(micros(t, "2026-01-05"))-c.Slot(micros(t, "2025-12-28")) != 5 {
		t.Error("a change of the week loses the phase")
	}
}

// show writes a time, without an hour at midnight.
func show(t int64) string {
	at := time.UnixMicro(t).UTC()
	if t%dayMicros == 0 {
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02 15:04")
}
