package mpi_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"foliocast/mpicalc/mpi"
)

// The tests of this package run on any number of ranks: plain go test is a world
// of one, and go test -exec "mpirun -np 3" a world of three. All ranks run the same
// tests in the same order, so no test is parallel.

// process is set by TestMain, which alone may call Init.
var process *mpi.Process

func TestMain(m *testing.M) {
	var err error
	if process, err = mpi.Init(mpi.ThreadSerialized); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if code != 0 {
		process.World().Abort(code)
	}
	if err := afterwards(process); err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// spmd is a test that runs on all ranks at once. Its first failure ends the world,
// since the other ranks would wait for this one for ever. So it is printed at once,
// with its rank, and not after the test as by the testing package.
type spmd struct {
	*testing.T
	world *mpi.Comm
	rank  mpi.Rank
	size  int
}

func onAllRanks(t *testing.T) spmd {
	world := process.World()
	return spmd{T: t, world: world, rank: world.Rank(), size: world.Size()}
}

func (t spmd) Fatalf(format string, args ...any) {
	_, file, line, _ := runtime.Caller(1)
	t.abort(file, line, fmt.Sprintf(format, args...))
}

func (t spmd) abort(file string, line int, text string) {
	fmt.Fprintf(os.Stderr, "--- FAIL: %s on rank %d of %d\n    %s:%d: %s\n",
		t.Name(), t.rank, t.size, filepath.Base(file), line, text)
	t.world.Abort(1)
}

// ok fails the test when err is not nil.
func (t spmd) ok(err error) {
	if err != nil {
		_, file, line, _ := runtime.Caller(1)
		t.abort(file, line, err.Error())
	}
}

// each calls f with every rank as root.
func (t spmd) each(f func(root mpi.Rank)) {
	for root := range t.size {
		f(mpi.Rank(root))
	}
}
