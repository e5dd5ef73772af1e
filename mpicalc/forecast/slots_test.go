package forecast

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestPlacePutsValuesOnTheirSlots(t *testing.T) {
	t.Parallel()
	values := []float64{1, 2, 3, 4}
	e := New()
	// Two slots are empty before the third value, one before the second step of the forecast, and one after that.
	g, ok := e.place(values, []Skip{{At: 2, Count: 2}, {At: 5, Count: 1}, {At: 7, Count: 1}}, 0, 3, 100)
	if !ok {
		t.Fatal("no grid")
	}
	if diff := cmp.Diff(g.slot, []int{0, 1, 4, 5, 6, 8, 9}); diff != "" {
		t.Errorf("slots, -got +want\n%s", diff)
	}
	if diff := cmp.Diff(g.empty, []bool{false, false, true, true, false, false}); diff != "" {
		t.Errorf("empty slots, -got +want\n%s", diff)
	}
	g.fill(0)
	if diff := cmp.Diff(g.y, []float64{1, 2, 2, 2, 3, 4}); diff != "" {
		t.Errorf("values, -got +want\n%s", diff)
	}
	if g.end(3) != 5 || g.reach(4, 3) != 4 || g.reach(2, 1) != 3 {
		t.Errorf("three values end before slot %d, three steps take %d slots, and one across the gap %d; want 5, 4 and 3", g.end(3), g.reach(4, 3), g.reach(2, 1))
	}
	// With the first value unread, the same slots but one.
	g, ok = e.place(values[1:], []Skip{{At: 1, Count: 7}, {At: 2, Count: 1}}, 1, 1, 100)
	if diff := cmp.Diff(g.slot, []int{0, 2, 3, 4}); diff != "" || !ok {
		t.Errorf("slots with an unread value, -got +want\n%s", diff)
	}
	// A limit of four slots leaves out the first two values, and what is left has no empty slot.
	if _, ok = e.place(values, []Skip{{At: 1, Count: 1}}, 0, 1, 3); ok {
		t.Error("a grid without empty slots")
	}
	if _, ok = e.place(values, []Skip{{At: 2, Count: 5}}, 0, 1, 100); ok {
		t.Error("a grid that is mostly empty")
	}
	if _, ok = e.place(values, []Skip{{At: 4, Count: math.MaxInt32}}, 0, 1, 100); ok {
		t.Error("a grid with a forecast in the far future")
	}
	if _, ok = e.place(values, []Skip{{At: 9, Count: 1}}, 0, 5, 100); ok {
		t.Error("a grid because of an empty slot after the forecast")
	}
}

