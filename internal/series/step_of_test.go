package series_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// The answers are by hand; -1 stands for no step.
func TestStepOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		times string
		freq  series.Freq
		steps map[string]int // the time of another file to its step
	}{
		"steps":    {"1 2 3", "", map[string]int{"2": -1, "3": -1, "4": 0, "9": 5}},
		"tens":     {"10 20 30", "", map[string]int{"35": -1, "40": 0, "60": 2}},
		"days":     {"2020-02-27 2020-02-28 2020-02-29", "", map[string]int{"2020-02-29": -1, "2020-03-01": 0, "2020-03-05": 4}},
		"months":   {"2019-11-30 2019-12-31 2020-01-31", "", map[string]int{"2020-01-30": -1, "2020-02-01": 0, "2020-02-29": 0, "2020-03-31": 1}},
		"weeks":    {"2024-03-08 2024-03-15 2024-03-22", "", map[string]int{"2024-03-28": 0, "2024-03-29": 0, "2024-04-05": 1}},
		"sessions": {"2024-07-01 2024-07-02 2024-07-03", "XNYS", map[string]int{"2024-07-03": -1, "2024-07-04": -1, "2024-07-05": 0, "2024-07-08": 1}},
	} {
		table, _ := seriestest.ReadText(t, oneAsset(strings.Fields(c.times)...), series.Options{Freq: c.freq})
		for text, want := range c.steps {
			other, _ := seriestest.ReadText(t, oneAsset(text), series.Options{})
			step, ok := table.StepOf(0, other.Start(0))
			if !ok {
				step = -1
			}
			if step != want {
				t.Errorf("%s: %s is step %d, want %d", name, text, step, want)
			}
		}
	}
}
