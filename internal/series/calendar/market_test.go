package calendar_test

import (
	"testing"

	"foliocast/internal/series/calendar"
)

func parse(t *testing.T, name string) *calendar.Calendar {
	t.Helper()
	c, err := calendar.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The days are those of the exchanges' published lists of holidays, by hand.
func TestMarkets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, last, next string }{
		"Good Friday in New York":      {"XNYS", "2024-03-28", "2024-04-01, 2024-04-02, 2024-04-03"},
		"Easter Monday in Frankfurt":   {"XETR", "2024-03-28", "2024-04-02, 2024-04-03, 2024-04-04"},
		"New Year in Tokyo":            {"XTKS", "2023-12-29", "2024-01-04, 2024-01-05, 2024-01-09"},
		"Christmas in London":          {"XLON", "2023-12-22", "2023-12-27, 2023-12-28, 2023-12-29"},
		"Sundays in Tel Aviv":          {"XTAE", "2023-12-28", "2023-12-31, 2024-01-01, 2024-01-02"},
		"Tel Aviv trades on Fridays":   {"XTAE", "2025-12-31", "2026-01-01, 2026-01-05, 2026-01-06"},
		"from a Saturday":              {"XNYS", "2024-03-30", "2024-04-01, 2024-04-02, 2024-04-03"},
		"from a holiday":               {"XNYS", "2024-03-29", "2024-04-01, 2024-04-02, 2024-04-03"},
		"the hour of day is kept":      {"XNYS", "2024-03-28 16:00", "2024-04-01 16:00, 2024-04-02 16:00, 2024-04-03 16:00"},
		"an earlier hour the same day": {"XNYS", "2024-11-29 13:00", "2024-12-02 13:00, 2024-12-03 13:00, 2024-12-04 13:00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			last := micros(t, test.last)
			if got := following(parse(t, test.name).At(last), last, 3); got != test.next {
				t.Errorf("got %s, want %s", got, test.next)
			}
		})
	}
}

// Five slots are a week, also over holidays and over a change of the working week.
func TestWeekdayIsThePhase(t *testing.T) {
	t.Parallel()
	tel := parse(t, "XTAE")
	for sunday, phase := range map[string]int64{"2023-12-31": 0, "2024-01-07": 0, "2024-01-04": 4, "2025-12-28": 0} {
		if got := (tel.Slot(micros(t, sunday))%5 + 5) % 5; got != phase {
			t.Errorf("%s has phase %d, want %d", sunday, got, phase)
		}
	}
	if between := tel.Slot(micros(t, "2026-01-05")) - tel.Slot(micros(t, "2026-01-01")); between != 1 {
		t.Errorf("Monday, 5 January 2026 is %d slots after Thursday", between)
	}
	york := parse(t, "XNYS")
	if between := york.Slot(micros(t, "2024-04-01")) - york.Slot(micros(t, "2024-03-28")); between != 2 {
		t.Errorf("the Monday after Good Friday is %d slots after Thursday, want 2", between)
	}
	if york.Open(york.Slot(micros(t, "2024-03-29"))) {
		t.Error("New York is open on Good Friday")
	}
}
