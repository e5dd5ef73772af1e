package relay

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

var died = message.Result{Outcome: message.Dead, Attempts: 3, Error: "rank 1 died"}

// dead submits a job that dies, and applies its death.
func (w *world) dead() store.Job {
	w.Helper()
	j := w.submit(1)
	w.send()
	w.queue.Lease(j.Key(), 0)
	w.queue.End(j.Key(), died)
	w.collect()
	w.wantState(j.ID, job.Dead, "")
	return j
}

// A redriven job is shown as it is, and can be cancelled.
func TestRedrivenJobIsInFlightAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.dead()
	w.queue.Redrive(j.Key())
	w.collect()
	got := w.refresh(j.ID)
	if got.State != job.Queued || got.Error != nil || got.EndedAt != nil || got.StartedAt != nil || got.Attempts != 0 || got.Run != 1 || got.Version != 1 || got.Place == nil {
		t.Errorf("it waits: got %+v", got)
	}
	w.queue.Lease(j.Key(), 0.5)
	if got := w.refresh(j.ID); got.State != job.Running || got.Progress != 0.5 {
		t.Errorf("it runs: got %s, progress %v", got.State, got.Progress)
	}
	w.must(w.store.Cancel(t.Context(), j.ID))
	w.send()
	if !w.queue.Message(j.Key()).CancelRequested {
		t.Error("its worker is not told to stop")
	}
	w.queue.End(j.Key(), message.Result{Outcome: message.Cancelled})
	w.collect()
	w.wantState(j.ID, job.Cancelled, "")
}

// A redriven job that waits can be replaced; it then has the result of the replacement.
func TestRedrivenJobIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.dead()
	w.queue.Redrive(j.Key())
	w.collect()
	w.must(w.relay.Waits(t.Context(), w.read(j.ID)))
	w.must(w.store.Supersede(t.Context(), w.replacement(w.read(j.ID), 9)))
	w.drain()
	if got := w.queue.Message(j.Key()).Outcome; got != message.Cancelled {
		t.Errorf("the redriven message is %q, want cancelled", got)
	}
	next := store.Key(j.ID, 2)
	w.queue.End(next, w.computed(next))
	w.collect()
	w.wantState(j.ID, job.Done, "")
}

// The owner retries a job while an operator redrives its message. In both orders one run is
// computed for it, and only that one counts.
func TestRetryAndRedrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.dead()
	w.queue.Redrive(j.Key())
	w.queue.Lease(j.Key(), 0)
	w.must(w.store.Retry(t.Context(), j.ID)) // the news of the redrive have not come yet
	w.collect()
	w.drain()
	if m := w.queue.Message(j.Key()); m.State != message.Leased || !m.CancelRequested {
		t.Errorf("nobody cancels the redriven message: %+v", m.Status)
	}
	w.queue.End(j.Key(), done(j.ID)) // its worker was faster
	w.collect()
	w.wantState(j.ID, job.Queued, "")
	w.queue.End(store.Key(j.ID, 2), done(j.ID))
	w.collect()
	w.wantState(j.ID, job.Done, "")

	other := w.dead()
	w.queue.Redrive(other.Key())
	w.collect()
	if err := w.store.Retry(t.Context(), other.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("a retry of a job that was redriven: got %v", err)
	}
}

// A client cancels a job that has died already, which this service does not know, and then
// the message is redriven: it is cancelled all the same.
func TestCancellationBeforeTheRedrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	w.queue.End(j.Key(), died)
	w.must(w.store.Cancel(t.Context(), j.ID))
	w.send() // changes nothing: the message has ended
	w.queue.Redrive(j.Key())
	w.collect()
	if got := w.read(j.ID); got.State != job.Queued || !got.Cancelling {
		t.Errorf("got %s, cancelling %v", got.State, got.Cancelling)
	}
	w.drain()
	w.collect()
	w.wantState(j.ID, job.Cancelled, "")
}

