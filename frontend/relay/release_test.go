package relay

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"foliocast/frontend/store"
	"foliocast/internal/job"
)

// submitHeld creates a job that is not to begin for an hour.
func (w *world) submitHeld(horizon int) store.Job {
	w.Helper()
	spec := w.spec(horizon)
	spec.NotBefore = time.Now().Add(time.Hour).UTC()
	j, _, err := w.store.CreateJob(w.Context(), store.NewJob{Owner: "mia", Subject: "u1", Spec: spec, Dataset: w.dataset})
	w.must(err)
	return j
}

// pass lets an hour pass for all jobs that are held back: the same as when the clock of the
// database jumps forward, which no test can do.
func (w *world) pass(hours int) {
	w.Helper()
	_, err := w.pool.Exec(w.Context(), "UPDATE held SET not_before = not_before - make_interval(hours => $1)", hours)
	w.must(err)
}

// sendDue releases what is due, and sends it.
func (w *world) sendDue() {
	w.Helper()
	w.must(w.relay.release(w.Context()))
	w.send()
}

// wantKeys checks which messages the queue has.
func (w *world) wantKeys(when string, want ...string) {
	w.Helper()
	if got := w.queue.Keys(); !slices.Equal(got, want) {
		w.Errorf("%s, the queue has %q, want %q", when, got, want)
	}
}

func TestAJobBeginsAtItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held, free := w.submitHeld(1), w.submit(2)
	w.sendDue()
	w.wantKeys("before the time", free.Key())
	for _, j := range []store.Job{held, w.read(held.ID)} {
		if j.State != job.Queued || j.WaitingFor != job.WaitsForTime {
			t.Errorf("before the time, it is %s and waits for %q", j.State, j.WaitingFor)
		}
	}
	w.pass(1)
	w.sendDue()
	w.wantKeys("after it", free.Key(), held.Key())
	if j := w.read(held.ID); j.WaitingFor != job.WaitsForNothing {
		t.Errorf("after the time, it waits for %q", j.WaitingFor)
	}
}

// The clock of the database jumps back after a job was held: the job waits longer and is not
// lost. A job that was released stays released.
func TestAClockThatJumpsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.submitHeld(1)
	w.pass(1)
	w.must(w.relay.release(t.Context()))
	second := w.submitHeld(2)
	w.pass(-1)
	w.sendDue()
	w.wantKeys("after the jump", first.Key())
	w.pass(2)
	w.sendDue()
	w.wantKeys("at the time", first.Key(), second.Key())
}

func TestAHeldJobIsChangedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	changed, cancelled := w.submitHeld(1), w.submitHeld(2)
	soon := w.replacement(changed, 7) // without a time
	if replaced, err := w.store.ReplaceUnsent(t.Context(), soon); !replaced || err != nil {
		t.Fatalf("replaced: %v, %v", replaced, err)
	}
	w.must(w.store.Cancel(t.Context(), cancelled.ID))
	if j := w.read(cancelled.ID); j.State != job.Cancelled || j.WaitingFor != job.WaitsForNothing {
		t.Errorf("a held job that is cancelled is %s and waits for %q", j.State, j.WaitingFor)
	}
	w.pass(1)
	w.sendDue()
	w.wantKeys("at the time", changed.Key())
	w.must(w.store.Retry(t.Context(), cancelled.ID)) // before its own time, which did not pass
	if j := w.read(cancelled.ID); j.WaitingFor != job.WaitsForTime {
		t.Errorf("a retried job waits for %q", j.WaitingFor)
	}
	w.pass(1)
	w.sendDue()
	w.wantKeys("after the retry", changed.Key(), string(cancelled.ID)+"#2")
}

// A job that was sent is changed to a later time: its old run is cancelled, and the new one waits.
func TestASentJobIsHeldBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.submit(1)
	w.send()
	later := w.replacement(j, 2)
	later.Spec.NotBefore = time.Now().Add(time.Hour).UTC()
	w.must(w.store.Supersede(t.Context(), later))
	w.sendDue()
	w.wantKeys("before the time", j.Key())
	if !w.queue.Message(j.Key()).CancelRequested && w.queue.Message(j.Key()).State != "ended" {
		t.Errorf("the old run is %+v", w.queue.Message(j.Key()))
	}
	w.pass(1)
	w.sendDue()
	w.wantKeys("at the time", j.Key(), string(j.ID)+"#2")
}

// What is held back was never at the queue, so nobody asks the queue for it.
func TestAHeldJobIsNotMissedAtTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.submitHeld(1)
	w.must(w.relay.reconcile(t.Context()))
	w.send()
	w.wantKeys("after it was restored")
}

// Two processes release at once, while others cancel: each job is sent once, or cancelled
// and never sent.
func TestTwoProcessesRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 60
	jobs := make([]store.Job, n)
	for i := range jobs {
		jobs[i] = w.submitHeld(1)
	}
	w.pass(1)
	var group errgroup.Group
	for range 3 {
		group.Go(func() error {
			for {
				if _, next, err := w.store.Release(t.Context(), 7); err != nil || next < 0 {
					return err
				}
			}
		})
	}
	for i := range n / 2 {
		group.Go(func() error { return w.store.Cancel(t.Context(), jobs[2*i].ID) })
	}
	w.must(group.Wait())
	w.drain()
	keys := w.queue.Keys()
	slices.Sort(keys)
	if unique := slices.Compact(slices.Clone(keys)); len(unique) != len(keys) {
		t.Errorf("%d messages, of which %d differ", len(keys), len(unique))
	}
	for i, j := range jobs {
		sent := slices.Contains(keys, j.Key())
		switch got := w.read(j.ID); {
		case i%2 == 1 && !sent:
			t.Errorf("job %d was never sent", i)
		case i%2 == 0 && !got.Cancelling && got.State != job.Cancelled:
			t.Errorf("job %d is %s", i, got.State)
		case i%2 == 0 && got.State == job.Cancelled && sent:
			t.Errorf("job %d was cancelled here, and sent", i)
		}
	}
}
