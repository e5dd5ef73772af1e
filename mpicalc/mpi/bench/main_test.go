package main

import (
	"strings"
	"testing"

	"foliocast/mpicalc/mpi/mpitest"
)

func TestMain(m *testing.M) { mpitest.Main(m, main) }

func TestTable(t *testing.T) {
	t.Parallel()
	out := mpitest.Run(t, 3, "-turns", "1")
	lines := strings.Split(strings.TrimSpace(out.Stdout), "\n")
	if out.Code != 0 || len(lines) != 2+len(patterns)*len(sizes) {
		t.Fatalf("exit code %d, %d lines, want a heading and a row for each of %d patterns and %d sizes:\n%s%s",
			out.Code, len(lines), len(patterns), len(sizes), out.Stdout, out.Stderr)
	}
	for _, line := range lines {
		if strings.Count(line, "|") != 6 {
			t.Errorf("a row without six bars: %q", line)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	mpitest.Refuses(t, 1, "two ranks are needed")
	mpitest.Refuses(t, 2, "usage", "-turns", "0")
	mpitest.Refuses(t, 2, "usage", "-pattern", "x")
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
