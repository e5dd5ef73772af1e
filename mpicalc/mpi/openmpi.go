//go:build !mpich

package mpi

// #cgo pkg-config: ompi-c
import "C"

import "os"

// logTime is how long mpirun takes to read what a rank has logged before it aborts: Open
// MPI's loses nothing.
const logTime = 0

// prepare sets what Open MPI reads when it starts.
//
// Without mpirun, Open MPI 4 starts a daemon in case processes are spawned, which
// this package never does.
func prepare() error {
	const isolated = "OMPI_MCA_ess_singleton_isolated"
	if _, set := os.LookupEnv(isolated); set {
		return nil
	}
	return os.Setenv(isolated, "1")
}
