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
		"a command that only another rank has":  {run, []string{"models"}, 0, ""},
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

func TestAnotherVersionIsNamed(t *testing.T) {
	t.Parallel()
	build := func(version string) string {
		path := filepath.Join(t.TempDir(), "mpicalc")
		if out, err := exec.Command("go", "build", "-ldflags", "-X foliocast/internal/cli.version="+version, "-o", path, ".").CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		return path
	}
	old, new := build("v1.0.0"), build("v1.1.0")
	for name, c := range map[string]struct {
		second, want string
	}{
		"another version":      {old, "rank 2 on "},
		"the same":             {new, ""},
		"one of a developer's": {program, ""},
	} {
		out := outcomeOf(t, []string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", "2", new, "models", ":", "-np", "1", c.second, "models"})
		switch {
		case c.want == "" && (out.code != 0 || out.stderr != ""):
			t.Errorf("%s: code %d, stderr %q, want 0 and nothing", name, out.code, out.stderr)
		case c.want != "" && (out.code != 2 || strings.Count(out.stderr, "\n") != 1 || !strings.Contains(out.stderr, c.want) ||
			!strings.Contains(out.stderr, "runs mpicalc v1.0.0, and rank 0 on ") || !strings.Contains(out.stderr, "runs v1.1.0: install the same version")):
			t.Errorf("%s: code %d, stderr %q, want 2 and one sentence with both versions", name, out.code, out.stderr)
		}
	}
}
