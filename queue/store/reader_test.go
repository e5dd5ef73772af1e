package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/queue/message"
)

// end ends n messages with the keys from, from+1, …
func (f *fixture) end(from, n int) {
	f.t.Helper()
	f.add(from, from+n)
	for range n {
		f.complete(done(f.claimOne()))
	}
}

// read reads a page as a reader, and returns the keys in it.
func (f *fixture) read(r message.Reader, after message.Position) (message.Results, []string) {
	f.t.Helper()
	page, err := f.Read(f.t.Context(), r, after, 100)
	if err != nil {
		f.t.Fatal(err)
	}
	keys := []string{}
	for _, r := range page.Results {
		keys = append(keys, r.Key)
	}
	return page, keys
}

// age makes every ended message, and every visit of a reader, older.
func (f *fixture) age(d time.Duration) {
	f.exec("UPDATE ended SET ended_at = ended_at - make_interval(secs => $1)", d.Seconds())
	f.exec("UPDATE reader SET seen_at = seen_at - make_interval(secs => $1)", d.Seconds())
}

func (f *fixture) forget(want int) {
	f.t.Helper()
	if n, err := f.Forget(f.t.Context()); err != nil || n != want {
		f.t.Errorf("forgot %d messages, %v, want %d", n, err, want)
	}
}

func openFeed(t *testing.T) *fixture {
	policy := testPolicy()
	policy.Retention, policy.Unread = time.Hour, 10*time.Hour
	return open(t, policy)
}

// What a reader has not read is not forgotten, up to a bound; then the reader is told.
func TestUnreadResultsAreKept(t *testing.T) {
	t.Parallel()
	f := openFeed(t)
	r := message.Reader{Name: "r"}
	page, _ := f.read(r, 0)
	r.Epoch = page.Epoch
	f.end(0, 3)
	if _, keys := f.read(r, 0); len(keys) != 3 {
		t.Errorf("got %v", keys)
	}
	f.read(r, 1) // it has applied the first
	f.age(2 * time.Hour)
	f.forget(1)
	page, keys := f.read(r, 1)
	if d := cmp.Diff([]string{"1", "2"}, keys); d != "" || page.Gap != nil {
		t.Errorf("a reader that was slow: %s, gap %v", d, page.Gap)
	}
	f.age(10 * time.Hour)
	f.forget(2)
	page, keys = f.read(r, 1)
	if len(keys) != 0 || page.Epoch != r.Epoch {
		t.Errorf("got %v in epoch %s", keys, page.Epoch)
	}
	if d := cmp.Diff(&message.Gap{After: 1, To: 3}, page.Gap); d != "" {
		t.Error(d)
	}
	if page, _ := f.read(r, 3); page.Gap != nil {
		t.Errorf("after the gap: %v", page.Gap)
	}
}

// A reader at the beginning, and one without a name, hear of what they missed, too.
func TestGapAtTheBeginning(t *testing.T) {
	t.Parallel()
	f := openFeed(t)
	f.end(0, 3)
	f.exec("UPDATE ended SET ended_at = now() - interval '2 hours' WHERE position < 3")
	f.forget(2)
	want := &message.Gap{After: 0, To: 2}
	page, keys := f.read(message.Reader{Name: "r"}, 0)
	if d := cmp.Diff(want, page.Gap); d != "" || len(keys) != 1 {
		t.Errorf("%s, keys %v", d, keys)
	}
	page, err := f.Results(t.Context(), 0, 10)
	if d := cmp.Diff(want, page.Gap); d != "" || err != nil {
		t.Errorf("%s, %v", d, err)
	}
}

// A reader that does not come any more holds nothing up.
func TestReaderThatIsGone(t *testing.T) {
	t.Parallel()
	f := openFeed(t)
	f.read(message.Reader{Name: "gone"}, 0)
	f.age(11 * time.Hour)
	f.end(0, 2)
	f.exec("UPDATE ended SET ended_at = now() - interval '2 hours'")
	f.forget(2)
}

// A backup is restored, and the feed grows past the position of a reader before the reader
// comes: it is not led past the new results.
func TestRestoredBackup(t *testing.T) {
	t.Parallel()
	for name, backup := range map[string]string{
		"the reader was known":     "UPDATE reader SET position = 1, sent = 1",
		"the reader was not known": "DELETE FROM reader",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := openFeed(t)
			r := message.Reader{Name: "r"}
			page, _ := f.read(r, 0)
			r.Epoch = page.Epoch
			f.end(0, 3)
			f.read(r, 0)
			f.read(r, 3)
			f.exec("DELETE FROM ended WHERE position > 1")
			f.exec("UPDATE feed SET last = 1")
			f.exec(backup)
			f.end(10, 4)  // at the positions 2 to 5
			for range 2 { // the answer may be lost
				page, keys := f.read(r, 3)
				if page.Epoch == r.Epoch || len(keys) != 0 {
					t.Errorf("got %v in epoch %s, want another epoch", keys, page.Epoch)
				}
			}
			page, _ = f.read(r, 3)
			r.Epoch = page.Epoch
			page, keys := f.read(message.Reader{Name: "r"}, 0)
			if d := cmp.Diff([]string{"0", "10", "11", "12", "13"}, keys); d != "" || page.Epoch != r.Epoch {
				t.Error(d, page.Epoch)
			}
		})
	}
}

// Readers of two accounts with one name are two.
func TestReadersBelongToAccounts(t *testing.T) {
	t.Parallel()
	f := openFeed(t)
	f.read(message.Reader{Name: "r"}, 0)
	f.end(0, 2)
	f.as("another").read(message.Reader{Name: "r"}, 2)
	f.exec("UPDATE ended SET ended_at = now() - interval '2 hours'")
	f.forget(0)
}
