package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rankOf finds the process of a rank that descends from a process, by its environment.
func rankOf(t *testing.T, launcher, rank int) int {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environments {
		text, _ := os.ReadFile(path) // it may just have ended
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if strings.Contains("\x00"+string(text), fmt.Sprintf("\x00OMPI_COMM_WORLD_RANK=%d\x00", rank)) && parentOf(pid) == launcher {
			return pid
		}
	}
	t.Fatalf("process %d has started no rank %d", launcher, rank)
	return 0
}

func parentOf(pid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}

// seen collects what a program writes, and says when it first wrote something.
type seen struct {
	text  bytes.Buffer
	first chan struct{}
}

func (s *seen) Write(b []byte) (int, error) {
	if s.text.Len() == 0 {
		close(s.first)
	}
	return s.text.Write(b)
}

// A rank that is stopped ends run and backtest, with a sentence that names it and its host.
func TestAStoppedRankEndsTheRun(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("unique_id,step,y\n")
	for i := range 1200 {
		for k := range 300 {
			fmt.Fprintf(&text, "%d,%d,%d\n", i, k, 100+k/4+(k*k*(i+7))%23) // seconds of work
		}
	}
	input := write(t, "long.csv", text.String())
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"run":      {"run", "--input", input, "--horizon", "200", "--levels", "80,95"},
		"backtest": {"backtest", "--input", input, "--horizon", "12", "--origins", "8", "--models", "auto"},
	} {
		command := []string{"-q", "--oversubscribe", "--bind-to", "none", "-np", "3", program}
		cmd := exec.CommandContext(t.Context(), "mpirun", append(append(command, args...), "--stuck-after", "3s")...)
		cmd.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
		out := &seen{first: make(chan struct{})}
		cmd.Stderr = out
		cmd.WaitDelay = 10 * time.Second
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-out.first: // the world has formed and begins to work
		case <-time.After(time.Minute):
			t.Fatal("no world has formed within a minute")
		}
		if err := syscall.Kill(rankOf(t, cmd.Process.Pid, 2), syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		if want := "mpicalc: rank 2 on " + host + " has not answered for 3s: "; err == nil || !strings.Contains(out.text.String(), want) {
			t.Errorf("%s: %v, want an error that says %q in\n%s", name, err, want, out.text.String())
		}
	}
}
