package worker_test

import (
	"errors"
	"testing"
	"time"

	"foliocast/mpicalc/spmd"
	"foliocast/mpicalc/worker"
)

// standing is a rank that does not come back from its first broadcast.
type standing struct {
	spmd.Comm
	until <-chan struct{}
}

func (s standing) AwaitBcast([]byte) error {
	<-s.until
	return errors.New("it stood still")
}

// A lease that is renewed while a rank stands still would never end.
func TestWhatStandsStillIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 30)
	d := newDesk(t, s.task("1", nil))
	d.life = 300 * time.Millisecond
	data, err := worker.NewDatasets("", t.TempDir(), 1<<30, s)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	stuck, moved, over := make(chan struct{}), make(chan struct{}), false
	go func() {
		defer close(moved)
		<-stuck
		for range 100 { // it may have been renewed meanwhile, but not for long
			d.mu.Lock()
			left := time.Until(d.letters[0].until)
			d.mu.Unlock()
			if over = left <= 0; over {
				return
			}
			<-time.After(left)
		}
	}()
	config := worker.Config{Name: "w", Stuck: func() { close(stuck) }, StuckAfter: 100 * time.Millisecond, Drain: true}
	err = spmd.Local(2, func(c spmd.Comm) error {
		if c.Rank() > 0 {
			return spmd.Follow(standing{c, moved}, spmd.Config{})
		}
		leader, err := spmd.Lead(c, spmd.Config{})
		if err != nil {
			return err
		}
		return worker.Run(t.Context(), leader, d, data, config)
	})
	if !errors.Is(err, spmd.ErrWorldEnded) {
		t.Errorf("got %v, want the end of the world", err)
	}
	<-moved
	if n := len(d.letters[0].ended); n != 0 || !over {
		t.Errorf("ended %d times, lease over while the rank stood still: %t, want 0 and true", n, over)
	}
}

// What counts is the time in which only the ranks stood still.
func TestOnlyTheRanksTimeCounts(t *testing.T) {
	t.Parallel()
	const second = time.Second
	never := func(int) bool { return false }
	for name, c := range map[string]struct {
		excused func(int) bool
		looks   []time.Duration
		late    int
	}{
		"in time":           {never, []time.Duration{4 * second, 8 * second}, 0},
		"late":              {never, []time.Duration{4 * second, 8 * second, 11 * second}, 3},
		"all was suspended": {never, []time.Duration{4 * second, 3600 * second, 3604 * second, 3608 * second, 3611 * second}, 5},
		"the queue was away": {func(look int) bool { return look < 2 },
			[]time.Duration{4 * second, 8 * second, 12 * second, 16 * second, 19 * second}, 5},
	} {
		if got := worker.Late(10*second, c.excused, c.looks...); got != c.late {
			t.Errorf("%s: late at look %d, want %d", name, got, c.late)
		}
	}
}
