package worker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/mpicalc/spmd"
	"foliocast/mpicalc/worker"
	"foliocast/queue/message"
)

// slow is a job that takes much longer than any test waits.
func slow(spec *job.Spec) {
	spec.Assets, spec.Model, spec.Horizon = []string{"*"}, "auto", 1
}

// dear asks for work that is estimated to take four times as long.
func dear(spec *job.Spec) {
	slow(spec)
	spec.Season = []int{7, 30, 91, 365}
}

func TestACancelledJobStops(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 5000, 60)
	q := newFakeQueue(t, s.task("slow", slow))
	go func() {
		q.await("a heartbeat with progress", func() bool {
			p := q.messages[0].progress
			return len(p) > 0 && p[len(p)-1] > 0
		})
		q.mu.Lock()
		q.messages[0].cancel = true
		q.mu.Unlock()
	}()
	drain(t, q, s)
	m := q.messages[0]
	if len(m.ended) != 1 || !strings.Contains(m.ended[0].Error, "cancelled") || m.progress[len(m.progress)-1] >= 1 {
		t.Errorf("ended with %+v after progress %v, want an error before the end", m.ended, m.progress)
	}
}

// A lease of five minutes needs no heartbeat while the job runs.
func TestALongJobReportsItsProgress(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 5000, 60)
	q := newFakeQueue(t, s.task("slow", slow))
	q.life = 5 * time.Minute
	go func() {
		q.await("progress twice", func() bool {
			p := q.messages[0].progress
			return len(p) > 1 && 0 < p[len(p)-2] && p[len(p)-2] < p[len(p)-1] && p[len(p)-1] < 1
		})
		q.mu.Lock()
		q.messages[0].cancel = true
		q.mu.Unlock()
	}()
	drain(t, q, s)
}

// A job whose lease is lost is no longer computed, and not answered.
func TestALostLeaseStopsTheWork(t *testing.T) {
	t.Parallel()
	for reason, arrange := range map[string]func(*fakeQueue){
		"lease not renewed in time": func(q *fakeQueue) {
			q.life = time.Second
			q.fault = func(call string, after bool) error {
				switch {
				case call == "heartbeat":
					return errConnection
				case call == "lease" && after: // by then another worker has it
					q.messages[0].expires = time.Now().Add(time.Hour)
				}
				return nil
			}
		},
		"stale": func(q *fakeQueue) {
			q.garble = func(call string, v []message.HeldVerdict) []message.HeldVerdict {
				for i := range v {
					v[i].Verdict = message.Stale
				}
				return v
			}
		},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			s := newDataService(t, 5000, 60)
			q := newFakeQueue(t, s.task("slow", slow))
			arrange(q)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			log := newWorkerLog(t)
			go func() {
				log.await("job withdrawn", "job answered")
				stop()
			}()
			if err := workWith(ctx, t, q, s, worker.Config{Log: log.logger()}, ranks{pause: time.Millisecond}); err != nil {
				t.Fatal(err)
			}
			want := []record{{Msg: "job withdrawn", Job: "slow", Of: "request-m0", Reason: reason}}
			if diff := cmp.Diff(log.all("job withdrawn", "job answered"), want); diff != "" {
				t.Errorf("what the log says of the job (-got +want)\n%s", diff)
			}
			if n := len(q.messages[0].ended); n != 0 {
				t.Errorf("the job ended %d times", n)
			}
		})
	}
}

// What the ranks have is finished and answered; what was only leased is returned, and the log says which job that is.
func TestStoppingReturnsWhatHasNotStarted(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 40, 60)
	all := func(spec *job.Spec) { spec.Assets, spec.Model = []string{"*"}, "auto" }
	stops := &stopSeen{fakeQueue: newFakeQueue(t, s.task("computing", all)), stopped: make(chan context.Context, 1)}
	q := stops.fakeQueue
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	rank := &pausedRank{reached: make(chan struct{}), resume: make(chan struct{})}
	go func() {
		<-rank.reached // the first job is with the ranks
		q.enqueue(s.task("leased", all))
		q.await("the second lease", func() bool { return q.messages[1].leases > 0 })
		stop()
		<-(<-stops.stopped).Done()
		close(rank.resume)
	}()
	log := newWorkerLog(t)
	config := worker.Config{Log: log.logger()}
	lead := func(c spmd.Comm) spmd.Comm { rank.Comm = c; return rank }
	if err := workWith(ctx, t, stops, s, config, ranks{lead: lead}); err != nil {
		t.Fatal(err)
	}
	if a := q.answer(0); a.State != job.Done || len(a.Assets) != 40 || q.messages[0].released != 0 {
		t.Errorf("the job with the ranks ended as %s with %d assets and was returned %d times, want done with 40 and 0",
			a.State, len(a.Assets), q.messages[0].released)
	}
	if m := q.messages[1]; m.leases != 1 || m.released != 1 || len(m.ended) != 0 || !m.expires.IsZero() {
		t.Errorf("the job that was only leased: %d leases, returned %d times, ended %d times, leased until %v, want it to wait again",
			m.leases, m.released, len(m.ended), m.expires)
	}
	want := []record{{Msg: "jobs returned", Leases: 1, Jobs: []string{"leased"}}}
	if diff := cmp.Diff(log.all("jobs returned"), want); diff != "" {
		t.Errorf("what the log says was returned (-got +want)\n%s", diff)
	}
}

// stopSeen passes on the context of leasing, which ends when the worker stops.
type stopSeen struct {
	*fakeQueue
	stopped chan context.Context
}

