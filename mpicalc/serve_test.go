package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serving starts serve on two ranks, against services that do not answer, and returns when its worker has begun.
func serving(t *testing.T, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	args = append([]string{"-q", "--oversubscribe", "--bind-to", "none", "-np", "2", program, "serve"}, args...)
	cmd := exec.CommandContext(t.Context(), "mpirun", args...)
	nowhere := "http://127.0.0.1:9" // the port of the discard service, which nobody runs
	cmd.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
		"FOLIOCAST_AUTH_URL="+nowhere, "FOLIOCAST_QUEUE_URL="+nowhere, "FOLIOCAST_FRONTEND_URL="+nowhere,
		"FOLIOCAST_CLIENT_ID=worker", "FOLIOCAST_CLIENT_SECRET=secret", "FOLIOCAST_CACHE_DIR="+t.TempDir())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.AfterFunc(time.Minute, func() { _ = cmd.Cancel() })
	t.Cleanup(func() { deadline.Stop() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "worker begins") {
			return cmd, lines
		}
	}
	t.Fatalf("serve ended before it began: %v", cmd.Wait())
	return nil, nil
}

func TestServeEndsInOrderWhenAsked(t *testing.T) {
	cmd, lines := serving(t)
	begin := time.Now()
	if err := cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	ended := false
	for lines.Scan() {
		ended = ended || strings.Contains(lines.Text(), "worker ends")
	}
	if err := cmd.Wait(); err != nil || !ended {
		t.Errorf("after SIGUSR1: %v, and the worker ended in order: %v", err, ended)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v to end", took)
	}
}

func TestServeNeedsAnAccount(t *testing.T) {
	out := mpirun(t, 2, "serve")
	if out.code != 2 || !strings.Contains(out.stderr, "FOLIOCAST_CLIENT_ID") || strings.Count(out.stderr, "\n") != 1 {
		t.Errorf("code %d, stderr %q, want 2 and a sentence", out.code, out.stderr)
	}
	for _, args := range [][]string{{"--max-batch", "0"}, {"--until", "soon"}, {"--idle-timeout", "-1s"}, {"--grace", "-1s"}} {
		out := mpirun(t, 0, append([]string{"serve"}, args...)...)
		if out.code != 2 || !strings.Contains(out.stderr, args[0]) {
			t.Errorf("%v: code %d, stderr %q, want 2 and a sentence about it", args, out.code, out.stderr)
		}
	}
}
