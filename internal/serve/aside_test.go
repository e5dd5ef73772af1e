package serve

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestWorkAsideHasALowPriority(t *testing.T) {
	t.Parallel()
	priority := func() int {
		v, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // of the thread; Linux returns 20 less the priority
		if err != nil {
			t.Fatal(err)
		}
		return 20 - v
	}
	before, during := priority(), 0
	Aside(func() { during = priority() })
	if during != max(before, aside) {
		t.Errorf("aside the priority is %d, want %d", during, aside)
	}
	if after := priority(); after != before {
		t.Errorf("the priority was %d and is %d", before, after)
	}
	defer func() {
		if recover() != "fault" {
			t.Error("a panic was lost")
		}
	}()
	Aside(func() { panic("fault") })
}
