package calendar_test

import (
	"os"
	"strings"
	"testing"

	"foliocast/internal/series/calendar"
)

// pandasDates are the lines of testdata/pandas.txt: a name and the dates that pandas gives for it.
func pandasDates(t *testing.T) map[string][]int64 {
	t.Helper()
	text, err := os.ReadFile("testdata/pandas.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]int64)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		out[fields[0]] = microsOf(t, strings.Join(fields[1:], ", "))
	}
	if len(out) < 40 {
		t.Fatalf("only %d frequencies", len(out))
	}
	return out
}

// A name continues the dates of pandas' date_range.
func TestPandasNames(t *testing.T) {
	t.Parallel()
	for name, times := range pandasDates(t) {
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
	for name, times := range pandasDates(t) {
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
