package hostfiles

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// These tests are about the decisions of pilot.sbatch itself. Small scripts
// stand in for mpirun, squeue and scontrol, so that each can fail at will;
// internal/e2e runs the pilot under a real Slurm.

// node is where the pilot runs: a directory of stand-ins, each of which records
// how it was called.
type node struct{ dir string }

// newNode makes a node whose mpirun runs the given script, in a job that ends
// after left.
func newNode(t *testing.T, mpirun string, left time.Duration) node {
	t.Helper()
	n := node{t.TempDir()}
	n.program(t, "mpirun", mpirun)
	n.program(t, "scontrol", "")
	n.program(t, "squeue", "echo "+time.Now().Add(left).Format("2006-01-02T15:04:05"))
	return n
}

func (n node) program(t *testing.T, name, does string) {
	t.Helper()
	script := "#!/bin/bash\necho \"" + name + " $*\" >>\"$(dirname \"$0\")/calls\"\n" + does + "\n"
	if err := os.WriteFile(filepath.Join(n.dir, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

// start starts the pilot as Slurm would.
func (n node) start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "bash", append([]string{"slurm/pilot.sbatch"}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+n.dir+":"+os.Getenv("PATH"), "SLURM_JOB_ID=7", "MPICALC=calc", "SLURM_JOB_END_TIME=")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// run starts the pilot, waits for its end, and returns its exit code and the calls.
func (n node) run(t *testing.T, args ...string) (code int, calls string) {
	t.Helper()
	cmd := n.start(t, args...)
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), n.calls()
}

func (n node) calls() string {
	text, _ := os.ReadFile(filepath.Join(n.dir, "calls")) // none yet
	return string(text)
}

// signal sends a signal once the world runs, and returns the pilot's exit code.
func (n node) signal(t *testing.T, pilot *exec.Cmd, s syscall.Signal) int {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(n.calls(), "mpirun ready"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no world began: %s", n.calls())
		}
	}
	if err := pilot.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	_ = pilot.Wait()
	return pilot.ProcessState.ExitCode()
}

// waits is an mpirun that works until it gets USR1, and then exits with 0.
const waits = `trap 'kill %%; exit 0' USR1
sleep 50 & echo "mpirun ready" >>"$(dirname "$0")/calls"; wait`

func TestPilotEndsWhenTheQueueIsIdle(t *testing.T) {
	t.Parallel()
	code, calls := newNode(t, "", time.Hour).run(t, "--queues", "a b")
	if code != 0 || strings.Count(calls, "mpirun") != 1 || strings.Contains(calls, "requeue") {
		t.Errorf("exit %d after %s", code, calls)
	}
	m := regexp.MustCompile(`calc serve --idle-timeout 2m --grace 80s --until (\S+) --queues a b\n`).FindStringSubmatch(calls)
	if m == nil {
		t.Fatalf("the world was started by %s", calls)
	}
	until, err := time.Parse(time.RFC3339, m[1])
	if left := time.Until(until); err != nil || left > time.Hour-15*time.Second || left < time.Hour-45*time.Second {
		t.Errorf("the world works until %s, %v, want 15 s before the end of the job", m[1], err)
	}
}

func TestPilotQueuesUpAgainWhenWarned(t *testing.T) {
	t.Parallel()
	n := newNode(t, waits, time.Hour)
	if code := n.signal(t, n.start(t), syscall.SIGUSR1); code != 0 || !strings.HasSuffix(n.calls(), "scontrol requeue 7\n") {
		t.Errorf("exit %d after %s", code, n.calls())
	}
}

// The ranks may know the end before Slurm's warning comes.
func TestPilotQueuesUpAgainAtTheEnd(t *testing.T) {
	t.Parallel()
	if code, calls := newNode(t, "", 20*time.Second).run(t); code != 0 || !strings.HasSuffix(calls, "scontrol requeue 7\n") {
		t.Errorf("exit %d after %s", code, calls)
	}
}

func TestPilotStaysDownWhenCancelled(t *testing.T) {
	t.Parallel()
	// Slurm tells mpirun too; here the stand-in ends by itself.
	n := newNode(t, `echo "mpirun ready" >>"$(dirname "$0")/calls"; sleep 0.5; exit 143`, time.Hour)
	if code := n.signal(t, n.start(t), syscall.SIGTERM); code != 143 || strings.Contains(n.calls(), "requeue") || strings.Count(n.calls(), "calc serve") != 1 {
		t.Errorf("exit %d after %s", code, n.calls())
	}
}

func TestPilotStartsADeadWorldAgain(t *testing.T) {
	t.Parallel()
	n := newNode(t, `cd "$(dirname "$0")"; echo "lineage $FOLIOCAST_LINEAGE" >>calls; [ $(wc -l <calls) -gt 3 ] || exit 137`, time.Hour)
	code, calls := n.run(t)
	if code != 0 || strings.Count(calls, "calc serve") != 2 {
		t.Errorf("exit %d after %s", code, calls)
	}
	// The second inherits from the first.
	named := regexp.MustCompile(`(?m)^lineage slurm-7-\d+-\d+$`).FindAllString(calls, -1)
	if len(named) != 2 || named[0] != named[1] {
		t.Errorf("the worlds are of %q, want one lineage", named)
	}
}

// A warning that comes while no world runs ends the wait for the next one.
func TestPilotWarnedBetweenWorlds(t *testing.T) {
	t.Parallel()
	n := newNode(t, `echo "mpirun ready" >>"$(dirname "$0")/calls"; exit 137`, time.Hour)
	n.signal(t, n.start(t), syscall.SIGUSR1)
	if calls := n.calls(); !strings.HasSuffix(calls, "scontrol requeue 7\n") || strings.Count(calls, "calc serve") > 2 {
		t.Errorf("%s", calls)
	}
}

func TestPilotDoesNotRepeatWrongSettings(t *testing.T) {
	t.Parallel()
	if code, calls := newNode(t, "exit 2", 20*time.Second).run(t); code != 2 || strings.Count(calls, "mpirun") != 1 || strings.Contains(calls, "requeue") {
		t.Errorf("exit %d after %s", code, calls)
	}
}

// Without the end of the job's time it works by the warning alone.
func TestPilotWithoutAnEnd(t *testing.T) {
	t.Parallel()
	for name, squeue := range map[string]string{"unlimited": "echo NONE", "no answer": "exit 1", "nothing": ""} {
		n := newNode(t, "", time.Hour)
		n.program(t, "squeue", squeue)
		if code, calls := n.run(t); code != 0 || strings.Contains(calls, "--until") || strings.Contains(calls, "requeue") {
			t.Errorf("%s: exit %d after %s", name, code, calls)
		}
	}
}

func TestBatchWantsTwoFiles(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "bash", "slurm/batch.sbatch", "one").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "usage: sbatch batch.sbatch INPUT OUTPUT") {
		t.Errorf("got %s, %v, want the usage", out, err)
	}
}

// The embedded scripts are those that a person reads.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"slurm/batch.sbatch": Batch, "slurm/pilot.sbatch": Pilot} {
		if text, err := os.ReadFile(name); err != nil || string(text) != want {
			t.Errorf("%s: %v, or it differs", name, err)
		}
	}
}
