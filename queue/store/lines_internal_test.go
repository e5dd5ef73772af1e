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
