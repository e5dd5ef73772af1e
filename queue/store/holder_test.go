package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/queue/message"
)

// attempts are all that an account may try with a lease.
func (f *fixture) attempts() map[string]func(l message.Lease) message.Verdict {
	one := func(v []message.HeldVerdict, err error) message.Verdict {
		if err != nil {
			f.t.Fatal(err)
		}
		return v[0].Verdict
	}
	ctx := f.t.Context()
	return map[string]func(l message.Lease) message.Verdict{
		"heartbeat": func(l message.Lease) message.Verdict {
			return one(f.Heartbeat(ctx, []message.Beat{{Held: held(l), Progress: 0.9}}))
		},
		"part": func(l message.Lease) message.Verdict {
			v, err := f.PutPart(ctx, message.Part{Held: held(l), Body: []byte("x")})
			if err != nil {
				f.t.Fatal(err)
			}
			return v
		},
		"result":             func(l message.Lease) message.Verdict { return f.complete(done(l)) },
		"an error to retry":  func(l message.Lease) message.Verdict { return f.complete(failed(l, true)) },
		"an error for good":  func(l message.Lease) message.Verdict { return f.complete(failed(l, false)) },
		"release":            f.release,
		"result with a part": func(l message.Lease) message.Verdict { c := done(l); c.Parts = 1; return f.complete(c) },
	}
}

// as is the same store under another account.
func (f *fixture) as(subject string) *fixture {
	other := *f
	other.Account = f.Store.Account(subject)
	return &other
}

// row is all that the database says of a message.
func (f *fixture) row(id message.ID) (text string) {
	f.t.Helper()
	err := f.pool.QueryRow(context.Background(), `SELECT coalesce((SELECT m::text FROM message m WHERE id = $1::text::uuid), (SELECT e::text FROM ended e WHERE id = $1::text::uuid))
		|| (SELECT count(*) FROM part WHERE message_id = $1::text::uuid)`, string(id)).Scan(&text)
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

// A lease under its right token is stale for every account but its holder's, while it
// lives and after it has ended, and nothing changes.
func TestLeaseBelongsToItsAccount(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	other := f.as("another")
	f.add(0, 4)
	live, released, completed, dead := f.claimOne(), f.claimOne(), f.claimOne(), f.claimOne()
	f.release(released)
	f.complete(done(completed))
	f.complete(failed(dead, false))
	for name, try := range other.attempts() {
		for _, l := range []message.Lease{live, released, completed, dead} {
			before := f.row(l.ID)
			if got := try(l); got != message.Stale {
				t.Errorf("%s of message %s by another account: got %q, want stale", name, l.Key, got)
			}
			if d := cmp.Diff(before, f.row(l.ID)); d != "" {
				t.Errorf("%s of message %s by another account changed it: %s", name, l.Key, d)
			}
		}
	}
	if got := f.release(released); got != message.Accepted {
		t.Errorf("its holder repeats the release: got %q", got)
	}
	if got := f.complete(done(completed)); got != message.Accepted {
		t.Errorf("its holder repeats the completion: got %q", got)
	}
	if got := f.complete(done(live)); got != message.Accepted {
		t.Errorf("its holder completes the lease: got %q", got)
	}
}

// Accounts take turns: tokens grow, and each holds what it leased last.
func TestTokensGrowFromAccountToAccount(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	other := f.as("another")
	f.add(0, 1)
	var last message.Token
	for _, holder := range []*fixture{f, other, f, other} {
		l := holder.claimOne()
		if l.Token <= last {
			t.Errorf("token %d follows %d", l.Token, last)
		}
		last = l.Token
		for _, x := range []*fixture{f, other} {
			v, err := x.Heartbeat(t.Context(), []message.Beat{{Held: held(l)}})
			if err != nil || (v[0].Verdict == message.Extended) != (x == holder) {
				t.Errorf("token %d: got %v, %v", l.Token, v, err)
			}
		}
		holder.release(l)
	}
}

// A name within a lineage is anybody's to choose: it inherits under its own account only.
func TestInheritWithinAnAccount(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	other := f.as("another")
	f.add(0, 1)
	leases, err := f.Claim(t.Context(), nil, 1, message.Incarnation("world", "1"), "")
	if err != nil || len(leases) != 1 {
		t.Fatal(leases, err)
	}
	before := f.row(leases[0].ID)
	if lost, err := other.Inherit(t.Context(), message.Incarnation("world", "2")); len(lost) != 0 || err != nil {
		t.Errorf("another account inherited %v, %v", lost, err)
	}
	if d := cmp.Diff(before, f.row(leases[0].ID)); d != "" {
		t.Error(d)
	}
	if lost, err := f.Inherit(t.Context(), message.Incarnation("world", "2")); len(lost) != 1 || err != nil {
		t.Errorf("its own account inherited %v, %v", lost, err)
	}
}

// A suspect goes to a worker that holds nothing. Another account that uses its name holds
// nothing for it.
func TestNameOfAnotherAccountIsNotBusy(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	other := f.as("another")
	f.add(0, 2)
	suspect := f.claimOne()
	f.exec("UPDATE message SET lost = 2, attempts = 2 WHERE id = $1::text::uuid", string(suspect.ID))
	other.claimOne() // the second message, under the same name
	f.release(suspect)
	if got := f.claimOne(); got.ID != suspect.ID {
		t.Errorf("got message %s, want the suspect", got.Key)
	}
}
