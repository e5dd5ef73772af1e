package mpi_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"foliocast/mpicalc/mpi"
)

// Each rank sends to the next one and receives from the one before, in a ring.

func (t spmd) next() mpi.Rank { return mpi.Rank((int(t.rank) + 1) % t.size) }
func (t spmd) prev() mpi.Rank { return mpi.Rank((int(t.rank) + t.size - 1) % t.size) }

// toNext sends buf to the next rank; sent waits until it may be used again. In a world of
// one rank Send may wait for the receive of the same goroutine, so there it is Isend.
func toNext[T mpi.Number](t spmd, buf []T, tag mpi.Tag) (sent func()) {
	if t.size > 1 {
		t.ok(mpi.Send(t.world, buf, t.next(), tag))
		return func() {}
	}
	request, err := mpi.Isend(t.world, buf, t.next(), tag)
	t.ok(err)
	return func() { t.ok(request.Wait()) }
}

func TestSendRecv(tt *testing.T) {
	t := onAllRanks(tt)
	sent := toNext(t, []float64{float64(t.rank), 0.5}, 7)
	got := make([]float64, 3)
	status, err := mpi.Recv(t.world, got, t.prev(), 7)
	t.ok(err)
	sent()
	if want := (mpi.Status{Source: t.prev(), Tag: 7, Count: 2}); status != want {
		t.Fatalf("status: got %+v, want %+v", status, want)
	}
	if want := []float64{float64(t.prev()), 0.5, 0}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestSendRecvNothing(tt *testing.T) {
	t := onAllRanks(tt)
	for _, empty := range [][]int64{nil, {}} {
		sent := toNext(t, empty, 0)
		status, err := mpi.Recv(t.world, empty, mpi.AnySource, mpi.AnyTag)
		t.ok(err)
		sent()
		if want := (mpi.Status{Source: t.prev()}); status != want {
			t.Fatalf("status: got %+v, want %+v", status, want)
		}
		t.ok(t.world.Barrier())
	}
}

// Send of a megabyte does not return before it is received.
func TestSendRecvLong(tt *testing.T) {
	t := onAllRanks(tt)
	const n = 1 << 17
	if t.size == 1 {
		return // it would wait for itself
	}
	out, in := make([]float64, n), make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	send := func() { t.ok(mpi.Send(t.world, out, t.next(), 0)) }
	recv := func() {
		_, err := mpi.Recv(t.world, in, t.prev(), 0)
		t.ok(err)
	}
	if t.rank == 0 {
		send()
		recv()
	} else {
		recv()
		send()
	}
	if !slices.Equal(in, out) {
		t.Fatalf("the message arrived changed")
	}
}

func TestTagsSelect(tt *testing.T) {
	t := onAllRanks(tt)
	for tag := range mpi.Tag(3) {
		defer toNext(t, []int32{int32(tag)}, tag)()
	}
	for _, tag := range []mpi.Tag{2, 0, 1} {
		got := make([]int32, 1)
		_, err := mpi.Recv(t.world, got, t.prev(), tag)
		t.ok(err)
		if got[0] != int32(tag) {
			t.Fatalf("got message %d with tag %d", got[0], tag)
		}
	}
}

func TestRecvTruncated(tt *testing.T) {
	t := onAllRanks(tt)
	defer toNext(t, []uint16{1, 2, 3}, 1)()
	defer toNext(t, []uint16{4}, 2)()
	_, err := mpi.Recv(t.world, make([]uint16, 2), t.prev(), 1)
	if !errors.Is(err, mpi.ErrTruncate) {
		t.Fatalf("got %v, want class %v", err, mpi.ErrTruncate)
	}
	fromMPI(t, err, "mpi: Recv: MPI_ERR_TRUNCATE: ", "message truncated", "Message truncated")
	// The next message is not touched by it.
	got := make([]uint16, 1)
	_, err = mpi.Recv(t.world, got, t.prev(), 2)
	t.ok(err)
	if got[0] != 4 {
		t.Fatalf("after the truncated message: got %d, want 4", got[0])
	}
}

// Three bytes are not a whole number of float64. MPICH ends the process in a receive of
// such a message, so there only Probe is asked.
func TestRecvPartOfElement(tt *testing.T) {
	t := onAllRanks(tt)
	defer toNext(t, []byte{1, 2, 3}, 0)()
	_, err := mpi.Probe[float64](t.world, t.prev(), 0)
	refused(t, "Probe", err, "Probe", mpi.ErrType)
	if isMPICH() {
		_, err = mpi.Recv(t.world, make([]byte, 3), t.prev(), 0)
		t.ok(err)
		return
	}
	_, err = mpi.Recv(t.world, make([]float64, 1), t.prev(), 0)
	refused(t, "Recv", err, "Recv", mpi.ErrType)
}

func isMPICH() bool { return strings.HasPrefix(mpi.Library(), "MPICH") }

func TestProbe(tt *testing.T) {
	t := onAllRanks(tt)
	if _, found, err := mpi.Iprobe[float32](t.world, mpi.AnySource, mpi.AnyTag); found || err != nil {
		t.Fatalf("before any message: found %v, error %v", found, err)
	}
	t.ok(t.world.Barrier())
	defer toNext(t, make([]float32, 5), 3)()
	want := mpi.Status{Source: t.prev(), Tag: 3, Count: 5}
	status, err := mpi.Probe[float32](t.world, mpi.AnySource, mpi.AnyTag)
	t.ok(err)
	if status != want {
		t.Fatalf("Probe: got %+v, want %+v", status, want)
	}
	status, found, err := mpi.Iprobe[float32](t.world, status.Source, status.Tag)
	t.ok(err)
	if !found || status != want {
		t.Fatalf("Iprobe: got %+v and %v, want %+v", status, found, want)
	}
	_, err = mpi.Recv(t.world, make([]float32, status.Count), status.Source, status.Tag)
	t.ok(err)
}
