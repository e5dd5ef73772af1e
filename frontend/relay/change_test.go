package relay

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// sent is a job that the queue has, and what it is to become.
func sent(t *testing.T) (*world, store.Job, job.Task) {
	t.Helper()
	w := newWorld(t)
	j := w.submit(1)
	w.forward()
	task := j.Task()
	task.Spec = w.spec(9)
	task.Spec.Priority = 3
	return w, j, task
}

func isReplacement(r *http.Request) bool { return r.Method == http.MethodPut }

// agree fails the test unless store and queue ask for the same.
func (w *world) agree(id job.ID, version, horizon int) {
	w.Helper()
	j := w.read(id)
	if j.Version != version || j.Spec.Horizon != horizon {
		w.Errorf("the store has version %d, horizon %d, want %d, %d", j.Version, j.Spec.Horizon, version, horizon)
	}
	m := w.queue.Message(j.Key())
	var t job.Task
	if err := json.Unmarshal(m.Payload, &t); err != nil {
		w.Fatal(err)
	}
	if m.Revision != j.Revision || t.Spec.Horizon != horizon || m.Priority != t.Spec.Priority {
		w.Errorf("the queue has revision %d, horizon %d, want %d, %d", m.Revision, t.Spec.Horizon, j.Revision, horizon)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	w, j, task := sent(t)
	if err := w.courier.Replace(t.Context(), j, 1, task); err != nil {
		t.Fatal(err)
	}
	w.agree(j.ID, 2, 9)
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Stale) {
		t.Errorf("the old version again: got %v, want stale", err)
	}
	task.Spec.Horizon = 10
	if err := w.courier.Replace(t.Context(), w.read(j.ID), 2, task); err != nil {
		t.Fatal(err)
	}
	w.agree(j.ID, 3, 10)
}

func TestReplaceAfterChangesAndARetry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	if ok, err := w.store.ReplaceUnsent(t.Context(), j.ID, 1, w.spec(2), w.dataset); !ok || err != nil {
		t.Fatal(ok, err)
	}
	w.forward()
	w.queue.End(j.Key(), message.Result{Outcome: message.Failed, Error: "bad luck"})
	w.collect()
	if err := w.store.Retry(t.Context(), w.read(j.ID)); err != nil {
		t.Fatal(err)
	}
	w.forward()
	task := j.Task()
	task.Spec = w.spec(9)
	if err := w.courier.Replace(t.Context(), w.read(j.ID), 3, task); err != nil {
		t.Fatal(err)
	}
	w.agree(j.ID, 4, 9)
}

func TestReplaceWhatRunsOrHasEnded(t *testing.T) {
	t.Parallel()
	w, j, task := sent(t)
	w.queue.Lease(j.Key(), 0)
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Conflict) {
		t.Errorf("a running job: got %v, want conflict", err)
	}
	w.queue.End(j.Key(), done(j.ID))
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Conflict) {
		t.Errorf("an ended job: got %v, want conflict", err)
	}
	w.collect()
	if got := w.read(j.ID); got.State != job.Done || got.Spec.Horizon != 1 {
		t.Errorf("got %s, horizon %d", got.State, got.Spec.Horizon)
	}
}

func TestReplaceWhatTheQueueDoesNotKnowYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	if err := w.courier.Replace(t.Context(), j, 1, j.Task()); !errors.Is(err, ErrNotThere) {
		t.Errorf("got %v", err)
	}
}

// The process dies after the queue took the replacement and before the store
// has it. Each test is one way in which that comes to light.
func crashed(t *testing.T) (*world, store.Job) {
	t.Helper()
	w, j, task := sent(t)
	if _, err := w.store.BeginReplacement(t.Context(), j, 1, task); err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.queue.Client().Replace(t.Context(), message.ByKey(j.Key()), 1, message.Content{Payload: payload, Priority: 3}); err != nil {
		t.Fatal(err)
	}
	return w, j
}

func TestACrashComesToLightByALook(t *testing.T) {
	t.Parallel()
	w, j := crashed(t)
	if got := w.look(j.ID); got.Version != 2 || got.Spec.Horizon != 9 {
		t.Errorf("got version %d, horizon %d", got.Version, got.Spec.Horizon)
	}
	w.agree(j.ID, 2, 9)
}

