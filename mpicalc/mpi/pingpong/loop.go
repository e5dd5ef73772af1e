package main

/*
#cgo pkg-config: ompi-c
#include <mpi.h>

// The same loop as loopGo. It returns MPI's code.
static int loop(int rank, void *buf, int count, int rounds, double *seconds) {
	int code = MPI_SUCCESS, other = 1 - rank;
	double begin = MPI_Wtime();
	for (int i = 0; i < rounds && code == MPI_SUCCESS; i++) {
		if (rank == 0) {
			code = MPI_Send(buf, count, MPI_BYTE, other, 0, MPI_COMM_WORLD);
			if (code == MPI_SUCCESS)
				code = MPI_Recv(buf, count, MPI_BYTE, other, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		} else {
			code = MPI_Recv(buf, count, MPI_BYTE, other, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			if (code == MPI_SUCCESS)
				code = MPI_Send(buf, count, MPI_BYTE, other, 0, MPI_COMM_WORLD);
		}
	}
	*seconds = (MPI_Wtime() - begin) / (2.0 * rounds);
	return code;
}
*/
import "C"

import (
	"fmt"
	"slices"
	"unsafe"

	"foliocast/mpicalc/mpi"
)

// loopC runs the loop in C on ranks 0 and 1 and returns the mean one-way time in
// seconds.
func loopC(world *mpi.Comm, buf []byte, rounds int) (float64, error) {
	var seconds C.double
	code := C.loop(C.int(world.Rank()), unsafe.Pointer(unsafe.SliceData(buf)), C.int(len(buf)), C.int(rounds), &seconds)
	if code != C.MPI_SUCCESS {
		return 0, fmt.Errorf("loop in C: MPI code %d", code)
	}
	return float64(seconds), nil
}

// loopGo runs the same loop through the binding.
func loopGo(world *mpi.Comm, buf []byte, rounds int) (float64, error) {
	other := 1 - world.Rank()
	begin := mpi.Wtime()
	for range rounds {
		if world.Rank() == 0 {
			if err := mpi.Send(world, buf, other, 0); err != nil {
				return 0, err
			}
		}
		if _, err := mpi.Recv(world, buf, other, 0); err != nil {
			return 0, err
		}
		if world.Rank() == 1 {
			if err := mpi.Send(world, buf, other, 0); err != nil {
				return 0, err
			}
		}
	}
	return (mpi.Wtime() - begin) / float64(2*rounds), nil
}

// median sorts values and is their middle, or the mean of the two in the middle.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
