package worker_test

import (
	"context"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/worker"
)

// willing gives the first letters of a desk to a worker that is dead.
func willing(d *desk, letters int) {
	d.willed = letters
	for _, l := range d.letters[:letters] {
		l.token, l.until = 1, time.Now().Add(time.Hour)
	}
}

func TestAnHeirDoesNotWaitForLeasesOfTheDead(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 30)
	d := newDesk(t, s.task("left", nil), s.task("new", nil))
	willing(d, 1)
	calls := map[string]int{}
	d.trouble = func(call string, after bool) error {
		if !after {
			calls[call]++
		}
		if call == "inherit" && calls[call] < 3 {
			return errWire // the queue may have died as well
		}
		return nil
	}
	if err := work(t.Context(), t, d, s, worker.Config{Drain: true, Heir: true}); err != nil {
		t.Fatal(err)
	}
	for i := range d.letters {
		if a := d.answer(i); a.State != job.Done {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
	if calls["inherit"] != 3 {
		t.Errorf("asked to inherit %d times, want until it was heard", calls["inherit"])
	}
}

// A queue that cannot do it, such as one of an older version, must not keep the worker from its work.
func TestAHeirlessQueueIsNoHindrance(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 30)
	d := newDesk(t, s.task("held by the dead", nil), s.task("new", nil))
	willing(d, 1)
	d.trouble = func(call string, _ bool) error {
		if call == "inherit" {
			return problem.New(problem.NotFound, "no such route")
		}
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		d.await("the new job", func() bool { return len(d.letters[1].ended) > 0 })
		stop()
	}()
	if err := work(ctx, t, d, s, worker.Config{Heir: true}); err != nil {
		t.Fatal(err)
	}
	if a := d.answer(1); a.State != job.Done {
		t.Errorf("answer: %+v", a)
	}
}

// Who has no predecessors says nothing of any.
func TestWithoutALineageNobodyIsDead(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 30)
	d := newDesk(t, s.task("1", nil))
	d.trouble = func(call string, _ bool) error {
		if call == "inherit" {
			t.Error("asked to inherit")
		}
		return nil
	}
	drain(t, d, s)
}
