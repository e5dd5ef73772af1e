package main

import (
	"fmt"
	"math"

	"foliocast/mpicalc/mpi"
)

// halo finds the temperature of a plate whose edge is held at x + 2y: each rank has a part of
// 4 × 4 points, within a frame of one point that belongs to its neighbours or to the edge.
func halo(world *mpi.Comm) error {
	dims, err := world.DimsCreate(0, 0)
	if err != nil {
		return err
	}
	grid, err := world.Cart(dims, []bool{false, false}, true)
	if err != nil {
		return err
	}
	const n = 4
	const width = n + 2
	here, err := grid.Coords(grid.Rank())
	if err != nil {
		return err
	}
	exact := func(i, j int) float64 { return float64(here[0]*n+i) + 2*float64(here[1]*n+j) }
	now, next := make([]float64, width*width), make([]float64, width*width)
	for i := range width {
		for j := range width {
			if x, y := here[0]*n+i, here[1]*n+j; x == 0 || y == 0 || x == dims[0]*n+1 || y == dims[1]*n+1 {
				now[i*width+j], next[i*width+j] = exact(i, j), exact(i, j)
			}
		}
	}

	row, err := mpi.NewVector[float64](world, 1, n, n)
	if err != nil {
		return err
	}
	column, err := mpi.NewVector[float64](world, n, 1, width)
	if err != nil {
		return err
	}
	// The four sides: along which dimension the neighbour is, and the beginning of what it
	// gets and of what comes from it.
	sides := []struct {
		dimension, step int
		line            *mpi.Type[float64]
		inner, outer    int
	}{
		{0, -1, row, 1*width + 1, 0*width + 1},
		{0, +1, row, n*width + 1, (n+1)*width + 1},
		{1, -1, column, 1*width + 1, 1 * width},
		{1, +1, column, 1*width + n, 1*width + n + 1},
	}
	for change := 1.0; change > 1e-9; {
		var requests []*mpi.Request
		for i, s := range sides {
			_, neighbour, err := grid.Shift(s.dimension, s.step)
			if err != nil {
				return err
			}
			// What comes over a side was sent over the opposite one, whose number is i^1.
			in, err := s.line.Irecv(grid.Comm, now[s.outer:], 1, neighbour, mpi.Tag(i^1))
			if err != nil {
				return err
			}
			out, err := s.line.Isend(grid.Comm, now[s.inner:], 1, neighbour, mpi.Tag(i))
			if err != nil {
				return err
			}
			requests = append(requests, in, out)
		}
		if err := mpi.Waitall(requests...); err != nil {
			return err
		}
		change = 0
		for i := 1; i <= n; i++ {
			for j := 1; j <= n; j++ {
				at := i*width + j
				next[at] = (now[at-1] + now[at+1] + now[at-width] + now[at+width]) / 4
				change = max(change, math.Abs(next[at]-now[at]))
			}
		}
		now, next = next, now
		most := []float64{change}
		if err := mpi.Allreduce(grid.Comm, mpi.InPlace[float64](), most, mpi.OpMax); err != nil {
			return err
		}
		change = most[0]
	}

	wrong := 0.0
	for i := 1; i <= n; i++ {
		for j := 1; j <= n; j++ {
			wrong = max(wrong, math.Abs(now[i*width+j]-exact(i, j)))
		}
	}
	worst := make([]float64, 1)
	if err := mpi.Reduce(grid.Comm, []float64{wrong}, worst, mpi.OpMax, 0); err != nil {
		return err
	}
	if grid.Rank() == 0 {
		fmt.Printf("a plate of %d points is within 1e-6 of x + 2y: %v\n", n*n*world.Size(), worst[0] < 1e-6)
	}
	return nil
}
