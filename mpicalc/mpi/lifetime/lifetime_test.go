// Package lifetime tests how a world starts and ends: it starts worlds of its own,
// with mpirun, in which one rank fails in some way, and checks how mpirun exits. It
// is separate from the tests of package mpi because those run inside a world.
package lifetime

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/mpicalc/mpi/mpitest"
)

// scenario is the environment variable that turns this test binary into a rank of a
// world and names what that rank does.
const scenario = "FOLIOCAST_TEST_SCENARIO"

func TestMain(m *testing.M) {
	if name := os.Getenv(scenario); name != "" {
		os.Exit(play(name))
	}
	os.Exit(m.Run())
}

// start starts three ranks of this test binary. They are killed when the test ends,
// or after two minutes.
func start(t *testing.T, name string, env ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	args := append(mpitest.Mpirun(3), os.Args[0])
	cmd = exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(append(mpitest.Environ(), scenario+"="+name), env...)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("start mpirun: %v", err)
	}
	return cmd, stdout, stderr
}

// exitCode waits for the end of the world.
func exitCode(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	err := cmd.Wait()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return failed.ExitCode()
	}
	if err != nil {
		t.Fatalf("mpirun: %v", err)
	}
	return 0
}

func TestEnd(t *testing.T) {
	t.Parallel()
	killed, exited := []int{128 + 9}, []int{5}
	if mpitest.MPICH { // its mpirun may find the other ranks first, which it kills
		killed, exited = []int{9}, []int{5, 9}
	}
	for _, c := range []struct {
		name string
		code []int    // one of them
		log  []string // what stderr must contain
	}{
		{"all return", []int{0}, nil},
		{"one returns an error", []int{1}, []string{"rank failed", "rank=1", "the disk is full"}},
		{"one panics", []int{2}, []string{"rank panicked", "rank=1", "index out of range", "scenario_test.go"}},
		{"one panics in another goroutine", []int{2}, []string{"rank panicked", "rank=1", "a worker failed"}},
		{"one ends its goroutine", []int{1}, []string{"rank failed", "rank=1", "ended before its function"}},
		{"one aborts", []int{77}, nil},
		{"one aborts with a code out of range", []int{1}, nil},
		{"one dies", killed, nil},
		{"one exits", exited, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd, stdout, stderr := start(t, c.name)
			code := exitCode(t, cmd)
			if !slices.Contains(c.code, code) {
				t.Errorf("exit code %d, want %v", code, c.code)
			}
			for _, want := range c.log {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("stderr lacks %q", want)
				}
			}
			if t.Failed() {
				t.Logf("stdout:\n%s\nstderr:\n%s", stdout, stderr)
			}
		})
	}
}

// SIGUSR1 to mpirun asks a world to stop: every rank receives it, and the world ends
// with code 0.
func TestStopBySignal(t *testing.T) {
	t.Parallel()
	cmd, ready := startListening(t)
	ready()
	if err := cmd.Process.Signal(stopSignal); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(t, cmd); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// A process that mpirun did not start is a world of one, and there, too, Main turns
// a failure into an exit code.
func TestAlone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"all return": 0, "the only one panics": 2} {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(mpitest.Environ(), scenario+"="+name)
		out := new(bytes.Buffer)
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if code := exitCode(t, cmd); code != want {
			t.Errorf("%s: exit code %d, want %d\n%s", name, code, want, out)
		}
	}
}
