package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/queue/message"
)

// addFor enqueues n messages of an owner.
func (f *fixture) addFor(owner string, n int) {
	f.t.Helper()
	for from := 0; from < n; from += 1000 {
		var all []message.New
		for i := from; i < min(n, from+1000); i++ {
			all = append(all, message.New{Key: fmt.Sprintf("%s-%d", owner, i), Owner: owner, Payload: json.RawMessage(`1`)})
		}
		if _, err := f.Enqueue(f.t.Context(), all); err != nil {
			f.t.Fatal(err)
		}
	}
}

// owners counts leases by owner.
func owners(leases []message.Lease) map[string]int {
	n := map[string]int{}
	for _, l := range leases {
		n[l.Owner]++
	}
	return n
}

func TestOwnersTakeTurns(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addFor("flood", 3000)
	f.claim(10)
	f.addFor("ann", 1)
	if d := cmp.Diff(owners(f.claim(2)), map[string]int{"ann": 1, "flood": 1}); d != "" {
		t.Errorf("a single message behind a flood (-got +want):\n%s", d)
	}
	f.addFor("bob", 100)
	// The flood has 11 messages leased, and bob none.
	if d := cmp.Diff(owners(f.claim(31)), map[string]int{"bob": 21, "flood": 10}); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(owners(f.claim(100)), map[string]int{"bob": 50, "flood": 50}); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(owners(f.claim(100)), map[string]int{"bob": 29, "flood": 71}); d != "" {
		t.Errorf("with nothing left of bob's: %s", d)
	}
}

// Workers that hold nothing when they ask, and take fewer messages than there are owners:
// those with no leases take turns, however early and urgent the messages of a flood are.
func TestOwnersTakeTurnsOneByOne(t *testing.T) {
	t.Parallel()
	for max, want := range map[int][]string{1: {"ann", "bob", "flood", "zoe", "bob", "flood"}, 2: {"ann bob", "flood zoe", "bob flood", "flood flood"}} {
		t.Run(fmt.Sprint(max), func(t *testing.T) {
			t.Parallel()
			f := open(t, testPolicy())
			var urgent []message.New
			for i := range 50 {
				urgent = append(urgent, message.New{Key: fmt.Sprint("flood", i), Owner: "flood", Priority: 100, Payload: json.RawMessage(`1`)})
			}
			if _, err := f.Enqueue(t.Context(), urgent); err != nil {
				t.Fatal(err)
			}
			f.addFor("bob", 2)
			f.addFor("ann", 1)
			f.addFor("zoe", 1)
			var got []string
			for range want {
				leases := f.claim(max)
				var of []string
				for _, l := range leases {
					of = append(of, l.Owner)
				}
				got = append(got, strings.Join(slices.Sorted(slices.Values(of)), " "))
				for _, l := range leases {
					f.complete(done(l))
				}
			}
			if d := cmp.Diff(got, want); d != "" {
				t.Error(d)
			}
		})
	}
}

