package mpi_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"foliocast/mpicalc/mpi"
)

// waited waits for the request of a call that may have failed.
func waited(r *mpi.Request, err error) error {
	if err != nil {
		return err
	}
	return r.Wait()
}

// exchange starts one receive from each rank, in rank order, and then one send to each.
// Rank r sends r+1 numbers, each 100·r + the receiver.
func (t spmd) exchange() (requests []*mpi.Request, received [][]int32) {
	for r := range t.size {
		received = append(received, make([]int32, t.size+1))
		request, err := mpi.Irecv(t.world, received[r], mpi.Rank(r), 5)
		t.ok(err)
		requests = append(requests, request)
	}
	for r := range t.size {
		request, err := mpi.Isend(t.world, slices.Repeat([]int32{int32(100*int(t.rank) + r)}, int(t.rank)+1), mpi.Rank(r), 5)
		t.ok(err)
		requests = append(requests, request)
	}
	return requests, received
}

func (t spmd) exchanged(name string, requests []*mpi.Request, received [][]int32) {
	for r, got := range received {
		if want := slices.Repeat([]int32{int32(100*r + int(t.rank))}, r+1); !slices.Equal(got[:r+1], want) || got[r+1] != 0 {
			t.Fatalf("%s: got %v from rank %d, want %v", name, got, r, want)
		}
		if got, want := requests[r].Status(), (mpi.Status{Source: mpi.Rank(r), Tag: 5, Count: r + 1}); got != want {
			t.Fatalf("%s: status of the message from rank %d: got %+v, want %+v", name, r, got, want)
		}
	}
	for _, request := range requests {
		if done, err := request.Test(); !done || err != nil {
			t.Fatalf("%s: a request is done: %v, error %v", name, done, err)
		}
	}
	if n, err := process.InFlight(); n != 0 || err != nil {
		t.Fatalf("%s: %d requests are in flight, error %v", name, n, err)
	}
}

func TestWaits(tt *testing.T) {
	t := onAllRanks(tt)
	for _, c := range []struct {
		name string
		wait func([]*mpi.Request)
	}{
		{"Wait", func(all []*mpi.Request) {
			for _, r := range slices.Backward(all) {
				t.ok(r.Wait())
			}
		}},
		{"Waitall", func(all []*mpi.Request) { t.ok(mpi.Waitall(all...)) }},
		{"Waitall of some that are done", func(all []*mpi.Request) {
			t.ok(all[0].Wait())
			t.ok(mpi.Waitall(all...))
			t.ok(mpi.Waitall(all...))
		}},
		{"Testall", func(all []*mpi.Request) {
			for {
				done, err := mpi.Testall(all...)
				t.ok(err)
				if done {
					return
				}
			}
		}},
		{"Waitany", func(all []*mpi.Request) {
			t.each1(len(all), func() int {
				place, err := mpi.Waitany(all...)
				t.ok(err)
				return place
			})
			if place, err := mpi.Waitany(all...); place != -1 || err != nil {
				t.Fatalf("Waitany when all are done: place %d, error %v", place, err)
			}
		}},
		{"Testany", func(all []*mpi.Request) {
			t.each1(len(all), func() int {
				for {
					place, done, err := mpi.Testany(all...)
					t.ok(err)
					if done {
						return place
					}
				}
			})
			if place, done, err := mpi.Testany(all...); place != -1 || !done || err != nil {
				t.Fatalf("Testany when all are done: place %d, done %v, error %v", place, done, err)
			}
		}},
		{"Waitsome", func(all []*mpi.Request) { t.inParts(all, mpi.Waitsome, true) }},
		{"Testsome", func(all []*mpi.Request) { t.inParts(all, mpi.Testsome, false) }},
	} {
		requests, received := t.exchange()
		c.wait(requests)
		t.exchanged(c.name, requests, received)
		t.ok(t.world.Barrier())
	}
	t.ok(mpi.Waitall())
	if done, err := mpi.Testall(); !done || err != nil {
		t.Fatalf("Testall of nothing: %v, %v", done, err)
	}
}

// each1 checks that next returns every place below n once.
func (t spmd) each1(n int, next func() int) {
	seen := make([]bool, n)
	for range n {
		place := next()
		if place < 0 || place >= n || seen[place] {
			t.Fatalf("place %d of %d, seen %v", place, n, seen)
		}
		seen[place] = true
	}
}

func (t spmd) inParts(all []*mpi.Request, wait func(...*mpi.Request) ([]int, error), some bool) {
	var places []int
	for len(places) < len(all) {
		more, err := wait(all...)
		t.ok(err)
		if some && len(more) == 0 {
			t.Fatalf("no request is done of %d with %v done", len(all), places)
		}
		places = append(places, more...)
	}
	slices.Sort(places)
	for i, place := range places {
		if place != i {
			t.Fatalf("got the places %v of %d requests", places, len(all))
		}
	}
	if more, err := wait(all...); len(more) != 0 || err != nil {
		t.Fatalf("when all are done: places %v, error %v", more, err)
	}
}

