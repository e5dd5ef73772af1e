package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/queue/message"
)

// ask leases messages by a request with a name.
func (f *fixture) ask(worker string, request message.Request, max int) []message.Lease {
	f.t.Helper()
	leases, err := f.Claim(context.Background(), nil, max, worker, request)
	if err != nil {
		f.t.Fatal(err)
	}
	return leases
}

// The answer to a request was lost, and the worker repeats it: it gets the same leases for
// a whole lease, and no others.
func TestRepeatedRequestGetsTheSameLeases(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 5)
	lost := f.ask("w", "first", 3)
	for name, age := range map[string]string{"alive": "1 minute", "expired, but not swept": "-1 minute"} {
		f.exec("UPDATE message SET leased_until = now() + $1::interval WHERE leased_until IS NOT NULL", age)
		again := f.ask("w", "first", 3)
		if d := cmp.Diff(again, lost, cmpopts.IgnoreFields(message.Lease{}, "ExpiresAt")); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		for _, l := range again {
			if left := time.Until(l.ExpiresAt); left < testPolicy().Lease-time.Minute {
				t.Errorf("%s: the lease of message %s is left %v", name, l.Key, left)
			}
		}
	}
	for _, l := range lost {
		if v := f.complete(done(l)); v != message.Accepted {
			t.Errorf("message %s: got %s", l.Key, v)
		}
	}
	if d := cmp.Diff(keysOf(f.ask("w", "first", 3)), []string{"3", "4"}); d != "" {
		t.Errorf("a request that leased nothing that is left: %s", d)
	}
}

// A caller disconnects and repeats its request at the same moment: what the repetition got is not
// given back with what the first one did.
func TestGiveBackLeavesWhatARepetitionGot(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 2)
	lost := f.ask("w", "first", 2)
	again := f.ask("w", "first", 2)
	if err := f.GiveBack(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	if v := f.complete(done(again[0])); v != message.Accepted {
		t.Errorf("got %s", v)
	}
	if err := f.GiveBack(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got := f.claimOne(); got.Key != "1" || got.Attempt != 1 {
		t.Errorf("got %+v, want what was given back, which counts as no attempt", got)
	}
}

// A lease goes again only to the same request of the same worker under the same account.
func TestAnotherRequestGetsOtherLeases(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*fixture) []message.Lease{
		"another name":    func(f *fixture) []message.Lease { return f.ask("w", "second", 3) },
		"without a name":  func(f *fixture) []message.Lease { return f.ask("w", "", 3) },
		"another worker":  func(f *fixture) []message.Lease { return f.ask("v", "first", 3) },
		"another account": func(f *fixture) []message.Lease { return f.as("another").ask("w", "first", 3) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, testPolicy())
			f.add(0, 2)
			f.ask("w", "first", 1)
			if d := cmp.Diff(keysOf(ask(f)), []string{"1"}); d != "" {
				t.Error(d)
			}
		})
	}
}

// Leases without a name and leases that were given back are nobody's to repeat.
func TestNothingToRepeat(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	f.ask("w", "", 1)
	if d := cmp.Diff(keysOf(f.ask("w", "", 1)), []string{"1"}); d != "" {
		t.Errorf("without a name: %s", d)
	}
	l := f.ask("w", "first", 1)[0]
	f.release(l)
	if again := f.ask("w", "first", 1); len(again) != 1 || again[0].Token <= l.Token {
		t.Errorf("after a release: got %+v, want a token above %d", again, l.Token)
	}
}
