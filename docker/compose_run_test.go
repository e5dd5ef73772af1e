//go:build engine

package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// twoHosts runs the Compose file with the images: PostgreSQL, the services, and a world whose
// ranks are in two containers. One of them crashes while a job is computed; the job ends with
// the result that the program has without any service.
func (d daemon) twoHosts(t *testing.T) {
	site := filepath.Join(home, "site")
	for _, part := range []string{"docker/compose.yaml", "docker/roles.sh", "hostfiles/docker"} {
		text, err := os.ReadFile(filepath.Join(top(t), part))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(site, part)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(site, part), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, time.Minute, filepath.Join(top(t), "docker/secrets.sh"), filepath.Join(site, "docker/secrets"))
	compose := func(args ...string) string {
		t.Helper()
		all := append([]string{"FOLIOCAST_POSTGRES_IMAGE=foliocast-postgres", "docker-compose", "--ansi", "never", "-f", filepath.Join(site, "docker/compose.yaml")}, args...)
		return execute(t, 5*time.Minute, "env", all...)
	}
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := attempt(t, time.Minute, nil, "env", "FOLIOCAST_POSTGRES_IMAGE=foliocast-postgres", "docker-compose", "-f", filepath.Join(site, "docker/compose.yaml"), "logs", "--tail=30")
			t.Log(out)
		}
	})
	compose("up", "-d", "--no-build")
	ready := func(service string) func() (bool, string) {
		return func() (bool, string) {
			id := strings.TrimSpace(compose("ps", "-q", service))
			out := execute(t, time.Minute, "docker", "inspect", "-f", "{{.State.Status}} {{.State.Health.Status}} after {{.RestartCount}}", id)
			return strings.HasPrefix(out, "running healthy"), service + ": " + out
		}
	}
	await(t, 3*time.Minute, "a world of two containers", ready("calc1"))
	write(t, filepath.Join(home, "admin.json"), execute(t, time.Minute, "docker", "exec", strings.TrimSpace(compose("ps", "-q", "authsvc")), "authsvc", "user", "add", "admin", "--role", "administrator"))
	c := client{d: d, base: "https://127.0.0.1", env: []string{"FOLIOCAST_TLS_CA_FILE=" + filepath.Join(site, "docker/secrets/tls_ca")}}
	c.login(t)
	prices := filepath.Join(home, "prices.csv")
	write(t, prices, panel(300, 600))
	c.upload(t, "prices", prices)
	spec := []string{"--model", "auto", "--horizon", "5", "--levels", "80,95"}
	id := jobID.FindString(c.run(t, time.Minute, append([]string{"job", "submit", "--dataset", "prices", "--assets", "*"}, spec...)...))
	await(t, time.Minute, "a running job", func() (bool, string) {
		out := c.run(t, time.Minute, "job", "show", id)
		return strings.Contains(out, "running"), out
	})
	d.kill(t, strings.TrimSpace(compose("ps", "-q", "calc2")))
	out := c.run(t, 10*time.Minute, "job", "watch", id)
	t.Logf("the job after the death of calc2: %s", lastLine(out))
	if out := c.run(t, time.Minute, "job", "show", id); !strings.Contains(out, "done") {
		t.Errorf("the job is:\n%s", out)
	}
	for _, service := range []string{"calc1", "calc2"} {
		if _, how := ready(service)(); strings.Contains(how, "after 0") {
			t.Errorf("%s was not started again: %s", service, how)
		}
	}
	served := filepath.Join(home, "served.csv")
	c.run(t, time.Minute, "job", "result", id, "-o", served)
	all := append([]string{"run", "--rm", "--network=none", "-v", home + ":/site", "--user=0", "foliocast-mpicalc", "mpicalc", "run", "--input", "/site/prices.csv", "--output", "/site/ran.csv"}, spec...)
	execute(t, 10*time.Minute, "docker", all...)
	if got, want := read(t, served), read(t, filepath.Join(home, "ran.csv")); got != want {
		t.Errorf("the job has another result than mpicalc run: %d and %d bytes", len(got), len(want))
	}
	compose("down", "-v", "-t", "30")
}

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