// One of three receives is truncated: it alone has the error, whichever call waits. The
// messages come first, since Open MPI 4.1 does not notice a truncated message to oneself
// that is expected.
func TestWaitsReportTheirErrors(tt *testing.T) {
	t := onAllRanks(tt)
	for _, c := range []struct {
		name string
		wait func([]*mpi.Request) error
	}{
		{"Waitall", func(all []*mpi.Request) error { return mpi.Waitall(all...) }},
		{"Testall", func(all []*mpi.Request) error {
			for {
				if done, err := mpi.Testall(all...); done || err != nil {
					return err
				}
			}
		}},
		{"Waitany", func(all []*mpi.Request) (err error) {
			for range all {
				_, one := mpi.Waitany(all...)
				err = errors.Join(err, one)
			}
			return err
		}},
		{"Waitsome", func(all []*mpi.Request) (err error) {
			for n := 0; n < len(all); {
				places, some := mpi.Waitsome(all...)
				err = errors.Join(err, some)
				n += len(places)
			}
			return err
		}},
	} {
		var receives, sends []*mpi.Request
		for tag := range 3 {
			request, err := mpi.Isend(t.world, []int64{1, 2}, t.next(), mpi.Tag(tag))
			t.ok(err)
			sends = append(sends, request)
		}
		t.ok(t.world.Barrier())
		for tag, room := range []int{2, 1, 2} {
			request, err := mpi.Irecv(t.world, make([]int64, room), t.prev(), mpi.Tag(tag))
			t.ok(err)
			receives = append(receives, request)
		}
		if err := c.wait(receives); !errors.Is(err, mpi.ErrTruncate) {
			t.Fatalf("%s: got %v, want class %v", c.name, err, mpi.ErrTruncate)
		}
		for i, r := range receives {
			if err := r.Wait(); errors.Is(err, mpi.ErrTruncate) != (i == 1) || i != 1 && err != nil {
				t.Fatalf("%s: receive %d: %v", c.name, i, err)
			}
		}
		t.ok(mpi.Waitall(sends...))
		t.ok(t.world.Barrier())
	}
}

func TestWaitsRefused(tt *testing.T) {
	t := onAllRanks(tt)
	buf := make([]byte, 1)
	request, err := mpi.Irecv(t.world, buf, t.prev(), 3)
	t.ok(err)
	for _, wrong := range [][]*mpi.Request{{nil}, {request, nil}, {{}}, {request, request}} {
		refused(t, "Waitall", mpi.Waitall(wrong...), "Waitall", mpi.ErrRequest)
		_, err := mpi.Testall(wrong...)
		refused(t, "Testall", err, "Testall", mpi.ErrRequest)
		_, err = mpi.Waitany(wrong...)
		refused(t, "Waitany", err, "Waitany", mpi.ErrRequest)
		_, err = mpi.Testsome(wrong...)
		refused(t, "Testsome", err, "Testsome", mpi.ErrRequest)
	}
	t.ok(waited(mpi.Isend(t.world, []byte{7}, t.next(), 3)))
	t.ok(mpi.Waitall(request))
	if buf[0] != 7 {
		t.Fatalf("got %d", buf[0])
	}
}

// A receive that nobody answers is withdrawn; one that is answered is not.
func TestCancel(tt *testing.T) {
	t := onAllRanks(tt)
	never, err := mpi.Irecv(t.world, make([]byte, 1), mpi.AnySource, 30)
	t.ok(err)
	t.ok(never.Cancel())
	t.ok(never.Wait())
	if !never.Status().Cancelled {
		t.Fatalf("the receive was not cancelled: %+v", never.Status())
	}
	t.ok(never.Cancel()) // it is done

	answered, err := mpi.Irecv(t.world, make([]byte, 1), t.prev(), 31)
	t.ok(err)
	sent, err := mpi.Isend(t.world, []byte{1}, t.next(), 31)
	t.ok(err)
	refused(t, "Cancel", sent.Cancel(), "Cancel", mpi.ErrRequest)
	t.ok(mpi.Waitall(answered, sent))
	if answered.Status().Cancelled {
		t.Fatalf("the receive was cancelled after it was done")
	}
}

// A request that the program drops is still counted, and named at the end.
func TestDroppedRequest(tt *testing.T) {
	t := onAllRanks(tt)
	_, err := mpi.Irecv(t.world, make([]byte, 1), t.prev(), 32)
	t.ok(err)
	runtime.GC()
	if n, err := process.InFlight(); n != 1 || err != nil {
		t.Fatalf("%d requests are in flight, error %v", n, err)
	}
	err = process.Finalize()
	refused(t, "Finalize", err, "Finalize", mpi.ErrRequest)
	if !strings.Contains(err.Error(), "Irecv") {
		t.Fatalf("the error does not name the call: %v", err)
	}
	// For the tests that follow: its message comes, and a call makes progress.
	t.ok(waited(mpi.Isend(t.world, []byte{1}, t.next(), 32)))
	mpi.Forget(process)
}

// Many short messages are on their way before the first is received, more than MPI takes
// at once, and the sender's slice changes after each.
func TestManyShortSends(tt *testing.T) {
	t := onAllRanks(tt)
	const n = 2000
	var sends []*mpi.Request
	for i := range n {
		request, err := mpi.Isend(t.world, slices.Repeat([]int64{int64(i)}, 1+i%128), t.next(), 0)
		t.ok(err)
		sends = append(sends, request)
	}
	got := make([]int64, 128)
	for i := range n {
		status, err := mpi.Recv(t.world, got, t.prev(), 0)
		t.ok(err)
		if want := slices.Repeat([]int64{int64(i)}, 1+i%128); !slices.Equal(got[:status.Count], want) {
			t.Fatalf("message %d is %v", i, got[:status.Count])
		}
	}
	t.ok(mpi.Waitall(sends...))
}
