package relay

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// submitAfter creates a job that follows others.
func (w *world) submitAfter(well, anyhow []job.ID) (store.Job, error) {
	w.Helper()
	spec := w.spec(1)
	spec.After, spec.AfterAny = well, anyhow
	j, _, err := w.store.CreateJob(w.Context(), store.NewJob{Owner: "mia", Subject: "u1", Spec: spec, Dataset: w.dataset})
	return j, err
}

// follow creates a job that follows others, which are in flight.
func (w *world) follow(well, anyhow []job.ID) store.Job {
	w.Helper()
	j, err := w.submitAfter(well, anyhow)
	w.must(err)
	return j
}

// finish ends a job at the queue, and lets what follows it go on.
func (w *world) finish(j store.Job, r message.Result) {
	w.Helper()
	w.queue.End(j.Key(), r)
	w.collect()
	w.sendDue()
}

func (w *world) wantState(id job.ID, want job.State, waits job.WaitingFor) {
	w.Helper()
	if j := w.read(id); j.State != want || j.WaitingFor != waits {
		w.Errorf("job %s is %s and waits for %q, want %s and %q", id, j.State, j.WaitingFor, want, waits)
	}
}

func failed(why string) message.Result { return message.Result{Outcome: message.Failed, Error: why} }

func TestAChainRunsInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.submit(1)
	second := w.follow([]job.ID{first.ID}, nil)
	third := w.follow([]job.ID{first.ID, second.ID}, nil)
	w.sendDue()
	w.wantKeys("at first", first.Key())
	w.wantState(third.ID, job.Queued, job.WaitsForJobs)
	w.finish(first, done(first.ID))
	w.wantKeys("after the first", first.Key(), second.Key())
	w.wantState(third.ID, job.Queued, job.WaitsForJobs)
	w.finish(second, done(second.ID))
	w.wantKeys("after the second", first.Key(), second.Key(), third.Key())
	w.wantState(third.ID, job.Queued, job.WaitsForNothing)
}

// What follows a job that fails can never begin; what follows it anyhow begins. Each says which
// job it was, and the first one why.
func TestAChainFailsWithItsHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head, other := w.submit(1), w.submit(2)
	second := w.follow([]job.ID{other.ID, head.ID}, nil)
	third := w.follow([]job.ID{second.ID}, nil)
	anyhow := w.follow(nil, []job.ID{head.ID, third.ID})
	w.sendDue()
	w.finish(head, failed("bad luck"))
	for _, want := range []struct {
		job    job.ID
		detail string
	}{{second.ID, "job " + string(head.ID) + ", which this one follows, ended as failed: bad luck"}, {third.ID, "job " + string(second.ID) + ", which this one follows, ended as failed"}} {
		j := w.read(want.job)
		if j.State != job.Failed || j.Error == nil || j.Error.Code != "predecessor" || j.Error.Detail != want.detail {
			t.Errorf("job %s is %s: %+v, want %q", j.ID, j.State, j.Error, want.detail)
		}
	}
	w.wantKeys("after the failure", head.Key(), other.Key(), anyhow.Key())
	w.finish(other, done(other.ID))
	w.wantKeys("after the end of the other", head.Key(), other.Key(), anyhow.Key())
}

// Time and predecessors both hold a job back.
func TestAJobWaitsForBoth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.submit(1)
	spec := w.spec(1)
	spec.After, spec.NotBefore = []job.ID{first.ID}, time.Now().Add(time.Hour).UTC()
	both, _, err := w.store.CreateJob(t.Context(), store.NewJob{Owner: "mia", Subject: "u1", Spec: spec, Dataset: w.dataset})
	w.must(err)
	w.sendDue()
	w.finish(first, done(first.ID))
	w.wantState(both.ID, job.Queued, job.WaitsForTime)
	w.pass(1)
	w.sendDue()
	w.wantKeys("in the end", first.Key(), both.Key())
}

func TestRetriesOfAChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head := w.submit(1)
	second := w.follow([]job.ID{head.ID}, nil)
	w.sendDue()
	w.finish(head, failed("bad luck"))
	if err := w.store.Retry(t.Context(), second.ID); !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), string(head.ID)) {
		t.Errorf("a retry while its predecessor is failed: %v", err)
	}
	w.wantState(second.ID, job.Failed, job.WaitsForNothing)
	if _, err := w.submitAfter([]job.ID{head.ID}, nil); err == nil {
		t.Error("a new job follows a failed one")
	}
	w.must(w.store.Retry(t.Context(), head.ID))
	w.must(w.store.Retry(t.Context(), second.ID))
	w.wantState(second.ID, job.Queued, job.WaitsForJobs)
	w.sendDue()
	again := w.read(head.ID)
	w.finish(again, done(head.ID))
	w.wantKeys("after the retries", head.Key(), again.Key(), string(second.ID)+"#2")
}

// A predecessor that is retried before anybody has looked at its end still holds back.
func TestAPredecessorIsRetriedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head := w.submit(1)
	second := w.follow([]job.ID{head.ID}, nil)
	w.sendDue()
	w.queue.End(head.Key(), failed("bad luck"))
	w.collect()
	w.must(w.store.Retry(t.Context(), head.ID))
	w.sendDue()
	w.wantState(second.ID, job.Queued, job.WaitsForJobs)
	again := w.read(head.ID)
	w.finish(again, done(head.ID))
	w.wantState(second.ID, job.Queued, job.WaitsForNothing)
}

// A predecessor that was removed counts as it ended while jobs wait for it, and holds nothing
// back later.
func TestAPredecessorIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head := w.submit(1)
	second := w.follow([]job.ID{head.ID}, nil)
	w.sendDue()
	w.queue.End(head.Key(), failed("bad luck"))
	w.collect()
	w.must(w.store.RemoveJob(t.Context(), head.ID, false))
	w.sendDue()
	w.wantState(second.ID, job.Failed, job.WaitsForNothing)
	w.must(w.store.Retry(t.Context(), second.ID))
	w.sendDue()
	w.wantKeys("after the retry", head.Key(), string(second.ID)+"#2")
}

// Cancelling a job that waits, and leaving its predecessor out, count at once; cancelling a
// predecessor fails what follows it.
func TestChangesOfAChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head := w.submit(1)
	cancelled, changed, last := w.follow([]job.ID{head.ID}, nil), w.follow([]job.ID{head.ID}, nil), w.follow([]job.ID{head.ID}, nil)
	w.must(w.store.Cancel(t.Context(), cancelled.ID))
	w.wantState(cancelled.ID, job.Cancelled, job.WaitsForNothing)
	if replaced, err := w.store.ReplaceUnsent(t.Context(), w.replacement(changed, 3)); !replaced || err != nil {
		t.Errorf("replaced: %v, %v", replaced, err)
	}
	w.wantState(changed.ID, job.Queued, job.WaitsForNothing)
	w.must(w.store.Cancel(t.Context(), head.ID)) // was never sent
	w.sendDue()
	w.wantState(last.ID, job.Failed, job.WaitsForNothing)
	w.wantState(cancelled.ID, job.Cancelled, job.WaitsForNothing)
	w.wantState(changed.ID, job.Queued, job.WaitsForNothing)
	w.wantKeys("in the end", changed.Key())
}

