package spmd

import (
	"testing"

	"foliocast/mpicalc/forecast"
)

// BenchmarkFitTrend reads 120 MB of series as one thread of a rank does: the measure is how near it comes to the speed
// of memory.
func BenchmarkFitTrend(b *testing.B) {
	const series, length = 50_000, 300
	values := make([]float64, series*length)
	for i := range values {
		values[i] = float64(i % 1000)
	}
	o := &forecast.Options{Model: "trend", Horizon: 1}
	tasks := make([]task, series)
	for i := range tasks {
		tasks[i] = task{series: forecast.Series{Values: values[i*length : (i+1)*length]}, options: o}
	}
	t := thread{engine: forecast.New()}
	b.SetBytes(8 * series * length)
	var out []byte
	var runs []run
	for b.Loop() {
		out, runs = t.fit(out[:0], runs[:0], tasks)
	}
}
