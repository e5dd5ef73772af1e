package forecast

import (
	"math"
	"runtime"
	"testing"
)

// The weights of a line through a million points take 8 MB, and its forty origins need one after the other. Not parallel: the
// memory of other tests would count.
func TestLevelsOfALongLineNeedNoMemoryForEachOrigin(t *testing.T) {
	const n = 1_000_000
	y := make([]float64, n)
	for i := range y {
		y[i] = 3 + float64(i)/4
	}
	e, m := New(), method(t, Options{Model: "trend", Horizon: 1, Levels: []float64{80}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var r Result
	if err := e.Forecast(&r, Series{Values: y}, m); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 16 {
		t.Errorf("%d MB allocated, want the weights of one origin, 8 MB", mb)
	}
	if want := 3 + n/4.; math.Abs(r.Mean[0]-want) > 1e-6*want || r.Origins != maxOrigins {
		t.Errorf("%v from %d origins, want %v from %d", r.Mean[0], r.Origins, want, maxOrigins)
	}
}
