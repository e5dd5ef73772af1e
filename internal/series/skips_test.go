package series_test

import (
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// The phase of a week comes from the weekday, also after a holiday and over one to come.
func TestSlots(t *testing.T) {
	t.Parallel()
	// Thanksgiving 2023 is 23 November; the exchange of New York is closed on Christmas as well.
	var text string
	for at := date(2023, 11, 20); at.Before(date(2023, 12, 23)); at = workday(at) {
		if !at.Equal(date(2023, 11, 23)) {
			text += at.Format(time.DateOnly) + ",1\n"
		}
	}
	for name, o := range map[string]series.Options{"business days": {}, "New York": {Freq: "XNYS"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, "ds,A\n"+text, o)
			n := len(table.Values(0))
			slots := table.Slots(0, 4)
			times := seriestest.Show(table)[0].Times
			times = append(times, next(table, 0, 4)...)
			for k, at := range times {
				day, err := time.Parse(time.DateOnly, at)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := slots[k]%5, int(day.Weekday())-1; got != want {
					t.Errorf("%s is in phase %d, want %d", at, got, want)
				}
			}
			want := []series.Skip{{At: 3, Count: 1}}
			if o.Freq != "" {
				want = append(want, series.Skip{At: int32(n), Count: 1})
			}
			seriestest.Equal(t, "skips", table.Skips(0, 4), want)
		})
	}
}

func TestStepsTo(t *testing.T) {
	t.Parallel()
	text := "unique_id,ds,y\n"
	for _, row := range []string{"2024-03-25,1", "2024-03-26,1", "2024-03-27,1", "2024-03-28,1"} {
		text += "A," + row + "\n"
	}
	text += "B,2024-04-05,1\nC,2024-04-06,1\nD,2024-03-20,1\n"
	table, _ := seriestest.ReadText(t, text, series.Options{})
	london, err := table.WithFreq("XLON", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{0, 6, 6, 0} {
		seriestest.Equal(t, "business days", table.StepsTo(0, table.End(i)), want)
	}
	for i, want := range []int{0, 4, 4, 0} { // without Good Friday and Easter Monday
		seriestest.Equal(t, "sessions", london.StepsTo(0, london.End(i)), want)
	}
	for k, at := range london.Next(0, 10) {
		seriestest.Equal(t, "steps to the times that follow", london.StepsTo(0, at), k+1)
	}
	seriestest.Equal(t, "positions", []int{table.PositionAt(0, table.End(1)), table.PositionAt(0, table.At(0, 1)), table.PositionAt(0, table.End(3))}, []int{3, 1, -1})
	steps, _ := seriestest.ReadText(t, "step,A,B\n10,1,1\n20,2,2\n30,3,3\n40,,4\n50,,5\n", series.Options{})
	seriestest.Equal(t, "steps", steps.StepsTo(0, steps.End(1)), 2)
}

func TestPartOf(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, holes, series.Options{})
	window, err := table.Window("2024-01-02", "2024-01-05")
	if err != nil {
		t.Fatal(err)
	}
	if from, ok := window.PartOf(table, 0); from != 1 || !ok {
		t.Errorf("the window begins at %d, %t, want 1", from, ok)
	}
	linear, err := table.WithMissing("linear")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := linear.PartOf(table, 0); ok {
		t.Error("interpolated values lie in the table")
	}
	if from, ok := linear.PartOf(table, 1); from != 0 || !ok {
		t.Error("values without a gap do not lie in the table")
	}
}
