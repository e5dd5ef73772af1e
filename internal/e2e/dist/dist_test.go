// Package dist tests what an administrator gets of this project: that all programs say one version, and that the same source
// gives the same bytes. It has tests only, of what make has built.
package dist

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var programs = []string{"authsvc", "frontend", "queue", "foliocast", "mpicalc"}

// root is the top folder of the project.
func root(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// run is what a command prints on standard output. The test fails if the command does.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	return output(t, exec.Command(name, args...))
}

// output is [run] for a command with a folder or an environment of its own.
func output(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Minute)
	defer stop()
	bounded := exec.CommandContext(ctx, cmd.Path, cmd.Args[1:]...)
	bounded.Dir, bounded.Env = cmd.Dir, cmd.Env
	var errs strings.Builder
	bounded.Stderr = &errs
	out, err := bounded.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(cmd.Args, " "), err, out, errs.String())
	}
	return string(out)
}

// version is that of the programs in bin.
func version(t testing.TB) string {
	t.Helper()
	_, v, _ := strings.Cut(strings.TrimSpace(run(t, filepath.Join(root(t), "bin/foliocast"), "--version")), " version ")
	return v
}
