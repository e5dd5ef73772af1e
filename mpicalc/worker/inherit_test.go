package worker_test

import (
	"context"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/worker"
)

// inheritable leases the first messages to a predecessor that is dead.
func inheritable(q *fakeQueue, messages int) {
	q.inheritable = messages
	for _, m := range q.messages[:messages] {
		m.token, m.expires = 1, time.Now().Add(time.Hour)
	}
}

func TestInheritedLeasesAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("left", nil), s.task("new", nil))
	inheritable(q, 1)
	calls := map[string]int{}
	q.fault = func(call string, after bool) error {
		if !after {
			calls[call]++
		}
		if call == "inherit" && calls[call] < 3 {
			return errConnection // the queue may be restarting as well
		}
		return nil
	}
	if err := work(t.Context(), t, q, s, worker.Config{Drain: true, Inherit: true}); err != nil {
		t.Fatal(err)
	}
	for i := range q.messages {
		if a := q.answer(i); a.State != job.Done {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
	if calls["inherit"] != 3 {
		t.Errorf("asked to inherit %d times, want until the queue answered", calls["inherit"])
	}
}

// A queue that cannot do it, such as one of an older version, must not stop the worker from working.
func TestAQueueWithoutInheritanceIsUsedAsItIs(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("held by the dead", nil), s.task("new", nil))
	inheritable(q, 1)
	q.fault = func(call string, _ bool) error {
		if call == "inherit" {
			return problem.New(problem.NotFound, "no such route")
		}
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		q.await("the new job", func() bool { return len(q.messages[1].ended) > 0 })
		stop()
	}()
	if err := work(ctx, t, q, s, worker.Config{Inherit: true}); err != nil {
		t.Fatal(err)
	}
	if a := q.answer(1); a.State != job.Done {
		t.Errorf("answer: %+v", a)
	}
}

// A worker without predecessors does not ask for their leases.
func TestWithoutALineageNothingIsInherited(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("1", nil))
	q.fault = func(call string, _ bool) error {
		if call == "inherit" {
			t.Error("asked to inherit")
		}
		return nil
	}
	drain(t, q, s)
}
