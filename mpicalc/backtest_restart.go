package main

import (
	"foliocast/internal/series"
	"foliocast/mpicalc/backtest"
)

// restart says whether the integer steps of --actual count from the end of --input, as in the files of the M competitions,
// instead of going on from it, and with which number they begin.
type restart struct {
	yes   bool
	first int64
}

// restartOf tells the two apart. The steps count anew when they begin at 0 or 1, reach back into those of --input, and do
// not repeat its values there.
func restartOf(input, actual *series.Table) restart {
	r := restart{first: 2}
	if input.Kind() != series.Step {
		return r
	}
	back, known, equal := 0, 0, 0 // steps not after the end; those with a value in both files; with the same value
	for k, name := range actual.Names() {
		if len(actual.Values(k)) == 0 {
			continue
		}
		r.first = min(r.first, actual.Start(k).N)
		i, ok := input.Index(name)
		if !ok || len(input.Values(i)) == 0 {
			continue
		}
		values := make(map[int64]float64)
		for n := range backtest.Observed(input, i, 0) {
			values[input.At(i, n).N] = input.Values(i)[n]
		}
		for n := range backtest.Observed(actual, k, 0) {
			at := actual.At(k, n)
			if at.Compare(input.End(i)) > 0 {
				break
			}
			back++
			if v, ok := values[at.N]; ok {
				known++
				if v == actual.Values(k)[n] {
					equal++
				}
			}
		}
	}
	r.yes = (r.first == 0 || r.first == 1) && back > 0 && (known == 0 || 2*equal < known)
	return r
}

// move returns the time of --input that a time of --actual means.
func (r restart) move(at, end series.Time) series.Time {
	if r.yes {
		at.N += end.N - r.first + 1
	}
	return at
}
