package store

import (
	"testing"
	"time"
)

// Claims that ran at the same time tell what they saw in any order: the later snapshot wins.
func TestLinesLearnInAnyOrder(t *testing.T) {
	t.Parallel()
	dealing := time.Now()
	l := line{Queue: 1, Owner: "ann"}
	early := func(s *lines) { s.saw(dealing, 10, []place{{l, 0, 0}}) }  // nothing waits
	late := func(s *lines) { s.saw(dealing, 12, []place{{l, 11, 12}}) } // 11 and 12 do
	stale := func(s *lines) { s.saw(dealing.Add(-1), 20, []place{{l, 0, 0}, {line{Queue: 2}, 15, 15}}) }
	for name, order := range map[string][]func(*lines){"early first": {early, late, stale}, "late first": {late, stale, early}} {
		var s lines
		s.found(known{Dealing: dealing, Seen: 10, Places: []place{{l, 4, 10}}})
		for _, f := range order {
			f(&s)
		}
		if k, ok := s.after("", nil); !ok || k.Seen != 12 || len(k.Places) != 1 || k.Places[0].line != l || k.Places[0].First > 11 {
			t.Errorf("%s: got %+v, %v", name, k, ok)
		}
	}
}

// Sweeps look at all leases while that is quick, and otherwise for a twentieth of the time.
func TestSweepsThatTakeLong(t *testing.T) {
	t.Parallel()
	var e expiry
	begin := time.Now()
	after := func(d time.Duration) time.Time { return begin.Add(d) }
	if !e.since(begin).IsZero() {
		t.Error("the first sweep does not look at all leases")
	}
	at := after(-time.Hour) // the database's clock
	e.swept(at, time.Time{}, begin, after(time.Second))
	if got := e.since(after(2 * time.Second)); !got.Equal(at) {
		t.Errorf("after a sweep of a second, the next begins at %v, want %v", got, at)
	}
	later := at.Add(2 * time.Second)
	e.swept(later, at, after(2*time.Second), after(2*time.Second+time.Millisecond))
	if got := e.since(after(20 * time.Second)); !got.Equal(later) {
		t.Errorf("then the next begins at %v, want %v", got, later)
	}
	if got := e.since(after(21 * time.Second)); !got.IsZero() {
		t.Errorf("twenty seconds after a look at all the next begins at %v, want all", got)
	}
}
