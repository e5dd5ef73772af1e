package worker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/mpicalc/spmd"
	"foliocast/mpicalc/worker"
	"foliocast/queue/message"
)

// slow is a job that takes far longer than any test waits.
func slow(spec *job.Spec) {
	spec.Assets, spec.Model, spec.Horizon = []string{"*"}, "auto", 1
}

func TestACancelledJobStops(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 5000, 60)
	d := newDesk(t, s.task("slow", slow))
	d.life = 1500 * time.Millisecond
	go func() {
		d.await("a heartbeat with progress", func() bool {
			p := d.letters[0].progress
			return len(p) > 0 && p[len(p)-1] > 0
		})
		d.mu.Lock()
		d.letters[0].cancel = true
		d.mu.Unlock()
	}()
	drain(t, d, s)
	l := d.letters[0]
	if len(l.ended) != 1 || !strings.Contains(l.ended[0].Error, "cancelled") || l.progress[len(l.progress)-1] >= 1 {
		t.Errorf("ended with %+v after progress %v, want an error before the end", l.ended, l.progress)
	}
}

// A lease of five minutes needs no beat while the job runs.
func TestALongJobTellsItsProgress(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 5000, 60)
	d := newDesk(t, s.task("slow", slow))
	d.life = 5 * time.Minute
	go func() {
		d.await("progress twice", func() bool {
			p := d.letters[0].progress
			return len(p) > 1 && 0 < p[len(p)-2] && p[len(p)-2] < p[len(p)-1] && p[len(p)-1] < 1
		})
		d.mu.Lock()
		d.letters[0].cancel = true
		d.mu.Unlock()
	}()
	drain(t, d, s)
}

func TestALeaseThatCannotBeRenewedStopsTheWork(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 5000, 60)
	d := newDesk(t, s.task("slow", slow))
	d.life = time.Second
	d.trouble = func(call string, _ bool) error {
		if call == "heartbeat" {
			return errWire
		}
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		// The same worker gets it again once it has lost it, and loses it again.
		d.await("a second lease", func() bool { return d.letters[0].leases >= 2 })
		d.mu.Lock()
		d.letters[0].ended = []message.Completion{{Error: "the test is over"}}
		d.mu.Unlock()
		stop()
	}()
	if err := work(ctx, t, d, s, worker.Config{}); err != nil {
		t.Fatal(err)
	}
	if n := len(d.letters[0].ended); n != 1 {
		t.Errorf("the job ended %d times", n)
	}
}

func TestStoppingGivesBackWhatIsNotBegun(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 500, 60)
	d := newDesk(t, s.task("under way", slow), s.task("ahead", slow))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	d.trouble = func(call string, after bool) error {
		if call == "lease" && after {
			stop()
		}
		return nil
	}
	if err := work(ctx, t, d, s, worker.Config{}); err != nil {
		t.Fatal(err)
	}
	for i, l := range d.letters {
		// What was begun before the stop is finished, the rest is given back.
		if len(l.ended)+l.released != 1 {
			t.Errorf("letter %d ended %d times and was given back %d times, want one of both", i, len(l.ended), l.released)
		}
	}
}

// underWay is a desk with a job of so many assets, and a context that ends when the ranks are at it.
func underWay(t *testing.T, assets int) (*desk, *shelf, context.Context) {
	s := newShelf(t, assets, 60)
	d := newDesk(t, s.task("slow", slow))
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer stop()
		d.await("progress", func() bool {
			p := d.letters[0].progress
			return len(p) > 0 && p[len(p)-1] > 0
		})
	}()
	return d, s, ctx
}

// Whoever asks waits some time, and then kills: a job that takes longer would lose an attempt each time.
func TestWhatDoesNotEndInTheGraceIsGivenBack(t *testing.T) {
	t.Parallel()
	d, s, ctx := underWay(t, 5000)
	slowly := func(c spmd.Comm) spmd.Comm { return slowRank{c, 200 * time.Millisecond} }
	if err := workOver(ctx, t, d, s, worker.Config{Grace: 20 * time.Millisecond}, slowly); err != nil {
		t.Fatal(err)
	}
	if l := d.letters[0]; len(l.ended) != 0 || l.released != 1 {
		t.Errorf("ended %d times, given back %d times, want given back", len(l.ended), l.released)
	}
}

