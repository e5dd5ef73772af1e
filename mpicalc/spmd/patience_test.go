package spmd_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// frozenRank says hello, and then does nothing until the world has ended.
type frozenRank struct {
	spmd.Comm
	ended <-chan struct{}
}

func (r frozenRank) Await(<-chan struct{}, time.Duration) error {
	<-r.ended
	return errors.New("it was frozen")
}

// led runs lead at rank 0 of three ranks, of which the last is frozen.
func led(t *testing.T, lead func(*spmd.Leader) error) error {
	t.Helper()
	ended := make(chan struct{})
	return spmd.Local(3, func(comm spmd.Comm) error {
		c := spmd.Config{Host: fmt.Sprint("node", comm.Rank()), Open: func(string) (spmd.Source, error) { return source{nil, new(atomic.Int64)}, nil }}
		switch comm.Rank() {
		case 2:
			return spmd.Follow(frozenRank{comm, ended}, c)
		case 1:
			return spmd.Follow(comm, c)
		}
		defer close(ended)
		l, err := spmd.Lead(comm, c)
		if err != nil {
			return err
		}
		return lead(l)
	})
}

// The rank that does not answer is named, in chunks as well as in votes.
func TestARankThatHangsIsNamed(t *testing.T) {
	t.Parallel()
	file := stored(t, "any")
	for name, lead := range map[string]func(*spmd.Leader) error{
		"a chunk": func(l *spmd.Leader) error {
			o := &forecast.Options{Model: "auto", Horizon: 3, Levels: []float64{80}}
			_, err := l.Run(newBook(walks(400, o)...))
			return err
		},
		"a file": func(l *spmd.Leader) error {
			_, err := l.Map(file)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := led(t, func(l *spmd.Leader) error {
				l.SetPatience(time.Second)
				return lead(l)
			})
			hung, ok := errors.AsType[*spmd.HungError](err)
			if !ok || hung.Rank != 2 || hung.Host != "node2" || !strings.Contains(hung.Error(), "rank 2 on node2 has not answered for 1s") {
				t.Errorf("got %v, want that rank 2 on node2 hangs", err)
			}
		})
	}
}

// slowWorkload takes longer to take an answer than the leader waits for a rank.
type slowWorkload struct {
	*book
	pause time.Duration
}

func (w slowWorkload) Take(i int, r *forecast.Result, err error) error {
	if i == 0 {
		<-time.After(w.pause)
	}
	return w.book.Take(i, r, err)
}

// What a workload takes for an answer is no fault of the ranks.
func TestTheLeaderItselfMayTakeLong(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "auto", Horizon: 3, Levels: []float64{80}}
	world(t, 2, spmd.Config{}, func(l *spmd.Leader) error {
		l.SetPatience(500 * time.Millisecond)
		_, err := l.Run(slowWorkload{newBook(walks(200, o)...), time.Second})
		return err
	})
}
