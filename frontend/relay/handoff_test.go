package relay

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// idle runs one step of the sending goroutine, which has nothing to send, until it waits. The channel has the step's error.
func (w *world) idle() <-chan error {
	w.Helper()
	select {
	case <-w.relay.wake: // of before
	default:
	}
	done := make(chan error, 1)
	go func() { done <- w.relay.send(w.Context()) }()
	servetest.Until(w.T, "the relay waits", w.relay.handed.open.Load)
	return done
}

func (w *world) newJob(horizon int) store.NewJob {
	return store.NewJob{Owner: "mia", Subject: "u1", Spec: w.spec(horizon), Dataset: w.dataset}
}

func (w *world) hand(horizon int) store.Job {
	w.Helper()
	j, stored, err := w.relay.Submit(w.Context(), w.newJob(horizon))
	if err != nil || !stored {
		w.Fatal(stored, err)
	}
	return j
}

// entries are the keys of what the outbox has, taken or not.
func (w *world) entries() []string {
	w.Helper()
	all, err := w.store.Take(w.Context(), 100, 1<<30, 0)
	w.must(err)
	keys := []string{}
	for _, e := range all {
		keys = append(keys, e.Key())
	}
	return keys
}

// A relay that waits gets a new job by hand; while it has that, the next ones go through the outbox.
func TestNewJobsAreHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arrived, proceed := make(chan struct{}), make(chan struct{})
	w.queue.Fault(func(http.ResponseWriter, *http.Request) bool { arrived <- struct{}{}; <-proceed; return false })
	sent := w.idle()
	first := w.hand(1)
	<-arrived
	second := w.hand(2)
	close(proceed)
	w.must(<-sent)
	if d := cmp.Diff([]string{first.Key()}, w.queue.Keys()); d != "" {
		t.Error("handed over:", d)
	}
	w.queue.Fault(nil)
	if d := cmp.Diff([]string{second.Key()}, w.entries()); d != "" {
		t.Error("left in the outbox:", d)
	}
	w.relay.patience = 0
	w.send()
	if d := cmp.Diff([]string{first.Key(), second.Key()}, w.queue.Keys()); d != "" {
		t.Error(d)
	}
	w.idle()
	third := w.hand(3)
	servetest.Until(t, "the third one is sent", func() bool { return cmp.Equal(w.queue.Keys(), []string{first.Key(), second.Key(), third.Key()}) })
}

// What the queue refuses for the moment goes back into the outbox, and can still be changed.
func TestAHandedJobThatTheQueueDeclines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool {
		queuetest.Refuse(rw, problem.New(problem.TooMany, "the queue is full"))
		return true
	})
	sent := w.idle()
	j := w.hand(1)
	if err := <-sent; !problem.Is(err, problem.TooMany) {
		t.Errorf("got %v, want too-many-requests", err)
	}
	if replaced, err := w.store.ReplaceUnsent(t.Context(), w.replacement(j, 9)); !replaced || err != nil {
		t.Errorf("a job that waits here: got %v, %v", replaced, err)
	}
	w.queue.Fault(nil)
	w.send()
	if keys := w.queue.Keys(); len(keys) != 1 {
		t.Errorf("the queue has %q", keys)
	}
}

// A process that dies with a job in its hands leaves it to another. One that ends gives it back.
func TestAHandedJobOfAProcessThatEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.relay.handed.open.Store(true) // as if it waited
	dead := w.hand(1)
	w.other.patience = 0
	w.other.Wake()
	w.must(w.other.send(t.Context()))
	w.must(w.relay.send(t.Context())) // it was only slow
	if d := cmp.Diff([]string{dead.Key()}, w.queue.Keys()); d != "" {
		t.Error(d)
	}
	ended := w.hand(2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.relay.Run(ctx)
	w.send()
	if d := cmp.Diff([]string{dead.Key(), ended.Key()}, w.queue.Keys()); d != "" {
		t.Error("after it was given back:", d)
	}
}
