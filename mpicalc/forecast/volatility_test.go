package forecast

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// restless is a random walk of which the volatility changes: its logarithm is an AR(1) around 0 with φ = 0.97 and a standard
// deviation of 0.6. It also returns the volatility of each step.
func restless(n int, seed uint64) (y, volatility []float64) {
	y, volatility = make([]float64, n), make([]float64, n)
	steps, shocks := noise(n, seed), noise(n, seed+1e6)
	level, x := 0.0, 0.0
	for t := range y {
		level = 0.97*level + 0.6*math.Sqrt(1-0.97*0.97)*shocks[t]
		volatility[t] = math.Exp(level)
		x += volatility[t] * steps[t]
		y[t] = x
	}
	return y, volatility
}

// The size that is expected of the next step goes with its true volatility, and is that of the mean step where volatility is
// constant.
func TestVolatilityFollowsLargeSteps(t *testing.T) {
	t.Parallel()
	const series, n = 200, 400
	expected := func(make func(uint64) []float64) (all []float64) {
		e, m := New(), method(t, Options{Model: "naive", Horizon: 1, Levels: []float64{80}})
		for seed := range uint64(series) {
			e.mem.reset()
			p := e.newProblem(question{values: make(seed)}, m)
			all = append(all, math.Log(e.volatility(p, 1, false).after(n)))
		}
		return all
	}
	both, own := 0.0, 0.0
	for seed, v := range expected(func(seed uint64) []float64 { y, _ := restless(n+1, seed); return y[:n] }) {
		_, volatility := restless(n+1, uint64(seed))
		both += v * math.Log(volatility[n])
		own += math.Log(volatility[n]) * math.Log(volatility[n])
	}
	if share := both / own; share < 0.35 || share > 1.05 {
		t.Errorf("of a change of volatility, the expected step makes %.2f", share)
	}
	for seed, v := range expected(func(seed uint64) []float64 { return walk(n, seed) }) {
		if math.Abs(v) > 0.5 {
			t.Errorf("walk %d: the expected step is %.2f mean steps", seed, math.Exp(v))
		}
	}
}

// One step ahead, the intervals of 80 % cover about as much when the volatility is low as when it is high: within ten points,
// since nobody sees the volatility itself. So do those of prices, whose logarithm is that walk. The standard error of each share is about 1.6 %. Without a model of volatility they cover
// 94 and 59 %.
func TestIntervalsCoverInCalmAndInRestlessTimes(t *testing.T) {
	t.Parallel()
	const series, n = 2400, 300
	e, m := New(), method(t, Options{Model: "naive", Horizon: 1, Levels: []float64{80}})
	for name, price := range map[string]bool{"walk": false, "price": true} {
		inside, count := map[string]float64{}, map[string]float64{}
		for seed := range uint64(series) {
			y, volatility := restless(n+1, seed)
			times := "usual"
			switch v := math.Log(volatility[n]); {
			case v > 0.4:
				times = "restless"
			case v < -0.4:
				times = "calm"
			}
			for i := range y {
				if price {
					y[i] = math.Exp(y[i] / 10)
				}
			}
			var r Result
			if err := e.Forecast(&r, Series{Values: y[:n]}, m); err != nil {
				t.Fatal(err)
			}
			count[times]++
			inside[times] += Coverage(y[n:], r.Lo[0], r.Hi[0])
		}
		for times, tolerance := range map[string]float64{"usual": 0.04, "restless": 0.1, "calm": 0.1} {
			if share := inside[times] / count[times]; math.Abs(share-0.8) > tolerance {
				t.Errorf("%s, %s times: %.3f of %v lie within, want 0.8 ± %v", name, times, share, count[times], tolerance)
			}
		}
	}
}

