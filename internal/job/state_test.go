package job

import (
	"slices"
	"testing"
)

func TestEveryStateHasOneRow(t *testing.T) {
	t.Parallel()
	want := []State{Queued, Running, Done, Partial, Failed, Cancelled, Dead}
	if got := States(); !slices.Equal(got, want) {
		t.Errorf("states %v, want %v", got, want)
	}
	for _, row := range transitions() {
		for _, next := range row.to {
			if !next.Valid() {
				t.Errorf("%s leads to %q, which is not a state", row.from, next)
			}
		}
	}
	if unknown := State("gone"); unknown.Valid() || unknown.Final() || unknown.CanBecome(Queued) {
		t.Errorf("%q counts as a state", unknown)
	}
}

// What ARCHITECTURE.md promises of a job's states.
func TestTransitionsKeepTheirPromises(t *testing.T) {
	t.Parallel()
	if got, want := InFlight(), []State{Queued, Running}; !slices.Equal(got, want) {
		t.Errorf("in flight are %v, want %v", got, want)
	}
	for _, s := range States() {
		answered := s == Done || s == Partial
		if got, want := s.CanEnd(), !s.Final() || s == Dead; got != want {
			t.Errorf("%s can end: %v, want %v", s, got, want)
		}
		if got, want := s.Retryable(), s.Final() && !answered; got != want {
			t.Errorf("%s can be retried: %v, want %v", s, got, want)
		}
		for _, next := range States() {
			got := s.CanBecome(next)
			switch {
			case answered && got:
				t.Errorf("%s has an answer and can still become %s", s, next)
			case !s.Final() && next.Final() && !got:
				t.Errorf("%s cannot end as %s", s, next)
			case s.Final() && s != Dead && next != Queued && got:
				t.Errorf("%s is final and can become %s without a retry", s, next)
			case s == Dead && next.Final() && !got:
				t.Errorf("a dead job that is redriven cannot end as %s", next)
			case s.Final() && next == Running && got:
				t.Errorf("%s is final and can become running without being queued", s)
			}
		}
	}
	if !Queued.CanBecome(Running) || !Running.CanBecome(Queued) || Queued.CanBecome(Queued) || Running.CanBecome(Running) {
		t.Error("a lease makes a queued job running, and its loss makes it queued")
	}
}

func TestBeforeIsCanBecomeReversed(t *testing.T) {
	t.Parallel()
	for _, next := range append(States(), "gone") {
		before := Before(next)
		for _, s := range States() {
			if got, want := slices.Contains(before, s), s.CanBecome(next); got != want {
				t.Errorf("%s before %s: %v, want %v", s, next, got, want)
			}
		}
	}
}

func TestTransitionsAreCanBecomeAsColumns(t *testing.T) {
	t.Parallel()
	from, to := Transitions()
	listed := map[[2]State]bool{}
	for i := range from {
		listed[[2]State{from[i], to[i]}] = true
	}
	for _, s := range States() {
		for _, next := range States() {
			if got, want := listed[[2]State{s, next}], s.CanBecome(next); got != want {
				t.Errorf("%s to %s is listed: %v, want %v", s, next, got, want)
			}
		}
	}
}
