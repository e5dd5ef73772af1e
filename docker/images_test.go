//go:build engine

package docker

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	servicesMB = 60  // the four programs
	mpicalcMB  = 250 // mpicalc, Open MPI and sshd
	version    = "1.2.3-test"
)

// services are the images of the services and their ports.
var services = map[string]int{"authsvc": 5000, "queue": 7500, "frontend": 8080}

// TestImages builds all images from nothing but the packages of the distribution and the Go
// that runs it, and runs them.
func TestImages(t *testing.T) {
	bootstrap(t)
	for name := range services {
		build(t, "docker/Dockerfile", name, "foliocast-"+name, "VERSION="+version, "REVISION=abc")
	}
	build(t, "docker/Dockerfile", "mpicalc", "foliocast-mpicalc", "VERSION="+version, "REVISION=abc")
	build(t, "docker/Dockerfile", "foliocast", "foliocast", "VERSION="+version, "REVISION=abc")
	build(t, "docker/Dockerfile", "slurm", "foliocast-slurm", "VERSION="+version, "REVISION=abc")
	build(t, "docker/testdata/postgres/Dockerfile", "", "foliocast-postgres")
	d := startDaemon(t)
	for _, name := range []string{"foliocast-authsvc", "foliocast-queue", "foliocast-frontend", "foliocast-mpicalc", "foliocast-slurm", "foliocast", "foliocast-postgres"} {
		load(t, name)
	}
	t.Run("sizes", sizes)
	t.Run("metadata", metadata)
	t.Run("services alone", servicesAlone)
	extract(t)
	t.Run("one container", d.oneContainer)
	t.Run("pods of an MPIJob", d.pods)
	t.Run("a small Slurm", smallSlurm)
	t.Run("a world of two containers", d.twoHosts)
}

// image is what docker image inspect shows.
type image struct {
	Size   int64
	Config struct {
		User         string
		Labels       map[string]string
		ExposedPorts map[string]struct{}
		Volumes      map[string]struct{}
		Healthcheck  *struct{ Test []string }
	}
}

