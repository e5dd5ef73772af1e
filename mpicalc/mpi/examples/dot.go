package main

import (
	"fmt"

	"foliocast/mpicalc/mpi"
)

// dot multiplies two vectors of which each rank has 1,000 elements: 0, 1, 2, … and 2, 2, 2, …
func dot(world *mpi.Comm) error {
	const n = 1000
	x, y := make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i] = float64(n*int(world.Rank())+i), 2
	}
	product := []float64{0}
	for i := range n {
		product[0] += x[i] * y[i]
	}
	if err := mpi.Allreduce(world, mpi.InPlace[float64](), product, mpi.OpSum); err != nil {
		return err
	}
	if world.Rank() == 0 {
		fmt.Printf("the dot product of %d elements is %.0f\n", n*world.Size(), product[0])
	}
	return nil
}
