package mpi_test

import (
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// variant is a collective call in one of its forms: waiting, started and awaited, or in
// place. It returns what the calling rank has afterwards.
type variant[T mpi.Number] struct {
	name string
	call func() ([]T, error)
}

// started awaits the request of a call whose result is in recv.
func started[T mpi.Number](recv []T, r *mpi.Request, err error) ([]T, error) {
	return recv, waited(r, err)
}

// give checks that each variant leaves want.
func give[T mpi.Number](t spmd, want []T, variants ...variant[T]) {
	for _, v := range variants {
		got, err := v.call()
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%s: got %v and error %v, want %v", v.name, got, err, want)
		}
	}
}

// numbers are n numbers that tell the rank r and their places.
func numbers(r, n int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = int64(1000*r + i)
	}
	return all
}

// of is value at root and nil elsewhere.
func (t spmd) of(root mpi.Rank, value []int64) []int64 {
	if t.rank == root {
		return value
	}
	return nil
}

func TestIbarrier(tt *testing.T) {
	t := onAllRanks(tt)
	t.ok(waited(t.world.Ibarrier()))
	if t.size == 1 {
		return
	}
	// It is not done before the last rank has called it, which waits for a message.
	last := mpi.Rank(t.size - 1)
	if t.rank == last {
		for range t.size - 1 {
			_, err := mpi.Recv(t.world, make([]byte, 1), mpi.AnySource, 22)
			t.ok(err)
		}
		t.ok(waited(t.world.Ibarrier()))
		return
	}
	request, err := t.world.Ibarrier()
	t.ok(err)
	for range 100 {
		if done, err := request.Test(); done || err != nil {
			t.Fatalf("done %v before the last rank called it, error %v", done, err)
		}
	}
	t.ok(mpi.Send(t.world, []byte{1}, last, 22))
	t.ok(request.Wait())
}

func TestScatterAndGather(tt *testing.T) {
	t := onAllRanks(tt)
	const n = 3
	var whole []int64
	for r := range t.size {
		whole = append(whole, numbers(r, n)...)
	}
	own := numbers(int(t.rank), n)
	t.each(func(root mpi.Rank) {
		give(t, own,
			variant[int64]{"Scatter", func() ([]int64, error) {
				recv := make([]int64, n)
				return recv, mpi.Scatter(t.world, t.of(root, whole), recv, root)
			}},
			variant[int64]{"Iscatter", func() ([]int64, error) {
				recv := make([]int64, n)
				r, err := mpi.Iscatter(t.world, t.of(root, whole), recv, root)
				return started(recv, r, err)
			}},
			variant[int64]{"Scatter in place", func() ([]int64, error) {
				if t.rank == root {
					return whole[n*int(root) : n*int(root)+n], mpi.Scatter(t.world, whole, mpi.InPlace[int64](), root)
				}
				recv := make([]int64, n)
				return recv, mpi.Scatter(t.world, nil, recv, root)
			}})
		give(t, t.of(root, whole),
			variant[int64]{"Gather", func() ([]int64, error) {
				recv := t.of(root, make([]int64, n*t.size))
				return recv, mpi.Gather(t.world, own, recv, root)
			}},
			variant[int64]{"Igather", func() ([]int64, error) {
				recv := t.of(root, make([]int64, n*t.size))
				r, err := mpi.Igather(t.world, own, recv, root)
				return started(recv, r, err)
			}},
			variant[int64]{"Gather in place", func() ([]int64, error) {
				if t.rank != root {
					return nil, mpi.Gather(t.world, own, nil, root)
				}
				recv := make([]int64, n*t.size)
				copy(recv[n*int(root):], own)
				return recv, mpi.Gather(t.world, mpi.InPlace[int64](), recv, root)
			}})
	})
	give(t, whole,
		variant[int64]{"Iallgather", func() ([]int64, error) {
			recv := make([]int64, n*t.size)
			r, err := mpi.Iallgather(t.world, own, recv)
			return started(recv, r, err)
		}},
		variant[int64]{"Allgather in place", func() ([]int64, error) {
			recv := make([]int64, n*t.size)
			copy(recv[n*int(t.rank):], own)
			return recv, mpi.Allgather(t.world, mpi.InPlace[int64](), recv)
		}})
}

