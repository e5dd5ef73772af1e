package main

import (
	"fmt"

	"foliocast/mpicalc/mpi"
)

// ring sends the sum of the ranks so far from each rank to the next, until each has all.
func ring(world *mpi.Comm) error {
	n := mpi.Rank(world.Size())
	next, previous := (world.Rank()+1)%n, (world.Rank()+n-1)%n
	sum, passing, arrived := int64(0), []int64{int64(world.Rank())}, make([]int64, 1)
	for range n {
		sum += passing[0]
		if _, err := mpi.Sendrecv(world, passing, next, 0, arrived, previous, 0); err != nil {
			return err
		}
		passing, arrived = arrived, passing
	}
	if world.Rank() == 0 {
		fmt.Printf("the ranks 0 to %d add up to %d\n", n-1, sum)
	}
	return nil
}
