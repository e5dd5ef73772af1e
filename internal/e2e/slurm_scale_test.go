package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
	"foliocast/internal/job"
)

// scaled is a Slurm and a Foliocast whose pilots slurm scale looks after.
type scaled struct {
	*slurm
	c *cluster
}

func startScaled(t *testing.T, nodes int) scaled {
	t.Helper()
	s := scaled{startSlurm(t, nodes), startCluster(t, 0)}
	s.c.addPrices(t)
	admin := s.c.admin(t)
	cmd := s.client(t, "login", "--username", admin.Username, "--password-stdin")
	cmd.Stdin = strings.NewReader(admin.Password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() {
		_ = s.command(t, "scancel", "--me").Run()
		await(t, 2*time.Minute, "the end of the pilots", func() (bool, string) {
			out, err := s.command(t, "squeue", "-h", "-o", "%i %T").CombinedOutput()
			return err == nil && len(out) == 0, string(out)
		})
	})
	return s
}

// client is the program that a person uses.
func (s scaled) client(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), program(t, "foliocast"), append([]string{"--state", s.c.state}, args...)...)
	cmd.Env = s.env(append(openMPI(), "XDG_CONFIG_HOME="+s.Dir, "XDG_STATE_HOME="+s.Dir, "FOLIOCAST_CACHE_DIR="+filepath.Join(s.Dir, "cache"))...)
	return cmd
}

// round is what one round says, and whether it is an error.
type round struct {
	Want, Running, Pending, Submit int
	Submitted, Cancelled           []string
	Note, Error                    string

	code int
}

func (s scaled) scaleArgs(more ...string) []string {
	return append([]string{"--json", "slurm", "scale", "--ntasks", "2", "--time", "5", "--idle-timeout", "10s",
		"--log", filepath.Join(s.Dir, "pilot-%j.log"), "--per-pilot", "1", "--cancel-after", "0s"}, more...)
}

// once makes one round; change changes the command.
func (s scaled) once(t *testing.T, change func(*exec.Cmd), more ...string) round {
	t.Helper()
	cmd := s.client(t, s.scaleArgs(append(more, "--once")...)...)
	if change != nil {
		change(cmd)
	}
	var out, errText bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errText
	_ = cmd.Run() // the exit code says how it ended
	var r round
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v: %q, %s", err, out.String(), errText.String())
	}
	r.code = cmd.ProcessState.ExitCode()
	return r
}

// jobs submits jobs, and waits until dry runs see all of them in the queue.
func (s scaled) jobs(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		s.c.submit(t, fmt.Sprintf("job-%d", i))
	}
	await(t, time.Minute, "the jobs in the queue", func() (bool, string) {
		out, err := s.client(t, "slurm", "scale", "--max", "2", "--per-pilot", "1", "--dry-run").CombinedOutput()
		text := string(out)
		return err == nil && strings.Contains(text, fmt.Sprintf(" %d waiting, 0 leased: want 2 pilots; 0 running, 0 pending: would submit 2 pilots\n\n#!/bin/bash\n", n)), text
	})
	if submitted := s.count(t, "foliocast-scale"); submitted != 0 {
		t.Errorf("dry runs submitted %d pilots", submitted)
	}
}

// count is how many jobs of a name Slurm has ever had: it forgets none within a test.
func (s scaled) count(t *testing.T, name string) int {
	t.Helper()
	out, err := s.command(t, "squeue", "-h", "-r", "-t", "all", "-n", name, "-o", "%i").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return len(strings.Fields(string(out)))
}

// As many pilots as the queue's depth asks for, within the limits; those that wait in vain are cancelled; those that run drain the
// queue and end.
func TestSlurmScale(t *testing.T) {
	t.Parallel()
	s := startScaled(t, 2)
	if r := s.once(t, nil, "--max", "4"); r.code != 0 || r.Want != 0 || s.count(t, "foliocast-scale") != 0 {
		t.Errorf("an empty queue: %+v", r)
	}
	s.jobs(t, 6)
	// Nothing is known of a queue that does not answer, and nothing of a Slurm that answers nonsense.
	if r := s.once(t, nil, "--max", "4", "--queue-url", "http://127.0.0.1:1"); r.code != 6 || r.Error == "" || len(r.Submitted) > 0 {
		t.Errorf("without the queue: %+v", r)
	}
	writeFile(t, filepath.Join(s.Dir, "squeue"), "#!/bin/sh\necho the controller is a teapot\n")
	if err := os.Chmod(filepath.Join(s.Dir, "squeue"), 0o755); err != nil {
		t.Fatal(err)
	}
	nonsense := func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "PATH="+s.Dir+":"+os.Getenv("PATH")) }
	if r := s.once(t, nonsense, "--max", "4"); r.code != 1 || !strings.Contains(r.Error, "teapot") || s.count(t, "foliocast-scale") != 0 {
		t.Errorf("nonsense of squeue: %+v", r)
	}
	if r := s.once(t, nil, "--max", "4", "--max-cores", "6"); r.code != 0 || r.Want != 3 || len(r.Submitted) != 3 {
		t.Errorf("six cores: %+v", r)
	}
	if r := s.once(t, nil, "--max", "4"); r.code != 0 || r.Want != 4 || r.Running+r.Pending != 3 || len(r.Submitted) != 1 {
		t.Errorf("a fourth pilot: %+v", r)
	}
	// Two nodes hold two pilots. With 100 messages for a pilot, the other two wait in vain.
	await(t, time.Minute, "two pilots to run", func() (bool, string) {
		out, _ := s.command(t, "squeue", "-h", "-t", "running", "-o", "%i").CombinedOutput()
		return len(strings.Fields(string(out))) == 2, string(out)
	})
	if r := s.once(t, nil, "--max", "4", "--per-pilot", "100"); r.code != 0 || r.Running != 2 || len(r.Cancelled) != 2 {
		t.Errorf("too many pilots: %+v", r)
	}
	s.c.allDone(t, 4)
	var used struct {
		Items []struct {
			Runs        int
			CoreSeconds float64 `json:"core_seconds"`
		}
	}
	out, err := s.client(t, "--json", "job", "usage").Output()
	if err != nil {
		t.Fatal(err)
	}
	if parse(t, string(out), &used); len(used.Items) != 1 || used.Items[0].Runs != 6 || used.Items[0].CoreSeconds <= 0 {
		t.Errorf("the jobs cost %s, want six runs that took core-seconds", out)
	}
	await(t, time.Minute, "the end of the pilots", func() (bool, string) {
		r := s.once(t, nil, "--max", "4")
		return r.Running+r.Pending == 0 && r.code == 0 && r.Want == 0 && r.Note == "", fmt.Sprintf("%+v", r)
	})
}

