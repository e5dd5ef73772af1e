package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The two scripts of hostfiles/slurm run under a real Slurm with two nodes.

func TestSlurmBatch(t *testing.T) {
	t.Parallel()
	s := startSlurm(t, 2)
	input := filepath.Join(s.Dir, "line.csv")
	output := filepath.Join(s.Dir, "forecasts.csv")
	writeFile(t, input, "step,A,B\n1,1,10\n2,2,20\n3,3,30\n4,4,40\n")
	log := filepath.Join(s.Dir, "batch.log")
	id := s.submit(t, mpicalcOf(t), "--nodes=2", "--ntasks=4", "--output="+log,
		"../../hostfiles/slurm/batch.sbatch", input, output, "--model", "trend", "--horizon", "2")
	s.await(t, id, "COMPLETED", log)
	got, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	// The forecast continues the line.
	want := "unique_id,ds,model,mean\nA,5,trend,5\nA,6,trend,6\nB,5,trend,50\nB,6,trend,60\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	answer, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(answer); !strings.Contains(text, `"ranks":4`) || !strings.Contains(text, `"hosts":["node1","node2"]`) {
		t.Errorf("the world was not 4 ranks on 2 nodes: %s", text)
	}
}

func TestSlurmBatchSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := startSlurm(t, 1)
	log := filepath.Join(s.Dir, "batch.log")
	id := s.submit(t, mpicalcOf(t), "--ntasks=2", "--output="+log,
		"../../hostfiles/slurm/batch.sbatch", "/no/such.csv", filepath.Join(s.Dir, "out.csv"), "--horizon", "2")
	s.await(t, id, "FAILED", log)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "/no/such.csv") {
		t.Errorf("the log does not name the file: %s", text)
	}
}

// A batch script need not use mpirun: srun starts the ranks too, and mpicalc
// alone is a world of one rank, also as the only task of a step.
func TestSlurmWithoutMpirun(t *testing.T) {
	t.Parallel()
	s := startSlurm(t, 1)
	writeFile(t, filepath.Join(s.Dir, "line.csv"), "step,A\n1,1\n2,2\n3,3\n")
	script := filepath.Join(s.Dir, "script.sh")
	writeFile(t, script, `#!/bin/sh
cd `+s.Dir+`
run="$MPICALC run --input line.csv --model naive"
$run >alone.json
srun --mpi=none --ntasks=1 $run >step.json
srun --mpi=pmix --ntasks=2 $run >srun.json
mpirun --bind-to none --oversubscribe -np 2 $run >mpirun.json
srun --mpi=pmix --ntasks=2 $MPICALC serve 2>fault.txt # no account: every rank must end
echo $? >>fault.txt
`)
	log := filepath.Join(s.Dir, "script.log")
	id := s.submit(t, mpicalcOf(t), "--ntasks=2", "--output="+log, script)
	s.await(t, id, "COMPLETED", log)
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(s.Dir, name))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	for name, ranks := range map[string]string{"alone": "1", "step": "1", "srun": "2", "mpirun": "2"} {
		if answer := read(name + ".json"); strings.Count(answer, "\n") != 1 || !strings.Contains(answer, `"ranks":`+ranks+",") {
			t.Errorf("%s: got %q, want one answer from %s ranks\n%s", name, answer, ranks, read("script.log"))
		}
	}
	fault := read("fault.txt")
	if strings.Count(fault, "mpicalc: FOLIOCAST_CLIENT_ID") != 1 || !strings.HasSuffix(fault, "\n2\n") {
		t.Errorf("got %q, want one sentence about the account and exit code 2", fault)
	}
}

// mpicalcOf is the environment in which a batch script finds mpicalc.
func mpicalcOf(t *testing.T) []string {
	return append(openMPI(), "MPICALC="+program(t, "mpicalc"))
}

// await waits until a job is in a state that it does not leave.
func (s *slurm) await(t *testing.T, id, state, log string) {
	t.Helper()
	await(t, 2*time.Minute, "Slurm job "+id+" to be "+state, func() (bool, string) {
		got := s.state(t, id)
		if got != state && (got == "FAILED" || got == "COMPLETED" || got == "CANCELLED" || got == "TIMEOUT") {
			text, _ := os.ReadFile(log)
			t.Fatalf("Slurm job %s is %s, want %s:\n%s", id, got, state, text)
		}
		return got == state, got
	})
}
