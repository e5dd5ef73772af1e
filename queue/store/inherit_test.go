package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/queue/message"
)

// lease leases messages to a worker of this name.
func (f *fixture) lease(worker string, max int) []message.Lease {
	f.t.Helper()
	leases, err := f.Claim(f.t.Context(), nil, max, worker, "")
	if err != nil {
		f.t.Fatal(err)
	}
	return leases
}

// inherit returns how many leases the predecessors of a worker had.
func (f *fixture) inherit(worker string) int {
	f.t.Helper()
	lost, err := f.Inherit(f.t.Context(), worker)
	if err != nil {
		f.t.Fatal(err)
	}
	return len(lost)
}

func TestInheritTakesThePredecessorsLeases(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 4)
	f.lease("a#1", 1)
	f.lease("a#2", 1)
	if n := f.inherit("a#3"); n != 2 {
		t.Errorf("took %d leases, want both predecessors'", n)
	}
	if d := cmp.Diff(keysOf(f.lease("a#3", 9)), []string{"0", "1", "2", "3"}); d != "" {
		t.Error(d)
	}
	if n := f.inherit("a#3"); n != 0 {
		t.Errorf("took %d leases of its own", n)
	}
}

// A worker inherits nothing from another lineage, even one whose name has the same
// prefix, from its successors, or from a worker without a lineage.
func TestOnlyPredecessorsAreInherited(t *testing.T) {
	t.Parallel()
	for holder, heir := range map[string]string{"b#1": "a#2", "ab#1": "a#2", "a#2": "a#1", "a#1": "a#1", "a": "a#1", "a#0": "a", "a%#1": "a_#2"} {
		f := open(t, testPolicy())
		f.add(0, 1)
		f.lease(holder, 1)
		if n := f.inherit(heir); n != 0 {
			t.Errorf("%s inherited %d leases of %s", heir, n, holder)
		}
	}
}

// A predecessor may still be alive: nothing that it does can harm its heir, and its
// answer counts as long as the message is not leased again.
func TestPredecessorThatIsAliveIsStale(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 2)
	old := f.lease("a#1", 2)
	f.inherit("a#2")
	if v := f.complete(done(old[0])); v != message.Accepted {
		t.Errorf("an answer before the heir leased: got %s", v)
	}
	again := f.lease("a#2", 2)
	if len(again) != 1 || again[0].Attempt != 2 || again[0].Token <= old[1].Token {
		t.Fatalf("the heir got %+v", again)
	}
	beat, err := f.Heartbeat(t.Context(), []message.Beat{{Held: held(old[1])}})
	if err != nil || beat[0].Verdict != message.Stale {
		t.Errorf("heartbeat: got %v, %v", beat, err)
	}
	if v := f.complete(done(old[1])); v != message.Stale {
		t.Errorf("an answer after the heir leased: got %s", v)
	}
	if v := f.complete(done(again[0])); v != message.Accepted || len(f.feed()) != 2 {
		t.Errorf("the heir's answer: got %s, and %d results", v, len(f.feed()))
	}
}

// Worlds may die one after another through no fault of a message. A message whose
// next attempt would be its last waits for its lease to expire.
func TestLastAttemptIsNotInherited(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	f.lease("a#1", 1)
	f.inherit("a#2")
	second := f.lease("a#2", 1)
	if n := f.inherit("a#3"); n != 0 || second[0].Attempt != 2 {
		t.Fatalf("attempt %d was inherited", second[0].Attempt)
	}
	f.expireAll()
	third := f.lease("a#3", 1)
	if n := f.inherit("a#4"); n != 0 || third[0].Attempt != 3 {
		t.Fatalf("attempt %d was inherited", third[0].Attempt)
	}
	f.expireAll()
	if got := f.feed(); len(got) != 1 || got[0].Outcome != message.Dead || got[0].Attempts != 3 {
		t.Errorf("got %+v, want it dead after three workers", got)
	}
}

func TestCancelledMessageEndsWithItsWorker(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	l := f.lease("a#1", 1)[0]
	if _, err := f.Cancel(t.Context(), l.ID); err != nil {
		t.Fatal(err)
	}
	f.inherit("a#2")
	if got := f.feed(); len(got) != 1 || got[0].Outcome != message.Cancelled {
		t.Errorf("got %+v", got)
	}
}
