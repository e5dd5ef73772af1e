package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"foliocast/queue/message"
)

// A completion waits for another transaction that ends messages, and takes the positions after
// its: none is given twice or left out.
func TestCompletionsFollowEachOtherInTheFeed(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 5)
	leases := f.claim(5)
	f.complete(done(leases[0]))
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "UPDATE feed SET last = last + 1"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := f.Complete(context.Background(), []message.Completion{done(leases[3]), done(leases[1]), done(leases[2])})
		ended <- err
	}()
	f.until("the completion waits", "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '-- Complete messages%' AND application_name = left('foliocast-' || current_schema(), 63)")
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	f.complete(done(leases[4]))
	var got []string
	for _, r := range f.feed() {
		got = append(got, fmt.Sprint(r.Position, " ", r.Key))
	}
	if want := []string{"1 0", "3 3", "4 1", "5 2", "6 4"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// One call may have everything that a lease can end with, and what has nothing to do with any.
func TestCompletionsOfEveryKindInOneCall(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 6)
	old := f.claim(1)[0]
	f.expireAll()
	leases := f.claim(6)
	slices.SortFunc(leases, func(a, b message.Lease) int { return int(a.Key[0]) - int(b.Key[0]) })
	f.complete(done(leases[1]))
	another := f.Store.Account("another")
	if v, err := another.Complete(t.Context(), []message.Completion{done(leases[2])}); err != nil || v[0].Verdict != message.Stale {
		t.Errorf("another account: %v, %v", v, err)
	}
	wrong := done(leases[3])
	wrong.Token++
	verdicts, err := f.Complete(t.Context(), []message.Completion{done(old), done(leases[0]), done(leases[1]), failed(leases[2], false), wrong,
		{Held: held(leases[4]), Result: json.RawMessage(`"four"`)}})
	var got []message.Verdict
	for _, v := range verdicts {
		got = append(got, v.Verdict)
	}
	want := []message.Verdict{message.Stale, message.Accepted, message.Accepted, message.Accepted, message.Stale, message.Accepted}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	// Without the error, all that can end does so at once, and the rest gets its verdict.
	verdicts, err = f.Complete(t.Context(), []message.Completion{done(old), done(leases[3]), done(leases[0]), done(leases[5])})
	if err != nil || verdicts[0].Verdict != message.Stale || verdicts[1].Verdict != message.Accepted || verdicts[2].Verdict != message.Accepted || verdicts[3].Verdict != message.Accepted {
		t.Errorf("got %v, %v", verdicts, err)
	}
	outcomes := map[string]message.Outcome{}
	for _, r := range f.feed() {
		outcomes[r.Key] = r.Outcome
	}
	if len(outcomes) != 6 || outcomes["2"] != message.Failed || outcomes["4"] != message.Completed {
		t.Errorf("the feed has %v", outcomes)
	}
}
