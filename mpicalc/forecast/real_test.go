package forecast

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// numbers reads a file of numbers, one a line.
func numbers(t *testing.T, name string) []float64 {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var y []float64
	for line := range strings.Lines(string(text)) {
		v, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			t.Fatal(err)
		}
		y = append(y, v)
	}
	return y
}

// Temperatures at Yosemite every five minutes, eight days of example_yosemite_temps.csv of Prophet. A day has 288 of them, and
// "as yesterday" is the least that a forecast must reach.
func TestTemperaturesOfFiveMinutesHaveADay(t *testing.T) {
	t.Parallel()
	const m = 288
	y := numbers(t, "yosemite.txt")
	n := len(y) - m
	var r Result
	o := Options{Model: "auto", Horizon: m, Step: 5 * time.Minute, Periods: []int{288, 2016}, Levels: []float64{80}}
	if err := New().Forecast(&r, Series{Values: y[:n]}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	own, yesterday := MAE(y[n:], r.Mean), MAE(y[n:], y[n-m:n])
	if !slices.Equal(r.Seasons, []int{m}) || own > yesterday {
		t.Errorf("seasons %v, mean absolute error %.2f; yesterday again has %.2f", r.Seasons, own, yesterday)
	}
}

// People in a street by the hour, a month of location_4 in example_pedestrians_multivariate.csv of Prophet. There are few at
// night, and never fewer than none.
func TestCountsOfPeopleAreNotNegative(t *testing.T) {
	t.Parallel()
	y := numbers(t, "pedestrians.txt")
	for _, m := range registry() {
		for _, h := range []int{7, 48} {
			var r Result
			o := Options{Model: m.Name, Horizon: h, Step: time.Hour, Periods: []int{24, 168}, Levels: []float64{80, 95}}
			if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			for _, row := range append(slices.Clone(r.Lo), r.Mean) {
				if least := slices.Min(row); least < 0 {
					t.Errorf("%s, horizon %d: %v people", m.Name, h, least)
				}
			}
		}
	}
}