func inspect(t *testing.T, name string) image {
	t.Helper()
	var all []image
	if err := json.Unmarshal([]byte(execute(t, time.Minute, "docker", "image", "inspect", name)), &all); err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func sizes(t *testing.T) {
	for name, limit := range map[string]int64{"foliocast-authsvc": servicesMB, "foliocast-queue": servicesMB, "foliocast-frontend": servicesMB, "foliocast-mpicalc": mpicalcMB, "foliocast": 0} {
		size := inspect(t, name).Size
		t.Logf("%s has %.1f MB", name, float64(size)/1e6)
		if limit > 0 && size > limit*1e6 {
			t.Errorf("%s has %.1f MB, want at most %d", name, float64(size)/1e6, limit)
		}
	}
}

func metadata(t *testing.T) {
	for name, want := range map[string]struct {
		ports   string
		volumes int
	}{
		"foliocast-authsvc":  {"5000/tcp", 1},
		"foliocast-queue":    {"7500/tcp", 0},
		"foliocast-frontend": {"8080/tcp", 1},
		"foliocast-mpicalc":  {"2222/tcp", 1},
		"foliocast":          {"5000/tcp 7500/tcp 8080/tcp", 1},
	} {
		c := inspect(t, name).Config
		if c.User != "1000:1000" {
			t.Errorf("%s runs as %q", name, c.User)
		}
		if c.Healthcheck == nil || len(c.Healthcheck.Test) == 0 {
			t.Errorf("%s has no health check", name)
		}
		if c.Labels["org.opencontainers.image.version"] != version || c.Labels["org.opencontainers.image.revision"] != "abc" || c.Labels["org.opencontainers.image.licenses"] != "Apache-2.0" {
			t.Errorf("%s has the labels %v", name, c.Labels)
		}
		if len(c.Volumes) != want.volumes {
			t.Errorf("%s has the volumes %v, want %d", name, c.Volumes, want.volumes)
		}
		for port := range strings.FieldsSeq(want.ports) {
			if _, ok := c.ExposedPorts[port]; !ok {
				t.Errorf("%s does not expose %s", name, port)
			}
		}
	}
}

// servicesAlone runs each program of the services' images where it can write nothing.
func servicesAlone(t *testing.T) {
	confined := []string{"run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--entrypoint"}
	for _, program := range []string{"authsvc", "queue", "frontend", "foliocast"} {
		out := execute(t, time.Minute, "docker", append(confined, program, "foliocast-queue", "--version")...)
		if want := program + " version " + version; strings.TrimSpace(out) != want {
			t.Errorf("%s says %q, want %q", program, out, want)
		}
	}
	// Without a database it says what it needs, and ends.
	out, err := attempt(t, time.Minute, nil, "docker", "run", "--rm", "--network=none", "--read-only", "foliocast-queue")
	if err == nil || !strings.Contains(out, "FOLIOCAST_DATABASE_URL must be set") {
		t.Errorf("the queue without a database: %v, %s", err, out)
	}
	out = execute(t, time.Minute, "docker", "run", "--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "foliocast-mpicalc", "mpirun", "-np", "2", "--oversubscribe", "mpicalc", "--version")
	if strings.Count(out, "mpicalc version "+version) != 1 {
		t.Errorf("mpicalc says %q", out)
	}
}

// extract takes the client out of an image: it is static, and runs anywhere.
func extract(t *testing.T) {
	t.Helper()
	id := strings.TrimSpace(execute(t, time.Minute, "docker", "create", "foliocast-queue"))
	execute(t, time.Minute, "docker", "cp", id+":/usr/local/bin/foliocast", filepath.Join(home, "foliocast"))
	execute(t, time.Minute, "docker", "rm", id)
}

// oneContainer publishes the ports of the container with everything, and forecasts.
func (d daemon) oneContainer(t *testing.T) {
	execute(t, time.Minute, "docker", "network", "create", "outside")
	id := strings.TrimSpace(execute(t, time.Minute, "docker", "run", "-d", "--init", "--network=outside", "-p", "5000:5000", "-p", "7500:7500", "-p", "8080:8080", "foliocast"))
	t.Cleanup(func() {
		execute(t, time.Minute, "docker", "rm", "-f", "-v", id)
	})
	await(t, 3*time.Minute, "a healthy container", func() (bool, string) {
		state, _ := attempt(t, time.Minute, nil, "docker", "inspect", "-f", "{{.State.Status}} {{.State.Health.Status}}", id)
		logs, _ := attempt(t, time.Minute, nil, "docker", "logs", "--tail=20", id)
		return strings.TrimSpace(state) == "running healthy", state + logs
	})
	logs := execute(t, time.Minute, "docker", "logs", id)
	for _, part := range []string{`"service":"authsvc"`, `"service":"queue"`, `"service":"frontend"`, `"service":"mpicalc"`, "database system is ready"} {
		if !strings.Contains(logs, part) {
			t.Errorf("docker logs shows nothing of %s", part)
		}
	}
	execute(t, time.Minute, "docker", "cp", id+":/var/lib/foliocast/admin.json", filepath.Join(home, "admin.json"))
	c := client{d: d, base: "http://127.0.0.1"}
	c.login(t)
	c.upload(t, "prices", filepath.Join(top(t), "docs/data/eustockmarkets.csv"))
	out := c.run(t, time.Minute, "job", "submit", "--dataset", "prices", "--assets", "*", "--horizon", "5", "--wait")
	if !strings.Contains(out, "DAX") {
		t.Errorf("the forecast is:\n%s", out)
	}
	began := time.Now()
	execute(t, 2*time.Minute, "docker", "stop", "-t", "60", id)
	if code := strings.TrimSpace(execute(t, time.Minute, "docker", "inspect", "-f", "{{.State.ExitCode}}", id)); code != "0" {
		t.Errorf("it stopped with the exit code %s after %s", code, time.Since(began))
	}
}

// client is the program foliocast on the machine of the daemon.
type client struct {
	d    daemon
	base string   // scheme and host of all services
	env  []string // more settings
}

func (c client) run(t *testing.T, limit time.Duration, args ...string) string {
	t.Helper()
	out, err := c.try(t, limit, "", args...)
	if err != nil {
		t.Fatalf("foliocast %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (c client) try(t *testing.T, limit time.Duration, in string, args ...string) (string, error) {
	t.Helper()
	all := append(c.d.inside("env"), c.env...)
	all = append(all, "FOLIOCAST_URL="+c.base+":8080", "FOLIOCAST_AUTH_URL="+c.base+":5000", "FOLIOCAST_QUEUE_URL="+c.base+":7500", filepath.Join(home, "foliocast"))
	return attempt(t, limit, strings.NewReader(in), "nsenter", append(all, args...)...)
}

// login signs the first administrator in, whose name and password are in admin.json.
func (c client) login(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(home, "admin.json"))
	if err != nil {
		t.Fatal(err)
	}
	var admin struct{ Username, Password string }
	if err := json.Unmarshal(text, &admin); err != nil {
		t.Fatal(err)
	}
	if out, err := c.try(t, time.Minute, admin.Password+"\n", "login", "--username", admin.Username, "--password-stdin"); err != nil {
		t.Fatalf("login: %v\n%s", err, out)
	}
}

func (c client) upload(t *testing.T, name, path string) {
	t.Helper()
	c.run(t, time.Minute, "dataset", "add", name, path)
}

var jobID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// pods starts what the MPI operator starts: a launcher, which has rank 0, and a worker, confined as
// in the chart, with the operator's variables, its key and its hostfile. The result of the two
// ranks is that of one.
func (d daemon) pods(t *testing.T) {
	dir := filepath.Join(home, "mpijob")
	if err := os.MkdirAll(filepath.Join(dir, "ssh"), 0o755); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "ssh", "id_rsa")
	execute(t, time.Minute, "ssh-keygen", "-q", "-t", "ecdsa", "-b", "521", "-N", "", "-f", key)
	execute(t, time.Minute, "chmod", "0644", key) // as a Secret is mounted for fsGroup
	write(t, filepath.Join(dir, "ssh", "authorized_keys"), read(t, key+".pub"))
	launcher, worker := "w-launcher.w.foliocast.svc", "w-worker-0.w.foliocast.svc"
	write(t, filepath.Join(dir, "hostfile"), launcher+" slots=1\n"+worker+" slots=1\n")
	write(t, filepath.Join(dir, "prices.csv"), panel(20, 100))
	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	execute(t, time.Minute, "chmod", "0777", out)
	execute(t, time.Minute, "docker", "network", "create", "pods")
	pod := func(name string, args ...string) []string {
		return append([]string{"run", "--network=pods", "--network-alias=" + name, "--hostname=" + strings.Split(name, ".")[0], "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges",
			"-e", "WORLD_KEY_DIR=/etc/foliocast-ssh", "-v", dir + "/ssh:/etc/foliocast-ssh:ro", "-v", dir + ":/data:ro", "-v", out + ":/out"}, args...)
	}
	id := strings.TrimSpace(execute(t, time.Minute, "docker", pod(worker, "-d", "-e", "K_MPI_JOB_ROLE=worker", "foliocast-mpicalc", "host")...))
	t.Cleanup(func() { execute(t, 2*time.Minute, "docker", "rm", "-f", "-v", id) })
	run := []string{"mpicalc", "run", "--input", "/data/prices.csv", "--model", "auto", "--horizon", "5", "--output"}
	said := execute(t, 5*time.Minute, "docker", pod(launcher, append([]string{"--rm", "-e", "K_MPI_JOB_ROLE=launcher",
		"-e", "OMPI_MCA_orte_keep_fqdn_hostnames=true", "-e", "OMPI_MCA_orte_default_hostfile=/etc/mpi/hostfile", "-e", "OMPI_MCA_plm_rsh_args=-o ConnectionAttempts=10",
		"-e", "OMPI_MCA_orte_set_default_slots=1", "-v", dir + "/hostfile:/etc/mpi/hostfile:ro", "foliocast-mpicalc", "leader", "--"}, append(run, "/out/two.csv")...)...)...)
	if !strings.Contains(said, `"ranks":2`) {
		t.Errorf("the world says:\n%s", said)
	}
	execute(t, 5*time.Minute, "docker", pod("alone", append([]string{"--rm", "foliocast-mpicalc"}, append(run, "/out/one.csv")...)...)...)
	if got, want := read(t, filepath.Join(out, "two.csv")), read(t, filepath.Join(out, "one.csv")); got != want || want == "" {
		t.Errorf("two pods have another result than one: %d and %d bytes", len(got), len(want))
	}
}

// panel is a CSV file of many series, each long enough that a job takes some seconds.
func panel(series, days int) string {
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	begin := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for s := range series {
		for i := range days {
			fmt.Fprintf(&b, "s%d,%s,%d\n", s, begin.AddDate(0, 0, i).Format(time.DateOnly), 1000+(s*7919+i*i*31+i*s)%97+i%7*s)
		}
	}
	return b.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
