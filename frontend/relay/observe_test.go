package relay

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// told are the events of a job, each in a few words.
func (w *world) told(id job.ID) string {
	w.Helper()
	if _, err := w.store.NumberEvents(w.Context(), 1000); err != nil {
		w.Fatal(err)
	}
	page, err := w.store.Events(w.Context(), 0, store.EventFilter{Job: id}, 1000)
	if err != nil {
		w.Fatal(err)
	}
	var all []string
	for _, e := range page.Events {
		what := strings.TrimPrefix(string(e.Type), "job.")
		if e.Progress > 0 {
			what += fmt.Sprint(" ", e.Progress)
		}
		all = append(all, what)
	}
	return strings.Join(all, ", ")
}

// lookAt observes once, without the wait.
func (w *world) lookAt(r *Relay) {
	w.Helper()
	before, inFlight, err := r.store.Running(w.Context(), maxObserved)
	if err != nil || !inFlight {
		w.Fatalf("jobs in flight: %v, %v", inFlight, err)
	}
	seen, err := r.sightings(w.Context(), before)
	w.must(err)
	w.must(r.store.Observe(w.Context(), seen))
}

// leaseLongAgo leases a job as if a worker had it for a while.
func (w *world) leaseLongAgo(key string, progress float64) {
	w.Helper()
	w.queue.Lease(key, progress)
	w.queue.Change(key, func(m *message.Detail) { m.LeasedAt = new(m.LeasedAt.Add(-time.Minute)) })
}

// Two processes observe the life of a job; each change is one event.
func TestObserve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j, other := w.submit(1), w.submit(1)
	w.must(w.relay.send(t.Context()))
	look := func(want string) {
		t.Helper()
		w.lookAt(w.relay)
		w.lookAt(w.other)
		if got := w.told(j.ID); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	look("queued")
	w.queue.Lease(j.Key(), 0.1) // only now
	look("queued")
	w.leaseLongAgo(j.Key(), 0.25)
	look("queued, running 0.25")
	if got := w.read(j.ID); got.State != job.Running || got.StartedAt == nil {
		t.Errorf("it is on record as %s since %v", got.State, got.StartedAt)
	}
	w.leaseLongAgo(j.Key(), 0.255)
	look("queued, running 0.25")
	w.leaseLongAgo(j.Key(), 0.5)
	look("queued, running 0.25, progress 0.5")
	w.queue.Change(j.Key(), func(m *message.Detail) { m.State, m.LeasedAt = message.Waiting, nil })
	look("queued, running 0.25, progress 0.5, queued")
	w.leaseLongAgo(j.Key(), 0.5)
	look("queued, running 0.25, progress 0.5, queued, running 0.5")
	w.queue.End(j.Key(), message.Result{Outcome: message.Failed, Error: "bad luck"})
	look("queued, running 0.25, progress 0.5, queued, running 0.5")
	w.must(w.relay.collect(t.Context()))
	look("queued, running 0.25, progress 0.5, queued, running 0.5, failed")
	w.must(w.store.Retry(t.Context(), j.ID))
	look("queued, running 0.25, progress 0.5, queued, running 0.5, failed, queued")
	if got := w.told(other.ID); got != "queued" {
		t.Errorf("the other job: %q", got)
	}
}

// A job that the queue shows as waiting is shown so, though it was running before.
func TestRefreshTakesBackRunning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.must(w.relay.send(t.Context()))
	w.leaseLongAgo(j.Key(), 0.25)
	w.lookAt(w.relay)
	w.queue.Change(j.Key(), func(m *message.Detail) { m.State, m.LeasedAt, m.Progress = message.Waiting, nil, 0 })
	got := w.read(j.ID)
	w.relay.Refresh(t.Context(), LiveJob(&got))
	if got.State != job.Queued || got.StartedAt != nil {
		t.Errorf("got %s since %v", got.State, got.StartedAt)
	}
}

// A queue that answers nonsense, or not at all, changes nothing; then the observer goes on.
func TestObserveNonsense(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.must(w.relay.send(t.Context()))
	for _, m := range []message.Status{
		{Key: "nobody's", State: message.Leased}, {Key: strings.ToUpper(j.Key()) + "#x", State: message.Leased},
		{Key: j.Key() + "#7", State: message.Leased, Progress: 1}, {Key: "00000000-0000-7000-8000-000000000000", State: message.Leased},
	} {
		w.queue.Fault(func(out http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/v1/messages/status" {
				return false
			}
			queuetest.Answer(out, message.Statuses{Messages: []message.Status{m}})
			return true
		})
		w.lookAt(w.relay)
	}
	w.queue.Fault(func(out http.ResponseWriter, r *http.Request) bool {
		queuetest.Answer(out, message.Statuses{Messages: []message.Status{{Key: j.Key(), State: message.Leased, Progress: 17}}}) // without a time
		return true
	})
	w.lookAt(w.relay)
	if got := w.told(j.ID); got != "queued, running 1" {
		t.Errorf("got %q", got)
	}
	w.queue.Fault(func(out http.ResponseWriter, _ *http.Request) bool {
		queuetest.Refuse(out, problem.New(problem.Unavailable, "not now"))
		return true
	})
	if err := w.relay.observe(t.Context()); err == nil {
		t.Error("a queue that does not answer was observed")
	}
}

// The loop looks again once a job was sent.
func TestObserverRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { defer close(over); w.relay.Run(ctx) }()
	defer func() { stop(); <-over }()
	j := w.submit(1)
	w.relay.Wake()
	servetest.Until(t, "the queue has it", func() bool { return len(w.queue.Keys()) == 1 })
	w.leaseLongAgo(j.Key(), 0.5)
	servetest.Until(t, "it is seen", func() bool { return w.told(j.ID) == "queued, running 0.5" })
}