// Jobs are created while the one that they follow ends: each of them begins, or is refused
// with the end that it cannot follow. None waits for ever.
func TestAPredecessorEndsMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, end := range []job.State{job.Done, job.Failed} {
		head := w.submit(1)
		made := make([]store.Job, 40)
		var group errgroup.Group
		for i := range made {
			group.Go(func() (err error) {
				if i == len(made)/2 {
					return w.store.End(t.Context(), store.Outcome{Job: head.ID, Run: 1, State: end})
				}
				made[i], err = w.submitAfter([]job.ID{head.ID}, nil)
				if end == job.Failed && err != nil && strings.Contains(err.Error(), "has ended as failed") {
					return nil
				}
				return err
			})
			group.Go(func() error { _, err := w.store.SettleSuccessors(t.Context(), 3); return err })
		}
		w.must(group.Wait())
		w.must(w.relay.release(t.Context()))
		for _, j := range made {
			if j.ID == "" {
				continue
			}
			want := map[job.State]job.State{job.Done: job.Queued, job.Failed: job.Failed}[end]
			w.wantState(j.ID, want, job.WaitsForNothing)
		}
	}
}

// Ten thousand jobs follow one. Its end takes no longer for that, and each step afterwards
// settles a few, while others can still be cancelled.
func TestTenThousandFollowOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head := w.submit(1)
	w.follow([]job.ID{head.ID}, nil)
	const n = 10_000
	_, err := w.pool.Exec(t.Context(), `
		WITH made AS (
			INSERT INTO job (id, owner, subject, dataset, dataset_version, spec, brief)
			SELECT gen_random_uuid(), owner, subject, dataset, dataset_version, spec, brief FROM job, generate_series(2, $2) WHERE id = $1
			RETURNING id
		), waits AS (
			INSERT INTO predecessor (after, job, anyhow) SELECT $1, id, false FROM made
		)
		INSERT INTO held (job, run, bytes, not_before, waits) SELECT id, 1, 100, '2000-01-01', 1 FROM made`, head.ID, n)
	w.must(err)
	begun := time.Now()
	w.must(w.store.End(t.Context(), store.Outcome{Job: head.ID, Run: 1, State: job.Done}))
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the end took %s", took)
	}
	count := func(table string) (rows int) {
		w.must(w.pool.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows))
		return rows
	}
	steps := 0
	for left := n; left > 0; steps++ {
		if _, err := w.store.SettleSuccessors(t.Context(), 500); err != nil {
			t.Fatal(err)
		}
		now := count("predecessor")
		if left-now > 500 || now >= left {
			t.Fatalf("a step settled %d jobs", left-now)
		}
		left = now
	}
	for {
		released, _, err := w.store.Release(t.Context(), maxBatch)
		w.must(err)
		if released > maxBatch {
			t.Fatalf("%d jobs were released at once", released)
		}
		if released == 0 {
			break
		}
	}
	if got := count("outbox"); got != n+1 || steps != n/500 {
		t.Errorf("%d entries after %d steps, want %d after %d", got, steps, n+1, n/500)
	}
}

// Two processes settle and release at once, while jobs follow several others that end.
func TestTwoProcessesSettle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var heads, all []job.ID
	for range 6 {
		heads = append(heads, w.submit(1).ID)
	}
	for i := range 60 {
		all = append(all, w.follow(heads[i%3:4], heads[4+i%2:]).ID)
	}
	w.drain()
	var group errgroup.Group
	for i, id := range heads {
		group.Go(func() error {
			return w.store.End(t.Context(), store.Outcome{Job: id, Run: 1, State: []job.State{job.Done, job.Partial}[i%2]})
		})
		group.Go(func() error { return w.store.Cancel(t.Context(), all[7*i]) })
		group.Go(func() error {
			for range 20 {
				if _, err := w.store.SettleSuccessors(t.Context(), 7); err != nil {
					return err
				}
				if _, _, err := w.store.Release(t.Context(), 5); err != nil {
					return err
				}
			}
			return nil
		})
	}
	w.must(group.Wait())
	w.must(w.relay.release(t.Context()))
	w.drain()
	keys := w.queue.Keys()
	for i, id := range all {
		j := w.read(id)
		sent := slices.Contains(keys, j.Key())
		if cancelled := i%7 == 0 && i/7 < len(heads); !cancelled && (!sent || j.WaitingFor != "") {
			t.Errorf("job %d is %s, waits for %q, and was sent: %v", i, j.State, j.WaitingFor, sent)
		}
	}
}
