package main

// #include "loops.h"
import "C"

import (
	"fmt"
	"unsafe"

	"foliocast/mpicalc/mpi"
)

// pattern is a loop over one kind of communication, in Go; that in C is loops[c].
type pattern struct {
	name string
	c    int
	loop func(world *mpi.Comm, m *memory, rounds int) error
	// ways is how many messages one after the other a round takes: its time is that of one.
	ways float64
	// gathers says that recv holds a block of every rank.
	gathers bool
}

// patterns are those of the Intel MPI Benchmarks of the same names.
var patterns = []pattern{
	{"PingPong", 0, pingPong, 2, false},
	{"Exchange", 1, exchange, 1, false},
	{"Allreduce", 2, allreduce, 1, false},
	{"Bcast", 3, bcast, 1, false},
	{"Gatherv", 4, gatherv, 1, true},
}

// memory is what one pattern sends and receives. Both languages use the same.
type memory struct {
	bytes          int
	send, recv     []byte
	counts         []int
	cCounts, displ []C.int
}

func newMemory(p pattern, ranks, bytes int) *memory {
	m := &memory{bytes: bytes, send: make([]byte, bytes), recv: make([]byte, bytes)}
	if p.gathers {
		m.recv = make([]byte, bytes*ranks)
	}
	for r := range ranks {
		m.counts, m.cCounts, m.displ = append(m.counts, bytes), append(m.cCounts, C.int(bytes)), append(m.displ, C.int(r*bytes))
	}
	return m
}

// inC runs the loop in C and returns the seconds of one message.
func (p pattern) inC(world *mpi.Comm, m *memory, rounds int) (float64, error) {
	l := C.loop{
		rank: C.int(world.Rank()), size: C.int(world.Size()), bytes: C.int(m.bytes), rounds: C.int(rounds),
		send: (*C.char)(unsafe.Pointer(&m.send[0])), recv: (*C.char)(unsafe.Pointer(&m.recv[0])),
		counts: &m.cCounts[0], displs: &m.displ[0],
	}
	var seconds C.double
	if code := C.run(C.int(p.c), l, &seconds); code != C.MPI_SUCCESS {
		return 0, fmt.Errorf("%s in C: MPI code %d", p.name, code)
	}
	return float64(seconds) / p.ways, nil
}

// inGo runs the same loop through the binding.
func (p pattern) inGo(world *mpi.Comm, m *memory, rounds int) (float64, error) {
	begin := mpi.Wtime()
	if err := p.loop(world, m, rounds); err != nil {
		return 0, fmt.Errorf("%s: %w", p.name, err)
	}
	return (mpi.Wtime() - begin) / float64(rounds) / p.ways, nil
}

func pingPong(world *mpi.Comm, m *memory, rounds int) error {
	rank, other := world.Rank(), 1-world.Rank()
	if rank > 1 {
		return nil
	}
	for range rounds {
		if rank == 0 {
			if err := mpi.Send(world, m.send, other, 0); err != nil {
				return err
			}
		}
		if _, err := mpi.Recv(world, m.recv, other, 0); err != nil {
			return err
		}
		if rank == 1 {
			if err := mpi.Send(world, m.send, other, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func exchange(world *mpi.Comm, m *memory, rounds int) error {
	size := mpi.Rank(world.Size())
	left, right := (world.Rank()+size-1)%size, (world.Rank()+1)%size
	for range rounds {
		first, err := mpi.Isend(world, m.send, right, 0)
		if err != nil {
			return err
		}
		second, err := mpi.Isend(world, m.send, left, 1)
		if err != nil {
			return err
		}
		if _, err := mpi.Recv(world, m.recv, left, 0); err != nil {
			return err
		}
		if _, err := mpi.Recv(world, m.recv, right, 1); err != nil {
			return err
		}
		if err := mpi.Waitall(first, second); err != nil {
			return err
		}
	}
	return nil
}

func allreduce(world *mpi.Comm, m *memory, rounds int) error {
	send, recv := numbers(m.send), numbers(m.recv)
	for range rounds {
		if err := mpi.Allreduce(world, send, recv, mpi.OpSum); err != nil {
			return err
		}
	}
	return nil
}

func bcast(world *mpi.Comm, m *memory, rounds int) error {
	for i := range rounds {
		if err := mpi.Bcast(world, m.send, mpi.Rank(i%world.Size())); err != nil {
			return err
		}
	}
	return nil
}

func gatherv(world *mpi.Comm, m *memory, rounds int) error {
	for i := range rounds {
		root, recv := mpi.Rank(i%world.Size()), []byte(nil)
		if root == world.Rank() {
			recv = m.recv
		}
		if err := mpi.Gatherv(world, m.send, recv, m.counts, root); err != nil {
			return err
		}
	}
	return nil
}

// numbers are the bytes of b as numbers.
func numbers(b []byte) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(&b[0])), len(b)/8)
}
