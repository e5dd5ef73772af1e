package mpi_test

import (
	"errors"
	"runtime"
	"testing"
	"time"
	"weak"

	"foliocast/mpicalc/mpi"
)

func TestIbcast(tt *testing.T) {
	t := onAllRanks(tt)
	waits := map[string]func(*mpi.Request) error{
		"Wait":                (*mpi.Request).Wait,
		"WaitSleeping":        func(r *mpi.Request) error { return r.WaitSleeping(5 * time.Millisecond) },
		"WaitWithoutSpinning": func(r *mpi.Request) error { return r.WaitWithoutSpinning(5 * time.Millisecond) },
		"Test": func(r *mpi.Request) error {
			for {
				if done, err := r.Test(); done || err != nil {
					return err
				}
			}
		},
	}
	t.each(func(root mpi.Rank) {
		for _, name := range []string{"Wait", "WaitSleeping", "WaitWithoutSpinning", "Test"} {
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

// The memory of a request is kept until it is done, also when only the request
// refers to it, and no longer.
func TestMemoryStaysUntilTheRequestIsDone(tt *testing.T) {
	t := onAllRanks(tt)
	const rounds, n = 20, 1000
	type block = [n]int64
	requests, blocks := make([]*mpi.Request, rounds), make([]weak.Pointer[block], rounds)
	for i := range requests {
		b := new(block)
		if t.rank == 0 {
			for j := range b {
				b[j] = int64(i*n + j)
			}
		}
		blocks[i] = weak.Make(b)
		var err error
		requests[i], err = mpi.Ibcast(t.world, b[:], 0)
		t.ok(err)
		b = nil
		runtime.GC()
	}
	for i, request := range requests {
		b := blocks[i].Value()
		if b == nil {
			t.Fatalf("the memory of broadcast %d was collected before it was done", i)
		}
		t.ok(request.Wait())
		for j, got := range b {
			if want := int64(i*n + j); got != want {
				t.Fatalf("broadcast %d, element %d: got %d, want %d", i, j, got, want)
			}
		}
	}
	runtime.GC()
	for i, b := range blocks {
		if b.Value() != nil {
			t.Fatalf("the memory of broadcast %d is still held after it was done", i)
		}
	}
	runtime.KeepAlive(requests)
}

// A request that nobody waits for keeps its memory pinned, and Finalize reports it.
// TestMain would fail if it were still in flight.
func TestFinalizeWithRequestInFlight(tt *testing.T) {
	t := onAllRanks(tt)
	request, err := mpi.Ibcast(t.world, make([]byte, 8), 0)
	t.ok(err)
	runtime.GC()
	refused(t, "Finalize", process.Finalize(), "Finalize", mpi.ErrRequest)
	t.ok(request.Wait())
}

// While one goroutine is in WaitSleeping, another one may call MPI. A call of the
// second is refused while the first tests. When a later call succeeds, before rank 0
// has begun the broadcast, the first has left MPI between two tests.
func TestOthersCallDuringWaitSleeping(tt *testing.T) {
	t := onAllRanks(tt)
	const tag, final = 9, 1
	word := make([]byte, 1)
	if t.rank == 0 {
		for waiting := t.size - 1; waiting > 0; {
			_, err := mpi.Recv(t.world, word, mpi.AnySource, tag)
			t.ok(err)
			if word[0] == final {
				waiting--
			}
		}
		word[0] = 42
	}
	request, err := mpi.Ibcast(t.world, word, 0)
	t.ok(err)
	waited := make(chan error)
	go func() {
		err := error(mpi.ErrOther)
		for errors.Is(err, mpi.ErrOther) { // the other one was in MPI just then
			err = request.WaitSleeping(time.Millisecond)
		}
		waited <- err
	}()
	if t.rank != 0 {
		end := time.Now().Add(time.Minute) // a bound on hangs
		refused, message := false, []byte{0}
		for {
			err := mpi.Send(t.world, message, 0, tag)
			switch {
			case errors.Is(err, mpi.ErrOther):
				refused, message[0] = true, final
			case err != nil:
				t.ok(err)
			}
			if err == nil && refused {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("no call succeeded while another goroutine waited; one was refused: %v", refused)
			}
		}
	}
	t.ok(<-waited)
	if word[0] != 42 {
		t.Fatalf("got %d, want 42", word[0])
	}
}
