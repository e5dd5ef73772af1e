package mpi_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"foliocast/mpicalc/mpi"
)

func TestIbcast(tt *testing.T) {
	t := onAllRanks(tt)
	waits := map[string]func(*mpi.Request) error{
		"Wait":         (*mpi.Request).Wait,
		"WaitPolitely": func(r *mpi.Request) error { return r.WaitPolitely(5 * time.Millisecond) },
		"Test": func(r *mpi.Request) error {
			for {
				if done, err := r.Test(); done || err != nil {
					return err
				}
			}
		},
	}
	t.each(func(root mpi.Rank) {
		for _, name := range []string{"Wait", "WaitPolitely", "Test"} {
			for _, n := range []int{0, 1, 100_000} {
				buf := make([]int32, n)
				if t.rank == root {
					for i := range buf {
						buf[i] = int32(i)
					}
				}
				request, err := mpi.Ibcast(t.world, buf, root)
				t.ok(err)
				t.ok(waits[name](request))
				for i := range buf {
					if buf[i] != int32(i) {
						t.Fatalf("%s, root %d: element %d of %d is %d", name, root, i, n, buf[i])
					}
				}
				// Once done, it stays done.
				t.ok(request.Wait())
				done, err := request.Test()
				t.ok(err)
				if !done {
					t.Fatalf("%s, root %d: not done any more", name, root)
				}
			}
		}
	})
}

// The slice has no other owner than MPI while the collector runs.
func TestMemoryStaysInPlace(tt *testing.T) {
	t := onAllRanks(tt)
	const rounds, n = 20, 1000
	requests, bufs := make([]*mpi.Request, rounds), make([][]int64, rounds)
	for i := range requests {
		bufs[i] = make([]int64, n)
		if t.rank == 0 {
			for j := range bufs[i] {
				bufs[i][j] = int64(i*n + j)
			}
		}
		var err error
		requests[i], err = mpi.Ibcast(t.world, bufs[i], 0)
		t.ok(err)
		runtime.GC()
	}
	for i, request := range requests {
		t.ok(request.Wait())
		want := make([]int64, n)
		for j := range want {
			want[j] = int64(i*n + j)
		}
		if !slices.Equal(bufs[i], want) {
			t.Fatalf("broadcast %d arrived changed", i)
		}
	}
}

// A request that nobody waits for keeps its memory pinned and is found out at
// the end; TestMain would fail if it were still there.
func TestFinalizeWithRequestInFlight(tt *testing.T) {
	t := onAllRanks(tt)
	request, err := mpi.Ibcast(t.world, make([]byte, 8), 0)
	t.ok(err)
	runtime.GC()
	refused(t, "Finalize", process.Finalize(), "Finalize", mpi.ErrRequest)
	t.ok(request.Wait())
}

// While one goroutine waits, politely, another one may call MPI.
func TestOthersCallDuringPoliteWait(tt *testing.T) {
	t := onAllRanks(tt)
	if t.size == 1 {
		return // nobody to wait for
	}
	word := make([]byte, 1)
	if t.rank == 0 {
		// The other ranks report that they wait, then they are woken.
		for r := 1; r < t.size; r++ {
			_, err := mpi.Recv(t.world, word, mpi.AnySource, 9)
			t.ok(err)
		}
		word[0] = 42
	}
	request, err := mpi.Ibcast(t.world, word, 0)
	t.ok(err)
	if t.rank != 0 {
		t.ok(mpi.Send(t.world, []byte{1}, 0, 9))
	}
	t.ok(request.WaitPolitely(time.Millisecond))
	if word[0] != 42 {
		t.Fatalf("got %d, want 42", word[0])
	}
}
