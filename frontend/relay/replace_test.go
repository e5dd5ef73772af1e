package relay

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// supersede replaces a job whose message may have been sent, and must not fail.
func (w *world) supersede(j store.Job, horizon int) store.Job {
	w.Helper()
	if err := w.store.Supersede(w.Context(), w.replacement(j, horizon)); err != nil {
		w.Fatal(err)
	}
	return w.read(j.ID)
}

// horizon is what the message with a key asks for.
func (w *world) horizon(key string) int {
	w.Helper()
	var task job.Task
	if err := json.Unmarshal(w.queue.Message(key).Payload, &task); err != nil {
		w.Fatal(err)
	}
	return task.Spec.Horizon
}

// wantDone collects the result of the job's current run and checks that its answer,
// and no other, was recorded.
func (w *world) wantDone(j store.Job, horizon int) {
	w.Helper()
	if got := w.horizon(j.Key()); got != horizon {
		w.Errorf("the message of the current run asks for horizon %d, want %d", got, horizon)
	}
	w.queue.End(j.Key(), done(j.ID))
	w.collect()
	got := w.read(j.ID)
	r, found, err := w.store.Result(w.Context(), j.ID)
	if got.State != job.Done || got.Spec.Horizon != horizon || !found || r.Run != j.Run || err != nil {
		w.Errorf("got %s, horizon %d, the result of run %d (%v, %v), want done, %d, %d", got.State, got.Spec.Horizon, r.Run, found, err, horizon, j.Run)
	}
}

func TestReplacedJobIsANewRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, behind := w.submit(1), w.submit(5)
	w.send()
	next := w.supersede(first, 9)
	if next.Version != 2 || next.Run != 2 || next.State != job.Queued {
		t.Errorf("got version %d, run %d, %s", next.Version, next.Run, next.State)
	}
	w.send()
	if d := cmp.Diff([]string{first.Key(), behind.Key(), next.Key()}, w.queue.Keys()); d != "" {
		t.Error("the replacement waits behind what was uploaded before it:", d)
	}
	if got := w.queue.Message(first.Key()).Outcome; got != message.Cancelled {
		t.Errorf("the first run ended as %q, want that it is cancelled", got)
	}
	w.collect() // the end of the first run
	if got := w.read(first.ID); got.State != job.Queued || got.Cancelling {
		t.Errorf("the end of the first run made the job %s, cancelling %v", got.State, got.Cancelling)
	}
	w.wantDone(next, 9)
}

// The queue says that the message waits; a worker leases it before the replacement is
// stored, and may even complete it.
func TestJobIsLeasedWhileItIsReplaced(t *testing.T) {
	t.Parallel()
	for _, completed := range []bool{false, true} {
		w := newWorld(t)
		first := w.submit(1)
		w.send()
		if err := w.relay.Waits(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		w.queue.Lease(first.Key(), 0)
		if completed {
			w.queue.End(first.Key(), done(first.ID), `[]`)
		}
		next := w.supersede(first, 9)
		w.send()
		if !completed {
			if !w.queue.Message(first.Key()).CancelRequested {
				t.Error("the worker of the first run is not told")
			}
			w.queue.End(first.Key(), done(first.ID)) // the worker was faster
		}
		w.collect()
		if got := w.read(first.ID).State; got != job.Queued {
			t.Errorf("the result of the first run made the job %s", got)
		}
		w.wantDone(next, 9)
	}
}

// The first upload is lost on its way, or only its answer is, or it arrives after the
// replacement: the first run is cancelled in each case.
func TestReplaceWhileTheFirstUploadIsInDoubt(t *testing.T) {
	t.Parallel()
	hangUp := func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	for name, f := range map[string]func(*world, store.Job){
		"the upload is lost": func(w *world, _ store.Job) { w.queue.Fault(hangUp) },
		"its answer is lost": func(w *world, _ store.Job) { w.queue.Lose(func(*http.Request) bool { return true }) },
		"it is late":         func(w *world, _ store.Job) { w.queue.Fault(hangUp) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first := w.submit(1)
			f(w, first)
			if err := w.relay.send(t.Context()); err == nil {
				t.Fatal("the upload failed")
			}
			w.queue.Fault(nil)
			w.queue.Lose(nil)
			next := w.supersede(first, 9)
			w.drain()
			if name == "it is late" {
				late := []message.New{{Key: first.Key(), Payload: json.RawMessage(`{}`)}}
				if _, err := w.queue.Client().Enqueue(t.Context(), late); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.queue.Message(first.Key()); got.State != message.Ended || got.Outcome != message.Cancelled {
				t.Errorf("the first run is %s, %q, want that it is cancelled", got.State, got.Outcome)
			}
			w.collect()
			w.wantDone(next, 9)
		})
	}
}

// The process dies between any two steps; another relay takes over, and both may send
// the same.
func TestTwoRelaysAndACrashAfterAReplacement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.submit(1)
	dead, err := w.store.Take(t.Context(), 10, 1<<20, patience) // and the process dies
	if err != nil || len(dead) != 1 {
		t.Fatal(dead, err)
	}
	next := w.supersede(first, 9)
	last := w.supersede(next, 10) // that one was not sent: it is replaced in place
	if last.Run != next.Run || last.Version != 3 {
		t.Errorf("got run %d, version %d, want %d, 3", last.Run, last.Version, next.Run)
	}
	w.send()
	if got := w.queue.Keys(); slices.Contains(got, first.Key()) {
		t.Errorf("the queue has %v before the dead process's patience is over", got)
	}
	if err := w.store.Return(t.Context(), dead, true); err != nil { // as time does
		t.Fatal(err)
	}
	w.drain()
	if err := w.relay.enqueue(t.Context(), dead); err != nil { // it was only slow
		t.Fatal(err)
	}
	if got := w.queue.Message(first.Key()).Outcome; got != message.Cancelled {
		t.Errorf("the first run ended as %q", got)
	}
	w.collect()
	w.wantDone(last, 10)
}

