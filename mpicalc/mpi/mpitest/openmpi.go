//go:build !mpich

package mpitest

import "strconv"

// MPICH says whether the tests are built against MPICH.
const MPICH = false

// Mpirun is the command line that starts a program, which follows, on the given number of
// ranks of this machine, also more than it has cores.
func Mpirun(ranks int) []string {
	return []string{"mpirun", "-np", strconv.Itoa(ranks), "--oversubscribe", "--bind-to", "none"}
}
