package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// die turns the next n messages into dead letters.
func (f *fixture) die(n int) {
	f.t.Helper()
	for range n {
		l := f.claimOne()
		for {
			f.complete(failed(l, true))
			if f.message(l.ID).State == message.Ended {
				break
			}
			l = f.claimOne()
		}
	}
}

func (f *fixture) deadKeys() []string {
	f.t.Helper()
	letters, err := f.Dead(f.t.Context(), 0, 100)
	if err != nil {
		f.t.Fatal(err)
	}
	keys := []string{}
	for _, d := range letters {
		keys = append(keys, d.Key)
	}
	return keys
}

func TestRedriveKeepsTheUploadOrder(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	r := f.add(0, 3)
	f.die(2)
	if d := cmp.Diff(f.deadKeys(), []string{"0", "1"}); d != "" {
		t.Fatal(d)
	}
	n, err := f.Redrive(t.Context(), message.Selection{IDs: []message.ID{r[1].ID, r[2].ID}})
	if err != nil || n != 1 {
		t.Errorf("got %d, %v", n, err)
	}
	if d := cmp.Diff(f.deadKeys(), []string{"0"}); d != "" {
		t.Error(d)
	}
	l := f.claimOne()
	if l.Key != "1" || l.Attempt != 1 || l.Token != 4 {
		t.Errorf("got %+v, want message 1 before 2, with fresh attempts and a greater token", l)
	}
	f.complete(done(l))
	feed := f.feed()
	if len(feed) != 3 || feed[1].Outcome != message.Dead || feed[2].Outcome != message.Completed || feed[1].ID != feed[2].ID {
		t.Errorf("the feed: %+v", feed)
	}
	if r := f.add(1, 2); !r[0].Duplicate {
		t.Error("its key was forgotten")
	}
	if n, err := f.Redrive(t.Context(), message.Selection{All: true}); err != nil || n != 1 {
		t.Errorf("redrive all: got %d, %v", n, err)
	}
}

func TestPurgedLettersKeepTheirKeys(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	r := f.add(0, 2)
	f.die(2)
	if n, err := f.Purge(t.Context(), message.Selection{IDs: []message.ID{r[0].ID}}); err != nil || n != 1 {
		t.Errorf("got %d, %v", n, err)
	}
	if n, err := f.Redrive(t.Context(), message.Selection{All: true}); err != nil || n != 1 {
		t.Errorf("redrive: got %d, %v", n, err)
	}
	if _, err := f.Retry(t.Context(), r[0].ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("retry: got %v", err)
	}
	if got := f.add(0, 1); !got[0].Duplicate || len(f.feed()) != 2 {
		t.Error("its outcome or its key was forgotten")
	}
}

func TestRetryTakesWhatEndedWithoutAResult(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	r := f.add(0, 2)
	leases := f.claim(2)
	f.complete(done(leases[0]))
	f.complete(failed(leases[1], false))
	if _, err := f.Retry(t.Context(), r[0].ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("completed: got %v", err)
	}
	for range 2 {
		d, err := f.Retry(t.Context(), r[1].ID)
		if err != nil || d.State != message.Waiting || d.Attempts != 0 {
			t.Errorf("failed: got %+v, %v", d, err)
		}
	}
	if v := f.complete(done(leases[1])); v != message.Stale {
		t.Errorf("the old lease: got %s", v)
	}
	if v := f.complete(done(f.claimOne())); v != message.Accepted {
		t.Errorf("the new lease: got %s", v)
	}
}

func TestForgetKeepsDeadLettersAndTheYoung(t *testing.T) {
	t.Parallel()
	p := testPolicy()
	p.Retention = 3600e9
	f := open(t, p)
	f.add(0, 4)
	f.die(1)
	for _, l := range f.claim(2) {
		f.complete(done(l))
	}
	f.exec("UPDATE ended SET ended_at = now() - interval '2 hours' WHERE key <> '2'")
	if n, err := f.Forget(t.Context()); err != nil || n != 1 {
		t.Errorf("got %d, %v", n, err)
	}
	var keys []string
	for _, r := range f.feed() {
		keys = append(keys, r.Key)
	}
	if d := cmp.Diff(keys, []string{"0", "2"}); d != "" {
		t.Error(d)
	}
	if r := f.add(1, 2); r[0].Duplicate {
		t.Error("the key of what was forgotten is still known")
	}
}

