package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

func TestJobsReachTheQueueInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var want []string
	for h := range 5 {
		want = append(want, w.submit(h+1).Key())
	}
	w.send()
	if d := cmp.Diff(want, w.queue.Keys()); d != "" {
		t.Error(d)
	}
	var got job.Task
	if err := json.Unmarshal(w.queue.Message(want[2]).Payload, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(w.read(job.ID(want[2])).Task(), got); d != "" {
		t.Error(d)
	}
}

// An answer that is lost makes no second message.
func TestLostAnswerIsRequestedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.queue.Lose(func(*http.Request) bool { return true })
	if err := w.relay.send(t.Context()); err == nil {
		t.Error("a lost answer is a failure")
	}
	if replaced, err := w.store.ReplaceUnsent(t.Context(), w.replacement(j, 2)); replaced || err != nil {
		t.Errorf("a job whose message may have been sent was replaced here alone: %v, %v", replaced, err)
	}
	w.queue.Lose(nil)
	w.send()
	if d := cmp.Diff([]string{j.Key()}, w.queue.Keys()); d != "" {
		t.Error(d)
	}
}

// While the queue is full, jobs wait here, in order, and can still be changed.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.submit(1), w.submit(2)
	room := 0
	w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
		full := r.Method == http.MethodPost && w.relay.batch > room
		if full {
			queuetest.Refuse(rw, problem.New(problem.TooMany, "the queue is full"))
		}
		return full
	})
	if err := w.relay.send(t.Context()); !problem.Is(err, problem.TooMany) {
		t.Errorf("got %v, want too-many-requests", err)
	}
	if replaced, err := w.store.ReplaceUnsent(t.Context(), w.replacement(first, 9)); !replaced || err != nil {
		t.Errorf("a job that waits here: got %v, %v", replaced, err)
	}
	room = 1
	w.send()
	if d := cmp.Diff([]string{first.Key()}, w.queue.Keys()); d != "" {
		t.Error("room for one lets one through:", d)
	}
	room = 1000
	w.send()
	if d := cmp.Diff([]string{first.Key(), second.Key()}, w.queue.Keys()); d != "" {
		t.Error(d)
	}
}

// One job that the queue cannot take fails; it does not hold up the others.
func TestRefusedJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good, bad, alsoGood := w.submit(1), w.submit(13), w.submit(2)
	w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/messages" {
			return false
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		unlucky := bytes.Contains(text, []byte(`"horizon":13`))
		if unlucky {
			queuetest.Refuse(rw, problem.New(problem.Invalid, "an unlucky number"))
		}
		return unlucky
	})
	w.send()
	if d := cmp.Diff([]string{good.Key(), alsoGood.Key()}, w.queue.Keys()); d != "" {
		t.Error(d)
	}
	got := w.read(bad.ID)
	if got.State != job.Failed || !strings.Contains(got.Error.Detail, "an unlucky number") {
		t.Errorf("got %s, %+v", got.State, got.Error)
	}
}

// A message service of an earlier version does not know every field: the jobs wait until it
// is upgraded.
func TestJobsWaitForTheUpgradeOfTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jobs := []store.Job{w.submit(1), w.submit(2)}
	w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
		queuetest.Refuse(rw, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/messages/0/owner", Detail: problem.UnknownField}))
		return true
	})
	if err := w.relay.send(t.Context()); err == nil {
		t.Error("nobody hears of it")
	}
	for _, j := range jobs {
		if got := w.read(j.ID); got.State != job.Queued {
			t.Errorf("got %s, %+v", got.State, got.Error)
		}
	}
	w.queue.Fault(nil)
	w.send()
	if d := cmp.Diff([]string{jobs[0].Key(), jobs[1].Key()}, w.queue.Keys()); d != "" {
		t.Error(d)
	}
}

