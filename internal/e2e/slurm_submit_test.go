package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The commands that a person types, with a real Slurm.

func TestSlurmSubmitBatch(t *testing.T) {
	t.Parallel()
	s := startSlurm(t, 2)
	input, output := filepath.Join(s.Dir, "it's a line.csv"), filepath.Join(s.Dir, "out.csv")
	writeFile(t, input, "step,A,B\n1,1,10\n2,2,20\n3,3,30\n4,4,40\n")
	ask := []string{"--json", "slurm", "submit", "batch", input, output, "--nodes", "2", "--ntasks", "4", "--time", "2",
		"--partition", "main", "--job-name", "a line", "--log", filepath.Join(s.Dir, "the log of %j.txt"), "--wait", "--"}

	var ended struct{ ID, State, Log string }
	parse(t, s.foliocast(t, append(ask, "--model", "trend", "--horizon", "1")...), &ended)
	if want := filepath.Join(s.Dir, "the log of "+ended.ID+".txt"); ended.State != "COMPLETED" || ended.Log != want {
		t.Errorf("got %+v, want it completed with the log %s", ended, want)
	}
	got, err := os.ReadFile(output)
	if want := "unique_id,ds,model,mean\nA,5,trend,5\nB,5,trend,50\n,5,,27.5\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want) // the forecast continues the line
	}

	out, errText, code := s.try(t, append(ask, "--model", "magic")...)
	parse(t, out, &ended)
	if code != 7 || ended.State != "FAILED" || !strings.Contains(errText, "ended as FAILED with exit code 2: see "+ended.Log) {
		t.Errorf("exit %d, %+v, %s", code, ended, errText)
	}
	if log, err := os.ReadFile(ended.Log); err != nil || !strings.Contains(string(log), `--model must be one of`) {
		t.Errorf("the log says %q, %v", log, err)
	}

	_, errText, code = s.try(t, "slurm", "submit", "batch", input, output, "--partition", "gold")
	if code != 2 || !strings.Contains(errText, "invalid partition specified: gold") {
		t.Errorf("exit %d, %s, want a refusal of the partition", code, errText)
	}
}

// The doctor reports what it finds, and asks the services from the nodes.
func TestSlurmDoctor(t *testing.T) {
	t.Parallel()
	s := startSlurm(t, 2)
	c := startCluster(t, 0)
	doctor := func(args ...string) (code int, found map[string]string) {
		t.Helper()
		out, errText, code := s.try(t, append([]string{"--json", "--state", c.state, "slurm", "doctor"}, args...)...)
		var report struct {
			OK       bool
			Findings []struct{ Check, Status, Found string }
		}
		parse(t, out, &report)
		if report.OK != (code == 0) {
			t.Errorf("exit %d, but ok is %v: %s", code, report.OK, errText)
		}
		found = map[string]string{}
		for _, f := range report.Findings {
			found[f.Status] += f.Check + ": " + f.Found + "\n"
		}
		return code, found
	}

	code, found := doctor("--nodes", "2", "--ntasks", "4", "--from-node")
	if code != 0 || found["fault"] != "" {
		t.Errorf("exit %d, faults %s", code, found["fault"])
	}
	for _, want := range []string{"slurm: Slurm ", "controller: Slurmctld(primary)", "2 of 2 nodes work, with 4 CPUs", "mpirun takes nodes and slots from Slurm",
		"srun --mpi=pmix", "waits 5s or longer", "on node1, node2, this machine", "All services answer from node1, node2"} {
		if !strings.Contains(found["ok"], want) {
			t.Errorf("%q is missing in\n%s", want, found["ok"])
		}
	}

	s.control(t, "scontrol", "update", "nodename=node2", "state=drain", "reason=bad disk")
	code, found = doctor("--ntasks", "5", "--mpicalc", "/no/such/mpicalc", "--queue-url", "http://127.0.0.1:1")
	for _, want := range []string{"too small for 5 ranks", "/no/such/mpicalc on node node1 is not", "queue at http://127.0.0.1:1 does not answer"} {
		if code != 1 || !strings.Contains(found["fault"], want) {
			t.Errorf("exit %d, and %q is missing in\n%s", code, want, found["fault"])
		}
	}
	if _, found = doctor("batch"); !strings.Contains(found["warning"], "node2 is drained (bad disk)") || strings.Contains(found["ok"], "services") {
		t.Errorf("got %v, want a fault of node2 and none of the services", found)
	}

	if out, err := s.command(t, "squeue", "-h").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("the doctor left jobs behind: %s, %v", out, err)
	}
}

func parse(t *testing.T, out string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
}
