package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// Three hosts that share nothing but a network and a file system forecast to
// the same bytes as one process.
func TestHostsForecastTheSameBytes(t *testing.T) {
	t.Parallel()
	h := startHosts(t, 3)
	input, err := filepath.Abs("../../docs/data/eustockmarkets.csv")
	if err != nil {
		t.Fatal(err)
	}
	arguments := func(output string) []string {
		return []string{program(t, "mpicalc"), "run", "--input", input, "--model", "auto", "--horizon", "5", "--levels", "80,95", "--output", output}
	}
	alone, spread := filepath.Join(h.dir, "alone.csv"), filepath.Join(h.dir, "spread.csv")
	one := arguments(alone)
	run(t, exec.Command(one[0], one[1:]...))
	answer := run(t, h.on(0, "mpirun", slices.Concat(h.mpirun(1, 0, 1, 2), arguments(spread))...))
	for _, name := range h.names {
		if !bytes.Contains(answer, []byte(`"`+name+`"`)) {
			t.Errorf("no rank ran on %s: %s", name, answer)
		}
	}
	want, err := os.ReadFile(alone)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(spread)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 || !bytes.Equal(got, want) {
		t.Errorf("three hosts wrote\n%s\none process\n%s", got, want)
	}
}

// run runs a command that must succeed and returns its standard output.
func run(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	cmd.Env = append(os.Environ(), openMPI()...)
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, errText.Bytes())
	}
	return out
}
