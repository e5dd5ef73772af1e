package main

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Built against MPICH and started by its launcher, the program writes the same bytes, on any
// number of ranks.
func TestMPICHGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := filepath.Join(dir, "mpicalc")
	if out, err := exec.Command("go", "build", "-tags", "netgo,osusergo,mpich", "-o", other, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	input := write(t, "uneven.csv", uneven())
	forecast := func(command ...string) string {
		output := filepath.Join(t.TempDir(), "forecasts.csv")
		out := outcomeOf(t, append(command, "run", "--input", input, "--horizon", "6", "--levels", "80,95", "--season", "12", "--output", output))
		if out.code != 0 {
			t.Fatalf("%v ended with %d: %s", command, out.code, out.stderr)
		}
		return read(t, output)
	}
	want := forecast(program)
	for _, n := range []int{1, 2, 3, 7} {
		if forecast("mpiexec.hydra", "-bind-to", "none", "-np", strconv.Itoa(n), other) != want {
			t.Errorf("MPICH on %d ranks: other bytes than Open MPI on one", n)
		}
	}
	if forecast(other) != want {
		t.Errorf("MPICH without its launcher: other bytes than Open MPI")
	}
}
