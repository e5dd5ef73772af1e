package api

import (
	"slices"
	"testing"

	"foliocast/internal/job"
)

// Of the jobs that a notification names, only those are looked up that somebody waits for.
func TestWaitersAskForTheJobsNamed(t *testing.T) {
	t.Parallel()
	w := NewWaiters(nil, nil)
	for _, id := range []job.ID{"a", "b"} {
		_, stop := w.Join(id)
		defer stop()
	}
	if got := w.awaited([]job.ID{"b", "c"}); !slices.Equal(got, []job.ID{"b"}) {
		t.Errorf("of b and c: got %v", got)
	}
	if got := w.awaited([]job.ID{"c"}); len(got) > 0 {
		t.Errorf("of c: got %v", got)
	}
	if got := slices.Sorted(slices.Values(w.awaited(nil))); !slices.Equal(got, []job.ID{"a", "b"}) {
		t.Errorf("of all: got %v", got)
	}
}
