package forecast_test

import (
	"testing"
	"time"

	"foliocast/mpicalc/forecast"
)

// BenchmarkTrend fits lines to more series than fit a cache; compare its MB/s with a C loop of two dot products over
// the same bytes.
func BenchmarkTrend(b *testing.B) {
	const series, points = 100_000, 300
	block := make([]float64, series*points)
	for i := range block {
		block[i] = float64(i % 101)
	}
	engine, answer := forecast.New(), forecast.Result{}
	m := method(b, forecast.Options{Model: "trend", Horizon: 1})
	b.SetBytes(int64(len(block) * 8))
	for b.Loop() {
		for i := range series {
			if err := engine.Forecast(&answer, forecast.Series{Values: block[i*points : (i+1)*points]}, m); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkModels forecasts an hourly series of 800 points with a day in it, 48 steps ahead with two intervals.
func BenchmarkModels(b *testing.B) {
	y := seasonalSeries(800, 24, 1)
	for _, m := range forecast.Models() {
		b.Run(m.Name, func(b *testing.B) {
			benchmark(b, y, forecast.Options{Model: m.Name, Horizon: 48, Step: time.Hour, Periods: []int{24, 168}, Levels: []float64{80, 95}})
		})
	}
}

// BenchmarkAuto forecasts series as they are common, with two intervals.
func BenchmarkAuto(b *testing.B) {
	const day = 24 * time.Hour
	cases := []struct {
		name         string
		points, m, h int
		step         time.Duration
		periods      []int
	}{
		{"yearly", 20, 5, 6, 365 * day, nil},
		{"quarterly", 60, 4, 8, 91 * day, []int{4}},
		{"monthly", 120, 12, 18, 30 * day, []int{12}},
		{"weekly", 500, 52, 13, 7 * day, []int{52}},
		{"hourly", 800, 24, 48, time.Hour, []int{24, 168}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			benchmark(b, seasonalSeries(c.points, c.m, 1),
				forecast.Options{Model: "auto", Horizon: c.h, Step: c.step, Periods: c.periods, Levels: []float64{80, 95}})
		})
	}
}

func benchmark(b *testing.B, y []float64, o forecast.Options) {
	engine, answer, m := forecast.New(), forecast.Result{}, method(b, o)
	b.ReportAllocs()
	for b.Loop() {
		if err := engine.Forecast(&answer, forecast.Series{Values: y}, m); err != nil {
			b.Fatal(err)
		}
	}
}
