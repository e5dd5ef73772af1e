package main

import (
	"time"

	"foliocast/mpicalc/mpi"
)

// idleSleep is how long an idle rank sleeps between two looks at the network: the most that a job waits for a rank
// that has nothing to do.
const idleSleep = 20 * time.Millisecond

// comm is the world as spmd wants it.
type comm struct{ world *mpi.Comm }

func (c comm) Rank() int { return int(c.world.Rank()) }
func (c comm) Size() int { return c.world.Size() }

func (c comm) AwaitBcast(buf []byte) error {
	request, err := mpi.Ibcast(c.world, buf, 0)
	if err != nil {
		return err
	}
	return request.WaitSleeping(idleSleep)
}

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
