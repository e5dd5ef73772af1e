package calendar_test

import (
	"os"
	"strings"
	"testing"

	"foliocast/internal/series/calendar"
)

// testdata reads the lines of a file: a name and its dates, with those that follow after a bar.
func testdata(t *testing.T, file string) map[string][2][]int64 {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][2][]int64)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		known, next, _ := strings.Cut(rest, " | ")
		out[name] = [2][]int64{timesOf(t, known), timesOf(t, next)}
	}
	if len(out) < 40 {
		t.Fatalf("only %d lines", len(out))
	}
	return out
}

func timesOf(t *testing.T, text string) []int64 {
	t.Helper()
	var out []int64
	for word := range strings.FieldsSeq(text) {
		out = append(out, micros(t, strings.Replace(word, "T", " ", 1)))
	}
	return out
}

// A name continues the dates of pandas' date_range.
func TestPandasNames(t *testing.T) {
	t.Parallel()
	for name, dates := range testdata(t, "pandas.txt") {
		times := dates[0]
		c := parse(t, name).At(times[0])
		for k, at := range times {
			if !c.Obeys(at) {
				t.Errorf("%s: %s breaks the rule", name, show(at))
			}
			if k > 0 && c.Next(times[k-1]) != at {
				t.Errorf("%s: after %s comes %s, want %s", name, show(times[k-1]), show(c.Next(times[k-1])), show(at))
				break
			}
		}
	}
}

// From the first 20 dates of date_range follow the other six.
func TestPandasDatesAreInferred(t *testing.T) {
	t.Parallel()
	for name, dates := range testdata(t, "pandas.txt") {
		times := dates[0]
		const known = 20
		c, breaks := calendar.Infer(times[:known])
		if c == nil || len(breaks) > 0 {
			t.Errorf("%s: got %v with breaks %v", name, c, breaks)
			continue
		}
		for k := known; k < len(times); k++ {
			if next := c.Next(times[k-1]); next != times[k] {
				t.Errorf("%s as %s: after %s comes %s, want %s", name, c, show(times[k-1]), show(next), show(times[k]))
				break
			}
		}
	}
}

// Holidays, odd dates, gaps, weeks that changed and short series do not hide the rule.
func TestSeriesOfPeople(t *testing.T) {
	t.Parallel()
	for name, dates := range testdata(t, "series.txt") {
		c, breaks := calendar.Infer(dates[0])
		if c == nil {
			t.Errorf("%s: no rule; breaks %v", name, breaks)
			continue
		}
		last := dates[0][len(dates[0])-1]
		for _, want := range dates[1] {
			next := c.Next(last)
			if next != want {
				t.Errorf("%s as %s: after %s comes %s, want %s", name, c, show(last), show(next), show(want))
				break
			}
			last = next
		}
		for _, k := range breaks {
			if c.Obeys(dates[0][k]) {
				t.Errorf("%s as %s: %s obeys, and is called a break", name, c, show(dates[0][k]))
			}
		}
	}
}