// The cancellation of the first run is declined or not answered, and sent again.
func TestCancellationOfAReplacedRunIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.submit(1)
	w.send()
	next := w.supersede(first, 9)
	for _, answer := range []func(http.ResponseWriter){
		func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusBadGateway) },
		func(rw http.ResponseWriter) { queuetest.Refuse(rw, problem.New(problem.TooMany, "slower")) },
	} {
		w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodDelete {
				answer(rw)
			}
			return r.Method == http.MethodDelete
		})
		if err := w.relay.send(t.Context()); err == nil {
			t.Error("the cancellation failed")
		}
	}
	w.queue.Lose(func(r *http.Request) bool { return r.Method == http.MethodDelete })
	w.queue.Fault(nil)
	if err := w.relay.send(t.Context()); err == nil {
		t.Error("the answer was lost")
	}
	w.queue.Lose(nil)
	w.drain()
	if got := w.queue.Message(first.Key()).Outcome; got != message.Cancelled {
		t.Errorf("the first run ended as %q", got)
	}
	w.collect()
	w.wantDone(next, 9)
}

func TestReplacedJobIsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.submit(1)
	w.send()
	next := w.supersede(first, 9)
	w.send()
	if err := w.store.Cancel(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Supersede(t.Context(), w.replacement(next, 10)); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job that is being cancelled: got %v, want conflict", err)
	}
	w.drain()
	w.collect()
	if got := w.read(first.ID).State; got != job.Cancelled {
		t.Errorf("got %s", got)
	}
}

func TestWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	if err := w.relay.Waits(t.Context(), j); err != nil {
		t.Errorf("before it is sent: %v", err)
	}
	w.send()
	if err := w.relay.Waits(t.Context(), j); err != nil {
		t.Errorf("while it waits: %v", err)
	}
	w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool { rw.WriteHeader(http.StatusBadGateway); return true })
	if err := w.relay.Waits(t.Context(), j); !problem.Is(err, problem.Unavailable) {
		t.Errorf("without an answer: got %v, want unavailable", err)
	}
	w.queue.Fault(nil)
	w.queue.Lease(j.Key(), 0)
	if err := w.relay.Waits(t.Context(), j); !problem.Is(err, problem.Conflict) {
		t.Errorf("while it runs: got %v, want conflict", err)
	}
	w.queue.End(j.Key(), done(j.ID))
	if err := w.relay.Waits(t.Context(), j); !problem.Is(err, problem.Conflict) {
		t.Errorf("before its result is applied: got %v, want conflict", err)
	}
}

// A result of the first run has been read, and the job is replaced before it is
// applied.
func TestJobIsReplacedWhileItsResultIsApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.submit(1)
	w.send()
	w.queue.End(first.Key(), done(first.ID))
	page, err := w.queue.Client().Results(t.Context(), 0, 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	news, err := w.relay.news(t.Context(), page)
	if err != nil || len(news.Outcomes) != 1 {
		t.Fatal(news, err)
	}
	next := w.supersede(first, 9)
	if moved, err := w.store.Apply(t.Context(), store.Position{}, store.Position{At: 1}, news); !moved || err != nil {
		t.Fatal(moved, err)
	}
	if got := w.read(first.ID).State; got != job.Queued {
		t.Errorf("the result of the first run made the job %s", got)
	}
	w.drain()
	w.wantDone(next, 9)
}
