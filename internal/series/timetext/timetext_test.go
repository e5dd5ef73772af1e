package timetext

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// show writes a moment in full.
func show(m Moment) string {
	switch m.Kind {
	case Integer:
		return "integer"
	case Date:
		return time.Unix(m.N*24*60*60, 0).UTC().Format(time.DateOnly)
	case Local:
		return time.UnixMicro(m.N).UTC().Format("2006-01-02 15:04:05.999999")
	}
	if m.Zone == nil {
		m.Zone = time.UTC
	}
	return time.UnixMicro(m.N).In(m.Zone).Format("2006-01-02T15:04:05.999999Z07:00")
}

// TestParse reads times as programs write them. The weeks are those of Python's date.fromisocalendar.
func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // empty when it is not a time
		"2024-01-28": "2024-01-28", "2024/1/28": "2024-01-28", "2024.01.28": "2024-01-28", "28.1.2024": "2024-01-28",
		"2024-01": "2024-01-01", "2024/01": "2024-01-01", "01/2024": "2024-01-01", "12.2024": "2024-12-01", "2024.01": "", "1.2024": "",
		"2024M1": "2024-01-01", "1986m12": "1986-12-01", "2024-M02": "2024-02-01", "2024M13": "", "2024M0": "",
		"2024Q1": "2024-01-01", "2024-Q4": "2024-10-01", "Q2 2024": "2024-04-01", "q3-2024": "2024-07-01", "Q4/2024": "2024-10-01", "2024Q5": "", "Q0 2024": "",
		"2024H1": "2024-01-01", "2024-S2": "2024-07-01", "H2 2024": "2024-07-01", "2024H3": "",
		"2024-W05": "2024-01-29", "2024w5": "", "2024W5-1": "", "20240128T18:00": "2024-01-28 18:00:00", "2024W05": "2024-01-29", "2024-W05-7": "2024-02-04", "2024W057": "2024-02-04", "2020-W53": "2020-12-28",
		"2021-W53": "", "2021-W01": "2021-01-04", "2026-W53-4": "2026-12-31", "2009-W53-7": "2010-01-03", "2024-W00": "", "2024-W05-8": "", "2024-W05-0": "",
		"Jan 2, 2006": "2006-01-02", "2 January 2006": "2006-01-02", "02-JAN-2006": "2006-01-02", "2006-Jan-02": "2006-01-02", "2006 Jan": "2006-01-01",
		"Sept 1, 2006": "2006-09-01", "Feb 30, 2006": "", "1st Jan 2006": "2006-01-01", "March 22nd, 2006": "2006-03-22", "Mid Jan 2006": "", "4 Total 2006 Jan": "", "Jan 2006": "2006-01-01", "Jan-06": "", "2 Jan 06": "",
		"Fri, 30 Apr 2021": "2021-04-30", "Friday, April 30, 2021": "2021-04-30", "Fri Apr 30 2021 14:05:00 GMT+0200": "2021-04-30T14:05:00+02:00",
		"4/30/2021": "2021-04-30", "30/4/2021": "2021-04-30", "1/1/1981": "1981-01-01", "31/31/2021": "", "04-30-2021": "2021-04-30",
		"2024-01-28T18:00Z": "2024-01-28T18:00:00Z", "2024-01-28 00:00:00+0000": "2024-01-28T00:00:00Z", "2024-01-28 00:00:00 UTC": "2024-01-28T00:00:00Z",
		"2024-01-28 00:00:00 +01:00": "2024-01-28T00:00:00+01:00", "2024-01-28T00:00:00-05": "2024-01-28T00:00:00-05:00", "2024-01-28 00:00 GMT": "2024-01-28T00:00:00Z",
		"2024-07-28T00:00+02:00[Europe/Berlin]": "2024-07-28T00:00:00+02:00", "2024-01-28 12:00[Europe/Berlin]": "2024-01-28T12:00:00+01:00",
		"2024-07-28 12:00 America/New_York": "2024-07-28T12:00:00-04:00", "2024-07-28 12:00 Mars/Base": "", "2024-07-28 12:00 CET": "", "2024-07-28T12:00Z[../etc]": "",
		"2024-01-28 6:05 PM": "2024-01-28 18:05:00", "1/28/2024 12:00:00 AM": "2024-01-28 00:00:00", "28.1.2024 12:30 p.m.": "2024-01-28 12:30:00",
		"2024-01-28 13:00 PM": "", "2024-01-28 0:30 AM": "", "2024-01-28 11:59pm": "2024-01-28 23:59:00",
		"2024-01-28T24:00": "2024-01-29 00:00:00", "2024-01-28T24:01": "", "2024-01-28 23:60": "", "2024-01-28 23:59:60": "", "2024-01-28 1:2": "",
		"20240128T180500": "2024-01-28 18:05:00", "20240128T1805Z": "2024-01-28T18:05:00Z", "20240128 18:05:00": "2024-01-28 18:05:00",
		"2024-01-28 18:05:00,25": "2024-01-28 18:05:00.25", "2024-01-28T18:05:00.123456789Z": "2024-01-28T18:05:00.123456Z", "28-Jan-2024 18:05": "2024-01-28 18:05:00",
		"01.02.21": "", "1/2/21": "", "18:05": "", "yesterday": "", "12.5": "", "-12.5": "", "1e5": "", "2024-1": "", "20240128": "integer",
		"2024-02-30": "", "2023-02-29": "", "2024-02-29": "2024-02-29", "2024-01-28T": "", "2024-01-28 ": "", "2024-01-28T18": "",
	} {
		var p Parser
		m, ok := p.Parse([]byte(text))
		if ok != (want != "") || ok && show(m) != want {
			t.Errorf("%q: got %s, %t, want %q", text, show(m), ok, want)
		}
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Order{"01/02/2024": Either, "1-2-2024": Either, "2/2/2024": Equal, "1/13/2024": MonthFirst, "13/1/2024": DayFirst,
		"1.2.2024": Plain, "2024/1/2": Plain, "1/2/2024 05:00": Either} {
		var p Parser
		if m, ok := p.Parse([]byte(text)); !ok || m.Order != want {
			t.Errorf("%q: got order %d, %t, want %d", text, m.Order, ok, want)
		}
	}
}

