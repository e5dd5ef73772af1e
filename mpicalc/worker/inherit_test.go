package worker_test

import (
	"context"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/worker"
	"foliocast/queue/message"
)

// heir is the name of a worker whose predecessor leased the first message of q and died.
func heir(q *fakeQueue) string {
	m := q.messages[0]
	m.token, m.worker, m.expires = 1, message.Incarnation("world", "1"), time.Now().Add(time.Hour)
	return message.Incarnation("world", "2")
}

func TestInheritedLeasesAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("left", nil), s.task("new", nil))
	name := heir(q)
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
	if err := work(t.Context(), t, q, s, worker.Config{Name: name, Drain: true, Inherit: true}); err != nil {
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
func TestAQueueWithoutInheritanceIsStillUsed(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("held by the dead", nil), s.task("new", nil))
	name := heir(q)
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
	if err := work(ctx, t, q, s, worker.Config{Name: name, Inherit: true}); err != nil {
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
