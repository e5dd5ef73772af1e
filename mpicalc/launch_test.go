package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func TestStartRank(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environment string // NAME=value, with spaces between
		rank        int
		launched    bool
	}{
		"alone":                      {"", 0, false},
		"mpirun":                     {"OMPI_COMM_WORLD_RANK=2", 2, true},
		"mpirun in a batch job":      {"OMPI_COMM_WORLD_RANK=2 SLURM_JOB_ID=1 SLURM_NTASKS=4 SLURM_PROCID=0", 2, true},
		"srun --mpi=pmix":            {"PMIX_RANK=1 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", 1, true},
		"srun --mpi=pmi2":            {"PMI_RANK=1 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", 1, true},
		"srun of several tasks":      {"SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=3", 3, true},
		"the shell of srun --pty":    {"SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0", 0, false},
		"a batch script":             {"SLURM_NTASKS=4 SLURM_PROCID=0", 0, false},
		"what a task's shell leaves": {"SLURM_STEP_ID=0 SLURM_PROCID=3", 0, false},
	} {
		environment := map[string]string{}
		for setting := range strings.FieldsSeq(c.environment) {
			key, value, _ := strings.Cut(setting, "=")
			environment[key] = value
		}
		rank, launched := startRank(func(key string) string { return environment[key] })
		if rank != c.rank || launched != c.launched {
			t.Errorf("%s: got rank %d, launched %t, want %d, %t", name, rank, launched, c.rank, c.launched)
		}
	}
}

// Open MPI takes a single process with these variables for a rank that srun started (open-mpi/ompi#3778).
func TestRunAloneInAShellOfSlurm(t *testing.T) {
	t.Parallel()
	input := write(t, "in.csv", "step,A\n1,5\n2,6\n3,7\n")
	for name, variables := range map[string][]string{
		"srun --pty":       {"SLURM_JOB_ID=1234", "SLURM_JOBID=1234", "SLURM_NTASKS=1", "SLURM_STEP_ID=0", "SLURM_STEPID=0", "SLURM_STEP_NUM_TASKS=1", "SLURM_PROCID=0", "SLURM_LOCALID=0", "SLURM_NODELIST=localhost"},
		"salloc":           {"SLURM_JOB_ID=1234", "SLURM_JOBID=1234", "SLURM_NTASKS=4", "SLURM_NODELIST=node[1-2]", "SLURM_NNODES=2", "SLURM_TASKS_PER_NODE=2(x2)"},
		"left by a task":   {"SLURM_JOB_ID=1234", "SLURM_NTASKS=4", "SLURM_STEP_ID=0", "SLURM_PROCID=3", "SLURM_NODELIST=localhost"},
		"nothing of Slurm": nil,
	} {
		cmd := exec.Command(program, "run", "--input", input, "--model", "naive")
		cmd.Env = append(cmd.Environ(), variables...)
		cmd.Stderr = new(strings.Builder)
		out, err := cmd.Output()
		if err != nil || !strings.Contains(string(out), `"mean":[7]`) {
			t.Errorf("%s: %v, got %q and\n%s", name, err, out, fmt.Sprint(cmd.Stderr))
		}
	}
}

// Open MPI cannot create a session directory in this place. A process that creates one there races with the others of
// its user: they all have the same.
func TestRunAloneHasNoSessionDirectory(t *testing.T) {
	t.Parallel()
	input := write(t, "in.csv", "step,A\n1,5\n2,6\n3,7\n")
	cmd := exec.Command(program, "run", "--input", input, "--model", "naive")
	cmd.Env = append(cmd.Environ(), "TMPDIR="+input)
	cmd.Stderr = new(strings.Builder)
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), `"mean":[7]`) {
		t.Errorf("%v, got %q and\n%s", err, out, fmt.Sprint(cmd.Stderr))
	}
}
