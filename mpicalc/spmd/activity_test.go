package spmd_test

import (
	"testing"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// gate is an engine that waits until it is opened.
type gate struct{ opened <-chan struct{} }

func (g gate) Forecast(dst *forecast.Result, s forecast.Series, m *forecast.Method) error {
	<-g.opened
	return forecast.New().Forecast(dst, s, m)
}

func TestALeaderSaysWhatTheRanksDo(t *testing.T) {
	t.Parallel()
	opened := make(chan struct{})
	asked := newBook(walks(40, &forecast.Options{Model: "drift", Horizon: 2})...)
	c := spmd.Config{Host: "node", Threads: 2, Engine: func() spmd.Engine { return gate{opened} }}
	world(t, 3, c, func(l *spmd.Leader) error {
		for rank, a := range l.Activity() {
			if a != (spmd.Activity{Host: "node", Threads: 2}) {
				t.Errorf("before it works, rank %d is %+v", rank, a)
			}
		}
		looked := make(chan struct{})
		go func() { // another goroutine
			defer close(looked)
			defer close(opened)
			for begun := 0; begun < 3; {
				begun = 0
				for _, a := range l.Activity() {
					if a.Chunks > 0 && a.Workload == spmd.Workload(asked) && a.Busy > 0 && a.Series == 0 && a.Fit == 0 {
						begun++
					}
				}
			}
		}()
		_, err := l.Run(asked)
		<-looked
		series := 0
		for rank, a := range l.Activity() {
			if a.Chunks != 0 || a.Workload != nil || a.Series == 0 || a.Fit <= 0 || a.Busy < a.Fit {
				t.Errorf("after its work, rank %d is %+v", rank, a)
			}
			series += a.Series
		}
		if series != 40 || series != l.Computed() {
			t.Errorf("the ranks have computed %d series, and the leader says %d", series, l.Computed())
		}
		return err
	})
}

func TestARankThatOnlyServesSaysSo(t *testing.T) {
	t.Parallel()
	world(t, 9, spmd.Config{}, func(l *spmd.Leader) error {
		for rank, a := range l.Activity() {
			if a.Serves != (rank == 0) {
				t.Errorf("rank %d: %+v", rank, a)
			}
		}
		return nil
	})
}
