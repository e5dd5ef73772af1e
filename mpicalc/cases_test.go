package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The inputs in testdata/cases were made after files and bug reports of forecasting programs. The right answers come from
// R's forecast package, pandas or by hand.

// forecastOf runs a model on a file of testdata/cases and returns the lines of its output as words (times, then means), and
// what it prints.
func forecastOf(t *testing.T, name string, args ...string) (rows [][]string, out outcome) {
	t.Helper()
	output := filepath.Join(t.TempDir(), "out.csv")
	out = mpirun(t, 0, append([]string{"run", "--input", filepath.Join("testdata", "cases", name), "--output", output}, args...)...)
	f, err := os.Open(output)
	if err != nil {
		if out.code == 0 {
			t.Fatal(err)
		}
		return nil, out
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%v in %v", err, all)
	}
	return all[1:], out
}

// column returns one column of rows.
func column(rows [][]string, at int) []string {
	var values []string
	for _, row := range rows {
		values = append(values, row[at])
	}
	return values
}

func TestTimesOfForecasts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args  string
		times string
		means string // empty when they do not matter
	}{
		"tokyo.csv": {"--model naive --horizon 6",
			"2024-03-18T00:00:00+09:00 2024-03-19T00:00:00+09:00 2024-03-20T00:00:00+09:00 2024-03-21T00:00:00+09:00 2024-03-22T00:00:00+09:00 2024-03-25T00:00:00+09:00",
			"968.99 968.99 968.99 968.99 968.99 968.99"},
		"dividend-rows.csv":   {"--model seasonal-naive --horizon 3", "2024-01-01 2024-02-01 2024-03-01", "109.7 120.36 127.22"},
		"live-row.csv":        {"--model naive --horizon 3", "2024-06-01 2024-07-01 2024-08-01", "99.85 99.85 99.85"},
		"retail-months.csv":   {"--model seasonal-naive --horizon 3", "2024-08-25 2024-09-22 2024-10-27", "145 150.5 156"},
		"retail-quarters.csv": {"--model naive --horizon 3", "2024-08-03 2024-11-02 2025-02-01", ""},
		"half-years.csv":      {"--model drift --horizon 4", "2025-06-30 2025-12-31 2026-06-30 2026-12-31", "130 131 132 133"},
		"two-months.csv":      {"--model drift --horizon 4", "2025-01-01 2025-03-01 2025-05-01 2025-07-01", "130 131 132 133"},
		"half-months.csv":     {"--model drift --horizon 4", "2024-07-01 2024-07-15 2024-08-01 2024-08-15", "160 161 162 163"},
		"riyadh.csv":          {"--model naive --horizon 3", "2023-12-31 2024-01-01 2024-01-02", "102.87 102.87 102.87"},
		"fridays.csv":         {"--model naive --horizon 2", "2024-03-01 2024-03-08", ""},
		"good-friday.csv":     {"--model naive --horizon 3", "2024-04-05 2024-04-12 2024-04-19", ""},
		"trading-hours.csv":   {"--model naive --horizon 3", "2024-02-13_09:30:00 2024-02-13_10:30:00 2024-02-13_11:30:00", "104.71 104.71 104.71"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, _, _ := strings.Cut(name, " ")
			rows, out := forecastOf(t, file, strings.Fields(c.args)...)
			if out.code != 0 {
				t.Fatalf("code %d: %s", out.code, out.stderr)
			}
			times := strings.Fields(c.times)
			for i := range times {
				times[i] = strings.ReplaceAll(times[i], "_", " ")
			}
			if diff := cmp.Diff(column(rows, 1), times); diff != "" {
				t.Errorf("times (-got +want)\n%s", diff)
			}
			if diff := cmp.Diff(column(rows, 3), strings.Fields(c.means)); c.means != "" && diff != "" {
				t.Errorf("means (-got +want)\n%s", diff)
			}
		})
	}
}

func TestIntervalsDoNotDependOnTheZone(t *testing.T) {
	t.Parallel()
	args := []string{"--model", "naive", "--horizon", "6", "--levels", "80"}
	zoned, _ := forecastOf(t, "tokyo.csv", args...)
	plain, _ := forecastOf(t, "tokyo-plain.csv", args...)
	for _, at := range []int{3, 4, 5} { // mean, lo-80, hi-80
		if diff := cmp.Diff(column(zoned, at), column(plain, at)); diff != "" {
			t.Errorf("(-with a zone +without)\n%s", diff)
		}
	}
}

func TestEmptyRowsAreNoTimes(t *testing.T) {
	t.Parallel()
	args := []string{"--model", "seasonal-naive", "--horizon", "3", "--levels", "80"}
	with, _ := forecastOf(t, "dividend-rows.csv", args...)
	without, _ := forecastOf(t, "dividend-rows-plain.csv", args...)
	if diff := cmp.Diff(with, without); diff != "" {
		t.Errorf("(-with empty rows +without)\n%s", diff)
	}
}
