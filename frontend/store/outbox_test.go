package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func TestEntriesComeInOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	for h := range 4 {
		submit(t, s, v, "", h+1)
	}
	some, err := s.Take(t.Context(), 3, 1<<30, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"enqueue 1", "enqueue 2", "enqueue 3"}, steps(some)); d != "" {
		t.Error(d)
	}
	must(t, "settle", func(ctx context.Context) error { return s.Settle(ctx, some[0]) })
	must(t, "return", func(ctx context.Context) error { return s.Return(ctx, some[1:2], false) })
	if d := cmp.Diff([]string{"enqueue 2", "enqueue 4"}, steps(take(t, s))); d != "" {
		t.Error(d)
	}
	must(t, "return", func(ctx context.Context) error { return s.Return(ctx, some[2:], true) })
	if d := cmp.Diff([]string{"enqueue 3"}, steps(take(t, s))); d != "" {
		t.Error("what the queue did not answer comes again:", d)
	}
	lost, err := s.Take(t.Context(), 10, 1<<30, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"enqueue 2", "enqueue 3", "enqueue 4"}, steps(lost)); d != "" {
		t.Error("what a dead process took comes again:", d)
	}
}

// The entries of one user do not wait for those of another.
func TestOwnersTakeTurnsInTheOutbox(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	for h := range 10 {
		submit(t, s, v, "", h+1)
	}
	if _, err := s.pool.Exec(t.Context(), "UPDATE outbox SET owner = 'other' WHERE id > (SELECT min(id) + 7 FROM outbox)"); err != nil {
		t.Fatal(err)
	}
	some, err := s.Take(t.Context(), 4, 1<<30, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"enqueue 1", "enqueue 2", "enqueue 9", "enqueue 10"}, steps(some)); d != "" {
		t.Error(d)
	}
	var light int64
	if err := s.pool.QueryRow(t.Context(), "SELECT min(bytes) FROM outbox").Scan(&light); err != nil {
		t.Fatal(err)
	}
	if some, err = s.Take(t.Context(), 4, 2*light, 0); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"enqueue 1", "enqueue 9"}, steps(some)); d != "" {
		t.Error("by bytes:", d)
	}
}

// A slow process must not return an entry that another one has sent since: the job
// would be changed here and not at the queue. The entries that the slow process took
// may have been sent, too.
func TestOnlyTheLastTakerReturns(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	j := submit(t, s, v, "", 1)
	slow := take(t, s)
	fast, err := s.Take(t.Context(), 10, 1<<30, 0)
	if err != nil || len(fast) != 1 {
		t.Fatal(fast, err)
	}
	must(t, "return", func(ctx context.Context) error { return s.Return(ctx, slow, false) })
	if replaced, err := s.ReplaceUnsent(t.Context(), Replacement{Job: j.ID, Version: 1, Spec: spec(2), Dataset: v.Dataset}); replaced || err != nil {
		t.Errorf("got %v, %v, want that the queue may know it", replaced, err)
	}
	must(t, "return", func(ctx context.Context) error { return s.Return(ctx, slow, true) })
	if rest := take(t, s); len(rest) > 0 {
		t.Errorf("entries of the other process were taken: %v", steps(rest))
	}
	must(t, "return", func(ctx context.Context) error { return s.Return(ctx, fast, false) })
	if replaced, err := s.ReplaceUnsent(t.Context(), Replacement{Job: j.ID, Version: 1, Spec: spec(2), Dataset: v.Dataset}); replaced || err != nil {
		t.Errorf("got %v, %v: the slow process may have sent it", replaced, err)
	}
}

func TestBatchIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	submit(t, s, v, "", 1)
	submit(t, s, v, "", 2)
	for _, want := range []string{"enqueue 1", "enqueue 2"} {
		one, err := s.Take(t.Context(), 10, 1, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{want}, steps(one)); d != "" {
			t.Error(d)
		}
	}
}

func TestReplaceUnsent(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	j := submit(t, s, v, "", 1)
	replaced, err := s.ReplaceUnsent(t.Context(), Replacement{Job: j.ID, Version: 1, Spec: spec(7), Dataset: v.Dataset})
	if err != nil || !replaced {
		t.Fatal(replaced, err)
	}
	got := read(t, s, j.ID)
	if got.Version != 2 || got.Run != 1 || got.Spec.Horizon != 7 {
		t.Errorf("got version %d, run %d, horizon %d, want 2, 1, 7", got.Version, got.Run, got.Spec.Horizon)
	}
	if _, err = s.ReplaceUnsent(t.Context(), Replacement{Job: j.ID, Version: 1, Spec: spec(8), Dataset: v.Dataset}); !problem.Is(err, problem.Stale) {
		t.Errorf("got %v, want stale", err)
	}
	if d := cmp.Diff([]string{"enqueue 7"}, steps(take(t, s))); d != "" {
		t.Error(d)
	}
	replaced, err = s.ReplaceUnsent(t.Context(), Replacement{Job: j.ID, Version: 2, Spec: spec(9), Dataset: v.Dataset})
	if err != nil || replaced {
		t.Errorf("after it was taken: got %v, %v, want that nothing is replaced", replaced, err)
	}
}