// Pilots that die at once are submitted again only after a while, and so is what sbatch refuses.
func TestSlurmScaleHoldsAfterFailures(t *testing.T) {
	t.Parallel()
	s := startScaled(t, 1)
	s.jobs(t, 3)
	broken := filepath.Join(s.Dir, "broken")
	writeFile(t, broken, "#!/bin/sh\nexit 2\n")
	if err := os.Chmod(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	dying := []string{"--max", "2", "--ntasks", "1", "--mpicalc", broken, "--job-name", "dying", "--array"}
	if r := s.once(t, nil, dying...); r.code != 0 || len(r.Submitted) != 1 || !strings.HasSuffix(r.Submitted[0], "_[0-1]") || s.count(t, "dying") != 2 {
		t.Errorf("two pilots that die: %+v", r)
	}
	await(t, time.Minute, "the end of both", func() (bool, string) {
		out, _ := s.command(t, "squeue", "-h", "-r", "-t", "failed", "-n", "dying", "-o", "%i").CombinedOutput()
		return len(strings.Fields(string(out))) == 2, string(out)
	})
	for range 3 {
		if r := s.once(t, nil, dying...); r.code != 0 || r.Want != 2 || !strings.Contains(r.Note, "nothing is submitted for ") || !strings.Contains(r.Note, "ended as FAILED") || s.count(t, "dying") != 2 {
			t.Errorf("after they have died: %+v", r)
		}
	}
	refused := []string{"--max", "2", "--partition", "gold", "--job-name", "refused"}
	if r := s.once(t, nil, refused...); r.code != 2 || !strings.Contains(r.Error, "invalid partition") {
		t.Errorf("what sbatch refuses: %+v", r)
	}
	if r := s.once(t, nil, refused...); r.code != 0 || !strings.Contains(r.Note, "nothing is submitted for ") || !strings.Contains(r.Note, "invalid partition") {
		t.Errorf("after the refusal: %+v", r)
	}
}

// The loop keeps a heterogeneous pilot, whose ranks are a world over the nodes of both components; a second loop of the same name
// is refused, and an interrupt leaves the pilots alone.
func TestSlurmScaleLoops(t *testing.T) {
	t.Parallel()
	s := startScaled(t, 2)
	s.c.submit(t, "job")
	loop := s.client(t, s.scaleArgs("--max", "1", "--every", "1s", "--component", "ntasks=2")...)
	log := filepath.Join(s.Dir, "loop.log")
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	loop.Stdout, loop.Stderr = out, out
	if err := child.Start(loop, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	said := func() string {
		text, _ := os.ReadFile(log)
		return string(text)
	}
	await(t, time.Minute, "a pilot that runs", func() (bool, string) {
		text := said()
		return strings.Contains(text, `"submitted":[`) && strings.Contains(text, `"running":1`), text
	})
	if text, err := s.client(t, s.scaleArgs("--once")...).CombinedOutput(); !strings.Contains(string(text), "another foliocast slurm scale looks after the pilots named foliocast-scale") {
		t.Errorf("a second loop: %v, %s", err, text)
	}
	s.c.allDone(t, 4)
	var answer job.Answer
	if err := s.c.call(t.Context(), "GET", "/v1/jobs/"+string(s.c.sent[0])+"/result", nil, &answer); err != nil {
		t.Fatal(err)
	}
	if hosts := strings.Join(answer.Provenance.Hosts, " "); hosts != "node1 node2" {
		t.Errorf("the job was computed on %q, want both components", hosts)
	}
	if err := loop.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := loop.Wait(); err != nil || !strings.Contains(said(), "the pilots go on") {
		t.Errorf("it ended with %v\n%s", err, said())
	}
	if n := s.count(t, "foliocast-scale"); n != 2 { // a line for each component
		t.Errorf("%d components were submitted, want 2:\n%s", n, said())
	}
	await(t, time.Minute, "the pilot to end by itself", func() (bool, string) {
		r := s.once(t, nil, "--max", "1")
		return r.Running+r.Pending == 0 && r.Note == "", fmt.Sprintf("%+v", r)
	})
}
