package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/queue/message"
	"foliocast/queue/store"
)

// waiting returns the queues and keys of the waiting messages, in upload order.
func (f *fixture) waiting() (queues, keys []string) {
	f.t.Helper()
	rows, err := f.pool.Query(context.Background(),
		"SELECT q.name, m.key FROM message m JOIN queue q ON q.id = m.queue_id WHERE m.leased_until IS NULL ORDER BY m.seq")
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var q, k string
		if err := rows.Scan(&q, &k); err != nil {
			f.t.Fatal(err)
		}
		queues, keys = append(queues, q), append(keys, k)
	}
	if rows.Err() != nil {
		f.t.Fatal(rows.Err())
	}
	return queues, keys
}

// dealt returns where n messages are dealt: message i to queue i mod their number.
func dealt(n int, queues ...string) []string {
	var all []string
	for i := range n {
		all = append(all, queues[i%len(queues)])
	}
	return all
}

func (f *fixture) addQueue(name string) message.Dealing {
	f.t.Helper()
	d, err := f.AddQueue(f.t.Context(), message.NewQueue{Name: name}, false)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func TestAddingAQueueDealsInUploadOrder(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addQueue("b")
	f.add(0, 500)
	f.add(500, 1000)
	queues, _ := f.waiting()
	if d := cmp.Diff(queues, dealt(1000, "default", "b")); d != "" {
		t.Fatal(d)
	}
	d := f.addQueue("c")
	queues, keys := f.waiting()
	if d := cmp.Diff(queues, dealt(1000, "default", "b", "c")); d != "" {
		t.Error(d)
	}
	for i, k := range keys {
		if k != fmt.Sprint(i) {
			t.Fatalf("message %d of the upload order has key %s: the order has changed", i, k)
		}
	}
	// Message i stays when i mod 2 = i mod 3: for i mod 6 in {0, 1}, which are
	// 334 of the numbers 0 to 999.
	if d.Dealt != 1000 || d.Moved != 1000-334 {
		t.Errorf("dealt %d, moved %d", d.Dealt, d.Moved)
	}
	for name, first := range map[string]string{"default": "0", "b": "1", "c": "2"} {
		l := f.claim(2, name)
		if l[0].Key != first || l[0].Queue != name {
			t.Errorf("queue %s begins with message %s of queue %s", name, l[0].Key, l[0].Queue)
		}
	}
}

// Producers upload while queues are added and removed, and two dealers take steps and are
// killed. In the end message i of the upload order is in queue i mod n, and each producer's
// messages are in its own order.
func TestDealingDuringConcurrentUploads(t *testing.T) {
	t.Parallel()
	f := openStepping(t, 2)
	rapid.Check(t, func(t *rapid.T) {
		f.begin()
		uploads := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(1, 7), 1, 4), 1, 3).Draw(t, "batches by uploader")
		changes := rapid.SliceOfN(rapid.Bool(), 1, 3).Draw(t, "true adds, false removes")
		dealers := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 20), 0, 3), 2, 2).Draw(t, "lives by dealer, in ms")
		var wg sync.WaitGroup
		total := 0
		for u, batches := range uploads {
			for _, n := range batches {
				total += n
			}
			wg.Go(func() { f.upload(t, u, batches) })
		}
		for _, lives := range dealers {
			wg.Go(func() { f.dealAndDie(t, lives) })
		}
		names := []string{"default"}
		for i, add := range changes {
			var err error
			if add || len(names) == 1 {
				names = append(names, fmt.Sprint("q", i))
				_, err = f.AddQueue(context.Background(), message.NewQueue{Name: names[len(names)-1]}, false)
			} else {
				_, err = f.RemoveQueue(context.Background(), names[0], false)
				names = names[1:]
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		wg.Wait()
		f.endDealing()
		queues, keys := f.waiting()
		if d := cmp.Diff(queues, dealt(total, names...)); d != "" {
			t.Fatal(d)
		}
		next := make([]int, len(uploads))
		for _, k := range keys {
			var u, n int
			fmt.Sscanf(k, "%d.%d", &u, &n)
			if n != next[u] {
				t.Fatalf("uploader %d: message %d comes where %d should", u, n, next[u])
			}
			next[u]++
		}
	})
}

// upload sends batches of messages with the keys u.0, u.1, …
func (f *fixture) upload(t *rapid.T, u int, batches []int) {
	n := 0
	for _, size := range batches {
		var all []message.New
		for range size {
			all = append(all, message.New{Key: fmt.Sprintf("%d.%d", u, n), Payload: json.RawMessage(`1`)})
			n++
		}
		if _, err := f.Enqueue(context.Background(), all); err != nil {
			t.Error(err)
		}
	}
}

