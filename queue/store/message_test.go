package store_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

func TestKeyIsOneMessage(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	first := f.add(0, 1)[0]
	again := f.add(0, 1)[0]
	if want := (message.Receipt{ID: first.ID, Key: "0", Queue: "default", Duplicate: true}); again != want {
		t.Errorf("waiting: got %+v", again)
	}
	f.complete(done(f.claimOne()))
	again = f.add(0, 1)[0]
	if want := (message.Receipt{ID: first.ID, Key: "0", Duplicate: true}); again != want {
		t.Errorf("ended: got %+v", again)
	}
	if len(f.claim(1)) != 0 || len(f.feed()) != 1 {
		t.Error("the message came twice")
	}
}

func TestCancelWhileItWaits(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	id := f.add(0, 1)[0].ID
	for range 2 {
		d, err := f.Cancel(t.Context(), id)
		if err != nil || d.State != message.Ended || d.Outcome != message.Cancelled {
			t.Fatalf("got %+v, %v", d, err)
		}
	}
	if got := f.feed(); len(got) != 1 || got[0].Outcome != message.Cancelled {
		t.Errorf("got %+v", got)
	}
	if _, err := f.Cancel(t.Context(), "01890a5d-ac96-774b-bcce-b302099a8057"); !problem.Is(err, problem.NotFound) {
		t.Errorf("an unknown message: got %v", err)
	}
}

func TestCancelWhileItIsLeased(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(*fixture, message.Lease)
		want message.Outcome
	}{
		"the worker stops":      {func(f *fixture, l message.Lease) { f.complete(failed(l, true)) }, message.Cancelled},
		"the worker gives back": {func(f *fixture, l message.Lease) { f.release(l) }, message.Cancelled},
		"the worker dies":       {func(f *fixture, l message.Lease) { f.expireAll() }, message.Cancelled},
		"the result is first":   {func(f *fixture, l message.Lease) { f.complete(done(l)) }, message.Completed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, testPolicy())
			f.add(0, 1)
			l := f.claimOne()
			d, err := f.Cancel(t.Context(), l.ID)
			if err != nil || d.State != message.Leased || !d.CancelRequested {
				t.Fatalf("got %+v, %v", d, err)
			}
			v, err := f.Heartbeat(t.Context(), []message.Beat{{Held: held(l)}})
			if err != nil || v[0].Verdict != message.Stop {
				t.Errorf("heartbeat: got %+v, %v", v, err)
			}
			c.end(f, l)
			if got := f.feed(); len(got) != 1 || got[0].Outcome != c.want {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	id := f.add(0, 1)[0].ID
	content := message.Content{Payload: json.RawMessage(`{"new": 1}`), Priority: 7}
	d, err := f.Replace(t.Context(), id, 1, content)
	if err != nil || d.Revision != 2 || d.Priority != 7 || string(d.Payload) != `{"new": 1}` {
		t.Errorf("got %+v, %v", d, err)
	}
	if _, err := f.Replace(t.Context(), id, 1, content); !problem.Is(err, problem.Stale) {
		t.Errorf("an old revision: got %v", err)
	}
	l := f.claimOne()
	if _, err := f.Replace(t.Context(), id, 2, content); !problem.Is(err, problem.Conflict) {
		t.Errorf("leased: got %v", err)
	}
	f.complete(done(l))
	if _, err := f.Replace(t.Context(), id, 2, content); !problem.Is(err, problem.Conflict) {
		t.Errorf("ended: got %v", err)
	}
	if got := f.feed()[0].Revision; got != 2 {
		t.Errorf("the result is of revision %d", got)
	}
}

func TestStatusByKeyAndID(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	r := f.add(0, 3)
	f.complete(done(f.claimOne()))
	all, err := f.Status(t.Context(), []string{"0", "none"}, []message.ID{r[1].ID})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]message.State{}
	for _, s := range all {
		got[s.Key] = s.State
	}
	if d := cmp.Diff(got, map[string]message.State{"0": message.Ended, "1": message.Waiting}); d != "" {
		t.Error(d)
	}
	if id, err := f.Find(t.Context(), "2"); err != nil || id != r[2].ID {
		t.Errorf("got %s, %v", id, err)
	}
}