func TestACrashComesToLightByTheNextReplacement(t *testing.T) {
	t.Parallel()
	w, j := crashed(t)
	task := j.Task()
	task.Spec = w.spec(5)
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Conflict) {
		t.Errorf("while the other may still live: got %v, want conflict", err)
	}
	r, _, _, err := w.store.Replacement(t.Context(), j.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.DoubtReplacement(t.Context(), r); err != nil { // as time does
		t.Fatal(err)
	}
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Stale) {
		t.Errorf("got %v, want stale: the queue is ahead", err)
	}
	w.agree(j.ID, 2, 9)
}

// The message is done by then, and the queue has forgotten what it carried.
func TestACrashComesToLightByTheResult(t *testing.T) {
	t.Parallel()
	w, j := crashed(t)
	w.queue.Lease(j.Key(), 0)
	w.queue.End(j.Key(), done(j.ID))
	w.collect()
	got := w.read(j.ID)
	if got.State != job.Done || got.Version != 2 || got.Spec.Horizon != 9 {
		t.Errorf("got %s, version %d, horizon %d: the record must say what ran", got.State, got.Version, got.Spec.Horizon)
	}
}

// Somebody else than this service replaced the message: it knows of it only
// from the queue.
func TestAForeignRevisionIsAdopted(t *testing.T) {
	t.Parallel()
	w, j, task := sent(t)
	w.queue.Change(j.Key(), func(m *message.Detail) {
		task.Spec.Horizon = 7
		payload, err := json.Marshal(task)
		if err != nil {
			t.Error(err)
		}
		m.Payload, m.Revision, m.Priority = payload, 2, task.Spec.Priority
	})
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Stale) {
		t.Errorf("got %v, want stale", err)
	}
	w.agree(j.ID, 2, 7)
}

// A revision that nobody can tell anything about does not hold up its result.
func TestAnUnknownRevision(t *testing.T) {
	t.Parallel()
	w, j, _ := sent(t)
	w.queue.Change(j.Key(), func(m *message.Detail) { m.Revision = 5 })
	w.queue.End(j.Key(), done(j.ID))
	w.collect()
	if got := w.read(j.ID); got.State != job.Done || got.Version != 1 {
		t.Errorf("got %s, version %d", got.State, got.Version)
	}
}

func TestReplaceWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	w, j, task := sent(t)
	w.queue.Lose(isReplacement)
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Unavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
	w.queue.Lose(nil)
	// The same again finds out that it happened.
	if err := w.courier.Replace(t.Context(), j, 1, task); !problem.Is(err, problem.Stale) {
		t.Errorf("got %v, want stale", err)
	}
	w.agree(j.ID, 2, 9)
}

func TestReplaceThatDidNotHappen(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"away":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"broken":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"refused": func(w http.ResponseWriter, _ *http.Request) { queuetest.Refuse(w, problem.New(problem.TooLarge, "no")) },
		"denied":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, j, task := sent(t)
			w.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
				if isReplacement(r) {
					answer(rw, r)
				}
				return isReplacement(r)
			})
			if err := w.courier.Replace(t.Context(), j, 1, task); err == nil {
				t.Fatal("it did not happen")
			}
			w.queue.Fault(nil)
			if err := w.courier.Replace(t.Context(), j, 1, task); err != nil {
				t.Fatal(err)
			}
			w.agree(j.ID, 2, 9)
		})
	}
}

// The caller goes away at the moment in which the queue takes it.
func TestTheCallerGoesAway(t *testing.T) {
	t.Parallel()
	w, j, task := sent(t)
	ctx, leave := context.WithCancel(t.Context())
	w.queue.Lose(func(r *http.Request) bool {
		if isReplacement(r) {
			leave()
		}
		return false
	})
	_ = w.courier.Replace(ctx, j, 1, task) // either outcome is good, as long as both sides know it
	w.queue.Lose(nil)
	servetest.Until(t, "both agree", func() bool {
		got := w.look(j.ID)
		return got.Version == w.queue.Message(j.Key()).Revision && (got.Version == 2) == (got.Spec.Horizon == 9)
	})
}