// TestPatterns reads by patterns. The wanted times are those of Python's datetime.strptime.
func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, text, want string }{
		{"%d/%m/%Y", "01/02/2021", "2021-02-01"}, {"%d/%m/%Y", "1/2/2021", "2021-02-01"}, {"%d/%m/%Y", "01/13/2021", ""}, {"%d/%m/%Y", "01/02/2021 ", ""},
		{"%m/%d/%y", "12/31/68", "2068-12-31"}, {"%d.%m.%y", "31.12.69", "1969-12-31"}, {"%Y%j", "2024366", "2024-12-31"}, {"%Y-%j", "2023-366", ""},
		{"%a %d %b %Y %I:%M:%S %p %z", "Thu 01 Feb 2024 12:05:09 AM +0530", "2024-02-01T00:05:09+05:30"}, {"%G-W%V-%u", "2020-W53-4", "2020-12-31"},
		{"%Y-%m-%dT%H:%M:%S.%f", "2024-02-01T03:04:05.25", "2024-02-01 03:04:05.25"}, {"%F %T", "2024-02-01 03:04:05", "2024-02-01 03:04:05"}, {"%s", "1706464800", "2024-01-28T18:00:00Z"},
		{"%B %Y", "february 2024", "2024-02-01"}, {"%Y", "2024", "2024-01-01"}, {"%Y%%", "2024%", "2024-01-01"}, {"%Y%m%d%H", "2024020123", "2024-02-01 23:00:00"},
		{"%d/%m/%Y", "30/02/2021", ""}, {"%Y-%m-%d %H:%M", "2024-02-01 24:01", ""}, {"%I %p %Y", "13 PM 2024", ""}, {"%Y %Z", "2024 UTC", ""},
	} {
		p, err := Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		m, ok := p.Parse([]byte(c.text))
		if ok != (c.want != "") || ok && show(m) != c.want {
			t.Errorf("%q by %q: got %s, %t, want %q", c.text, c.pattern, show(m), ok, c.want)
		}
	}
	for _, pattern := range []string{"%", "%Q", "%d/%m", "%G", "date"} {
		if _, err := Compile(pattern); err == nil {
			t.Errorf("%q is taken for a pattern", pattern)
		}
	}
}

func TestDaysAreThoseOfPackageTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Int64Range(-719162, 2932896).Draw(t, "days") // 0001-01-01 to 9999-12-31
		at := time.Unix(want*24*60*60, 0).UTC()
		if got, ok := Days(at.Year(), int(at.Month()), at.Day()); !ok || got != want {
			t.Errorf("%s: got %d, %t, want %d", at, got, ok, want)
		}
		year, week := at.ISOWeek()
		monday, ok := WeekDays(year, week)
		if want -= int64(at.Weekday()+6) % 7; year > 0 && year < 9999 && (!ok || monday != want) {
			t.Errorf("week of %s: got %d, %t, want %d", at, monday, ok, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2024-01-28T18:00Z", "Q2 2024", "2024W057", "1/2/2024 3:04 PM", "Fri, 30 Apr 2021 00:00:00 GMT", "2024-01-28T00:00+01:00[Europe/Berlin]",
		"20240128T180500", "12.2024", "-9223372036854775808", "2024-01-28 24:00:00.999", "[/]", "T:", "1:", " p", "0001-01-01 00:00 +23:59"} {
		f.Add(text, "%d/%m/%Y %I:%M %p")
	}
	f.Fuzz(func(t *testing.T, text, pattern string) {
		var p Parser
		p.Parse([]byte(text))
		if by, err := Compile(pattern); err == nil {
			by.Parse([]byte(text))
		}
	})
}
