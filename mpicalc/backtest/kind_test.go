package backtest

import (
	"math"
	"slices"
	"testing"

	"foliocast/internal/series/calendar"
)

func TestDemandClasses(t *testing.T) {
	t.Parallel()
	for want, y := range map[string][]float64{
		// 12 values, of which 9 are not zero: ADI 12/9 = 1.33; 10 of them: 1.2.
		"intermittent demand": {2, 2, 2, 0, 2, 2, 2, 0, 2, 2, 2, 0},
		"smooth demand":       {2, 2, 2, 0, 2, 2, 2, 2, 2, 2, 2, 0},
		// 1 and 9: mean 5, variance 32, CV² 1.28.
		"lumpy demand":    {0, 0, 1, 0, 0, 9},
		"erratic demand":  {1, 9},
		"zeros only":      {0, 0},
		"negative values": {1, 0, -1},
	} {
		if got := demandClass(y); got != want {
			t.Errorf("%v: %s, want %s", y, got, want)
		}
	}
}

func TestSeasonStrength(t *testing.T) {
	t.Parallel()
	wave := func(amplitude float64) (y []float64, slots []int64) {
		for k := range 48 {
			at := int64(k)
			if k >= 20 {
				at += 3 // slots without a value
			}
			noise := []float64{1, -1, -1, 1, -1, 1, 1}[k%7]
			y, slots = append(y, amplitude*math.Sin(2*math.Pi*float64(at)/12)+0.1*float64(at)+noise), append(slots, at)
		}
		return y, slots
	}
	for name, c := range map[string]struct {
		amplitude float64
		season, n int
		want      string
	}{
		"strong":    {5, 12, 48, "strong season"},
		"weak":      {0.3, 12, 48, "weak season"},
		"none":      {5, 1, 48, "no season"},
		"too short": {5, 12, 35, "too short for its season"},
	} {
		y, slots := wave(c.amplitude)
		f := features{"ME", y[:c.n], slots[:c.n], c.season}
		if got := f.seasonClass(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	line := make([]float64, 36)
	slots := make([]int64, 36)
	for k := range line {
		line[k], slots[k] = 0.1*float64(k), int64(k)
	}
	for m := range 12 {
		if got := seasonStrength(line, slots, m+2); got != 0 {
			t.Errorf("a line has the strength %v over %d", got, m+2)
		}
	}
	// By hand, m = 3 and n = 9: centred means of 3 leave the values 1 to 7; those of 0 0 3 are all 1, so that S is -1, -1, 2 and
	// R is 0.
	if got := seasonStrength([]float64{0, 0, 3, 0, 0, 3, 0, 0, 3}, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8}, 3); got != 1 {
		t.Errorf("a perfect season has the strength %v", got)
	}
}

func TestParseClasses(t *testing.T) {
	t.Parallel()
	got, unknown := ParseClasses([]string{"season", "kind", "length"})
	if !slices.Equal(got, Classes()) || unknown != "" {
		t.Errorf("%v, %q", got, unknown)
	}
	if _, unknown := ParseClasses([]string{"length", "size"}); unknown != "size" {
		t.Errorf("%q is unknown", unknown)
	}
}

func TestSeasonOfTheMeasures(t *testing.T) {
	t.Parallel()
	for freq, want := range map[string]int{"h": 24, "15min": 96, "D": 1, "B": 1, "XLON": 1, "W-FRI": 1, "MS": 12, "BME": 12, "QE-DEC": 4, "6ME": 2, "28D": 13, "YE-DEC": 1} {
		c, err := calendar.Parse(freq)
		if err != nil {
			t.Fatal(err)
		}
		if got := Season(c); got != want {
			t.Errorf("%s: %d, want %d", freq, got, want)
		}
	}
	if got := Season(nil); got != 1 {
		t.Errorf("no rule: %d", got)
	}
}
