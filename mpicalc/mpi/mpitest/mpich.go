//go:build mpich

package mpitest

import "strconv"

// MPICH says whether the tests are built against MPICH.
const MPICH = true

// Mpirun is the command line that starts a program, which follows, on the given number of
// ranks of this machine, also more than it has cores. Where Open MPI is installed too, its
// launcher may be called mpirun.
func Mpirun(ranks int) []string {
	return []string{"mpiexec.hydra", "-np", strconv.Itoa(ranks), "-bind-to", "none"}
}
