package e2e

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"foliocast/internal/child"
)

// slurm is a private Slurm on loopback. Each node is a slurmd with a host
// name, a /dev/shm and an /etc/hosts of its own, by a UTS namespace and two
// mounts; without root, a user namespace permits them.
type slurm struct {
	Dir         string
	User        string
	ControlPort int
	SrunPorts   string
	Nodes       []slurmNode
}

type slurmNode struct {
	Name string
	Port int
}

// startSlurm starts the daemons and waits until every node is idle.
func startSlurm(t *testing.T, nodes int) *slurm {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	ports := freePorts(t, nodes+1+64)
	s := &slurm{Dir: t.TempDir(), User: me.Username, ControlPort: ports[0]}
	s.SrunPorts = fmt.Sprintf("%d-%d", ports[nodes+1], ports[nodes+1]+63)
	hosts := "127.0.0.1 localhost\n"
	for i := range nodes {
		name := fmt.Sprintf("node%d", i+1)
		s.Nodes = append(s.Nodes, slurmNode{Name: name, Port: ports[i+1]})
		hosts += "127.0.0.1 " + name + "\n"
	}
	for _, d := range []string{"state", "tmp"} {
		if err := os.Mkdir(filepath.Join(s.Dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(s.Dir, "hosts"), hosts)
	s.configure(t)
	t.Cleanup(func() {
		await(t, time.Minute, "the end of all that Slurm has started", func() (bool, string) {
			left := s.processes()
			return len(left) == 0, fmt.Sprint(slices.Collect(maps.Keys(left)))
		})
	})
	s.daemon(t, "slurmctld", "slurmctld", "-D", "-i", "-f", s.conf())
	for _, n := range s.Nodes {
		script := `hostname "$1" && mount --bind "$2/hosts" /etc/hosts && mount -t tmpfs -o mode=1777 shm /dev/shm &&
			mount -t tmpfs -o mode=1777 tmp "$2/tmp" && exec slurmd -D -N "$1" -f "$2/slurm.conf"`
		unshare := []string{"--mount", "--uts", "--propagation", "private"}
		if os.Geteuid() != 0 {
			unshare = append(unshare, "--user", "--map-root-user")
		}
		s.daemon(t, n.Name, "unshare", append(unshare, "sh", "-c", script, "sh", n.Name, s.Dir)...)
	}
	await(t, time.Minute, "idle Slurm nodes", func() (bool, string) {
		out, _ := s.command(t, "sinfo", "-h", "-N", "-t", "idle", "-o", "%N").CombinedOutput()
		return len(strings.Fields(string(out))) == nodes, string(out)
	})
	return s
}

func (s *slurm) conf() string { return filepath.Join(s.Dir, "slurm.conf") }

func (s *slurm) configure(t *testing.T) {
	t.Helper()
	tmpl, err := template.ParseFiles("testdata/slurm.conf")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(s.conf())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := tmpl.Execute(f, s); err != nil {
		t.Fatal(err)
	}
}

// daemon starts one daemon and ends it with the test, after its jobs.
func (s *slurm) daemon(t *testing.T, name, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = s.env()
	out, err := os.Create(filepath.Join(s.Dir, name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := child.Start(cmd, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer out.Close()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(out.Name())
			t.Logf("%s said:\n%s", name, text)
		}
	})
}

func (s *slurm) env(more ...string) []string {
	return append(append(os.Environ(), "SLURM_CONF="+s.conf()), more...)
}

// command is a Slurm client command, bounded in time: without an answer from
// the controller it would wait for ever.
func (s *slurm) command(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = s.env()
	return cmd
}

// submit sends a batch script and returns the job's number.
func (s *slurm) submit(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := s.command(t, "sbatch", append([]string{"--parsable"}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("sbatch: %v\n%s", err, out)
	}
	id := strings.TrimSpace(string(out))
	t.Cleanup(func() { s.end(t, id) })
	return id
}

// end cancels a job and waits until none of its processes is left.
func (s *slurm) end(t *testing.T, id string) {
	_ = s.command(t, "scancel", id).Run()
	await(t, 2*time.Minute, "the end of Slurm job "+id, func() (bool, string) {
		state := s.state(t, id)
		return state != "RUNNING" && state != "COMPLETING" && state != "PENDING", state
	})
}

// state is the state of a job as Slurm names it.
func (s *slurm) state(t *testing.T, id string) string { return s.field(t, id, "JobState=") }

// restarts is how often Slurm has requeued the job.
func (s *slurm) restarts(t *testing.T, id string) int {
	t.Helper()
	n, err := strconv.Atoi(s.field(t, id, "Restarts="))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// field returns the value of a field of scontrol's description of a job.
func (s *slurm) field(t *testing.T, id, name string) string {
	t.Helper()
	out, err := s.command(t, "scontrol", "-o", "show", "job", id).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("unknown: %v %s", err, out)
	}
	for field := range strings.FieldsSeq(string(out)) {
		if value, ok := strings.CutPrefix(field, name); ok {
			return value
		}
	}
	return "unknown: " + string(out)
}

// control runs a command that must succeed.
func (s *slurm) control(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := s.command(t, program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

// foliocast runs the client program where it finds this Slurm, and returns
// what it printed; it must succeed.
func (s *slurm) foliocast(t *testing.T, args ...string) string {
	t.Helper()
	out, errText, code := s.try(t, args...)
	if code != 0 {
		t.Fatalf("foliocast %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errText)
	}
	return out
}

// try is foliocast for a command that may fail. The jobs that it submits cache
// datasets in a directory of the test.
func (s *slurm) try(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(t, "foliocast"), args...)
	cmd.Env = s.env(append(openMPI(), "XDG_CONFIG_HOME="+s.Dir, "FOLIOCAST_CACHE_DIR="+filepath.Join(s.Dir, "cache"))...)
	var out, errText bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errText
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errText.String(), cmd.ProcessState.ExitCode()
}

// processes finds the daemons of this Slurm, their jobs and ranks: the
// environment of each names its configuration.
func (s *slurm) processes() map[int]string {
	found := map[int]string{}
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environments {
		text, _ := os.ReadFile(path) // it may just have ended
		if !strings.Contains("\x00"+string(text), "\x00SLURM_CONF="+s.conf()+"\x00") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && alive(pid) {
			found[pid] = string(text)
		}
	}
	return found
}

// rank is the process of a rank of a job.
func (s *slurm) rank(t *testing.T, id, rank string) int {
	t.Helper()
	for pid, environment := range s.processes() {
		if strings.Contains(environment, "\x00SLURM_JOB_ID="+id+"\x00") && strings.Contains(environment, "\x00OMPI_COMM_WORLD_RANK="+rank+"\x00") {
			return pid
		}
	}
	t.Fatalf("Slurm job %s has no rank %s", id, rank)
	return 0
}
