package store_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

func TestClaimTakesTheMostUrgentFirst(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if _, err := f.AddQueue(t.Context(), message.NewQueue{Name: "second"}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Enqueue(t.Context(), []message.New{
		{Key: "a", Payload: json.RawMessage(`1`)},
		{Key: "b", Payload: json.RawMessage(`2`), Priority: -1},
		{Key: "c", Payload: json.RawMessage(`3`)},
		{Key: "d", Payload: json.RawMessage(`4`), Priority: 5},
	}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(keysOf(f.claim(3)), []string{"d", "a", "c"}); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(keysOf(f.claim(3)), []string{"b"}); d != "" {
		t.Error(d)
	}
}

func TestPayloadAndResultKeepTheirBytes(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	payload := `{"b": 1,  "a": 1.50, "b": "\u0000 é"}`
	if _, err := f.Enqueue(t.Context(), []message.New{{Key: "k", Payload: json.RawMessage(payload)}}); err != nil {
		t.Fatal(err)
	}
	l := f.claimOne()
	if string(l.Payload) != payload {
		t.Errorf("payload: got %s, want %s", l.Payload, payload)
	}
	f.complete(message.Completion{Held: held(l), Result: json.RawMessage(payload)})
	if got := string(f.feed()[0].Result); got != payload {
		t.Errorf("result: got %s, want %s", got, payload)
	}
}

func TestStaleTokenChangesNothing(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	old := f.claimOne()
	f.expireAll()
	l := f.claimOne()
	if l.Token <= old.Token || l.Attempt != 2 {
		t.Fatalf("got token %d, attempt %d after token %d", l.Token, l.Attempt, old.Token)
	}
	before := f.message(l.ID)
	for _, c := range []message.Completion{done(old), failed(old, true), failed(old, false)} {
		if v := f.complete(c); v != message.Stale {
			t.Errorf("complete: got %s", v)
		}
	}
	if v := f.release(old); v != message.Stale {
		t.Errorf("release: got %s", v)
	}
	if v, err := f.Heartbeat(t.Context(), []message.Beat{{Held: held(old), Progress: 0.5}}); err != nil || v[0].Verdict != message.Stale {
		t.Errorf("heartbeat: got %v, %v", v, err)
	}
	if v, err := f.PutPart(t.Context(), message.Part{Held: held(old), Body: []byte(`1`)}); err != nil || v != message.Stale {
		t.Errorf("part: got %v, %v", v, err)
	}
	if d := cmp.Diff(f.message(l.ID), before); d != "" {
		t.Error(d)
	}
	if v := f.complete(done(l)); v != message.Accepted {
		t.Errorf("the current token: got %s", v)
	}
	if v := f.complete(done(old)); v != message.Stale {
		t.Errorf("after the end: got %s", v)
	}
	if n := len(f.feed()); n != 1 {
		t.Errorf("got %d results, want 1", n)
	}
}

func TestRepeatedCallGetsTheSameVerdict(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		call func(*fixture, message.Lease) message.Verdict
		ends int
	}{
		"result":          {func(f *fixture, l message.Lease) message.Verdict { return f.complete(done(l)) }, 1},
		"error":           {func(f *fixture, l message.Lease) message.Verdict { return f.complete(failed(l, false)) }, 1},
		"retryable error": {func(f *fixture, l message.Lease) message.Verdict { return f.complete(failed(l, true)) }, 0},
		"release":         {(*fixture).release, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, testPolicy())
			f.add(0, 1)
			l := f.claimOne()
			if v := c.call(f, l); v != message.Accepted {
				t.Errorf("first: got %s", v)
			}
			before := f.message(l.ID)
			if v := c.call(f, l); v != message.Accepted {
				t.Errorf("second: got %s", v)
			}
			if d := cmp.Diff(f.message(l.ID), before); d != "" {
				t.Error(d)
			}
			if n := len(f.feed()); n != c.ends {
				t.Errorf("got %d results, want %d", n, c.ends)
			}
		})
	}
}

func TestOtherCallAfterTheEndIsStale(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	leases := f.claim(3)
	f.complete(done(leases[0]))
	f.complete(failed(leases[1], false))
	f.release(leases[2])
	for i, c := range []message.Completion{failed(leases[0], false), done(leases[1]), done(leases[2])} {
		if v := f.complete(c); v != message.Stale {
			t.Errorf("message %d: got %s: its holder would believe that its own call ended it", i, v)
		}
	}
}

func TestLateResultIsAcceptedUntilTheNextLease(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	l := f.claimOne()
	f.expireAll()
	if v := f.complete(done(l)); v != message.Accepted {
		t.Errorf("got %s", v)
	}
	if len(f.claim(1)) != 0 || len(f.feed()) != 1 {
		t.Error("the message did not end once")
	}
}

