package main

import (
	"os"
	"strconv"
	"strings"
)

// startRank is this process's rank before MPI can be asked, as the program that started it says: mpirun, PMIx or srun.
// A process that was started alone is rank 0, and launched is false.
func startRank(getenv func(string) string) (rank int, launched bool) {
	names := []string{"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}
	// A shell within Slurm has a SLURM_PROCID too, and hands it to everything that is typed in it. Only the tasks of a
	// step of several are ranks.
	if tasks, err := strconv.Atoi(getenv("SLURM_STEP_NUM_TASKS")); err == nil && tasks > 1 {
		names = append(names, "SLURM_PROCID")
	}
	for _, name := range names {
		if rank, err := strconv.Atoi(getenv(name)); err == nil {
			return rank, true
		}
	}
	return 0, false
}

// isolate prepares the environment of a process that was started alone for MPI_Init.
//
// It removes Slurm's variables, as a shell of salloc or srun --pty has them: Open MPI 4.1 takes a process with them for a
// rank of srun, and ends it when there is no PMIx server to join (its issue 3778). And it asks for no session directory:
// all processes of a user that were started alone share the one, and the end of one removes it while another starts.
func isolate() {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "SLURM_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("OMPI_MCA_orte_create_session_dirs", "false")
}
