package seriestest

import (
	"time"

	"foliocast/internal/series"
)

// Observed are values by asset and time.
type Observed map[string]map[string]float64

// Seen are the values of a table that were in its file.
func Seen(table *series.Table) Observed {
	out := make(Observed)
	for r := range table.Rows() {
		if !r.Present {
			continue
		}
		name := table.Names()[r.Asset]
		if out[name] == nil {
			out[name] = make(map[string]float64)
		}
		at := series.Time{Kind: table.Kind(), N: table.Axis(r.Asset).Times()[r.Place], Zone: table.Zone()}
		out[name][at.String()] = r.Value
	}
	return out
}

// Ruled are n rows on the days from 2024-01-01: of asset A in the first half and of B in the second, with the values that a
// rule has for row k. The scripts in testdata that have other programs write files follow it.
func Ruled(n int, value func(k int) (float64, bool)) Observed {
	out := make(Observed)
	for k := range n {
		name := "B"
		if 2*k < n {
			name = "A"
		}
		if v, ok := value(k); ok {
			if out[name] == nil {
				out[name] = make(map[string]float64)
			}
			out[name][time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)] = v
		}
	}
	return out
}

// Rules are the rules of the columns y, z and big in those files.
func Rules() map[string]func(k int) (float64, bool) {
	return map[string]func(k int) (float64, bool){
		"y":   func(k int) (float64, bool) { return float64(k*k) / 4, k%3 != 1 },
		"z":   func(k int) (float64, bool) { return float64(k % 4), true },
		"big": func(k int) (float64, bool) { return float64(k * 1000003), true },
	}
}