// A taken entry always carries the newest version, whatever raced with it.
func TestTakeAndReplaceNeverLoseAVersion(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	for range 30 {
		j := submit(t, s, v, "", 1)
		var replaced bool
		var taken []OutboxEntry
		var group errgroup.Group
		group.Go(func() (err error) {
			replaced, err = s.ReplaceUnsent(t.Context(), Replacement{Job: j.ID, Version: 1, Spec: spec(2), Dataset: v.Dataset})
			return err
		})
		group.Go(func() (err error) {
			taken, err = s.Take(t.Context(), 10, 1<<30, time.Hour)
			return err
		})
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if len(taken) == 0 {
			taken = take(t, s) // the row was locked at that moment
		}
		want := "enqueue 1"
		if replaced {
			want = "enqueue 2"
		}
		if d := cmp.Diff([]string{want}, steps(taken)); d != "" {
			t.Fatal(d)
		}
	}
}

func TestCancelUnsent(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	for range 2 {
		must(t, "cancel", func(ctx context.Context) error { return s.Cancel(ctx, j.ID) })
	}
	if got := read(t, s, j.ID); got.State != job.Cancelled || got.EndedAt == nil {
		t.Errorf("got %s", got.State)
	}
	if rest := take(t, s); len(rest) > 0 {
		t.Errorf("the queue is still told %v", steps(rest))
	}
}

func TestCancelSent(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	sent := take(t, s)
	for range 2 {
		must(t, "cancel", func(ctx context.Context) error { return s.Cancel(ctx, j.ID) })
	}
	if got := read(t, s, j.ID); got.State != job.Queued || !got.Cancelling {
		t.Errorf("got %s, cancelling %v", got.State, got.Cancelling)
	}
	if early := take(t, s); len(early) > 0 {
		t.Errorf("%v must wait until the message is sent", steps(early))
	}
	must(t, "settle", func(ctx context.Context) error { return s.Settle(ctx, sent...) })
	if d := cmp.Diff([]string{"cancel 1"}, steps(take(t, s))); d != "" {
		t.Error(d)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	if err := s.Retry(t.Context(), j.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("a queued job: got %v, want conflict", err)
	}
	take(t, s) // never settled: the relay is slower than the whole rest
	must(t, "put part", func(ctx context.Context) error { return s.PutPart(ctx, j.ID, 1, 0, []byte(`[]`)) })
	must(t, "end", func(ctx context.Context) error {
		return s.End(ctx, Outcome{Job: j.ID, Run: 1, State: job.Failed, Answer: []byte(`{}`), Parts: 1, Error: &job.Error{Code: "x", Detail: "y"}})
	})
	must(t, "retry", func(ctx context.Context) error { return s.Retry(ctx, j.ID) })
	got := read(t, s, j.ID)
	if got.State != job.Queued || got.Key() != string(j.ID)+"#2" || got.Version != 2 || got.Error != nil || got.EndedAt != nil {
		t.Errorf("got %+v", got)
	}
	if _, found, err := s.Result(t.Context(), j.ID); found || err != nil {
		t.Errorf("the old result is still there: %v, %v", found, err)
	}
	if d := cmp.Diff([]string{"enqueue 1"}, steps(take(t, s))); d != "" {
		t.Error(d)
	}
}

// An entry that is taken with its creation is what Take would have read.
func TestAnEntryThatIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	v, _, err := s.AddVersion(t.Context(), withColumns("aa", "close", further("volume", "02")))
	if err != nil {
		t.Fatal(err)
	}
	other := version("bb")
	other.Name = "rates"
	rates, _, err := s.AddVersion(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	volume := job.Dataset{Name: "prices", Version: 1, Column: "volume", SHA256: strings.Repeat("02", 32), Bytes: 7}
	ctx := audit.With(t.Context(), &audit.Request{Actor: audit.Actor{Subject: "u1", Name: "mia"}, ID: "request-1"})
	ctx = problem.WithTraceparent(ctx, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	n := NewJob{Owner: "mia", Subject: "u1", Spec: spec(3), Dataset: v.Dataset, Rates: &rates.Dataset, X: []job.Dataset{volume}, Newest: true, Idempotency: "k"}
	n.Spec.X = []string{"volume"}
	e, stored, err := s.CreateTaken(ctx, n)
	if err != nil || !stored || e.ID == 0 {
		t.Fatalf("got %+v, %v, %v", e, stored, err)
	}
	if all := take(t, s); len(all) > 0 {
		t.Errorf("%q is taken twice", steps(all))
	}
	must(t, "return", func(ctx context.Context) error { return s.Return(ctx, []OutboxEntry{e}, false) })
	all := take(t, s)
	if len(all) != 1 {
		t.Fatalf("after it was returned: %q", steps(all))
	}
	all[0].taken = e.taken
	if d := cmp.Diff(all[0], e, cmp.AllowUnexported(OutboxEntry{})); d != "" {
		t.Error(d)
	}
	if again, stored, err := s.CreateTaken(ctx, n); again.ID != 0 || again.Job.ID != e.Job.ID || stored || err != nil {
		t.Errorf("a repeat: %+v, %v, %v", again, stored, err)
	}
	n.Idempotency, n.Spec.NotBefore = "", time.Now().Add(time.Hour)
	if later, stored, err := s.CreateTaken(ctx, n); later.ID != 0 || later.Job.WaitingFor != job.WaitsForTime || !stored || err != nil {
		t.Errorf("a job whose time has not come: %+v, %v, %v", later, stored, err)
	}
}
