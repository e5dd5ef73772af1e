package store_test

import (
	"context"
	"testing"
	"time"

	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

// hold locks the row of a message until the returned function is called.
func (f *fixture) hold(id message.ID) (release func()) {
	f.t.Helper()
	tx, err := f.pool.Begin(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	if _, err := tx.Exec(f.t.Context(), "SELECT FROM message WHERE id = $1::text::uuid FOR UPDATE", string(id)); err != nil {
		f.t.Fatal(err)
	}
	return func() { _ = tx.Rollback(context.Background()) }
}

// until waits until a query of this schema returns true.
func (f *fixture) until(what, sql string, args ...any) {
	f.t.Helper()
	servetest.Until(f.t, what, func() (is bool) {
		err := f.pool.QueryRow(f.t.Context(), sql, args...).Scan(&is)
		return err == nil && is
	})
}

// A heartbeat waits for a lock for longer than its lease. It renews the lease from then on,
// and not from when it began to wait, and the sweep leaves it alone.
func TestHeartbeatThatWaitedRenewsFromNow(t *testing.T) {
	t.Parallel()
	const lease = 300 * time.Millisecond
	f := open(t, store.Policy{Lease: lease, MaxAttempts: 3})
	f.add(0, 1)
	l := f.claimOne()
	release := f.hold(l.ID)
	type answer struct {
		verdicts []message.HeldVerdict
		err      error
	}
	answered := make(chan answer)
	go func() {
		v, err := f.Heartbeat(context.Background(), []message.Beat{{Held: held(l)}})
		answered <- answer{v, err}
	}()
	f.until("the heartbeat has waited for a whole lease",
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '-- Lock messages%' AND application_name = left('foliocast-' || current_schema(), 63) AND clock_timestamp() > xact_start + make_interval(secs => $1)",
		lease.Seconds())
	now, err := f.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release()
	got := <-answered
	if got.err != nil || got.verdicts[0].Verdict != message.Extended || !got.verdicts[0].ExpiresAt.After(now.Add(lease)) {
		t.Errorf("got %+v, %v; want it extended until after %v", got.verdicts, got.err, now.Add(lease))
	}
	if lost, err := f.Expire(t.Context(), now.Add(lease)); err != nil || len(lost) > 0 {
		t.Errorf("the sweep took the lease: %v, %v", lost, err)
	}
}
