package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/queue/message"
)

// One message kills every worker that holds it. After its attempts it is dead, and
// all others have completed.
func TestPoisonedMessageKillsNoOther(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 20)
	const poisoned = "7"
	deaths := 0
	for worker := 0; ; worker++ {
		leases := f.claim(8)
		if len(leases) == 0 {
			break
		}
		if i := indexOf(leases, poisoned); i >= 0 {
			f.expireAll() // the worker dies with all that it holds
			deaths++
			continue
		}
		for _, l := range leases {
			f.complete(done(l))
		}
	}
	got := map[message.Outcome]int{}
	for _, r := range f.feed() {
		got[r.Outcome]++
		if r.Outcome == message.Dead && r.Key != poisoned {
			t.Errorf("message %s died of another", r.Key)
		}
	}
	if d := cmp.Diff(got, map[message.Outcome]int{message.Completed: 19, message.Dead: 1}); d != "" || deaths != 3 {
		t.Errorf("%d workers died\n%s", deaths, d)
	}
}

func indexOf(leases []message.Lease, key string) int {
	for i, l := range leases {
		if l.Key == key {
			return i
		}
	}
	return -1
}

// A suspect is a message on its last attempt after lost leases. A worker that holds
// another message does not get it, and one that holds it gets no other.
func TestSuspectIsLeasedAlone(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	f.exec("UPDATE message SET token = 2, settled = 2, attempts = 2, lost = 2 WHERE key = '1'")
	first := f.claim(3)
	if d := cmp.Diff(keysOf(first), []string{"0"}); d != "" {
		t.Fatal(d)
	}
	if got, err := f.Account.Claim(t.Context(), nil, 3, "w", ""); err != nil || len(got.Leases) != 0 || !got.Ready {
		t.Errorf("a busy worker got %+v, %v", got, err)
	}
	f.complete(done(first[0]))
	second := f.claim(3)
	if d := cmp.Diff(keysOf(second), []string{"1"}); d != "" {
		t.Fatal(d)
	}
	if got := f.claim(3); len(got) != 0 {
		t.Errorf("beside the suspect the worker got %v", keysOf(got))
	}
	other, err := f.Claim(t.Context(), nil, 3, "another", "")
	if err != nil || len(other) != 1 || other[0].Key != "2" {
		t.Errorf("another worker got %v, %v", keysOf(other), err)
	}
}
