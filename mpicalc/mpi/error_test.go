package mpi_test

import (
	"errors"
	"math"
	"strings"
	"syscall"
	"testing"

	"foliocast/mpicalc/mpi"
)

// refused checks that err is a call that did not reach MPI.
func refused(t spmd, name string, err error, op string, class mpi.Class) {
	var e *mpi.Error
	switch {
	case !errors.As(err, &e):
		t.Fatalf("%s: got %v, want an *mpi.Error", name, err)
	case e.Op != op || e.Class != class || e.Code != int(class):
		t.Fatalf("%s: got %+v, want op %s and class %v", name, e, op, class)
	case !errors.Is(err, class):
		t.Fatalf("%s: errors.Is(%v, %v) is false", name, err, class)
	case !strings.HasPrefix(err.Error(), "mpi: "+op+": "+class.Error()+": "):
		t.Fatalf("%s: text %q", name, err)
	}
}

func TestWrongRootsAndRanks(tt *testing.T) {
	t := onAllRanks(tt)
	one, all := make([]float64, 1), make([]float64, t.size)
	counts := make([]int, t.size)
	for _, wrong := range []mpi.Rank{-1, -2, -3, mpi.Rank(t.size), math.MaxInt32, math.MaxInt64, math.MinInt64} {
		_, err := mpi.Ibcast(t.world, one, wrong)
		refused(t, "Ibcast", err, "Ibcast", mpi.ErrRoot)
		refused(t, "Bcast", mpi.Bcast(t.world, one, wrong), "Bcast", mpi.ErrRoot)
		refused(t, "Scatterv", mpi.Scatterv(t.world, all, counts, one, wrong), "Scatterv", mpi.ErrRoot)
		refused(t, "Gatherv", mpi.Gatherv(t.world, one, all, counts, wrong), "Gatherv", mpi.ErrRoot)
		refused(t, "Reduce", mpi.Reduce(t.world, one, all[:1], mpi.OpSum, wrong), "Reduce", mpi.ErrRoot)
		if wrong == mpi.ProcNull {
			continue
		}
		refused(t, "Send", mpi.Send(t.world, one, wrong, 0), "Send", mpi.ErrRank)
		if wrong == mpi.AnySource {
			continue
		}
		_, err = mpi.Recv(t.world, one, wrong, 0)
		refused(t, "Recv", err, "Recv", mpi.ErrRank)
		_, err = mpi.Probe[float64](t.world, wrong, 0)
		refused(t, "Probe", err, "Probe", mpi.ErrRank)
		_, _, err = mpi.Iprobe[float64](t.world, wrong, 0)
		refused(t, "Iprobe", err, "Iprobe", mpi.ErrRank)
	}
}

func TestWrongTags(tt *testing.T) {
	t := onAllRanks(tt)
	for _, wrong := range []mpi.Tag{-1, -2, -3, process.TagLimit() + 1, math.MaxInt32 + 1, math.MinInt64} {
		refused(t, "Send", mpi.Send(t.world, []byte{1}, 0, wrong), "Send", mpi.ErrTag)
		if wrong != mpi.AnyTag {
			_, err := mpi.Recv(t.world, make([]byte, 1), 0, wrong)
			refused(t, "Recv", err, "Recv", mpi.ErrTag)
		}
	}
}

// The counts are wrong on every rank, and each rank is root of its own call, so no
// call reaches MPI.
func TestWrongCounts(tt *testing.T) {
	t := onAllRanks(tt)
	counts := func(first int) []int {
		c := make([]int, t.size)
		for i := range c {
			c[i] = 1
		}
		c[0] = first
		return c
	}
	whole, own := make([]int32, t.size), make([]int32, 1)
	for _, c := range []struct {
		name   string
		counts []int
		own    []int32
	}{
		{"no counts", nil, own},
		{"one too few", counts(1)[1:], own},
		{"one too many", append(counts(1), 0), own},
		{"negative", counts(-1), own},
		{"sum too small", counts(0), own},
		{"sum too large", counts(2), own},
		{"beyond 32 bits", counts(math.MaxInt32 + 1), own},
		{"sum beyond 64 bits", counts(math.MaxInt), own},
		{"own block too short", counts(1), nil},
		{"own block too long", counts(1), make([]int32, 2)},
	} {
		refused(t, c.name, mpi.Scatterv(t.world, whole, c.counts, c.own, t.rank), "Scatterv", mpi.ErrCount)
		refused(t, c.name, mpi.Gatherv(t.world, c.own, whole, c.counts, t.rank), "Gatherv", mpi.ErrCount)
		refused(t, c.name, mpi.Allgatherv(t.world, c.own, whole, c.counts), "Allgatherv", mpi.ErrCount)
	}
	refused(t, "Allgather", mpi.Allgather(t.world, own, make([]int32, t.size+1)), "Allgather", mpi.ErrCount)
	refused(t, "Reduce", mpi.Reduce(t.world, own, nil, mpi.OpSum, t.rank), "Reduce", mpi.ErrCount)
	refused(t, "Allreduce", mpi.Allreduce(t.world, own, make([]int32, 2), mpi.OpSum), "Allreduce", mpi.ErrCount)
}

