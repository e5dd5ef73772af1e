package exchange_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/series/calendar/exchange"
)

func find(t testing.TB, name string) *exchange.Exchange {
	t.Helper()
	e, ok := exchange.Find(name)
	if !ok {
		t.Fatalf("no exchange %q", name)
	}
	return e
}

// number returns the day of a date such as 2024-02-27.
func number(t testing.TB, date string) int64 {
	t.Helper()
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return d.Unix() / 86400
}

// closedIn lists the days of the working weeks of a year without a session, as 01-02.
func closedIn(e *exchange.Exchange, year int) []string {
	var days []string
	for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
		n := d.Unix() / 86400
		if e.WorkingWeek(n)[d.Weekday()] && !e.Session(n) {
			days = append(days, d.Format("01-02"))
		}
	}
	return days
}

// lines returns the fields of the lines of a file in testdata, without its comments.
func lines(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, strings.Fields(line))
		}
	}
	return all
}

func TestClosedDaysAreThePublishedOnes(t *testing.T) {
	t.Parallel()
	for _, name := range exchange.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := find(t, name)
			years := lines(t, name+".txt")
			if len(years) < 14 {
				t.Fatalf("%d years", len(years))
			}
			for _, year := range years {
				y, err := strconv.Atoi(year[0])
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(closedIn(e, y), year[1:]); diff != "" {
					t.Errorf("%d (-got +published)\n%s", y, diff)
				}
			}
		})
	}
}

func TestSingleDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		exchange string
		open     bool
		days     string
		why      string
	}{
		{"XNYS", false, "2001-09-11 2001-09-12 2001-09-13 2001-09-14", "attacks"},
		{"XNYS", true, "2001-09-10 2001-09-17", "the sessions around them"},
		{"XNYS", false, "2004-06-11", "funeral of President Reagan"},
		{"XNYS", true, "1999-12-31 2004-12-31 2010-12-31 2021-12-31 2027-12-31", "New Year on a Saturday is not kept"},
		{"XNYS", true, "2021-06-18", "Juneteenth was no holiday before 2022"},
		{"XNYS", true, "1997-01-20", "nor Martin Luther King's before 1998"},
		{"XNYS", false, "2027-06-18 2027-07-05 2027-12-24 2028-01-17 2030-11-28", "announced for 2027 and 2028, and by rule"},
		{"XETR", false, "2000-10-03", "Deutsche Börse by vwd and dpa: ten years of unity"},
		{"XETR", true, "2000-06-01 2000-06-12 2000-06-22 2001-06-04 2001-10-03 2013-10-03 2014-06-09", "sessions on public holidays"},
		{"XETR", true, "2022-06-06 2022-10-03 2024-05-20 2024-10-03", "sessions again since 2022"},
		{"XETR", false, "2027-12-24 2028-04-14 2028-04-17 2029-12-24 2029-12-31", "announced by Deutsche Börse in 2024"},
		{"XLON", false, "1999-12-31 2002-06-03 2002-06-04", "the millennium and the Golden Jubilee"},
		{"XLON", true, "2002-05-27", "whose year moved the spring holiday"},
		{"XLON", false, "2000-01-03 2004-12-27 2004-12-28 2027-12-27 2027-12-28 2028-01-03", "substitutes"},
		{"XTKS", true, "2003-05-06", "before 2007 a holiday on Sunday 4 May had no substitute: QuantLib differs, the Cabinet Office's list has none"},
		{"XTKS", true, "1998-05-06", "nor had one on Sunday 3 May: Monday was a holiday anyway"},
		{"XTKS", false, "2000-01-10 2001-09-24 2032-09-21", "Happy Monday, substitutes, a citizens' holiday"},
		{"XTAE", false, "2001-02-06 2003-01-28 2006-03-28 2009-02-10 2013-01-22", "elections"},
		{"XTAE", true, "2023-03-08 2023-10-31 2024-03-25", "the day after Purim, and an election that was put off"},
		{"XTAE", true, "2025-12-28 2026-01-01 2026-01-05 2026-01-09", "the last Sunday and the first Friday"},
		{"XTAE", false, "2026-01-02 2026-01-04 2026-01-11", "Friday before, Sundays after"},
		{"XTAE", false, "2027-03-23 2027-04-21 2027-10-01 2027-10-08 2027-10-11 2027-10-15 2027-10-22", "the list of 2027 in pandas_market_calendars"},
		{"XTAE", false, "1997-05-11 1997-05-12 2004-04-26 2004-04-27", "a Memorial Day on Sunday was moved for the first time in 2004"},
		{"XTAE", true, "1997-05-13 2004-04-25", "the days that it did not touch"},
	} {
		e := find(t, c.exchange)
		for d := range strings.FieldsSeq(c.days) {
			if got := e.Session(number(t, d)); got != c.open {
				t.Errorf("%s %s (%s): session %t, want %t", c.exchange, d, c.why, got, c.open)
			}
		}
	}
}