func TestVectorVariants(tt *testing.T) {
	t := onAllRanks(tt)
	var whole []int64
	var counts []int
	begin := 0 // of the caller's block
	for r := range t.size {
		if r == int(t.rank) {
			begin = len(whole)
		}
		whole, counts = append(whole, numbers(r, 2*r)...), append(counts, 2*r)
	}
	own := numbers(int(t.rank), 2*int(t.rank))
	placed := func() []int64 {
		recv := make([]int64, len(whole))
		copy(recv[begin:], own)
		return recv
	}
	t.each(func(root mpi.Rank) {
		mine := counts
		if t.rank != root {
			mine = nil
		}
		give(t, own,
			variant[int64]{"Iscatterv", func() ([]int64, error) {
				recv := make([]int64, len(own))
				lost := slices.Clone(mine)
				r, err := mpi.Iscatterv(t.world, t.of(root, whole), lost, recv, root)
				clear(lost) // the call has its own
				return started(recv, r, err)
			}},
			variant[int64]{"Scatterv in place", func() ([]int64, error) {
				if t.rank == root {
					return whole[begin : begin+len(own)], mpi.Scatterv(t.world, whole, counts, mpi.InPlace[int64](), root)
				}
				recv := make([]int64, len(own))
				return recv, mpi.Scatterv(t.world, nil, nil, recv, root)
			}})
		give(t, t.of(root, whole),
			variant[int64]{"Igatherv", func() ([]int64, error) {
				recv := t.of(root, make([]int64, len(whole)))
				r, err := mpi.Igatherv(t.world, own, recv, mine, root)
				return started(recv, r, err)
			}},
			variant[int64]{"Gatherv in place", func() ([]int64, error) {
				if t.rank != root {
					return nil, mpi.Gatherv(t.world, own, nil, nil, root)
				}
				recv := placed()
				return recv, mpi.Gatherv(t.world, mpi.InPlace[int64](), recv, counts, root)
			}})
	})
	give(t, whole,
		variant[int64]{"Iallgatherv", func() ([]int64, error) {
			recv := make([]int64, len(whole))
			r, err := mpi.Iallgatherv(t.world, own, recv, counts)
			return started(recv, r, err)
		}},
		variant[int64]{"Allgatherv in place", func() ([]int64, error) {
			recv := placed()
			return recv, mpi.Allgatherv(t.world, mpi.InPlace[int64](), recv, counts)
		}})
}

// Rank r sends 100·r + s to rank s, as often as the test says.
func TestAlltoall(tt *testing.T) {
	t := onAllRanks(tt)
	table := func(times func(from, to int) int) (send []int64, sendCounts []int, recv []int64, recvCounts []int) {
		r := int(t.rank)
		for s := range t.size {
			sendCounts, recvCounts = append(sendCounts, times(r, s)), append(recvCounts, times(s, r))
			send = append(send, slices.Repeat([]int64{int64(100*r + s)}, times(r, s))...)
			recv = append(recv, slices.Repeat([]int64{int64(100*s + r)}, times(s, r))...)
		}
		return send, sendCounts, recv, recvCounts
	}
	send, _, want, _ := table(func(_, _ int) int { return 2 })
	give(t, want,
		variant[int64]{"Alltoall", func() ([]int64, error) {
			recv := make([]int64, len(want))
			return recv, mpi.Alltoall(t.world, send, recv)
		}},
		variant[int64]{"Ialltoall", func() ([]int64, error) {
			recv := make([]int64, len(want))
			r, err := mpi.Ialltoall(t.world, send, recv)
			return started(recv, r, err)
		}},
		variant[int64]{"Alltoall in place", func() ([]int64, error) {
			recv := slices.Clone(send)
			return recv, mpi.Alltoall(t.world, mpi.InPlace[int64](), recv)
		}})
	send, sendCounts, want, recvCounts := table(func(from, to int) int { return 2*from + to })
	give(t, want,
		variant[int64]{"Alltoallv", func() ([]int64, error) {
			recv := make([]int64, len(want))
			return recv, mpi.Alltoallv(t.world, send, sendCounts, recv, recvCounts)
		}},
		variant[int64]{"Ialltoallv", func() ([]int64, error) {
			recv := make([]int64, len(want))
			r, err := mpi.Ialltoallv(t.world, send, sendCounts, recv, recvCounts)
			return started(recv, r, err)
		}})
	send, _, want, recvCounts = table(func(from, to int) int { return from + to })
	give(t, want,
		variant[int64]{"Alltoallv in place", func() ([]int64, error) {
			recv := slices.Clone(send)
			return recv, mpi.Alltoallv(t.world, mpi.InPlace[int64](), nil, recv, recvCounts)
		}})
	refused(t, "Alltoall", mpi.Alltoall(t.world, make([]byte, t.size), make([]byte, 2*t.size)), "Alltoall", mpi.ErrCount)
	err := mpi.Alltoallv(t.world, make([]byte, 1), make([]int, t.size), make([]byte, t.size), recvCounts)
	refused(t, "Alltoallv", err, "Alltoallv", mpi.ErrCount)
}

// At ranks other than root, nothing can be in place.
func TestInPlaceRefused(tt *testing.T) {
	t := onAllRanks(tt)
	if t.size == 1 {
		return // the only rank is root
	}
	other, place, all := t.next(), mpi.InPlace[int64](), make([]int64, t.size)
	refused(t, "Scatter", mpi.Scatter(t.world, all, place, other), "Scatter", mpi.ErrBuffer)
	refused(t, "Gather", mpi.Gather(t.world, place, all, other), "Gather", mpi.ErrBuffer)
	refused(t, "Scatterv", mpi.Scatterv(t.world, all, nil, place, other), "Scatterv", mpi.ErrBuffer)
	refused(t, "Gatherv", mpi.Gatherv(t.world, place, all, nil, other), "Gatherv", mpi.ErrBuffer)
	refused(t, "Reduce", mpi.Reduce(t.world, place, all, mpi.OpSum, other), "Reduce", mpi.ErrBuffer)
}
