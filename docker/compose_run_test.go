//go:build engine

package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// smallSlurm runs the Compose file of the small Slurm, and a batch script over both of its nodes.
func smallSlurm(t *testing.T) {
	site := filepath.Join(home, "slurm")
	text := read(t, filepath.Join(top(t), "docker/compose.slurm.yaml"))
	if err := os.MkdirAll(filepath.Join(site, "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(site, "docker/compose.slurm.yaml"), text)
	compose := func(args ...string) string {
		t.Helper()
		return execute(t, 5*time.Minute, "docker-compose", append([]string{"--ansi", "never", "-p", "slurm", "-f", filepath.Join(site, "docker/compose.slurm.yaml")}, args...)...)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(compose("logs", "--tail=20"))
		}
		compose("down", "-v", "-t", "10")
	})
	compose("up", "-d", "--no-build")
	controller := strings.TrimSpace(compose("ps", "-q", "controller"))
	await(t, 2*time.Minute, "two idle nodes", func() (bool, string) {
		out, _ := attempt(t, time.Minute, nil, "docker", "exec", controller, "sinfo", "-h", "-t", "idle", "-o", "%D")
		return strings.TrimSpace(out) == "2", out
	})
	write(t, filepath.Join(site, "prices.csv"), panel(4, 60))
	execute(t, time.Minute, "docker", "cp", filepath.Join(site, "prices.csv"), controller+":/shared/prices.csv")
	execute(t, time.Minute, "docker", "exec", controller, "chmod", "0644", "/shared/prices.csv")
	out, err := attempt(t, 5*time.Minute, nil, "docker", "exec", "--user=1000", "--workdir=/shared", controller, "sbatch", "--wait", "--nodes=2", "--ntasks=2", "--output=/shared/%j.log",
		"/usr/local/share/foliocast/slurm/batch.sbatch", "/shared/prices.csv", "/shared/forecasts.csv", "--horizon", "5")
	logs, _ := attempt(t, time.Minute, nil, "docker", "exec", controller, "sh", "-c", "cat /shared/*.log")
	if err != nil || !strings.Contains(logs, `"ranks":2`) {
		t.Errorf("the batch job: %v\n%s%s", err, out, logs)
	}
	if rows := strings.Count(execute(t, time.Minute, "docker", "exec", controller, "cat", "/shared/forecasts.csv"), "\n"); rows != 1+5*5 {
		t.Errorf("the forecasts have %d lines, want a header and 5 steps of 4 series and the portfolio", rows)
	}
}