// Relative steps of a price are those of its logarithm, but for their squares.
func TestVolatilityOfPricesIsRelative(t *testing.T) {
	t.Parallel()
	const n = 400
	e, m := New(), method(t, Options{Model: "naive", Horizon: 1, Levels: []float64{80}})
	after := func(y []float64, relative bool) float64 {
		e.mem.reset()
		return e.volatility(e.newProblem(question{values: y}, m), 1, relative).after(n)
	}
	for seed := range uint64(20) {
		y, _ := restless(n, seed)
		want := after(y, false)
		for i, v := range y {
			y[i] = 50 * math.Exp(v/1000)
		}
		if got := after(y, true); math.Abs(got-want) > 0.02*want {
			t.Errorf("walk %d: the expected step is %v, that of its logarithm %v", seed, got, want)
		}
	}
}

// Steps whose size is known: the ratio is about that of the true volatilities, and 1 where the size never changes.
func TestVolatilityRatios(t *testing.T) {
	t.Parallel()
	const n, rounds = 800, 40
	squares := 0.0
	for seed := range uint64(rounds) {
		y, volatility := restless(n, seed)
		steps := make([]float64, 0, n)
		for i := 1; i < n; i++ {
			steps = append(steps, y[i]-y[i-1])
		}
		ratios := VolatilityRatios(steps, 1)
		if len(ratios) != len(steps)+1 || ratios[len(steps)] != 1 {
			t.Fatalf("%d ratios of %d steps, the last %v", len(ratios), len(steps), ratios[len(steps)])
		}
		// A step that an origin in the middle was followed by, as large as it would be now.
		d := math.Log(ratios[400] * volatility[401] / volatility[n-1])
		squares += d * d
	}
	// Without ratios the logarithms differ by 0.6·√2 as a rule.
	if got := math.Sqrt(squares / rounds); got > 0.75 {
		t.Errorf("ratios miss by %.2f, and no ratios by 0.85", got)
	}
	plain := VolatilityRatios(noise(n, 3), 2)
	for i, r := range plain {
		if math.Abs(r-1) > 0.1 {
			t.Fatalf("ratio %d of steps of one size is %v", i, r)
		}
	}
	for i, r := range VolatilityRatios(make([]float64, 50), 5) {
		if r != 1 {
			t.Errorf("ratio %d of no steps is %v", i, r)
		}
	}
}

// Over years volatility moves around a level that itself moves, and single steps are much larger than others. What is expected of the next
// one is then too large where the level is low, and too small where it is high: by 0.30, as a difference of mean logarithms, from the last
// 22 steps with each counting alike, by 0.27 when restless ones count as their sizes ask, and by less when half a year tells the level too.
func TestVolatilityReturnsToItsLevel(t *testing.T) {
	t.Parallel()
	const series, n = 300, 1500
	e, m := New(), method(t, Options{Model: "naive", Horizon: 1, Levels: []float64{80}})
	misses := map[bool][]float64{} // by whether the level is low
	for seed := range uint64(series) {
		y := make([]float64, n)
		steps, sizes, slow, fast := noise(n+1, seed), noise(n+1, seed+1e6), noise(n+1, seed+2e6), noise(n+1, seed+3e6)
		level, apart, volatility, x := 0.0, 0.0, 0.0, 0.0
		for i := range n + 1 {
			level = 0.998*level + 0.5*math.Sqrt(1-0.998*0.998)*slow[i]
			apart = 0.9*apart + 0.3*math.Sqrt(1-0.9*0.9)*fast[i]
			volatility = math.Exp(level + apart)
			if i < n {
				x += volatility * steps[i] * math.Exp(sizes[i]/2)
				y[i] = x
			}
		}
		e.mem.reset()
		v := e.volatility(e.newProblem(question{values: y}, m), 1, false)
		misses[level < 0] = append(misses[level < 0], math.Log(v.after(n)*v.mean/volatility))
	}
	if got := stat.Mean(misses[true], nil) - stat.Mean(misses[false], nil); got > 0.22 {
		t.Errorf("after calm times more is expected than after restless ones, by %.3f relative to the truth", got)
	}
}
