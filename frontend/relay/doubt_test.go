package relay

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

// noToken is a source whose service refuses.
type noToken struct{ problem.Kind }

func (n noToken) Token(context.Context) (string, error) {
	return "", problem.New(n.Kind, "the identity service does not understand")
}

// The identity service refuses a token: that says nothing about jobs, and nothing was sent.
func TestIdentityServiceDoesNotDecideAboutJobs(t *testing.T) {
	t.Parallel()
	for _, kind := range []problem.Kind{problem.Malformed, problem.NotFound, problem.Invalid, problem.Unauthorized, problem.Internal} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sent, waiting := w.submit(1), w.submit(2)
			w.send()
			w.must(w.store.Cancel(t.Context(), sent.ID))
			third := w.submit(3)
			without := New(w.store, client.New(w.queue.URL(), nil, noToken{kind}), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			if err := without.send(t.Context()); err == nil {
				t.Error("without a token nothing can be sent")
			}
			for _, id := range []job.ID{sent.ID, waiting.ID, third.ID} {
				if got := w.read(id).State; got != job.Queued {
					t.Errorf("a job is %s", got)
				}
			}
			if replaced, err := w.store.ReplaceUnsent(t.Context(), w.replacement(third, 9)); !replaced || err != nil {
				t.Errorf("a job that was never sent: got %v, %v", replaced, err)
			}
			w.drain()
			w.collect()
			if got := w.read(sent.ID).State; got != job.Cancelled {
				t.Errorf("the cancelled job is %s", got)
			}
		})
	}
}

// A page of a proxy is not an answer of the queue, which may have got the request.
func TestProxyDoesNotDecideAboutJobs(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusBadRequest, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusBadGateway} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sent := w.submit(1)
			w.send()
			w.queue.Lease(sent.Key(), 0)
			w.must(w.store.Cancel(t.Context(), sent.ID))
			other := w.submit(2)
			w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool {
				rw.WriteHeader(status)
				return true
			})
			if err := w.relay.send(t.Context()); err == nil {
				t.Error("the queue has not answered")
			}
			for _, id := range []job.ID{sent.ID, other.ID} {
				if got := w.read(id).State; got != job.Queued {
					t.Errorf("a job is %s", got)
				}
			}
			if replaced, err := w.store.ReplaceUnsent(t.Context(), w.replacement(other, 9)); replaced || err != nil {
				t.Errorf("a job that may have been sent was changed here alone: %v, %v", replaced, err)
			}
			w.queue.Fault(nil)
			w.drain()
			if !w.queue.Message(sent.Key()).CancelRequested {
				t.Error("the cancellation was lost")
			}
		})
	}
}

// The queue has a job, its answer was lost, and it refuses the repetition for good, as a
// newer version of it may: the job goes on.
func TestRefusedJobThatTheQueueHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.queue.Lose(write)
	if err := w.relay.send(t.Context()); err == nil {
		t.Fatal("a lost answer is a failure")
	}
	w.queue.Lose(nil)
	w.queue.Fault(refusing(problem.Invalid))
	w.send()
	w.queue.Fault(nil)
	if got := w.read(j.ID).State; got != job.Queued {
		t.Errorf("the job is %s", got)
	}
	w.queue.End(j.Key(), done(j.ID))
	w.collect()
	if got := w.read(j.ID).State; got != job.Done {
		t.Errorf("the job is %s, want done", got)
	}
}

// A page of a proxy in place of a part of an answer does not fail the job.
func TestProxyInPlaceOfAPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	w.queue.End(j.Key(), message.Result{Outcome: message.Completed, Result: done(j.ID).Result}, `[]`)
	w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
		part := r.URL.Path == "/v1/results/1/parts/0"
		if part {
			rw.WriteHeader(http.StatusNotFound)
		}
		return part
	})
	w.collect()
	if err := w.relay.fetchSmall(t.Context()); err == nil {
		t.Error("the queue has not answered")
	}
	w.queue.Fault(nil)
	w.must(w.relay.fetchSmall(t.Context()))
	if got := w.read(j.ID).State; got != job.Done {
		t.Errorf("the job is %s, want done", got)
	}
}

// The queue says that it failed: it may have taken the job before that.
func TestServerErrorLeavesADoubt(t *testing.T) {
	t.Parallel()
	for _, kind := range []problem.Kind{problem.Internal, problem.Unavailable} {
		w := newWorld(t)
		j := w.submit(1)
		w.queue.Fault(refusing(kind))
		w.relay.Wake()
		if err := w.relay.send(t.Context()); err == nil {
			t.Fatal("a failure of the queue is a failure")
		}
		if changed, err := w.store.ReplaceUnsent(t.Context(), w.replacement(j, 2)); changed || err != nil {
			t.Errorf("%v: the job was replaced here alone: %v, %v", kind, changed, err)
		}
	}
}
