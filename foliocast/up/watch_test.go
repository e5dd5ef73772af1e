package up

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// frozen stops a process, which only another signal can end or continue.
func frozen(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatalf("stop %d: %v", pid, err)
	}
}

// Every process of every part is frozen in turn: the part is started again, and the
// others go on.
func TestWhatFreezesIsStartedAgain(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Config{State: state, NP: 2, Ports: ports, Programs: standIns(t), Throwaway: true,
		Hang: time.Second, Say: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	for _, victim := range []string{"authsvc", "queue", "frontend", "mpirun", "rank 0", "rank 1", "postgres", "checkpointer"} {
		part, pid := victim, 0
		switch victim {
		case "mpirun", "rank 0", "rank 1":
			part = "mpicalc"
			pid = pidOf(t, state, part)
			if rank, ok := strings.CutPrefix(victim, "rank "); ok {
				pid = rankOf(t, state, rank)
			}
		case "checkpointer":
			part = "postgres"
			pid = working(filepath.Join(state, "postgres"), "postgres")[0]
			if pid == pidOf(t, state, part) {
				pid = working(filepath.Join(state, "postgres"), "postgres")[1]
			}
		default:
			pid = pidOf(t, state, part)
		}
		old := pidOf(t, state, part)
		frozen(t, pid)
		until(t, "a new process of "+part+" after "+victim+" froze", func() bool { return pidOf(t, state, part) != old })
		until(t, "the end of "+victim, func() bool { return !alive(pid) })
		for _, k := range c.keepers {
			until(t, k.name+" after "+victim+" froze", func() bool { return k.check(t.Context()) == nil })
		}
	}
}

// rankOf is the process of a rank.
func rankOf(t *testing.T, state, rank string) int {
	t.Helper()
	found := 0
	until(t, "rank "+rank, func() bool {
		for _, pid := range marked(mark(state, "mpicalc")) {
			text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
			if strings.Contains("\x00"+string(text), "\x00OMPI_COMM_WORLD_RANK="+rank+"\x00") {
				found = pid
			}
		}
		return found != 0
	})
	return found
}

// A part that answers from time to time does not hang, and one that stops answering
// does.
func TestPartThatNoLongerAnswers(t *testing.T) {
	t.Parallel()
	var deaf atomic.Bool
	var asked atomic.Int32
	k := keepScript(t, "exec sleep 1000", step{syscall.SIGTERM, patience})
	k.end()
	k.hang = 60 * time.Millisecond
	k.part.alive = func(context.Context) error {
		if n := asked.Add(1); deaf.Load() || n%looks != 0 { // five times of six
			return errors.New("no answer")
		}
		return nil
	}
	k.keep()
	k.pid(t)
	first := k.pid(t)
	until(t, "some questions", func() bool { return asked.Load() > 4*looks })
	if !alive(first) {
		t.Error("a part that answers now and then was ended")
	}
	deaf.Store(true)
	k.pid(t)
	if alive(first) {
		t.Error("a part that no longer answers lives")
	}
	if got := *k.last.Load(); !strings.HasPrefix(got, "hangs: it has not answered for 60ms: no answer") {
		t.Errorf("got %q", got)
	}
}

// What a dead server left frozen in its directory would keep the next one from
// starting.
func TestFrozenBackendOfADeadServer(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	c, _ := startStandIns(t, state)
	old := pidOf(t, state, "postgres")
	var backend int
	for _, pid := range working(filepath.Join(state, "postgres"), "postgres") {
		if pid != old {
			backend = pid
		}
	}
	frozen(t, backend)
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "a new server", func() bool { return pidOf(t, state, "postgres") != old })
	if err := c.keepers[0].await(t.Context(), patience); err != nil {
		t.Error(err)
	}
	until(t, "the end of what was frozen", func() bool { return !alive(backend) })
}