func TestLateResultOfAReplacedPayloadIsStale(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	l := f.claimOne()
	f.expireAll()
	if _, err := f.Replace(t.Context(), l.ID, 1, message.Content{Payload: json.RawMessage(`"new"`)}); err != nil {
		t.Fatal(err)
	}
	if v := f.complete(done(l)); v != message.Stale {
		t.Errorf("got %s", v)
	}
	if again := f.claimOne(); string(again.Payload) != `"new"` || again.Revision != 2 {
		t.Errorf("got %s at revision %d", again.Payload, again.Revision)
	}
}

func TestAttemptsRunOut(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	for range 3 {
		l := f.claimOne()
		f.complete(failed(l, true))
	}
	got := f.feed()
	if len(got) != 1 || got[0].Outcome != message.Dead || got[0].Attempts != 3 || got[0].Error != "no luck" {
		t.Errorf("got %+v", got)
	}
}

func TestReleaseIsNoAttempt(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	for range 5 {
		l := f.claimOne()
		if l.Attempt != 1 {
			t.Fatalf("got attempt %d", l.Attempt)
		}
		f.release(l)
	}
}

func TestBackOffDelaysAMessage(t *testing.T) {
	t.Parallel()
	p := testPolicy()
	p.BackOff, p.MaxBackOff = 3600e9, 7200e9
	f := open(t, p)
	f.add(0, 1)
	l := f.claimOne()
	f.complete(failed(l, true))
	got, err := f.Account.Claim(t.Context(), nil, 1, "w", "")
	if err != nil || len(got.Leases) != 0 || got.Ready || got.Next.Minutes() < 29 || got.Next.Minutes() > 60 {
		t.Errorf("got %+v, %v; want nothing for half an hour to an hour", got, err)
	}
	f.exec("UPDATE message SET not_before = now()")
	if l = f.claimOne(); l.Attempt != 2 {
		t.Errorf("got attempt %d", l.Attempt)
	}
}

func TestUnknownAndPausedQueues(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 2)
	_, err := f.Claim(t.Context(), []string{"default", "nowhere"}, 1, "w", "")
	if !errors.Is(err, store.ErrUnknownQueue) {
		t.Errorf("unknown queue: got %v", err)
	}
	if len(f.claim(1)) != 1 {
		t.Error("the refused claim took a message")
	}
	yes, no := true, false
	if err := f.ChangeQueue(t.Context(), "default", &yes, nil); err != nil {
		t.Fatal(err)
	}
	if len(f.claim(1)) != 0 || len(f.claim(1, "default")) != 0 {
		t.Error("a paused queue gave a lease")
	}
	if err := f.ChangeQueue(t.Context(), "default", &no, nil); err != nil {
		t.Fatal(err)
	}
	if len(f.claim(1, "default")) != 1 {
		t.Error("a resumed queue gave no lease")
	}
}

func TestPartsBelongToTheTokenThatSentThem(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 1)
	put := func(l message.Lease, index int, body string) {
		v, err := f.PutPart(t.Context(), message.Part{Held: held(l), Index: index, Body: []byte(body)})
		if err != nil || v != message.Accepted {
			t.Fatalf("got %v, %v", v, err)
		}
	}
	old := f.claimOne()
	put(old, 50001, `"saved"`)
	put(old, 0, `"old 0"`)
	put(old, 1, `"old 1"`)
	f.expireAll()
	l := f.claimOne()
	put(l, 0, `"first"`)
	put(l, 0, "any \x00 bytes \xff")
	parts := func(want int) {
		t.Helper()
		var n int
		if err := f.pool.QueryRow(t.Context(), "SELECT count(*) FROM part").Scan(&n); err != nil || n != want {
			t.Errorf("%d parts are kept, %v, want %d", n, err, want)
		}
	}
	parts(3) // one of each index
	c := done(l)
	c.Parts = 2
	if _, err := f.Complete(t.Context(), []message.Completion{c}); !errors.Is(err, store.ErrMissingParts) {
		t.Errorf("a part is missing: got %v", err)
	}
	if n := len(f.feed()); n != 0 {
		t.Error("the refused completion ended the message")
	}
	put(l, 1, `"new 1"`)
	put(l, 2, `"too many"`)
	put(l, 50000, `"saved"`)
	if v := f.complete(c); v != message.Accepted {
		t.Errorf("got %s", v)
	}
	r := f.feed()[0]
	for i, want := range []string{"any \x00 bytes \xff", `"new 1"`} {
		got, err := f.Part(t.Context(), r.Position, i)
		if err != nil || string(got) != want {
			t.Errorf("part %d: got %s, %v", i, got, err)
		}
	}
	if _, err := f.Part(t.Context(), r.Position, 2); !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v", err)
	}
	parts(2)
}
