package main

import (
	"fmt"
	"strings"
	"testing"

	"foliocast/mpicalc/mpi/mpitest"
)

func TestMain(m *testing.M) { mpitest.Main(m, main) }

// Ranks that wait for a bell leave the machine to others and wake soon, also where many share a
// core. The limits leave room for other tests; docs/benchmarks.md has the figures of a quiet machine.
func TestIdleRanks(t *testing.T) {
	t.Parallel()
	const mostPercent, mostMilliseconds = 5, 250
	for _, ranks := range []int{2, 4, 16, 48} {
		out := mpitest.Run(t, ranks, "-turns", "3", "-wait", "100ms")
		lines := strings.Split(strings.TrimSpace(out.Stdout), "\n")
		if out.Code != 0 || len(lines) != 7 {
			t.Fatalf("exit code %d, %d lines, want a heading and 6 rows:\n%s%s", out.Code, len(lines), out.Stdout, out.Stderr)
		}
		var leader, others, median, worst float64
		if _, err := fmt.Sscanf(strings.TrimSpace(lines[6]), "bell %f %f %f %f", &leader, &others, &median, &worst); err != nil {
			t.Fatalf("%v:\n%s", err, out.Stdout)
		}
		if max(leader, others) > mostPercent || median > mostMilliseconds {
			t.Errorf("%d ranks use more than %d %% of a core or wake after more than %d ms:\n%s", ranks, mostPercent, mostMilliseconds, out.Stdout)
		}
	}
}

// The ranks may be taken for several nodes.
func TestNodes(t *testing.T) {
	t.Parallel()
	if out := mpitest.Run(t, 4, "-turns", "1", "-wait", "1ms", "-width", "2"); out.Code != 0 {
		t.Fatalf("exit code %d:\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	mpitest.Refuses(t, 1, "two ranks are needed")
	mpitest.Refuses(t, 2, "usage", "-turns", "0")
	mpitest.Refuses(t, 2, "usage", "x")
}