func TestLeasedMessagesStayWhenTheirQueueIsRemoved(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addQueue("b")
	f.add(0, 6)
	leases := f.claim(4, "b")
	if d := cmp.Diff(keysOf(leases), []string{"1", "3", "5"}); d != "" {
		t.Fatal(d)
	}
	if d, err := f.RemoveQueue(t.Context(), "b", false); err != nil || d.Moved != 0 || d.Dealt != 3 {
		t.Errorf("got %+v, %v", d, err)
	}
	if got := f.message(leases[0].ID).Queue; got != "b" {
		t.Errorf("the leased message went to %q", got)
	}
	if v := f.complete(done(leases[0])); v != message.Accepted {
		t.Errorf("its completion: %s", v)
	}
	f.release(leases[1])
	f.expireAll()
	queues, keys := f.waiting()
	if d := cmp.Diff(queues, dealt(5, "default")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(keys, []string{"0", "2", "3", "4", "5"}); d != "" {
		t.Error(d)
	}
	f.addQueue("b") // the name is free again
	f.addQueue("c")
	var removed int
	if err := f.pool.QueryRow(t.Context(), "SELECT count(*) FROM queue WHERE removed").Scan(&removed); err != nil || removed != 0 {
		t.Errorf("%d removed queues are kept needlessly, %v", removed, err)
	}
}

func TestDryRunChangesNothingAndReportsTheMoves(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 10)
	before, err := f.Queues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dry, err := f.AddQueue(t.Context(), message.NewQueue{Name: "b"}, true)
	if err != nil {
		t.Fatal(err)
	}
	after, err := f.Queues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before[0].OldestAge, after[0].OldestAge = 0, 0
	if d := cmp.Diff(after, before); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(dry, message.Dealing{Dealt: 10, Moved: 5, Moves: []message.Move{{From: "default", To: "b", Messages: 5}}}); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(f.addQueue("b"), dry); d != "" {
		t.Error(d)
	}
}

func TestPausedQueueKeepsItsMessages(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addQueue("b")
	f.add(0, 4)
	yes := true
	if err := f.ChangeQueue(t.Context(), "b", &yes, nil); err != nil {
		t.Fatal(err)
	}
	f.add(4, 6)
	queues, _ := f.waiting()
	want := []string{"default", "b", "default", "b", "default", "default"}
	if d := cmp.Diff(queues, want); d != "" {
		t.Error(d)
	}
	f.addQueue("c")
	queues, _ = f.waiting()
	want = []string{"default", "b", "c", "b", "default", "c"}
	if d := cmp.Diff(queues, want); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(keysOf(f.claim(10)), []string{"0", "2", "4", "5"}); d != "" {
		t.Error(d)
	}
	for _, q := range []string{"default", "c"} {
		if err := f.ChangeQueue(t.Context(), q, &yes, nil); err != nil {
			t.Fatal(err)
		}
	}
	if r := f.add(6, 8); r[0].Queue == "" || r[0].Queue == r[1].Queue {
		t.Errorf("all queues are paused: got %+v", r)
	}
}

func TestFullQueueRefusesTheWholeBatch(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	limit := 3
	if err := f.ChangeQueue(t.Context(), "default", nil, &limit); err != nil {
		t.Fatal(err)
	}
	f.add(0, 2)
	_, err := f.Enqueue(t.Context(), []message.New{
		{Key: "1", Payload: json.RawMessage(`1`)}, // known: takes no room
		{Key: "x", Payload: json.RawMessage(`1`)},
		{Key: "y", Payload: json.RawMessage(`1`)},
	})
	full, ok := errors.AsType[*store.ItemsError](err)
	if !ok || full.Reason != store.ErrQueueFull || len(full.Items) != 1 || full.Items[0].Index != 2 {
		t.Errorf("got %v, want that item 2 does not fit", err)
	}
	if _, keys := f.waiting(); !slices.Equal(keys, []string{"0", "1"}) {
		t.Errorf("the refused batch left %v", keys)
	}
	f.claim(1)
	if r := f.add(2, 4); r[0].Duplicate || r[1].Duplicate {
		t.Errorf("leased messages take room: %+v", r)
	}
}

// Many upload at once to a queue with a limit: as many messages get in as fit.
func TestUploadsTogetherKeepToALimit(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	limit := 30
	if err := f.ChangeQueue(t.Context(), "default", nil, &limit); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var in atomic.Int64
	for u := range 8 {
		wg.Go(func() {
			for i := range 10 {
				_, err := f.Enqueue(t.Context(), []message.New{{Key: fmt.Sprint(u, ".", i), Payload: json.RawMessage(`1`)}})
				if err == nil {
					in.Add(1)
				} else if !errors.Is(err, store.ErrQueueFull) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if _, keys := f.waiting(); in.Load() != int64(limit) || len(keys) != limit {
		t.Errorf("%d uploads were accepted, and %d messages wait; the queue takes %d", in.Load(), len(keys), limit)
	}
}

func TestQueuesCountTheirMessages(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	f.claim(1)
	f.exec("UPDATE message SET enqueued_at = now() - interval '1 hour' WHERE leased_until IS NULL")
	q, err := f.Queues(t.Context())
	if err != nil || len(q) != 1 {
		t.Fatalf("got %+v, %v", q, err)
	}
	if q[0].Name != "default" || q[0].Waiting != 2 || q[0].Leased != 1 || q[0].OldestAge < 3600 || q[0].OldestAge > 3700 {
		t.Errorf("got %+v", q[0])
	}
}