// A slice that is too long for MPI, of addresses that have no memory.
func TestTooManyElements(tt *testing.T) {
	t := onAllRanks(tt)
	long, err := syscall.Mmap(-1, 0, math.MaxInt32+1, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	t.ok(err)
	defer syscall.Munmap(long)
	refused(t, "Bcast", mpi.Bcast(t.world, long, 0), "Bcast", mpi.ErrCount)
	refused(t, "Send", mpi.Send(t.world, long, 0, 0), "Send", mpi.ErrCount)
	_, err = mpi.Ibcast(t.world, long, 0)
	refused(t, "Ibcast", err, "Ibcast", mpi.ErrCount)
	_, err = mpi.Recv(t.world, long, 0, 0)
	refused(t, "Recv", err, "Recv", mpi.ErrCount)
	counts := make([]int, t.size)
	counts[0] = len(long)
	refused(t, "Scatterv", mpi.Scatterv(t.world, long, counts, nil, t.rank), "Scatterv", mpi.ErrCount)
	refused(t, "Allreduce", mpi.Allreduce(t.world, long, long, mpi.OpSum), "Allreduce", mpi.ErrBuffer)
}

func TestSharedMemory(tt *testing.T) {
	t := onAllRanks(tt)
	whole := make([]float64, t.size+1)
	counts := make([]int, t.size)
	for i := range counts {
		counts[i] = 1
	}
	own := whole[t.size-1 : t.size]
	refused(t, "Scatterv", mpi.Scatterv(t.world, whole[:t.size], counts, own, t.rank), "Scatterv", mpi.ErrBuffer)
	refused(t, "Gatherv", mpi.Gatherv(t.world, own, whole[:t.size], counts, t.rank), "Gatherv", mpi.ErrBuffer)
	refused(t, "Allgather", mpi.Allgather(t.world, own, whole[:t.size]), "Allgather", mpi.ErrBuffer)
	refused(t, "Allreduce", mpi.Allreduce(t.world, whole, whole, mpi.OpSum), "Allreduce", mpi.ErrBuffer)
	// Neighbours do not overlap.
	t.ok(mpi.Allgather(t.world, whole[t.size:], whole[:t.size]))
}

func TestNilCommunicator(tt *testing.T) {
	t := onAllRanks(tt)
	for _, c := range []*mpi.Comm{nil, {}} {
		refused(t, "Barrier", c.Barrier(), "Barrier", mpi.ErrComm)
		refused(t, "Bcast", mpi.Bcast(c, []byte{1}, 0), "Bcast", mpi.ErrComm)
		refused(t, "Free", c.Free(), "Comm_free", mpi.ErrComm)
		_, err := c.Split(0, 0)
		refused(t, "Split", err, "Comm_split", mpi.ErrComm)
	}
	var none *mpi.Request
	refused(t, "Wait", none.Wait(), "Wait", mpi.ErrRequest)
	_, err := none.Test()
	refused(t, "Test", err, "Test", mpi.ErrRequest)
	refused(t, "WaitSleeping", none.WaitSleeping(0), "Wait", mpi.ErrRequest)
}

// fromMPI checks the text of an error of MPI itself, behind the call and the class: one
// line that begins as either library has it.
func fromMPI(t spmd, err error, prefix, openMPI, mpich string) {
	text, ok := strings.CutPrefix(err.Error(), prefix)
	if !ok || strings.Contains(text, "\n") || !strings.HasPrefix(text, openMPI) && !strings.HasPrefix(text, mpich) {
		t.Fatalf("got %q, want %q with %q or %q", err, prefix, openMPI, mpich)
	}
}

// An error of MPI itself has MPI's text.
func TestErrorFromMPI(tt *testing.T) {
	t := onAllRanks(tt)
	err := mpi.Allreduce(t.world, []float64{1}, make([]float64, 1), mpi.OpBand)
	var e *mpi.Error
	if !errors.As(err, &e) || !errors.Is(err, mpi.ErrOp) {
		t.Fatalf("got %v, want class %v", err, mpi.ErrOp)
	}
	fromMPI(t, err, "mpi: Allreduce: MPI_ERR_OP: ", "invalid reduce operation", "Invalid MPI_Op: MPI_Op MPI_BAND operation not defined for this datatype")
	if errors.Is(err, mpi.ErrRoot) {
		t.Fatalf("errors.Is finds another class in %v", err)
	}
}

func TestClassNames(tt *testing.T) {
	t := onAllRanks(tt)
	seen := make(map[string]bool)
	for _, c := range []mpi.Class{
		mpi.ErrBuffer, mpi.ErrCount, mpi.ErrType, mpi.ErrTag, mpi.ErrComm, mpi.ErrRank, mpi.ErrRequest,
		mpi.ErrRoot, mpi.ErrOp, mpi.ErrArg, mpi.ErrTruncate, mpi.ErrInStatus, mpi.ErrOther, mpi.ErrIntern,
		mpi.ErrGroup, mpi.ErrTopology, mpi.ErrDims, mpi.ErrUnknown, mpi.ErrNoMem, mpi.ErrWin, mpi.ErrFile, mpi.ErrNoSuchFile,
		mpi.ErrFileExists, mpi.ErrBadFile, mpi.ErrAccess, mpi.ErrAmode, mpi.ErrReadOnly, mpi.ErrNoSpace, mpi.ErrQuota, mpi.ErrIO, 9999,
	} {
		name := c.Error()
		if seen[name] || !(strings.HasPrefix(name, "MPI_ERR_") || name == "MPI error class 9999") {
			t.Fatalf("class %d is called %q", int(c), name)
		}
		seen[name] = true
	}
}
