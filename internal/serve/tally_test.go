package serve

import (
	"testing"

	"foliocast/internal/problem"
)

func TestATallyBoundsEachAndAll(t *testing.T) {
	t.Parallel()
	var tally Tally
	begin := func(subject string, want problem.Kind) (end func()) {
		t.Helper()
		end, refused := tally.Begin(subject, 2, 3)
		if refused != want || (end == nil) != (want != "") {
			t.Errorf("one more of %s: refused %q, want %q", subject, refused, want)
		}
		return end
	}
	first := begin("ann", "")
	begin("ann", "")
	begin("ann", problem.TooMany)
	begin("bob", "")
	begin("bob", problem.Unavailable)
	first()
	begin("bob", "")
	if n := tally.All(); n != 3 {
		t.Errorf("%d are under way, want 3", n)
	}
	if _, refused := tally.Begin("ann", 0, 0); refused != "" {
		t.Errorf("without bounds: %s", refused)
	}
}