// A long redrive, or purge, breaks off in its third batch: what it has done stays done, and
// the same call goes on.
func TestManyDeadLettersGoInBatches(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	const letters = 2500
	f.exec(`INSERT INTO ended (position, id, key, seq, priority, payload, revision, attempts, token, by_holder, outcome, error, enqueued_at)
		SELECT i, gen_random_uuid(), i, i, 0, '1', 1, 3, 3, true, 'dead', 'broken', now() FROM generate_series(1, $1::int) AS g (i)`, letters)
	f.exec("UPDATE feed SET last = $1", letters)
	for name, change := range map[string]func(context.Context, message.Selection) (int, error){"redrive": f.Redrive, "purge": f.Purge} {
		f.exec("DELETE FROM message")
		f.exec("UPDATE ended SET payload = '1', redriven = false")
		tx, err := f.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background())
		if _, err := tx.Exec(t.Context(), "SELECT FROM ended WHERE position = $1 FOR UPDATE", letters-1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		broken := make(chan int)
		go func() {
			n, err := change(ctx, message.Selection{All: true})
			if err == nil {
				t.Errorf("%s: it got past a locked letter", name)
			}
			broken <- n
		}()
		f.until("it waits for the locked letter", "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = left('foliocast-' || current_schema(), 63)")
		cancel()
		if n := <-broken; n != 2000 {
			t.Errorf("%s: %d were changed before it broke off, want two batches", name, n)
		}
		_ = tx.Rollback(context.Background())
		if n, err := change(t.Context(), message.Selection{All: true}); err != nil || n != 500 {
			t.Errorf("%s again: got %d, %v", name, n, err)
		}
		waiting := map[string]int{"redrive": letters, "purge": 0}[name]
		if _, keys := f.waiting(); len(keys) != waiting || len(f.deadKeys()) != 0 {
			t.Errorf("%s: %d messages wait, and %d letters are dead", name, len(keys), len(f.deadKeys()))
		}
	}
}

func TestRedriveAndPurgeByFilter(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 12)
	f.die(12) // their keys are 0 to 11
	for i, text := range []string{"No space left", "out of memory", "no SPACE left: /data"} {
		// Each third died an hour before the next, of another error.
		f.exec("UPDATE ended SET error = $1, ended_at = timestamptz '2026-01-01 10:00+00' + make_interval(hours => $2) WHERE key::integer % 3 = $2", text, i)
	}
	at := func(hour int) time.Time { return time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC) }
	purge := func(filter message.Filter, want int) {
		t.Helper()
		if n, err := f.Purge(t.Context(), message.Selection{Filter: &filter}); err != nil || n != want {
			t.Errorf("purge %+v: got %d, %v, want %d", filter, n, err, want)
		}
	}
	redrive := func(filter message.Filter, want int) {
		t.Helper()
		if n, err := f.Redrive(t.Context(), message.Selection{Filter: &filter}); err != nil || n != want {
			t.Errorf("redrive %+v: got %d, %v, want %d", filter, n, err, want)
		}
	}
	redrive(message.Filter{ErrorContains: "a%"}, 0)
	redrive(message.Filter{ErrorContains: "no space", Limit: 1}, 1)
	if d := cmp.Diff(f.deadKeys(), []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}); d != "" {
		t.Error(d)
	}
	redrive(message.Filter{ErrorContains: "no space", DiedBefore: at(12)}, 3) // 3, 6 and 9, not 2, 5, 8 and 11, which died at 12
	purge(message.Filter{DiedAfter: at(12), KeyPrefix: "1"}, 1)               // 11, not 1 and 10
	purge(message.Filter{DiedAfter: at(11), DiedBefore: at(12)}, 4)           // 1, 4, 7 and 10
	if d := cmp.Diff(f.deadKeys(), []string{"2", "5", "8"}); d != "" {
		t.Error(d)
	}
}
