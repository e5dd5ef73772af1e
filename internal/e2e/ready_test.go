package e2e

import "testing"

// What foliocast up waits for is no line of a log.
func TestUpStartsAtLogLevelWarn(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2, "FOLIOCAST_LOG_LEVEL=WARN")
	if pid := c.run.pid(t, "mpicalc"); !alive(pid) {
		t.Errorf("mpirun, process %d, does not run", pid)
	}
}
