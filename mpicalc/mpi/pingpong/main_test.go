package main

import (
	"strings"
	"testing"

	"foliocast/mpicalc/mpi/mpitest"
)

func TestMain(m *testing.M) { mpitest.Main(m, main) }

// The third rank only waits.
func TestTable(t *testing.T) {
	t.Parallel()
	out := mpitest.Run(t, 3, "-turns", "1")
	lines := strings.Split(strings.TrimSpace(out.Stdout), "\n")
	if out.Code != 0 || len(lines) != 5 {
		t.Fatalf("exit code %d, %d lines, want a heading and 4 rows:\n%s%s", out.Code, len(lines), out.Stdout, out.Stderr)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	mpitest.Refuses(t, 1, "two ranks are needed")
	mpitest.Refuses(t, 2, "usage", "-turns", "0")
	mpitest.Refuses(t, 2, "usage", "x")
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 9, 2}, 3},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.values, got, c.want)
		}
	}
}