// Who was asked to stop before, as a pilot is two minutes before its end, still has an end.
func TestUntilHoldsAfterBeingAskedToStop(t *testing.T) {
	t.Parallel()
	d, s, ctx := underWay(t, 2200) // a second of work, for what the worker knows
	until := time.Now().Add(9 * time.Second)
	slowly := func(c spmd.Comm) spmd.Comm { return slowRank{c, time.Second} }
	if err := workOver(ctx, t, d, s, worker.Config{Until: until}, slowly); err != nil {
		t.Fatal(err)
	}
	if l := d.letters[0]; len(l.ended) != 0 || l.released != 1 {
		t.Errorf("ended %d times, given back %d times, want given back", len(l.ended), l.released)
	}
}

// slowRank takes far longer for a chunk than is expected of it.
type slowRank struct {
	spmd.Comm
	pause time.Duration // twice a chunk
}

func (s slowRank) Gatherv(send, recv []byte, counts []int) error {
	time.Sleep(s.pause)
	return s.Comm.Gatherv(send, recv, counts)
}

// silent takes completions and does not answer, as a service that stands still.
type silent struct {
	*desk
	called func()
}

func (s silent) Complete(ctx context.Context, _ []message.Completion) ([]message.HeldVerdict, error) {
	s.called()
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestASilentQueueDoesNotKeepTheWorkerFromItsEnd(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 30)
	d := newDesk(t, s.task("1", nil))
	begin := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := work(ctx, t, silent{d, stop}, s, worker.Config{}.WithClosing(100*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 20*time.Second { // one call may take 30 s
		t.Errorf("it took %v to end", took)
	}
}

func TestUntilGivesBackWhatCannotEndInTime(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 5000, 60)
	d := newDesk(t, s.task("slow", slow))
	if err := work(t.Context(), t, d, s, worker.Config{Until: time.Now().Add(5500 * time.Millisecond)}); err != nil {
		t.Fatal(err)
	}
	if l := d.letters[0]; len(l.ended) != 0 || l.released == 0 {
		t.Errorf("ended %d times, given back %d times, want given back", len(l.ended), l.released)
	}
}

func TestAJobThatCannotEndInTimeIsNotAskedForAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 10000, 60) // three seconds of work for two threads
	d := newDesk(t, s.task("slow", slow))
	if err := work(t.Context(), t, d, s, worker.Config{Until: time.Now().Add(7 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	if l := d.letters[0]; l.leases > 10 || l.leases != l.released {
		t.Errorf("leased %d times in two seconds, given back %d times, want some times and always back", l.leases, l.released)
	}
}

// What is given back at once is no work: a pilot must not keep its nodes for it.
func TestJobsThatCannotEndInTimeKeepNoWorkerUp(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 20000, 60) // six seconds
	for name, config := range map[string]worker.Config{"drain": {Drain: true}, "idle": {IdleTimeout: 10 * time.Millisecond}} {
		d := newDesk(t, s.task("slow", slow))
		config.Until = time.Now().Add(10 * time.Second)
		if err := work(t.Context(), t, d, s, config); err != nil {
			t.Fatal(err)
		}
		if left := time.Until(config.Until); left < 5*time.Second || d.letters[0].released == 0 {
			t.Errorf("%s: it ended %v before its time, want as soon as nothing else was there", name, left)
		}
	}
}

func TestAnIdleWorkerEnds(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 30)
	begin := time.Now()
	if err := work(t.Context(), t, newDesk(t), s, worker.Config{IdleTimeout: 200 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < 200*time.Millisecond {
		t.Errorf("ended after %v, before its time", took)
	}
}

// twice gives every lease twice in one answer, and again in the next.
type twice struct {
	*desk
	last []message.Lease
}

func (d *twice) Lease(ctx context.Context, name string, most int, wait time.Duration, queues ...string) ([]message.Lease, error) {
	leases, err := d.desk.Lease(ctx, name, most, wait, queues...)
	all := append(append(leases, leases...), d.last...)
	d.last = leases
	return all, err
}

func TestALeaseThatComesTwiceIsOneJob(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 2, 30)
	d := newDesk(t, s.task("a", nil), s.task("b", nil))
	drain(t, &twice{desk: d}, s)
	for i := range d.letters {
		if a := d.answer(i); a.State != job.Done {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
}
