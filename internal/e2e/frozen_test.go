package e2e

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/job"
)

// Every part is frozen once while 200 jobs are under way, and stays so until somebody
// notices. Each job must end with exactly one result, without help.
func TestNoJobIsLostWhenPartsFreeze(t *testing.T) {
	t.Parallel()
	c := &cluster{state: filepath.Join(t.TempDir(), "state"), environment: []string{"FOLIOCAST_LEASE=3s"},
		program: exec.Command, http: &http.Client{Timeout: 10 * time.Second}}
	c.start(t, "--np", "2", "--hang-after", "2s")
	c.addPrices(t)
	victims := []string{"rank 1", "queue", "rank 0", "frontend", "postgres", "authsvc", "mpicalc"}
	const apart = 28 // jobs between two that freeze
	var ids []job.ID
	for i := range 200 {
		if i%apart == 10 && i/apart < len(victims) {
			c.freeze(t, victims[i/apart])
		}
		ids = append(ids, c.submit(t, fmt.Sprintf("key-%d", i)))
	}
	c.eachDone(t, ids)
}

// freeze stops a process of a part, as a signal, a debugger or a file system that hangs
// does, and waits until it has been ended.
func (c *cluster) freeze(t testing.TB, victim string) {
	t.Helper()
	pid := c.victim(t, victim)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatalf("stop %s: %v", victim, err)
	}
	await(t, time.Minute, "the end of "+victim+", which is frozen", func() (bool, string) {
		return !alive(pid), "it is still there"
	})
}
