package up

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of these tests.
const patience = time.Minute

// kept is a keeper of a shell script, with what it reported.
type kept struct {
	*keeper
	pids chan int
}

func keepScript(t *testing.T, script string, stop ...step) *kept {
	t.Helper()
	dir := t.TempDir()
	log, err := openLog(filepath.Join(dir, "part.log"), maxLog)
	if err != nil {
		t.Fatal(err)
	}
	k := &kept{pids: make(chan int, 100)}
	k.keeper = &keeper{
		part: part{
			name:     "part",
			command:  func() (*exec.Cmd, error) { return exec.Command("/bin/sh", "-c", script), nil },
			ready:    func(context.Context) error { return errors.New("never") },
			alive:    func(context.Context) error { return nil },
			stop:     stop,
			orphaned: syscall.SIGKILL,
		},
		restarts: restartsFrom(time.Millisecond, 4*time.Millisecond, time.Hour),
		log:      log,
		hang:     DefaultHang,
		mark:     mark(dir, "part"),
		started:  func(pid, _ int) error { k.pids <- pid; return nil },
		say:      func(format string, args ...any) { t.Logf(format, args...) },
	}
	k.keep()
	t.Cleanup(func() {
		if !k.stopping() {
			k.end()
		}
		log.close()
	})
	return k
}

// pid is that of the next start.
func (k *kept) pid(t *testing.T) int {
	t.Helper()
	select {
	case pid := <-k.pids:
		return pid
	case <-time.After(patience):
		t.Fatal("the part was not started")
		return 0
	}
}

// until polls: what it waits for happens in another process.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited too long: %s", what)
		}
	}
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}

func TestKilledPartIsStartedAgain(t *testing.T) {
	t.Parallel()
	k := keepScript(t, "exec sleep 1000", step{syscall.SIGTERM, patience})
	first := k.pid(t)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := k.pid(t)
	if second == first {
		t.Errorf("both are process %d", first)
	}
	k.end()
	if alive(first) || alive(second) {
		t.Error("a process lives after the end")
	}
	if got := *k.last.Load(); got != "ended: signal: killed" {
		t.Errorf("got %q", got)
	}
}

func TestDeadPartTakesItsDescendantsAlong(t *testing.T) {
	t.Parallel()
	// The child leaves the group and holds the output open, as a rank of an
	// MPI world does.
	k := keepScript(t, `setsid sh -c 'echo child $$; exec sleep 1000' & wait`)
	k.pid(t)
	var child int
	until(t, "the child's line", func() bool {
		_, err := fmt.Sscanf(k.log.tail(1), "child %d", &child)
		return err == nil
	})
	k.end()
	until(t, "the end of the child", func() bool { return !alive(child) })
}

func TestStopStepsGrowHarder(t *testing.T) {
	t.Parallel()
	k := keepScript(t, `trap 'echo asked' USR1; trap '' TERM; echo begun; while :; do sleep 0.01; done`,
		step{syscall.SIGUSR1, 50 * time.Millisecond}, step{syscall.SIGTERM, 50 * time.Millisecond})
	pid := k.pid(t)
	until(t, "the script's first line", func() bool { return strings.Contains(k.log.tail(5), "begun") })
	k.end()
	if alive(pid) {
		t.Error("the process lives")
	}
	if !strings.Contains(k.log.tail(5), "asked") {
		t.Errorf("the first step did not reach it: %q", k.log.tail(5))
	}
}

func TestPartThatEndsByItselfOnStop(t *testing.T) {
	t.Parallel()
	k := keepScript(t, `trap 'echo goodbye; exit 0' TERM; echo begun; while :; do sleep 0.01; done`, step{syscall.SIGTERM, patience})
	k.pid(t)
	until(t, "the script's first line", func() bool { return strings.Contains(k.log.tail(5), "begun") })
	k.end()
	if got := k.log.tail(1); got != "goodbye" {
		t.Errorf("got %q", got)
	}
	if k.deaths.Load() != 0 {
		t.Error("the stop was counted as a death")
	}
}

func TestAwaitTellsWhyAPartDies(t *testing.T) {
	t.Parallel()
	k := keepScript(t, "echo no database; exit 3")
	err := k.await(t.Context(), patience)
	n, ok := errors.AsType[*NotReady](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if n.Part != "part" || n.Reason != "it ended: exit status 3" || !strings.Contains(n.Tail, "no database") {
		t.Errorf("got %+v", n)
	}
	if !strings.Contains(err.Error(), k.log.path) {
		t.Errorf("the log is not named: %v", err)
	}
}

func TestAwaitEnds(t *testing.T) {
	t.Parallel()
	k := keepScript(t, "exec sleep 1000", step{syscall.SIGTERM, patience})
	if _, ok := errors.AsType[*NotReady](k.await(t.Context(), 30*time.Millisecond)); !ok {
		t.Error("a part that never answers is not ready")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("interrupted")
	cancel(cause)
	if err := k.await(ctx, patience); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// On a busy machine, a part may take a second for its answer to a probe.
func TestSlowAnswerCounts(t *testing.T) {
	t.Parallel()
	k := keepScript(t, "exec sleep 1000", step{syscall.SIGTERM, patience})
	k.part.ready = func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
			return nil
		}
	}
	if err := k.await(t.Context(), 10*time.Second); err != nil {
		t.Error(err)
	}
}

func TestPartThatCannotBeStarted(t *testing.T) {
	t.Parallel()
	k := keepScript(t, "")
	k.end()
	missing := filepath.Join(t.TempDir(), "program")
	k.command = func() (*exec.Cmd, error) { return exec.Command(missing), nil }
	k.keep()
	err := k.await(t.Context(), patience)
	if n, ok := errors.AsType[*NotReady](err); !ok || !strings.Contains(n.Reason, "cannot be started") {
		t.Errorf("got %v", err)
	}
}

func restartsFrom(first, most, healthy time.Duration) restarts {
	r := newRestarts()
	r.waits.InitialInterval, r.waits.MaxInterval, r.healthy = first, most, healthy
	return r
}

func TestRestartsWaitTwiceAsLongAfterEachDeath(t *testing.T) {
	t.Parallel()
	r := restartsFrom(1, 6, 100)
	for i, want := range []time.Duration{1, 2, 4, 6, 6} {
		if got := r.next(0); got != want {
			t.Errorf("death %d: got %d, want %d", i, got, want)
		}
	}
	if got := r.next(100); got != 1 {
		t.Errorf("after a healthy life: got %d, want 1", got)
	}
}
