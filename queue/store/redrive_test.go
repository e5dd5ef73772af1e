package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/queue/message"
)

// told reads the feed with its redrives, and returns what it says of each message.
func (f *fixture) told(after message.Position) []string {
	f.t.Helper()
	page, err := f.Read(f.t.Context(), message.Reader{Name: "r", Redriven: true}, after, 100)
	if err != nil {
		f.t.Fatal(err)
	}
	var all []string
	for i, r := range page.Results {
		if want := after + message.Position(i) + 1; page.Gap == nil && r.Position != want {
			f.t.Errorf("result %d has position %d, want %d", i, r.Position, want)
		}
		all = append(all, r.Key+" "+string(r.Outcome))
	}
	return all
}

// The feed says of redriven messages that they wait again, in their upload order, between their deaths and
// their ends. Redriving what waits already says nothing.
func TestTheFeedTellsOfRedrives(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	r := f.add(0, 3)
	f.die(3)
	for range 2 {
		if _, err := f.Redrive(t.Context(), message.Selection{IDs: []message.ID{r[2].ID, r[0].ID}}); err != nil {
			t.Fatal(err)
		}
	}
	f.complete(done(f.claimOne()))
	want := []string{"0 dead", "1 dead", "2 dead", "0 redriven", "2 redriven", "0 completed"}
	if d := cmp.Diff(want, f.told(0)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want[4:], f.told(4)); d != "" {
		t.Errorf("after position 4: %s", d)
	}
	var others []string
	for _, r := range f.feed() {
		others = append(others, string(r.Outcome))
	}
	if d := cmp.Diff([]string{"dead", "dead", "dead", "completed"}, others); d != "" {
		t.Errorf("a reader that does not ask for it: %s", d)
	}
}

// A page has as many results as were asked for, whichever they are.
func TestRedrivesCountInAPage(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 2)
	f.die(2)
	if _, err := f.Redrive(t.Context(), message.Selection{All: true}); err != nil {
		t.Fatal(err)
	}
	var all []message.Outcome
	for at := message.Position(0); ; {
		page, err := f.Read(t.Context(), message.Reader{Name: "r", Redriven: true}, at, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Results) == 0 {
			break
		}
		for _, r := range page.Results {
			all, at = append(all, r.Outcome), r.Position
		}
	}
	if want := []message.Outcome{message.Dead, message.Dead, message.Redriven, message.Redriven}; !slices.Equal(all, want) {
		t.Errorf("got %v, want %v", all, want)
	}
}

// A redrive is not told when how its message ended next was deleted: its reader would wait for
// that for ever.
func TestRedrivesAreForgottenWithWhatCameAfter(t *testing.T) {
	t.Parallel()
	policy := testPolicy()
	policy.Retention = time.Hour
	f := open(t, policy)
	f.add(0, 2)
	f.die(2)
	if _, err := f.Redrive(t.Context(), message.Selection{All: true}); err != nil {
		t.Fatal(err)
	}
	f.complete(done(f.claimOne()))
	f.exec("UPDATE ended SET ended_at = ended_at - interval '2 hours' WHERE outcome = 'completed'")
	f.exec("UPDATE ended SET ended_at = ended_at - interval '1 minute' WHERE outcome = 'dead'")
	f.forget(1)
	f.exec("INSERT INTO redrive (position, id, key, revision) VALUES (3, gen_random_uuid(), '0', 1)") // an old program forgets none
	if d := cmp.Diff([]string{"0 dead", "1 dead"}, f.told(0)); d != "" {
		t.Error(d)
	}
	f.forget(0)
	var left int
	if err := f.pool.QueryRow(t.Context(), "SELECT count(*) FROM redrive").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d notes of redrives are left, %v", left, err)
	}
}
