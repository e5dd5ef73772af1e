package wake_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"foliocast/mpicalc/mpi"
	"foliocast/mpicalc/mpi/mpitest"
	"foliocast/mpicalc/mpi/wake"
)

func TestMain(m *testing.M) { mpitest.Main(m, program) }

// program is one rank of the scenario that its argument names.
func program() {
	scenarios := map[string]func(*mpi.Comm) error{"messages": messages, "stopped": stopped, "dies": dies}
	if err := mpi.Main(scenarios[os.Args[1]]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Every rank gets every message, of every length, on one node and on several.
func TestMessages(t *testing.T) {
	t.Parallel()
	for _, ranks := range []int{1, 2, 3, 8} {
		succeeds(t, ranks, "messages")
	}
}

func messages(world *mpi.Comm) error {
	for _, width := range []int{1, 2, 3, world.Size()} { // ranks of a node
		node, err := world.Split(int(world.Rank())/width, 0)
		if err != nil {
			return err
		}
		bell, err := wake.NewOn(world, node)
		if err != nil {
			return err
		}
		for n := range wake.Limit + 1 {
			if err := ring(world, bell, n); err != nil {
				return err
			}
		}
		if err := bell.Bcast(make([]byte, wake.Limit+1)); err == nil {
			return errors.New("a message that is too long was not refused")
		}
		if err := bell.Free(); err != nil {
			return err
		}
	}
	return nil
}

// ring broadcasts n bytes and checks them.
func ring(world *mpi.Comm, bell *wake.Bell, n int) error {
	want, got := bytes.Repeat([]byte{byte(n + 1)}, n), make([]byte, n)
	if world.Rank() == 0 {
		copy(got, want)
	}
	if err := bell.Bcast(got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("rank %d got %v, want %v", world.Rank(), got, want)
	}
	return nil
}

// A rank that is stopped delays the message after the one that it did not read, and loses none.
func TestOneIsStopped(t *testing.T) {
	t.Parallel()
	succeeds(t, 3, "stopped")
}

func stopped(world *mpi.Comm) error {
	bell, err := wake.New(world)
	if err != nil {
		return err
	}
	pids := make([]int64, world.Size())
	if err := mpi.Allgather(world, []int64{int64(os.Getpid())}, pids); err != nil {
		return err
	}
	var continued chan error
	for n := range 6 {
		if n == 2 { // all have read the messages before
			if err := world.Barrier(); err != nil {
				return err
			}
		}
		if world.Rank() == 0 && n == 2 {
			if err := stop(int(pids[1])); err != nil {
				return err
			}
		}
		if world.Rank() == 0 && n == 3 { // message 2 is out
			continued = make(chan error)
			go func() { continued <- syscall.Kill(int(pids[1]), syscall.SIGCONT) }()
		}
		if err := ring(world, bell, n); err != nil {
			return err
		}
	}
	if continued != nil {
		if err := <-continued; err != nil {
			return err
		}
	}
	return bell.Free()
}

// stop stops a process and returns when it stands.
func stop(pid int) error {
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	for {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return err
		}
		if _, state, _ := strings.Cut(string(stat), ") "); strings.HasPrefix(state, "T") {
			return nil
		}
	}
}

// When a rank dies, the world ends, though the others sleep and nobody wakes them. Rank 0 has left
// New for good by then, and nobody waits for it in there.
func TestOneDiesWhileOthersSleep(t *testing.T) {
	t.Parallel()
	killed := []int{128 + 9}
	if mpitest.MPICH {
		killed = []int{9}
	}
	if out := mpitest.Run(t, 4, "dies"); !slices.Contains(killed, out.Code) {
		t.Errorf("exit code %d, want %v\n%s", out.Code, killed, out.Stderr)
	}
}

func dies(world *mpi.Comm) error {
	bell, err := wake.New(world)
	if err != nil {
		return err
	}
	switch world.Rank() {
	case 0:
		select {} // waits for something else than MPI
	case 3:
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	return bell.Bcast(make([]byte, 1))
}

func succeeds(t *testing.T, ranks int, args ...string) {
	t.Helper()
	if out := mpitest.Run(t, ranks, args...); out.Code != 0 {
		t.Errorf("%d ranks: exit code %d\n%s%s", ranks, out.Code, out.Stdout, out.Stderr)
	}
}
