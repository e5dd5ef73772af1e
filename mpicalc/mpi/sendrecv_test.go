package mpi_test

import (
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// All ranks send a megabyte at once, which Send and Recv in one order cannot.
func TestSendrecv(tt *testing.T) {
	t := onAllRanks(tt)
	for _, n := range []int{0, 3, 1 << 17} {
		out, in := slices.Repeat([]float64{float64(t.rank)}, n), make([]float64, n+1)
		status, err := mpi.Sendrecv(t.world, out, t.next(), 1, in, t.prev(), 1)
		t.ok(err)
		if want := (mpi.Status{Source: t.prev(), Tag: 1, Count: n}); status != want {
			t.Fatalf("status: got %+v, want %+v", status, want)
		}
		if want := slices.Repeat([]float64{float64(t.prev())}, n); !slices.Equal(in[:n], want) || in[n] != 0 {
			t.Fatalf("%d numbers from rank %d: wrong values", n, t.prev())
		}
	}
	// The two directions may have different types.
	in := make([]int16, 1)
	_, err := mpi.Sendrecv(t.world, []int16{-4}, t.prev(), 2, in, t.next(), 2)
	t.ok(err)
	if in[0] != -4 {
		t.Fatalf("got %d", in[0])
	}
	both := make([]byte, 4)
	_, err = mpi.Sendrecv(t.world, both[:3], t.next(), 1, both[2:], t.prev(), 1)
	refused(t, "Sendrecv", err, "Sendrecv", mpi.ErrBuffer)
}

func TestProcNull(tt *testing.T) {
	t := onAllRanks(tt)
	buf := []int32{5}
	nobody := mpi.Status{Source: mpi.ProcNull, Tag: mpi.AnyTag}
	t.ok(mpi.Send(t.world, buf, mpi.ProcNull, 0))
	status, err := mpi.Recv(t.world, buf, mpi.ProcNull, 0)
	t.ok(err)
	if status != nobody || buf[0] != 5 {
		t.Fatalf("Recv from nobody: got %+v and %v", status, buf)
	}
	status, err = mpi.Sendrecv(t.world, []int32{1}, mpi.ProcNull, 0, buf, mpi.ProcNull, 0)
	t.ok(err)
	if status != nobody || buf[0] != 5 {
		t.Fatalf("Sendrecv with nobody: got %+v and %v", status, buf)
	}
	request, err := mpi.Irecv(t.world, buf, mpi.ProcNull, 0)
	t.ok(err)
	t.ok(request.Wait())
	if request.Status() != nobody {
		t.Fatalf("Irecv from nobody: got %+v", request.Status())
	}
	message, status, err := mpi.Mprobe[int32](t.world, mpi.ProcNull, 0)
	t.ok(err)
	if status != nobody || message.Bytes() != 0 {
		t.Fatalf("Mprobe of nobody: got %+v", status)
	}
	status, err = mpi.Mrecv(message, buf)
	t.ok(err)
	if status != nobody {
		t.Fatalf("Mrecv from nobody: got %+v", status)
	}
}

// A message that Mprobe has taken is not found again, and other messages pass it.
func TestMprobe(tt *testing.T) {
	t := onAllRanks(tt)
	none, _, err := mpi.Improbe[float32](t.world, mpi.AnySource, mpi.AnyTag)
	t.ok(err)
	if none != nil {
		t.Fatalf("Improbe found a message before any was sent")
	}
	t.ok(t.world.Barrier())
	for _, c := range []struct {
		name string
		take func() (*mpi.Message, mpi.Status, error)
	}{
		{"Mprobe", func() (*mpi.Message, mpi.Status, error) {
			return mpi.Mprobe[float32](t.world, mpi.AnySource, mpi.AnyTag)
		}},
		{"Improbe", func() (m *mpi.Message, s mpi.Status, err error) {
			for m == nil && err == nil {
				m, s, err = mpi.Improbe[float32](t.world, mpi.AnySource, mpi.AnyTag)
			}
			return m, s, err
		}},
	} {
		first := toNext(t, []float32{1, 2, 3}, 4)
		message, status, err := c.take()
		t.ok(err)
		want := mpi.Status{Source: t.prev(), Tag: 4, Count: 3}
		if status != want || message.Bytes() != 12 {
			t.Fatalf("%s: got %+v and %d bytes, want %+v", c.name, status, message.Bytes(), want)
		}
		second := toNext(t, []float32{9}, 4)
		later := make([]float32, 1)
		_, err = mpi.Recv(t.world, later, t.prev(), 4)
		t.ok(err)
		got := make([]float32, 3)
		if c.name == "Mprobe" {
			status, err = mpi.Mrecv(message, got)
			t.ok(err)
		} else {
			request, err := mpi.Imrecv(message, got)
			t.ok(err)
			t.ok(request.Wait())
			status = request.Status()
		}
		if status != want || !slices.Equal(got, []float32{1, 2, 3}) || later[0] != 9 {
			t.Fatalf("%s: got %+v, %v and later %v", c.name, status, got, later)
		}
		_, err = mpi.Mrecv(message, got)
		refused(t, c.name, err, "Mrecv", mpi.ErrRequest)
		_, err = mpi.Imrecv(message, got)
		refused(t, c.name, err, "Imrecv", mpi.ErrRequest)
		first()
		second()
		t.ok(t.world.Barrier())
	}
	_, err = mpi.Mrecv(nil, []byte{1})
	refused(t, "nil", err, "Mrecv", mpi.ErrRequest)
}