func TestWeekOfTelAviv(t *testing.T) {
	t.Parallel()
	e := find(t, "XTAE")
	sunday := [7]bool{true, true, true, true, true, false, false}
	monday := [7]bool{false, true, true, true, true, true, false}
	for date, want := range map[string][7]bool{
		"1990-06-01": sunday, "2025-12-28": sunday, "2026-01-03": sunday,
		"2026-01-04": monday, "2026-01-09": monday, "2040-01-01": monday,
	} {
		if got := e.WorkingWeek(number(t, date)); got != want {
			t.Errorf("%s: %v, want %v", date, got, want)
		}
	}
}

// The two days of the New Year, and the eve, are closed in every year, on the dates of another implementation.
func TestJewishNewYear(t *testing.T) {
	t.Parallel()
	e := find(t, "XTAE")
	n := 0
	for _, line := range lines(t, "newyears.txt") {
		for _, date := range line {
			n++
			for d := number(t, date) - 1; d <= number(t, date)+1; d++ {
				if e.Session(d) {
					t.Errorf("New Year %s: a session on %s", date, time.Unix(d*86400, 0).UTC().Format("Mon 2006-01-02"))
				}
			}
		}
	}
	if n != 131 {
		t.Errorf("%d years", n)
	}
}

func TestEaster(t *testing.T) {
	t.Parallel()
	e := find(t, "XLON")
	// The latest and the earliest Easter there are, and the next of the latest: Meeus, Astronomical Algorithms.
	for _, sunday := range []string{"1943-04-25", "2038-04-25", "2285-03-22"} {
		d := number(t, sunday)
		got := [4]bool{e.Session(d - 3), e.Session(d - 2), e.Session(d + 1), e.Session(d + 2)}
		if got != [4]bool{true, false, false, true} {
			t.Errorf("around %s: sessions %v", sunday, got)
		}
	}
}

func TestSessionsAreOfTheWorkingWeek(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e, _ := exchange.Find(rapid.SampledFrom(exchange.Names()).Draw(t, "exchange"))
		d := rapid.Int64Range(-40000, 90000).Draw(t, "day")
		weekday := time.Unix(d*86400, 0).UTC().Weekday()
		if e.Session(d) && !e.WorkingWeek(d)[weekday] {
			t.Errorf("%s: a session on day %d, a %s", e.Name(), d, weekday)
		}
		sessions := 0
		for n := d; n < d+365; n++ {
			if e.Session(n) {
				sessions++
			}
		}
		if sessions < 220 || sessions > 260 { // New York traded on four days a week for half of 1968
			t.Errorf("%s: %d sessions in the year from day %d", e.Name(), sessions, d)
		}
	})
}

func TestExchangesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, name := range exchange.Names() {
		e := find(t, name)
		from, to := e.Known()
		if e.Name() != name || e.Title() == "" || from > 2015 || to < 2025 {
			t.Errorf("%s: %q, %q, known %d to %d", name, e.Name(), e.Title(), from, to)
		}
	}
	for _, name := range []string{"", "xnys", "NYSE", "XPAR"} {
		if _, ok := exchange.Find(name); ok {
			t.Errorf("found %q", name)
		}
	}
}

func ExampleExchange_Session() {
	e, _ := exchange.Find("XNYS")
	for _, date := range []string{"2024-07-03", "2024-07-04", "2024-07-05", "2024-07-06"} {
		d, _ := time.Parse(time.DateOnly, date)
		fmt.Println(d.Format("Monday 2 January"), e.Session(d.Unix()/86400))
	}
	// Output:
	// Wednesday 3 July true
	// Thursday 4 July false
	// Friday 5 July true
	// Saturday 6 July false
}