// Within the messages of an owner the order is that of priorities and uploads, also over
// several queues.
func TestOrderOfAnOwner(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if _, err := f.AddQueue(t.Context(), message.NewQueue{Name: "second"}, false); err != nil {
		t.Fatal(err)
	}
	var all []message.New
	for i, priority := range []int{0, 5, 0, -5, 5, 0} {
		for _, owner := range []string{"ann", "bob"} {
			all = append(all, message.New{Key: fmt.Sprint(owner, i), Owner: owner, Priority: priority, Payload: json.RawMessage(`1`)})
		}
	}
	if _, err := f.Enqueue(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for range 6 {
		for _, l := range f.claim(2) {
			got[l.Owner] = append(got[l.Owner], l.Key)
		}
	}
	want := map[string][]string{
		"ann": {"ann1", "ann4", "ann0", "ann2", "ann5", "ann3"},
		"bob": {"bob1", "bob4", "bob0", "bob2", "bob5", "bob3"},
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Error(d)
	}
}

func TestWeightsOfOwners(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if err := f.SetShare(t.Context(), "ann", message.Share{Weight: 3}); err != nil {
		t.Fatal(err)
	}
	f.addFor("ann", 100)
	f.addFor("bob", 100)
	if d := cmp.Diff(owners(f.claim(40)), map[string]int{"ann": 30, "bob": 10}); d != "" {
		t.Error(d)
	}
	if err := f.SetShare(t.Context(), "ann", message.Share{Weight: 1}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(owners(f.claim(20)), map[string]int{"bob": 20}); d != "" {
		t.Error(d)
	}
}

// However great a weight is, and however little the workers hold, nobody waits for ever.
func TestAWeightStarvesNobody(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if err := f.SetShare(t.Context(), "ann", message.Share{Weight: 1000}); err != nil {
		t.Fatal(err)
	}
	f.addFor("ann", 20)
	f.addFor("bob", 2)
	got := map[string]int{}
	for range 4 {
		l := f.claimOne()
		got[l.Owner]++
		f.complete(done(l))
	}
	if d := cmp.Diff(got, map[string]int{"ann": 2, "bob": 2}); d != "" {
		t.Error(d)
	}
}

// Claims at the same moment keep to an owner's maximum together, and a look for more work
// does not find what may not be leased.
func TestMaximumOfAnOwner(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if err := f.SetShare(t.Context(), "ann", message.Share{Weight: 1, MaxLeased: 7}); err != nil {
		t.Fatal(err)
	}
	f.addFor("ann", 100)
	var mu sync.Mutex
	var leases []message.Lease
	var claims sync.WaitGroup
	for i := range 8 {
		claims.Go(func() {
			some, err := f.Claim(t.Context(), nil, 5, fmt.Sprint("w", i), "")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			leases = append(leases, some...)
		})
	}
	claims.Wait()
	if len(leases) != 7 {
		t.Errorf("got %d messages leased, want 7", len(leases))
	}
	if got, err := f.Account.Claim(t.Context(), nil, 5, "w", ""); err != nil || got.Ready {
		t.Errorf("got %+v, %v, want nothing that is ready", got, err)
	}
	f.addFor("bob", 1)
	f.complete(done(leases[0]))
	if d := cmp.Diff(owners(f.claim(10)), map[string]int{"ann": 1, "bob": 1}); d != "" {
		t.Error(d)
	}
}

// No owner waits for ever, however many there are.
func TestManyOwners(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	const owners = 2500
	f.exec(`INSERT INTO message (id, key, queue_id, priority, payload, owner)
		SELECT gen_random_uuid(), 'k' || i, q.id, 0, '1', 'owner' || i % $1 FROM generate_series(1, 2 * $1) i, queue q`, owners)
	seen := map[string]int{}
	for range 2 * owners / 100 * 2 {
		for _, l := range f.claim(100) {
			seen[l.Owner]++
			f.complete(done(l))
		}
	}
	if len(seen) != owners {
		t.Errorf("messages of %d owners were leased, want %d", len(seen), owners)
	}
}

func TestOwnersAreListed(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addFor("bob", 3)
	f.addFor("dan", 1)
	f.claim(1)
	for _, name := range []string{"ann", "bob"} {
		if err := f.SetShare(t.Context(), name, message.Share{Weight: 2, MaxLeased: 9}); err != nil {
			t.Fatal(err)
		}
	}
	f.addFor("", 2)
	got, err := f.Owners(t.Context(), nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	own, usual := message.Share{Weight: 2, MaxLeased: 9}, message.Share{Weight: 1}
	want := []message.Owner{
		{Name: "", Share: usual, Waiting: 2},
		{Name: "ann", Share: own},
		{Name: "bob", Share: own, Waiting: 2, Leased: 1},
		{Name: "dan", Share: usual, Waiting: 1},
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("owners (-got +want):\n%s", d)
	}
	for i := range want {
		after := want[i].Name
		page, err := f.Owners(t.Context(), &after, 1)
		if err != nil || !slices.Equal(page, want[i+1:min(i+2, len(want))]) {
			t.Errorf("after %q: got %v, %v", after, page, err)
		}
	}
}

// The place of a message says how many are leased before it.
func TestPlaceInTheLine(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if _, err := f.AddQueue(t.Context(), message.NewQueue{Name: "second"}, false); err != nil {
		t.Fatal(err)
	}
	if err := f.SetShare(t.Context(), "dan", message.Share{Weight: 2}); err != nil {
		t.Fatal(err)
	}
	var all []message.New
	for owner, n := range map[string]int{"ann": 30, "bob": 4, "dan": 20} {
		for i := range n {
			all = append(all, message.New{Key: fmt.Sprint(owner, i), Owner: owner, Priority: i % 2, Payload: json.RawMessage(`1`)})
		}
	}
	receipts, err := f.Enqueue(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	ahead := map[string]int{}
	for _, r := range receipts {
		place, err := f.Place(t.Context(), r.ID)
		if err != nil || place == nil || place.Seconds != nil {
			t.Fatalf("place of %s: got %+v, %v", r.Key, place, err)
		}
		ahead[r.Key] = place.Ahead
	}
	var leases []message.Lease
	for before := range all {
		l := f.claimOne()
		leases = append(leases, l)
		// Whose turn is the first among several with the same number is not foretold.
		if got := ahead[l.Key]; got < before-2 || got > before+2 {
			t.Errorf("%s was placed behind %d messages, and was leased after %d", l.Key, got, before)
		}
	}
	if place, err := f.Place(t.Context(), leases[0].ID); place != nil || err != nil {
		t.Errorf("place of a leased message: got %v, %v", place, err)
	}
	for _, l := range leases[:30] {
		f.complete(done(l))
	}
	f.addFor("eve", 2)
	last, err := f.Find(t.Context(), "eve-1")
	if err != nil {
		t.Fatal(err)
	}
	// 30 messages in a minute.
	if place, err := f.Place(t.Context(), last); err != nil || place.Ahead != 1 || place.Seconds == nil || *place.Seconds != 2 {
		t.Errorf("place behind one message: got %+v, %v", place, err)
	}
}

// The circle of owners is the same for the database and for this process, whatever the
// collation of the database is: that of the tests puts b before C.
func TestOwnersOfAnyCaseTakeTurns(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	for _, owner := range []string{"ann", "Bob", "cat", "Dan"} {
		f.addFor(owner, 30)
	}
	got := map[string]int{}
	for range 20 {
		for _, l := range f.claim(2) {
			got[l.Owner]++
			f.complete(done(l))
		}
	}
	if d := cmp.Diff(got, map[string]int{"ann": 10, "Bob": 10, "cat": 10, "Dan": 10}); d != "" {
		t.Errorf("forty messages of four owners, leased in twos (-got +want):\n%s", d)
	}
}
