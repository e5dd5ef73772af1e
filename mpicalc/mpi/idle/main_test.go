package main

import (
	"strings"
	"testing"

	"foliocast/mpicalc/mpi/mpitest"
)

func TestMain(m *testing.M) { mpitest.Main(m, main) }

func TestTable(t *testing.T) {
	t.Parallel()
	out := mpitest.Run(t, 3, "-turns", "2", "-wait", "1ms")
	lines := strings.Split(strings.TrimSpace(out.Stdout), "\n")
	if out.Code != 0 || len(lines) != 8 {
		t.Fatalf("exit code %d, %d lines, want a heading and 7 rows:\n%s%s", out.Code, len(lines), out.Stdout, out.Stderr)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	mpitest.Refuses(t, 1, "two ranks are needed")
	mpitest.Refuses(t, 2, "usage", "-turns", "0")
	mpitest.Refuses(t, 2, "usage", "x")
}
