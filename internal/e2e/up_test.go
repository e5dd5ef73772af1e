package e2e

import "testing"

// foliocast up does not read from a log that a part is ready, and its ranks run
// on this machine even if Slurm has allocated another.
func TestUpStartsInAnyEnvironment(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2, "FOLIOCAST_LOG_LEVEL=WARN",
		"SLURM_JOB_ID=1234", "SLURM_JOBID=1234", "SLURM_NODELIST=elsewhere", "SLURM_NNODES=1", "SLURM_TASKS_PER_NODE=1")
	if pid := c.run.pid(t, "mpicalc"); !alive(pid) {
		t.Errorf("mpirun, process %d, does not run", pid)
	}
}
