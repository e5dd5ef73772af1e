package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// rank is the environment variable that makes this test binary the program.
const rank = "FOLIOCAST_TEST_RANK"

func TestMain(m *testing.M) {
	if os.Getenv(rank) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func run(t *testing.T, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), rank+"=1", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), log.String(), cmd.ProcessState.ExitCode()
}

func TestTable(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := run(t, "mpirun", "-np", "3", "--oversubscribe", "--bind-to", "none", os.Args[0], "-turns", "2", "-wait", "1ms")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || len(lines) != 8 {
		t.Fatalf("exit code %d, %d lines, want a heading and 7 rows:\n%s%s", code, len(lines), stdout, stderr)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"one rank", nil, 1, "two ranks are needed"},
		{"no turns", []string{"-turns", "0"}, 2, "usage"},
		{"an argument", []string{"x"}, 2, "usage"},
	} {
		_, stderr, code := run(t, os.Args[0], c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, want %d with %q:\n%s", c.name, code, c.code, c.want, stderr)
		}
	}
}
