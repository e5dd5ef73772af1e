package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// fineThreadTime is the CPU time of the calling thread, to the nanosecond: what others do on the machine does not count.
func fineThreadTime(t *testing.T) time.Duration {
	const threadClock = 3
	var at syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&at)), 0); err != 0 {
		t.Fatal(err)
	}
	return time.Duration(at.Nano())
}

// one is a workload of one series, which is not computed.
type one struct{ series spmd.Series }

func (o one) Len() int                                { return 1 }
func (o one) Series(int) spmd.Series                  { return o.series }
func (o one) Take(int, *forecast.Result, error) error { return nil }

// swinging is a series with the season and noise.
func swinging(n, season int) []float64 {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	y := make([]float64, n)
	for t := range y {
		y[t] = 300 + 40*math.Sin(2*math.Pi*float64(t)/float64(season)) + 10*math.Sin(4*math.Pi*float64(t)/float64(season)) + 5*random.NormFloat64()
	}
	return y
}

// Before any series is measured, the estimate is within a factor of three: for every model and series from two years of months to
// the longest that a model looks at, with and without intervals. On a busy machine one case in fifty may be off by twice that. What all of them are off by is how fast this machine is, compared with
// the one on which the estimates were found: that may be as much again.
func TestTheFirstGuessIsNearWhatAModelTakes(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const factor = 3
	guesses := leaderOf(t)
	engine := forecast.New()
	var result forecast.Result
	type measured struct {
		what        string
		call        func() error
		guess, took time.Duration
	}
	var all []*measured
	for _, m := range forecast.Models() {
		for _, n := range []int{24, 60, 120, 500, 1000, 4000, forecast.MaxPoints} {
			for _, levels := range [][]float64{nil, {80, 95}} {
				for _, horizon := range []int{1, 12, 48} {
					o := &forecast.Options{Model: m.Name, Horizon: horizon, Levels: levels, Periods: []int{12}, Step: 30 * 24 * time.Hour}
					s := spmd.Series{Series: forecast.Series{Values: swinging(n, 12)}, Options: o}
					method, err := forecast.NewMethod(*o)
					if err != nil {
						t.Fatal(err)
					}
					guess, err := guesses.Estimate(one{s})
					if err != nil {
						t.Fatal(err)
					}
					call := func() error { return engine.Forecast(&result, s.Series, method) }
					what := fmt.Sprintf("%s, %d values, %d steps, levels %v", m.Name, n, horizon, levels)
					all = append(all, &measured{what, call, guess.Thread, leastTime(t, call)})
				}
			}
		}
	}
	var speed float64
	off := func(c *measured) float64 {
		ratio := float64(c.guess) / float64(c.took) / speed
		return max(ratio, 1/ratio)
	}
	// A neighbour that fills the caches makes a call slow for a while: what is off is measured again, later.
	for range 5 {
		speed = medianOf(all, func(c *measured) float64 { return float64(c.guess) / float64(c.took) })
		for _, c := range all {
			if off(c) > factor {
				c.took = min(c.took, leastTime(t, c.call))
			}
		}
	}
	if speed > factor || speed < 1./factor {
		t.Errorf("in the median, estimates are %.2f times what it takes", speed)
	}
	misses := 0
	for i, c := range all {
		if off(c) > factor {
			misses++
			t.Logf("%s: %v are estimated, and it takes %v; in the median, estimates are %.2f times as long", c.what, c.guess, c.took, speed)
		}
		if off(c) > 2*factor {
			t.Errorf("case %d is too far off", i+1)
		}
	}
	if misses > len(all)/50 {
		t.Errorf("%d of %d estimates are off by more than a factor of %d", misses, len(all), factor)
	}
}

// medianOf is the median of a figure of many.
func medianOf[T any](all []T, figure func(T) float64) float64 {
	figures := make([]float64, len(all))
	for i, c := range all {
		figures[i] = figure(c)
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}

// leastTime is the least CPU time of a call, of five turns that are long enough for the clock.
func leastTime(t *testing.T, do func() error) time.Duration {
	calls := 1
	var turns []time.Duration
	for len(turns) < 5 {
		begin := fineThreadTime(t)
		for range calls {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
		took := fineThreadTime(t) - begin
		if took < 100*time.Microsecond {
			calls *= 4
			continue
		}
		turns = append(turns, took/time.Duration(calls))
	}
	return slices.Min(turns)
}

// leaderOf leads a world of one rank, which has measured nothing.
func leaderOf(t *testing.T) (leader *spmd.Leader) {
	err := spmd.Local(1, func(c spmd.Comm) (err error) {
		leader, err = spmd.Lead(c, spmd.Config{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return leader
}