func (q *stopSeen) Lease(ctx context.Context, name string, limit int, wait time.Duration, queues ...string) ([]message.Lease, error) {
	select {
	case q.stopped <- ctx:
	default:
	}
	return q.fakeQueue.Lease(ctx, name, limit, wait, queues...)
}

// pausedRank is rank 0, which pauses when it wakes the others for the first job.
type pausedRank struct {
	spmd.Comm
	reached, resume chan struct{}
	wakes           int
}

func (r *pausedRank) Wake() error {
	if r.wakes++; r.wakes == 1 {
		close(r.reached)
		<-r.resume
	}
	return r.Comm.Wake()
}

// underWay makes a queue with one job of the given number of assets, and a context that ends when the ranks have begun it.
func underWay(t *testing.T, assets int) (*fakeQueue, *dataService, context.Context) {
	s := newDataService(t, assets, 60)
	q := newFakeQueue(t, s.task("slow", slow))
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer stop()
		q.await("progress", func() bool {
			p := q.messages[0].progress
			return len(p) > 0 && p[len(p)-1] > 0
		})
	}()
	return q, s, ctx
}

// A supervisor that asks a worker to stop kills it in the end: a job that takes longer would lose an attempt each time.
func TestJobsThatOutlastTheGraceAreReturned(t *testing.T) {
	t.Parallel()
	q, s, ctx := underWay(t, 5000)
	if err := workWith(ctx, t, q, s, worker.Config{Grace: 20 * time.Millisecond}, ranks{pause: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if m := q.messages[0]; len(m.ended) != 0 || m.released != 1 {
		t.Errorf("ended %d times, returned %d times, want returned", len(m.ended), m.released)
	}
}

// Until also ends a worker that was asked to stop before, as a pilot is two minutes before its end.
func TestUntilHoldsAfterBeingAskedToStop(t *testing.T) {
	t.Parallel()
	q, s, ctx := underWay(t, 2200) // a second of work, by the estimate
	until := time.Now().Add(9 * time.Second)
	if err := workWith(ctx, t, q, s, worker.Config{Until: until}, ranks{pause: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if m := q.messages[0]; len(m.ended) != 0 || m.released != 1 {
		t.Errorf("ended %d times, returned %d times, want returned", len(m.ended), m.released)
	}
}

// silent receives completions and does not answer, as a service that hangs.
type silent struct {
	*fakeQueue
	called func()
}

func (s silent) Complete(ctx context.Context, _ []message.Completion) ([]message.HeldVerdict, error) {
	s.called()
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestASilentQueueDoesNotKeepTheWorkerRunning(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("1", nil))
	begin := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := work(ctx, t, silent{q, stop}, s, worker.Config{}.WithClosing(100*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 20*time.Second { // one call may take 30 s
		t.Errorf("it took %v to end", took)
	}
}

func TestUntilReturnsWhatCannotEndInTime(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 5000, 60)
	q := newFakeQueue(t, s.task("slow", slow))
	if err := work(t.Context(), t, q, s, worker.Config{Until: time.Now().Add(5500 * time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	if m := q.messages[0]; len(m.ended) != 0 || m.released == 0 {
		t.Errorf("ended %d times, returned %d times, want returned", len(m.ended), m.released)
	}
}

func TestAJobThatCannotEndInTimeIsNotLeasedAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 10000, 60) // two and a half seconds at least, by the estimate
	q := newFakeQueue(t, s.task("slow", dear))
	if err := work(t.Context(), t, q, s, worker.Config{Until: time.Now().Add(7 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	if m := q.messages[0]; m.leases > 10 || m.leases != m.released {
		t.Errorf("leased %d times in two seconds, returned %d times, want a few times and always returned", m.leases, m.released)
	}
}

// Jobs that are returned at once must not keep a pilot on its nodes.
func TestJobsThatCannotEndInTimeDoNotKeepAWorkerRunning(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 30000, 60) // eight seconds at least, by the estimate
	for name, config := range map[string]worker.Config{"drain": {Drain: true}, "idle": {IdleTimeout: 10 * time.Millisecond}} {
		q := newFakeQueue(t, s.task("slow", dear))
		config.Until = time.Now().Add(10 * time.Second)
		if err := work(t.Context(), t, q, s, config); err != nil {
			t.Fatal(err)
		}
		if left := time.Until(config.Until); left < 5*time.Second || q.messages[0].released == 0 {
			t.Errorf("%s: it ended %v before Until, want as soon as there was no other job", name, left)
		}
	}
}

func TestAnIdleWorkerEnds(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	begin := time.Now()
	if err := work(t.Context(), t, newFakeQueue(t), s, worker.Config{IdleTimeout: 200 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < 200*time.Millisecond {
		t.Errorf("ended after %v, before its time", took)
	}
}

// twice answers with every lease twice.
type twice struct{ *fakeQueue }

func (q twice) Lease(ctx context.Context, name string, limit int, wait time.Duration, queues ...string) ([]message.Lease, error) {
	leases, err := q.fakeQueue.Lease(ctx, name, limit, wait, queues...)
	return append(leases, leases...), err
}

func TestALeaseThatComesTwiceIsOneJob(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := newFakeQueue(t, s.task("a", nil), s.task("b", nil))
	log := newWorkerLog(t)
	if err := work(t.Context(), t, twice{q}, s, worker.Config{Drain: true, Log: log.logger()}); err != nil {
		t.Fatal(err)
	}
	for i := range q.messages {
		if a := q.answer(i); a.State != job.Done {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
	if all := log.all("job answered", "job withdrawn"); len(all) != 2 || all[0].Msg != all[1].Msg {
		t.Errorf("%+v, want each job answered once", all)
	}
}
