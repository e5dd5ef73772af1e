package relay

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// logged gives the world's relay a log.
func (w *world) logged() *servetest.Log {
	var log servetest.Log
	w.relay.log = slog.New(slog.NewTextHandler(&log, nil))
	w.relay.feedWait = 0
	return &log
}

// wantErrors checks how many errors of level Error were logged.
func wantErrors(t *testing.T, log *servetest.Log, want int) {
	t.Helper()
	if got := strings.Count(log.String(), "level=ERROR"); got != want {
		t.Errorf("%d errors were logged, want %d:\n%s", got, want, log)
	}
}

// A backup of the queue is restored. It knows some jobs, has lost others, and has lost a
// cancellation: every job ends, as it was meant to.
func TestRestoredQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := w.logged()
	old, kept, lost, cancelled := w.submit(1), w.submit(2), w.submit(3), w.submit(4)
	w.send()
	w.queue.End(old.Key(), done(old.ID))
	w.collect() // learns the epoch, and the first result
	backup := w.queue.Save()
	backup.Messages = []message.Detail{backup.Messages[0], backup.Messages[1], backup.Messages[3]}
	w.queue.Lease(cancelled.Key(), 0)
	w.must(w.store.Cancel(t.Context(), cancelled.ID))
	w.send()
	w.queue.End(cancelled.Key(), message.Result{Outcome: message.Cancelled})
	waiting := w.submit(5) // was never sent
	w.queue.Load(backup)
	w.queue.Begin("second")
	w.queue.End(kept.Key(), done(kept.ID))
	for range 3 {
		w.collect()
	}
	wantErrors(t, log, 1)
	if at, err := w.store.Position(t.Context()); err != nil || at != (store.Position{Epoch: "second", At: 2}) {
		t.Errorf("the position is %+v, %v", at, err)
	}
	w.drain()
	for _, j := range []store.Job{lost, waiting} {
		w.queue.End(j.Key(), done(j.ID))
	}
	w.collect()
	for id, want := range map[job.ID]job.State{old.ID: job.Done, kept.ID: job.Done, lost.ID: job.Done, cancelled.ID: job.Cancelled, waiting.ID: job.Done} {
		if got := w.read(id).State; got != want {
			t.Errorf("job %s is %s, want %s", w.read(id).Key(), got, want)
		}
	}
}

// Results were deleted before they were read: their jobs are computed again, and an
// operator is told once.
func TestDeletedResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := w.logged()
	w.collect() // learns the epoch
	missed, read := w.submit(1), w.submit(2)
	w.send()
	w.queue.End(missed.Key(), done(missed.ID))
	w.queue.End(read.Key(), done(read.ID))
	w.queue.Forget(missed.Key(), 1)
	for range 3 {
		w.collect()
	}
	wantErrors(t, log, 1)
	if got := w.read(read.ID).State; got != job.Done {
		t.Errorf("the job after the gap is %s", got)
	}
	w.drain()
	w.queue.End(missed.Key(), done(missed.ID))
	w.collect()
	if got := w.read(missed.ID).State; got != job.Done {
		t.Errorf("the job in the gap is %s", got)
	}
}

// A gap at the end of the feed is passed, too.
func TestDeletedResultsAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := w.logged()
	w.collect()
	j := w.submit(1)
	w.send()
	w.queue.End(j.Key(), done(j.ID))
	w.queue.Forget(j.Key(), 1)
	for range 3 {
		w.collect()
	}
	wantErrors(t, log, 1)
	if at, err := w.store.Position(t.Context()); err != nil || at.At != 1 {
		t.Errorf("the position is %+v, %v", at, err)
	}
}

// A large answer of the epoch before is put aside when another begins: at its position
// is another result by now. Its job is computed again, also when a process was fetching it.
func TestLargeAnswerOfAnotherEpoch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.logged()
	j := w.submit(1)
	w.send()
	parts := slices.Repeat([]string{`[{"asset":"A","mean":[1],"skill":null,"error":null}]`}, smallParts+1)
	backup := w.queue.Save()
	w.queue.End(j.Key(), done(j.ID), parts...)
	w.collect() // learns the epoch, and puts the answer aside
	fetching, found, err := w.store.TakeLate(t.Context(), latePatience, maxParts)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	w.queue.Load(backup)
	w.queue.Begin("second")
	w.collect()
	if ended, err := w.store.EndLate(t.Context(), fetching, store.Outcome{Job: j.ID, Run: 1, State: job.Done}); err != nil || ended {
		t.Errorf("the answer of the first epoch ended the job: %v, %v", ended, err)
	}
	if got := w.read(j.ID).State; got.Final() {
		t.Errorf("the job is %s", got)
	}
	w.queue.End(j.Key(), done(j.ID), parts...)
	w.collect()
	w.must(w.relay.fetchLarge(t.Context()))
	if got := w.read(j.ID).State; got != job.Done {
		t.Errorf("the job is %s, want done", got)
	}
}

// A gap counts within its epoch: one at an earlier position of the next epoch is another.
func TestDeletedResultsOfTwoEpochs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := w.logged()
	w.collect() // learns the epoch
	for horizon := range 2 {
		j := w.submit(horizon + 1)
		w.send()
		w.queue.End(j.Key(), done(j.ID))
		w.queue.Forget(j.Key(), message.Position(horizon+1))
	}
	w.collect()
	wantErrors(t, log, 1)
	w.queue.Load(queuetest.State{})
	w.queue.Begin("second")
	w.collect()
	wantErrors(t, log, 2)
	w.drain()
	missed := w.queue.Keys()[0]
	w.queue.End(missed, w.computed(missed))
	w.queue.Forget(missed, 1)
	w.collect()
	wantErrors(t, log, 3)
	w.drain()
	if !slices.Contains(w.queue.Keys(), missed) {
		t.Errorf("message %s, whose result was deleted, was not sent again", missed)
	}
}
