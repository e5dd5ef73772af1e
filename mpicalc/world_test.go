package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Ranks that were started in different ways are one world: rank 0's command line counts, and a fault that only
// another rank would see harms nobody.
func TestRankZeroDecides(t *testing.T) {
	t.Parallel()
	input := write(t, "in.csv", "step,A\n1,5\n2,6\n3,7\n")
	run, full := []string{"run", "--input", input, "--model", "naive"}, filepath.Join(t.TempDir(), "full.csv")
	if err := os.Symlink("/dev/full", full); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		first, second []string
		code          int
		want          string
	}{
		"a flag that only another rank refuses": {run, []string{"run", "--bogus"}, 0, ""},
		"a file that only another rank misses":  {run, []string{"run", "--input", "nowhere.csv"}, 0, ""},
		"a flag that rank 0 refuses":            {[]string{"run", "--bogus"}, run, 2, "run has no flag --bogus"},
		"a file that rank 0 misses":             {[]string{"run", "--input", "nowhere.csv"}, run, 2, "nowhere.csv"},
		"a setting that rank 0 lacks":           {[]string{"serve"}, run, 2, "FOLIOCAST_CLIENT_ID"},
		"no command":                            {nil, nil, 0, ""},
		"a command without ranks":               {[]string{"models"}, []string{"models"}, 0, ""},
		"a failure":                             {append(slices.Clone(run), "--output", full), run, 1, "no space left"},
	} {
		command := append([]string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", "1", program}, c.first...)
		out := outcomeOf(t, append(append(command, ":", "-np", "2", program), c.second...))
		faults := strings.Count(out.stderr, "mpicalc: ")
		if out.code != c.code || !strings.Contains(out.stderr, c.want) || c.want != "" && faults != 1 || c.want == "" && faults != 0 {
			t.Errorf("%s: code %d, want %d and one sentence with %q in\n%s", name, out.code, c.code, c.want, out.stderr)
		}
	}
}

// A process cannot join where an earlier one of the same rank has: commands without ranks leave that to others.
func TestAScriptMayRunOtherCommandsFirst(t *testing.T) {
	t.Parallel()
	input := write(t, "in.csv", "step,A\n1,5\n2,6\n3,7\n")
	script := program + " models >/dev/null && " + program + " run --help >/dev/null && " + program + " run --input " + input + " --model naive"
	out := outcomeOf(t, []string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", "2", "sh", "-c", script})
	if out.code != 0 || !strings.Contains(out.stdout, `"ranks":2,`) {
		t.Errorf("code %d, stdout %q, want the answer of two ranks\n%s", out.code, out.stdout, out.stderr)
	}
}

func TestAnotherVersionIsNamed(t *testing.T) {
	t.Parallel()
	old := filepath.Join(t.TempDir(), "mpicalc")
	if out, err := exec.Command("go", "build", "-ldflags", "-X foliocast/internal/cli.version=v1.0.0", "-o", old, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	run := []string{"run", "--input", write(t, "in.csv", "step,A\n1,5\n2,6\n3,7\n"), "--model", "naive"}
	command := append([]string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", "2", program}, run...)
	out := outcomeOf(t, append(append(command, ":", "-np", "1", old), run...))
	if out.code != 2 || strings.Count(out.stderr, "\n") != 1 || !strings.HasPrefix(out.stderr, "mpicalc: rank 2 on ") ||
		!strings.Contains(out.stderr, "runs mpicalc v1.0.0, and rank 0 on ") || !strings.Contains(out.stderr, "runs "+builtVersion+": install the same version") {
		t.Errorf("code %d, stderr %q, want 2 and one sentence with both versions", out.code, out.stderr)
	}
}
