package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Everything is measured with few messages, and no number is judged.
func TestRun(t *testing.T) {
	t.Parallel()
	queue := filepath.Join(t.TempDir(), "queue")
	build := exec.Command("go", "build", "-o", queue, "./cmd/queue")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out strings.Builder
	err := run(t.Context(), []string{"-queue", queue, "-rounds", "1", "-messages", "300", "-upload", "100", "-river-upload", "100",
		"-workers", "2", "-batch", "50", "-pickups", "20", "-depth", "2000", "-calls", "30",
		"-measure", "rate,open,pickup,depth,soak", "-soak", "1s", "-soak-every", "500ms", "-soak-rate", "100", "-soak-open", "-statements"}, &out)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	for _, row := range []string{"| foliocast | ", "| foliocast, open transaction | ", "| foliocast | 2000 | ", "| foliocast | 1s | ", "## Statements of foliocast (bench_1)",
		"| river | ", "| river, open transaction | ", "| river | 2000 | ", "| river | 1s | "} {
		if !strings.Contains(out.String(), row) {
			t.Errorf("there is no row %q", row)
		}
	}
	for _, bad := range []string{"NaN", "Inf"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the answer has %q", bad)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-contenders", "nobody"}, {"-contenders", "before", "-before", "/nowhere", "-measure", "pickup"}, {"-measure", "nothing"}, {"more"}, {"-rounds", "0"}, {"-soak-every", "0s"}} {
		if err := run(t.Context(), args, t.Output()); err == nil {
			t.Errorf("%q: got no error", args)
		}
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	times := []time.Duration{4, 1, 3, 2}
	for share, want := range map[float64]time.Duration{0.5: 2, 0.75: 3, 0.99: 4, 1: 4} {
		if got := quantile(times, share); got != want {
			t.Errorf("quantile %v: got %v, want %v", share, got, want)
		}
	}
	if got := median(times, func(d time.Duration) float64 { return float64(d) }); got != 2.5 {
		t.Errorf("median: got %v, want 2.5", got)
	}
}

func TestCounter(t *testing.T) {
	t.Parallel()
	c := newCounter(3)
	for range 4 { // one more than it waits for
		c.add(1)
	}
	if err := c.wait(t.Context()); err != nil {
		t.Error(err)
	}
}
