package mpi_test

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"foliocast/mpicalc/mpi"
)

// When Barrier returns on one rank, every rank has called it. The ranks count
// their calls in memory that they share. One rank, another each round, calls last:
// once it knows that all others are about to, and after more calls to MPI than a
// barrier that does not wait would take to return.
func TestBarrier(tt *testing.T) {
	t := onAllRanks(tt)
	const tag, unused = 20, 21
	calls := t.sharedCounters()
	for round := range int64(100) {
		last := mpi.Rank(round) % mpi.Rank(t.size)
		if t.rank == last {
			for range t.size - 1 {
				_, err := mpi.Recv(t.world, make([]byte, 1), mpi.AnySource, tag)
				t.ok(err)
			}
			for range 100 {
				_, _, err := mpi.Iprobe[byte](t.world, mpi.AnySource, unused)
				t.ok(err)
			}
		} else {
			t.ok(mpi.Send(t.world, []byte{1}, last, tag))
		}
		calls[t.rank].Add(1)
		t.ok(t.world.Barrier())
		for r, c := range calls {
			if got := c.Load(); got <= round {
				t.Fatalf("round %d: Barrier returned before rank %d called it", round, r)
			}
		}
	}
}

// sharedCounters are counters at 0, one for each rank, that all ranks see: they
// are in a file of rank 0. The tests run on one machine.
func (t spmd) sharedCounters() []*atomic.Int64 {
	const line = 64 // bytes, so that each has a cache line of its own
	path := make([]byte, 4096)
	if t.rank == 0 {
		name := filepath.Join(t.TempDir(), "counters")
		t.ok(os.WriteFile(name, make([]byte, line*t.size), 0o600))
		copy(path, name)
	}
	t.ok(mpi.Bcast(t.world, path, 0))
	file, err := os.OpenFile(cString(path), os.O_RDWR, 0)
	t.ok(err)
	defer file.Close()
	shared, err := syscall.Mmap(int(file.Fd()), 0, line*t.size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	t.ok(err)
	t.Cleanup(func() { t.ok(syscall.Munmap(shared)) })
	all := make([]*atomic.Int64, t.size)
	for r := range all {
		all[r] = (*atomic.Int64)(unsafe.Pointer(&shared[line*r]))
	}
	// No rank begins before all have opened the file, which rank 0 removes.
	t.ok(mpi.Allgather(t.world, []byte{1}, make([]byte, t.size)))
	return all
}

// cString is the text before the first zero byte.
func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
