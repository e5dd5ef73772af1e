package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// depths reads how many messages each queue has.
func (f *fixture) depths() map[string][2]int {
	f.t.Helper()
	queues, err := f.Queues(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	all := map[string][2]int{}
	for _, q := range queues {
		all[q.Name] = [2]int{q.Waiting, q.Leased}
	}
	return all
}

func (f *fixture) fold() {
	f.t.Helper()
	if _, err := f.Fold(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) wantDepth(when string, waiting, leased int) {
	f.t.Helper()
	if d := cmp.Diff(map[string][2]int{"default": {waiting, leased}}, f.depths()); d != "" {
		f.t.Errorf("%s: %s", when, d)
	}
}

// What a transaction under way has changed is neither seen before it commits nor lost when it
// does so after a fold, nor counted twice.
func TestFoldKeepsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "INSERT INTO depth_change (queue_id, messages) SELECT id, 5 FROM queue"); err != nil {
		t.Fatal(err)
	}
	f.add(3, 10) // by a later transaction
	f.fold()
	f.wantDepth("before it commits", 10, 0)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"after it", "after a fold", "after another fold"} {
		f.wantDepth(when, 15, 0)
		f.fold()
	}
	servetest.Until(t, "nothing is left to fold", func() (none bool) { // transactions of other tests may be under way
		f.fold()
		if err := f.pool.QueryRow(t.Context(), "SELECT NOT EXISTS (SELECT FROM depth_change)").Scan(&none); err != nil {
			t.Fatal(err)
		}
		return none
	})
	f.wantDepth("in the end", 15, 0)
}

// A copy of the database counts its transactions anew.
func TestFoldInACopy(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	f.fold()
	f.exec("UPDATE fold SET upto = '1000000000000'")
	f.exec("INSERT INTO depth_change (xid, queue_id, messages) SELECT '999999999999', id, 1 FROM queue")
	f.add(3, 5)
	for range 2 {
		f.wantDepth("in the copy", 6, 0)
		f.fold()
	}
	f.add(5, 6)
	f.wantDepth("in the copy", 7, 0)
}

// What an instance of the version before has done is counted when all messages are.
func TestCountCorrects(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	f.fold()
	f.add(3, 5)
	f.fill(10)
	f.exec("DELETE FROM message WHERE key = '0'")
	if n, err := f.Count(t.Context()); err != nil || n != 0 {
		t.Fatalf("it counts too soon: %d, %v", n, err)
	}
	f.exec("UPDATE fold SET counted_at = now() - interval '1 hour'")
	if due, err := f.Fold(t.Context()); err != nil || !due {
		t.Errorf("a fold says that it is time to count: %v, %v", due, err)
	}
	for _, want := range []int{1, 0} {
		f.exec("UPDATE fold SET counted_at = now() - interval '1 hour'")
		if n, err := f.Count(t.Context()); err != nil || n != want {
			t.Errorf("corrected %d queues, %v, want %d", n, err, want)
		}
		f.wantDepth("after the count", 14, 0)
		f.claim(4)
		f.wantDepth("after a claim", 10, 4)
		f.exec("UPDATE message SET leased_until = NULL, worker = NULL")
	}
}

// The oldest message is found whatever its owner and its priority.
func TestOldestAge(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	var all []message.New
	for i := range 24 {
		all = append(all, message.New{Key: fmt.Sprint(i), Owner: string(rune('c' - i%3)), Priority: i % 4, Payload: json.RawMessage(`1`)})
	}
	receipts, err := f.Enqueue(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	f.exec("UPDATE message SET enqueued_at = now() - make_interval(hours => 100 - key::integer)")
	for gone := range 24 {
		queues, err := f.Queues(t.Context())
		if want := float64(100-gone) * 3600; err != nil || queues[0].OldestAge < want || queues[0].OldestAge > want+60 {
			t.Errorf("without the %d oldest: got %v s, %v, want %v s", gone, queues[0].OldestAge, err, want)
		}
		if _, err := f.Cancel(t.Context(), receipts[gone].ID); err != nil {
			t.Fatal(err)
		}
	}
	f.wantDepth("in the end", 0, 0)
}

// Listing the queues reads no more before many messages than before few.
func TestQueuesReadNoMoreBeforeMany(t *testing.T) {
	t.Parallel()
	n, _ := deep(t)
	f := open(t, testPolicy())
	list, err := os.ReadFile("queries/list_queues.sql")
	if err != nil {
		t.Fatal(err)
	}
	byIndex, err := os.ReadFile("queries/plan_by_index.sql")
	if err != nil {
		t.Fatal(err)
	}
	pages := func() int {
		tx, err := f.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background())
		if _, err := tx.Exec(t.Context(), string(byIndex)); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.Query(t.Context(), "EXPLAIN (ANALYZE, BUFFERS) "+string(list))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`Buffers: shared hit=(\d+)(?: read=(\d+))?`).FindStringSubmatch(strings.Join(lines, "\n")) // the first is that of all
		if found == nil {
			t.Fatalf("the plan is\n%s", strings.Join(lines, "\n"))
		}
		hit, _ := strconv.Atoi(found[1])
		read, _ := strconv.Atoi(found[2])
		return hit + read
	}
	f.fill(100)
	f.claim(50)
	few := pages()
	f.fill(n)
	if many := pages(); many > few+50 {
		t.Errorf("%d pages before %d messages, and %d before 100", many, n, few)
	}
}
