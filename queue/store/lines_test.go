package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"foliocast/queue/message"
	"foliocast/queue/store"
)

// Beside a transaction that is left open the index of waiting messages keeps all that is gone,
// and no claim passes it.
func TestClaimsPassNothingThatIsGone(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	old, err := f.pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Rollback(context.Background())
	if _, err := old.Exec(t.Context(), "SELECT FROM message"); err != nil {
		t.Fatal(err)
	}
	const messages, each = 2000, 20
	f.add(0, messages)
	for n := 0; n < messages; n += each {
		leases := f.claim(each)
		if len(leases) != each || leases[0].Key != fmt.Sprint(n) {
			t.Fatalf("got %v after %d messages", keysOf(leases), n)
		}
		for _, l := range leases {
			f.complete(done(l))
		}
	}
	read := `SELECT idx_scan >= 200 AND idx_tup_read < 20000 FROM pg_stat_user_indexes
		WHERE schemaname = current_schema() AND indexrelname = 'message_line_idx'`
	f.until("the scans of a hundred claims have been counted, and read few entries", read)
}

// Beside a transaction that is left open, uploads and ends pass no versions of the rows that each
// of them writes.
func TestUploadsAndEndsPassNoVersions(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	old, err := f.pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Rollback(context.Background())
	if _, err := old.Exec(t.Context(), "SELECT FROM message"); err != nil {
		t.Fatal(err)
	}
	const calls = 150
	for i := range calls {
		f.add(i, i+1)
		if i%2 == 0 {
			f.complete(done(f.claimOne()))
		} else {
			f.complete(failed(f.claimOne(), false))
		}
	}
	f.until("the scans have been counted, and read few versions", `SELECT sum(idx_scan) >= $1 AND max(idx_tup_read / greatest(idx_scan, 1)) < 4
		AND (SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname IN ('deal', 'feed')) < 5
		FROM pg_stat_user_indexes WHERE schemaname = current_schema() AND relname IN ('deal', 'feed')`, 4*calls)
}

// What comes back, or is changed, is found in its place, however far the lines were passed, and
// by an instance that saw nothing of it.
func TestLinesAreNoCloserThanWhatComesBack(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	another := store.New(f.pool, testPolicy()).Account("worker")
	r := f.add(0, 30)
	if got, err := another.Claim(t.Context(), nil, 1, "w", ""); err != nil || len(got.Leases) != 1 {
		t.Fatal(got, err)
	}
	leases := f.claim(9)
	f.release(leases[3])
	if _, err := f.Cancel(t.Context(), r[12].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Replace(t.Context(), r[20].ID, 1, message.Content{Payload: json.RawMessage(`2`), Priority: 5}); err != nil {
		t.Fatal(err)
	}
	if got := keysOf(f.claim(5)); !slices.Equal(got, []string{"20", "4", "10", "11", "13"}) {
		t.Errorf("got %v", got)
	}
	if _, err := f.Retry(t.Context(), r[12].ID); err != nil {
		t.Fatal(err)
	}
	got, err := another.Claim(t.Context(), nil, 3, "w", "")
	if err != nil || !slices.Equal(keysOf(got.Leases), []string{"12", "14", "15"}) {
		t.Errorf("another instance got %v, %v", keysOf(got.Leases), err)
	}
	f.add(30, 31)
	if got := keysOf(f.claim(100)); len(got) != 14 || got[0] != "16" || got[13] != "30" {
		t.Errorf("got %v", got)
	}
	f.add(31, 33)
	if got, err := another.Claim(t.Context(), nil, 3, "w", ""); err != nil || !slices.Equal(keysOf(got.Leases), []string{"31", "32"}) {
		t.Errorf("another instance got %v, %v", keysOf(got.Leases), err)
	}
}

// Far more owners wait than a claim looks at: each has a turn, also those in a queue that is named and those behind a
// queue that is paused.
func TestMoreLinesThanAClaimLooksAt(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addQueue("small")
	const owners = 2500
	ofAll := func(what string) {
		for from := 0; from < owners; from += 500 {
			var all []message.New
			for i := from; i < from+500; i++ {
				all = append(all, message.New{Key: fmt.Sprint(what, i), Owner: fmt.Sprintf("o%05d", i), Queue: "default", Payload: json.RawMessage(`1`)})
			}
			if _, err := f.Enqueue(t.Context(), all); err != nil {
				t.Fatal(err)
			}
		}
	}
	ofAll("first")
	if _, err := f.Enqueue(t.Context(), []message.New{{Key: "last", Owner: "p", Queue: "small", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for range 6 {
		for _, l := range f.claim(500) {
			seen[l.Owner]++
		}
	}
	if len(seen) != owners+1 {
		t.Errorf("%d owners had a turn in six claims of 500, want all %d", len(seen), owners+1)
	}
	ofAll("second")
	for i := range 3 {
		if _, err := f.Enqueue(t.Context(), []message.New{{Key: fmt.Sprint("more", i), Owner: "p", Queue: "small", Payload: json.RawMessage(`1`)}}); err != nil {
			t.Fatal(err)
		}
	}
	f.claim(1) // sees all of them
	yes := true
	if err := f.ChangeQueue(t.Context(), "default", &yes, nil); err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{nil, {"small"}} {
		if got, err := f.Claim(t.Context(), names, 1, "w", ""); err != nil || len(got) != 1 || got[0].Owner != "p" {
			t.Errorf("from %v: got %v, %v", names, keysOf(got), err)
		}
	}
}
