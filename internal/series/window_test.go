package series_test

import (
	"errors"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, seriestest.Small, series.Options{})
	tests := map[string]struct {
		from, to string
		want     map[string][]float64
		filled   []int
	}{
		"all":                         {"", "", map[string][]float64{"A": {1, 2, 2, 4, 5, 6, 7}, "B": {20, 30, 30, 50}}, []int{1, 1}},
		"both ends belong to it":      {"2020-01-02", "2020-01-05", map[string][]float64{"A": {2, 2, 4, 5}, "B": {20, 30, 30, 50}}, []int{1, 1}},
		"open to the left":            {"", "2020-01-02", map[string][]float64{"A": {1, 2}, "B": {20}}, []int{0, 0}},
		"open to the right":           {"2020-01-05", "", map[string][]float64{"A": {5, 6, 7}, "B": {50}}, []int{0, 0}},
		"carried values at its ends":  {"2020-01-03", "2020-01-04", map[string][]float64{"A": {4}, "B": {30}}, []int{0, 0}},
		"an asset without data in it": {"2020-01-06", "", map[string][]float64{"A": {6, 7}, "B": {}}, []int{0, 0}},
		"beyond the data":             {"1900-01-01", "2100-01-01", map[string][]float64{"A": {1, 2, 2, 4, 5, 6, 7}, "B": {20, 30, 30, 50}}, []int{1, 1}},
		"times of day":                {"2020-01-01T12:00:00Z", "2020-01-05T12:00:00Z", map[string][]float64{"A": {2, 2, 4, 5}, "B": {20, 30, 30, 50}}, []int{1, 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := table.Window(test.from, test.to)
			if err != nil {
				t.Fatal(err)
			}
			seriestest.Equal(t, "values", seriestest.Values(w), test.want)
			seriestest.Equal(t, "filled", []int{w.Filled(0), w.Filled(1)}, test.filled)
			if i, ok := w.Index("B"); i != 1 || !ok {
				t.Errorf("the window has B at %d, %t", i, ok)
			}
		})
	}
}

func TestWindowOfTimesOfDay(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, oneAsset("2020-01-01T23:00:00Z", "2020-01-02T00:00:00Z", "2020-01-02T23:00:00Z", "2020-01-03T00:00:00Z"), series.Options{})
	w, err := table.Window("2020-01-02", "2020-01-02")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "a date is the whole day", []string{w.Start(0).String(), w.End(0).String()}, []string{"2020-01-02T00:00:00Z", "2020-01-02T23:00:00Z"})
}

func TestWindowFaults(t *testing.T) {
	t.Parallel()
	dates, _ := seriestest.ReadText(t, seriestest.Small, series.Options{})
	steps, _ := seriestest.ReadText(t, "ds,A\n1,1\n2,2\n", series.Options{})
	tests := map[string]struct {
		table    *series.Table
		from, to string
		want     string
	}{
		"no time":          {dates, "yesterday", "", `from: not a date, an RFC 3339 time or an integer step: "yesterday"`},
		"no time at end":   {dates, "", "2020-02-31", `to: not a date, an RFC 3339 time or an integer step: "2020-02-31"`},
		"a step for dates": {dates, "3", "", `from: "3" is an integer step, where the data have a date`},
		"a date for steps": {steps, "", "2020-01-01", `to: "2020-01-01" is a date, where the data have an integer step`},
		"turned round":     {dates, "2020-01-05", "2020-01-01", "to: 2020-01-01 is before from, which is 2020-01-05"},
		"after the data":   {dates, "2021-01-01", "", `from: no value from 2021-01-01: the data go from 2020-01-01 to 2020-01-07`},
		"before the data":  {dates, "", "2019-01-01", `to: no value to 2019-01-01: the data go from 2020-01-01 to 2020-01-07`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.table.Window(test.from, test.to)
			if _, ok := errors.AsType[*series.FieldError](err); !ok || err.Error() != test.want {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}