func TestFillMovesOnAsTheSeasonDid(t *testing.T) {
	t.Parallel()
	// Three seasons of 3, in the last of which the third slot is empty, and two values of a fourth, after which four slots are.
	values := []float64{10, 12, 8, 20, 22, 16, 30, 32, 10, 12, 8}
	g, ok := New().place(values, []Skip{{At: 8, Count: 1}, {At: 10, Count: 4}}, 0, 1, 100)
	if !ok {
		t.Fatal("no grid")
	}
	g.fill(3)
	// From the second to the third slot it went down by 4 and by 6, and 32 - 5 is 27. After 12 it would go down by (4+6+5)/3 to
	// 7, but the least value is 8; then on from 12 by the mean of 8, 8 and -22, and of 10, 10 and -20; the next repeats the 8.
	want := []float64{10, 12, 8, 20, 22, 16, 30, 32, 27, 10, 12, 8, 10, 12, 8}
	if diff := cmp.Diff(g.y[:len(want)], want, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
}

func TestSeasonalNaiveRepeatsTheSameWeekday(t *testing.T) {
	t.Parallel()
	week := []float64{1, 2, 3, 4, 5}
	// Three weeks of business days. The Wednesday of the third is a holiday, and so is the Monday after it.
	y := append(append(slices.Clone(week), 11, 12, 13, 14, 15), 21, 22, 24, 25)
	skips := []Skip{{At: 12, Count: 1}, {At: 14, Count: 1}}
	var r Result
	m := method(t, Options{Model: "seasonal-naive", Horizon: 6, Seasons: []int{5}})
	if err := New().Forecast(&r, Series{Values: y, Skips: skips}, m); err != nil {
		t.Fatal(err)
	}
	// Tuesday to Friday, Monday and Tuesday: the last Wednesday is that of the second week.
	if diff := cmp.Diff(r.Mean, []float64{22, 13, 24, 25, 21, 22}); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
}

// holidays makes n values of a weekly pattern on business days with a trend and noise of a standard deviation of sd, of which
// about nine slots a year are empty, and the same without empty slots.
func holidays(n int, seed uint64, sd float64) (full, open []float64, skips []Skip) {
	pattern := []float64{8, -4, 3, -9, 2}
	errs, off := noise(n, seed), noise(n, seed+1000)
	slot := 0
	for i := range n {
		if i > 0 && math.Abs(off[i]) > 2.11 { // 3.5 % of normal numbers
			skips = append(skips, Skip{At: int32(i), Count: 1})
			slot++
		}
		level := 100 + 0.02*float64(i) + sd*errs[i]
		full, open = append(full, level+pattern[i%5]), append(open, level+pattern[slot%5])
		slot++
	}
	return full, open, skips
}

// TestSeasonsKeepTheirPhase compares the forecasts of series with holidays with those of the same series without. 60 series
// differ by chance a little; a season that slips differs by far.
func TestSeasonsKeepTheirPhase(t *testing.T) {
	t.Parallel()
	const n, h, series = 400, 10, 60
	for _, entry := range registry() {
		if !entry.can.has(usesSeasons) {
			continue
		}
		m := method(t, Options{Model: entry.Name, Horizon: h, Step: day, Periods: []int{5, 261}})
		e := New()
		var miss [3]float64 // without holidays, with them, and with their skips ignored
		for seed := range uint64(series) {
			full, open, skips := holidays(n+h, seed, 1)
			for i, s := range []Series{{Values: full[:n]}, {Values: open[:n], Skips: skips}, {Values: open[:n]}} {
				var r Result
				if err := e.Forecast(&r, s, m); err != nil {
					t.Fatal(err)
				}
				miss[i] += SMAPE([][]float64{full, open, open}[i][n:], r.Mean) / series
			}
		}
		if change := miss[1]/miss[0] - 1; math.Abs(change) > 0.04 || miss[2] < 1.5*miss[0] {
			t.Errorf("%s: sMAPE %.3f without holidays, %.3f with them and %.3f with their skips ignored", entry.Name, miss[0], miss[1], miss[2])
		}
	}
}

func TestSkipsThatSayNothingChangeNothing(t *testing.T) {
	t.Parallel()
	for _, entry := range registry() {
		m := method(t, Options{Model: entry.Name, Horizon: 3, Seasons: []int{4}, Levels: []float64{80}})
		none := method(t, Options{Model: entry.Name, Horizon: 3, Seasons: []int{1}, Levels: []float64{80}})
		for name, c := range map[string]struct {
			skips []Skip
			m     *Method
		}{
			"no skips":           {[]Skip{}, m},
			"after the forecast": {[]Skip{{At: 63, Count: 1}}, m},
			"mostly empty":       {[]Skip{{At: 30, Count: 500}}, m},
			"no season":          {[]Skip{{At: 30, Count: 1}, {At: 61, Count: 2}}, none},
		} {
			var want, got Result
			if err := New().Forecast(&want, Series{Values: signed(60, 1)}, c.m); err != nil {
				t.Fatal(err)
			}
			if err := New().Forecast(&got, Series{Values: signed(60, 1), Skips: c.skips}, c.m); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, want, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, %s: -with +without\n%s", entry.Name, name, diff)
			}
		}
	}
}
