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
	want := "unique_id,ds,model,mean\nA,5,trend,5\nA,6,trend,6\nB,5,trend,50\nB,6,trend,60\n,5,,27.5\n,6,,33\n"
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
fault() { # every rank must end, with one sentence and the same code
    name=$1; shift
    timeout 30 srun --mpi=pmix --ntasks=2 "$@" 2>$name.txt
    echo $? >>$name.txt
}
fault account $MPICALC serve
fault flag $MPICALC run --bogus
fault file $MPICALC run --input nowhere.csv
# Only the second rank has a fault, and nobody asks it.
fault second sh -c '[ $SLURM_PROCID = 0 ] || set -- --bogus; exec $MPICALC run --input line.csv --model naive "$@" >second.json'
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
	for name, want := range map[string]string{"account": "mpicalc: FOLIOCAST_CLIENT_ID", "flag": "mpicalc: run has no flag", "file": "mpicalc: "} {
		fault := read(name + ".txt")
		if strings.Count(fault, "mpicalc: ") != 1 || !strings.Contains(fault, want) || !strings.HasSuffix(fault, "\n2\n") ||
			!strings.Contains(fault, "tasks 0-1: Exited with exit code 2") {
			t.Errorf("%s: got %q, want one sentence with %q and exit code 2 of both ranks", name, fault, want)
		}
	}
	if fault := read("second.txt"); !strings.HasSuffix(fault, "0\n") || strings.Contains(fault, "bogus") {
		t.Errorf("a fault of the second rank: got %q, want none", fault)
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
