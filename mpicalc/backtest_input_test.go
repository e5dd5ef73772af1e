package main

import (
	"strings"
	"testing"
	"time"
)

// The values count the days, so that by hand naive is off by the number of steps, and drift is exact.
func TestBacktestsTrainOnWhatTheFlagsSay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		input, actual string
		args          []string
		naive         float64 // the mean number of steps
	}{
		"as of a day": {counted(0, 105, time.DateOnly, nil), counted(100, 5, time.DateOnly, nil), []string{"--as-of", "2024-04-09"}, 3},
		// 14 weeks from a Monday on, and two more.
		"by the week": {counted(0, 98, time.DateOnly, nil), counted(98, 14, time.DateOnly, nil), []string{"--freq", "W-SUN", "--resample", "last"}, 1.5},
		"a straight line": {strings.Replace(counted(0, 100, time.DateOnly, nil), "A,2024-02-01,31", "A,2024-02-01,", 1), counted(100, 3, time.DateOnly, nil),
			[]string{"--missing", "linear"}, 2},
	} {
		naive, drift, _ := backtestActual(t, c.input, c.actual, c.args...)
		if !near(naive.MASE, c.naive) || !near(drift.MASE, 0) {
			t.Errorf("%s: naive has the MASE %v, drift %v, want %v and 0", name, *naive.MASE, *drift.MASE, c.naive)
		}
	}
	for flag, c := range map[string]struct {
		args []string
		want string
	}{
		"as-of":    {[]string{"--as-of", "soon"}, "--as-of: not a date"},
		"resample": {[]string{"--resample", "last"}, "--resample needs --freq"},
		"missing":  {[]string{"--missing", "guess"}, "--missing: must be forward, linear, drop or fail"},
		"fail":     {[]string{"--missing", "fail"}, "--missing must be forward, linear or drop"},
	} {
		args := append([]string{"backtest", "--input", write(t, "in.csv", counted(0, 30, time.DateOnly, nil)), "--origins", "1", "--horizon", "2", "--models", "naive"}, c.args...)
		if out := mpirun(t, 0, args...); out.code != 2 || !strings.Contains(out.stderr, c.want) {
			t.Errorf("%s: code %d, %q, want 2 and %q", flag, out.code, out.stderr, c.want)
		}
	}
}