func TestInvalidReceipts(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"too few":       func(w http.ResponseWriter, _ *http.Request) { queuetest.Answer(w, message.Receipts{}) },
		"no JSON":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"a wrong token": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"a failure":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"no service":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			j := w.submit(1)
			w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool { answer(rw, r); return true })
			if err := w.relay.send(t.Context()); err == nil {
				t.Error("that is a failure")
			}
			if got := w.read(j.ID).State; got != job.Queued {
				t.Errorf("the job is %s", got)
			}
			w.queue.Fault(nil)
			w.send()
			if d := cmp.Diff([]string{j.Key()}, w.queue.Keys()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCancelAtTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting, leased, lost := w.submit(1), w.submit(2), w.submit(3)
	w.send()
	w.queue.Lease(leased.Key(), 0)
	w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
		gone := strings.HasSuffix(r.URL.Path, lost.Key())
		if gone {
			queuetest.Refuse(rw, problem.New(problem.NotFound, "no such message"))
		}
		return gone
	})
	for _, j := range []job.ID{waiting.ID, leased.ID, lost.ID} {
		if err := w.store.Cancel(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	w.send()
	w.collect()
	for id, want := range map[job.ID]job.State{waiting.ID: job.Cancelled, leased.ID: job.Queued, lost.ID: job.Cancelled} {
		if got := w.read(id).State; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if !w.queue.Message(leased.Key()).CancelRequested {
		t.Error("the worker is not told")
	}
	w.queue.End(leased.Key(), message.Result{Outcome: message.Cancelled})
	w.collect()
	if got := w.read(leased.ID); got.State != job.Cancelled || got.Cancelling {
		t.Errorf("got %s, cancelling %v", got.State, got.Cancelling)
	}
}

// A cancellation stays in the outbox until the queue answers.
func TestCancelWhileTheQueueIsUnreachable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	if err := w.store.Cancel(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	w.queue.Fault(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	if err := w.relay.send(t.Context()); err == nil {
		t.Error("the queue is unreachable")
	}
	w.queue.Fault(nil)
	w.send()
	w.collect()
	if got := w.read(j.ID).State; got != job.Cancelled {
		t.Errorf("got %s", got)
	}
}

// Run, when woken, does by itself what the other tests do step by step.
func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		w.relay.Run(ctx)
	}()
	for range 3 {
		j := w.submit(1)
		w.relay.Wake()
		servetest.Until(t, "the job is sent", func() bool { return len(w.queue.Keys()) > 0 && w.queue.Keys()[len(w.queue.Keys())-1] == j.Key() })
		w.queue.End(j.Key(), done(j.ID))
		servetest.Until(t, "the job is done", func() bool { return w.read(j.ID).State == job.Done })
	}
	stop()
	<-over
}

// The queue takes a job, its answer is lost, and it declines the repetition. The job
// was sent all the same: it must not be changed or cancelled here alone.
func TestSentJobNeverCountsAsUnsent(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*problem.Problem{
		"full":         problem.New(problem.TooMany, "the queue is full"),
		"unauthorized": problem.New(problem.Unauthorized, "the token has expired"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			replaced, cancelled := w.submit(1), w.submit(1)
			w.queue.Lose(func(*http.Request) bool { return true })
			if err := w.relay.send(t.Context()); err == nil {
				t.Fatal("a lost answer is a failure")
			}
			w.queue.Lose(nil)
			w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool { queuetest.Refuse(rw, p); return true })
			// A relay of another process, which knows nothing of the first answer.
			if err := another(w.store, w.queue).send(t.Context()); err == nil {
				t.Fatal("a declined upload is a failure")
			}
			if changed, err := w.store.ReplaceUnsent(t.Context(), w.replacement(replaced, 2)); changed || err != nil {
				t.Errorf("the job was replaced here alone: %v, %v", changed, err)
			}
			if err := w.store.Cancel(t.Context(), cancelled.ID); err != nil {
				t.Fatal(err)
			}
			if got := w.read(cancelled.ID); got.State != job.Queued || !got.Cancelling {
				t.Errorf("the job was cancelled here alone: got %s, cancelling %v", got.State, got.Cancelling)
			}
			w.queue.Fault(nil)
			w.drain()
			w.collect()
			if got := w.queue.Message(cancelled.Key()).Outcome; got != message.Cancelled {
				t.Errorf("the queue ended the cancelled job as %q", got)
			}
			if got := w.read(cancelled.ID).State; got != job.Cancelled {
				t.Errorf("the cancelled job is %s", got)
			}
		})
	}
}