// What follows a dead job waits for it again when it is redriven before its death was
// settled; what has failed because of it waits after a retry.
func TestSuccessorsOfARedrivenJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head, late := w.submit(1), w.submit(2)
	failed, waits := w.follow([]job.ID{head.ID}, nil), w.follow([]job.ID{late.ID}, nil)
	w.sendDue()
	w.finish(head, died)
	w.wantState(failed.ID, job.Failed, "")
	w.queue.End(late.Key(), died)
	w.collect()
	w.queue.Redrive(head.Key())
	w.queue.Redrive(late.Key())
	w.collect()
	w.sendDue()
	w.wantState(failed.ID, job.Failed, "")
	w.wantState(waits.ID, job.Queued, job.WaitsForJobs)
	w.must(w.store.Retry(t.Context(), failed.ID))
	w.wantState(failed.ID, job.Queued, job.WaitsForJobs)
	w.finish(head, done(head.ID))
	w.finish(late, done(late.ID))
	w.wantKeys("in the end", head.Key(), late.Key(), store.Key(failed.ID, 2), waits.Key())
}

// After a backup of the queue is restored, its feed is read from the beginning, and the job
// is what the feed says in the end.
func TestRedriveInAnotherEpoch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		after func(store.Job)
		want  job.State
	}{
		{func(store.Job) {}, job.Queued},
		{func(j store.Job) { w.queue.End(j.Key(), died) }, job.Dead},
		{func(j store.Job) { w.queue.End(j.Key(), done(j.ID)) }, job.Done},
	} {
		j := w.dead()
		w.queue.Redrive(j.Key())
		c.after(j)
		w.collect()
		w.wantState(j.ID, c.want, "")
		w.queue.Begin(message.Epoch("after " + c.want))
		w.collect()
		w.collect()
		w.wantState(j.ID, c.want, "")
	}
}

// However the feed is cut into pages, and whichever of two processes applies them, a job is what
// the last entry about it says: the end of its message, or that it waits again.
func TestPagesOfRedrives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		j := w.submit(1)
		w.send()
		want := job.Queued
		for range rapid.IntRange(1, 6).Draw(r, "entries") {
			w.queue.Lease(j.Key(), 0)
			end := rapid.SampledFrom([]message.Result{died, {Outcome: message.Failed, Error: "bad luck"}, {Outcome: message.Cancelled}, done(j.ID)}).Draw(r, "end")
			w.queue.End(j.Key(), end)
			want = map[message.Outcome]job.State{message.Dead: job.Dead, message.Failed: job.Failed, message.Cancelled: job.Cancelled, message.Completed: job.Done}[end.Outcome]
			if end.Outcome == message.Completed || rapid.Bool().Draw(r, "stays") {
				break
			}
			w.queue.Redrive(j.Key())
			want = job.Queued
		}
		for {
			from, err := w.store.Position(t.Context())
			w.must(err)
			page, err := w.queue.Client().Read(t.Context(), message.Reader{Name: readerName, Redriven: true}, from.At, rapid.IntRange(1, 5).Draw(r, "page"), 0)
			w.must(err)
			if len(page.Results) == 0 {
				break
			}
			page.Epoch = from.Epoch
			late := page
			late.Results = slices.Clone(page.Results)
			w.must(w.relay.applyPage(t.Context(), from, page))
			w.must(w.other.applyPage(t.Context(), from, late))
		}
		if got := w.read(j.ID); got.State != want || (got.Error != nil) != (want == job.Dead || want == job.Failed) {
			r.Fatalf("the job is %s, %+v, want %s", got.State, got.Error, want)
		}
	})
}

// A redrive of a job that has an answer, of an unknown one or of a run to come changes nothing.
func TestRedriveOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	w.queue.End(j.Key(), done(j.ID))
	for _, key := range []string{j.Key(), store.Key(j.ID, 2), "00000000-0000-7000-8000-000000000000", "x"} {
		w.queue.Push(message.Result{Key: key, Outcome: message.Redriven})
	}
	w.collect()
	w.wantState(j.ID, job.Done, "")
	if entries, err := w.store.Take(t.Context(), 10, 1<<20, 0); err != nil || len(entries) != 0 {
		t.Errorf("the outbox has %+v, %v", entries, err)
	}
	if d := cmp.Diff([]string{j.Key()}, w.queue.Keys()); d != "" {
		t.Error(d)
	}
}
