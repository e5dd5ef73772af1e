package calendar_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series/calendar/exchange"
)

// The sessions that follow each other, from the first year of an exchange's published closures to the last, are the days of
// its working weeks without those. The files in exchange/testdata name their sources.
func TestNextSessionsAreThePublishedOnes(t *testing.T) {
	t.Parallel()
	for _, name := range exchange.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, last, closed := published(t, name)
			var want []string
			for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
				if text := d.Format(time.DateOnly); working(name, d) && !closed[text] {
					want = append(want, text)
				}
			}
			var got []string
			c := parse(t, name)
			end := last.UnixMicro()
			for at := c.Next(first.AddDate(0, 0, -1).UnixMicro()); at <= end; at = c.Next(at) {
				got = append(got, time.UnixMicro(at).UTC().Format(time.DateOnly))
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("(-got +published)\n%s", diff)
			}
			if len(want) < 2500 {
				t.Errorf("%d sessions are less than ten years", len(want))
			}
		})
	}
}

// working reports whether a day belongs to the working week: Sunday to Thursday in Tel Aviv until 2025, else Monday to Friday.
func working(name string, d time.Time) bool {
	if name == "XTAE" && d.Before(time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)) {
		return d.Weekday() <= time.Thursday
	}
	return d.Weekday() >= time.Monday && d.Weekday() <= time.Friday
}

// published reads the closures of an exchange: the first and the last day of the years they cover, and the closed days.
func published(t *testing.T, name string) (first, last time.Time, closed map[string]bool) {
	t.Helper()
	text, err := os.ReadFile("exchange/testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	closed = make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		year, err := time.Parse("2006", fields[0])
		if err != nil {
			t.Fatal(err)
		}
		if first.IsZero() {
			first = year
		}
		last = year.AddDate(1, 0, -1)
		for _, day := range fields[1:] {
			closed[fields[0]+"-"+day] = true
		}
	}
	return first, last, closed
}
