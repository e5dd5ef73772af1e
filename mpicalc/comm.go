package main

import (
	"foliocast/mpicalc/mpi"
	"foliocast/mpicalc/mpi/wake"
)

// comm is the world as spmd wants it.
type comm struct {
	world *mpi.Comm
	bell  *wake.Bell
}

func (c comm) Rank() int { return int(c.world.Rank()) }
func (c comm) Size() int { return c.world.Size() }

func (c comm) AwaitBcast(buf []byte) error { return c.bell.Bcast(buf) }

func (c comm) Bcast(buf []byte) error { return mpi.Bcast(c.world, buf, 0) }

func (c comm) Scatterv(send []byte, counts []int, recv []byte) error {
	return mpi.Scatterv(c.world, send, counts, recv, 0)
}

func (c comm) ScattervValues(send []float64, counts []int, recv []float64) error {
	return mpi.Scatterv(c.world, send, counts, recv, 0)
}

func (c comm) Gatherv(send, recv []byte, counts []int) error {
	return mpi.Gatherv(c.world, send, recv, counts, 0)
}

func (c comm) Allmin(number int64) (int64, error) {
	var least [1]int64
	err := mpi.Allreduce(c.world, []int64{number}, least[:], mpi.OpMin)
	return least[0], err
}
