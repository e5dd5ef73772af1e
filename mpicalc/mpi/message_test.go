package mpi_test

import (
	"errors"
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// Each rank sends to the next one and receives from the one before, in a ring.
// Send of a short message returns before it is received, so that a world of one
// rank can send to itself.

func (t spmd) next() mpi.Rank { return mpi.Rank((int(t.rank) + 1) % t.size) }
func (t spmd) prev() mpi.Rank { return mpi.Rank((int(t.rank) + t.size - 1) % t.size) }

func TestSendRecv(tt *testing.T) {
	t := onAllRanks(tt)
	t.ok(mpi.Send(t.world, []float64{float64(t.rank), 0.5}, t.next(), 7))
	got := make([]float64, 3)
	status, err := mpi.Recv(t.world, got, t.prev(), 7)
	t.ok(err)
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
		t.ok(mpi.Send(t.world, empty, t.next(), 0))
		status, err := mpi.Recv(t.world, empty, mpi.AnySource, mpi.AnyTag)
		t.ok(err)
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
		t.ok(mpi.Send(t.world, []int32{int32(tag)}, t.next(), tag))
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
	t.ok(mpi.Send(t.world, []uint16{1, 2, 3}, t.next(), 1))
	t.ok(mpi.Send(t.world, []uint16{4}, t.next(), 2))
	_, err := mpi.Recv(t.world, make([]uint16, 2), t.prev(), 1)
	if !errors.Is(err, mpi.ErrTruncate) {
		t.Fatalf("got %v, want class %v", err, mpi.ErrTruncate)
	}
	if got, want := err.Error(), "mpi: Recv: MPI_ERR_TRUNCATE: message truncated"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	// The next message is not touched by it.
	got := make([]uint16, 1)
	_, err = mpi.Recv(t.world, got, t.prev(), 2)
	t.ok(err)
	if got[0] != 4 {
		t.Fatalf("after the truncated message: got %d, want 4", got[0])
	}
}

// Three bytes are not a whole number of float64.
func TestRecvPartOfElement(tt *testing.T) {
	t := onAllRanks(tt)
	t.ok(mpi.Send(t.world, []byte{1, 2, 3}, t.next(), 0))
	_, err := mpi.Probe[float64](t.world, t.prev(), 0)
	refused(t, "Probe", err, "Probe", mpi.ErrType)
	_, err = mpi.Recv(t.world, make([]float64, 1), t.prev(), 0)
	refused(t, "Recv", err, "Recv", mpi.ErrType)
}

func TestProbe(tt *testing.T) {
	t := onAllRanks(tt)
	if _, found, err := mpi.Iprobe[float32](t.world, mpi.AnySource, mpi.AnyTag); found || err != nil {
		t.Fatalf("before any message: found %v, error %v", found, err)
	}
	t.ok(t.world.Barrier())
	t.ok(mpi.Send(t.world, make([]float32, 5), t.next(), 3))
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
