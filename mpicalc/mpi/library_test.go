package mpi_test

import (
	"strings"
	"testing"

	"foliocast/mpicalc/mpi"
)

func TestLibrary(tt *testing.T) {
	t := onAllRanks(tt)
	if major, minor := mpi.Version(); major < 3 || major > 5 || minor < 0 || minor > 1 {
		t.Fatalf("MPI %d.%d", major, minor)
	}
	if name := mpi.Library(); !strings.HasPrefix(name, "Open MPI v") && !strings.HasPrefix(name, "MPICH Version:") {
		t.Fatalf("got %q", name)
	}
	// The largest tag can be used; the standard promises 32767.
	largest := process.TagLimit()
	if largest < 32767 {
		t.Fatalf("the largest tag is %d", largest)
	}
	defer toNext(t, []byte{1}, largest)()
	status, err := mpi.Recv(t.world, make([]byte, 1), t.prev(), mpi.AnyTag)
	t.ok(err)
	if status.Tag != largest {
		t.Fatalf("got the tag %d, want %d", status.Tag, largest)
	}
}
