package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wide writes a file of so many assets that their answers do not fit into a pipe.
func wide(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("unique_id,ds,y\n")
	for i := range 2000 {
		for k := range 12 {
			b.WriteString("A" + strconv.Itoa(i) + "," + strconv.Itoa(k+1) + "," + strconv.Itoa(i+k%5) + "\n")
		}
	}
	path := filepath.Join(t.TempDir(), "wide.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAReaderThatLeaves reads the beginning of standard output and closes it, as head does. The program ends without a word, by
// SIGPIPE as other programs do. Under mpirun that happens to mpirun, which complains and, in version 4.1, may crash; its ranks do
// not.
func TestAReaderThatLeaves(t *testing.T) {
	input := wide(t)
	for _, ranks := range []int{0, 2} {
		args := []string{program, "run", "--input", input, "--model", "naive", "--horizon", "12", "--levels", "80", "--with-assets"}
		if ranks > 0 {
			args = append([]string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", strconv.Itoa(ranks)}, args...)
		}
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
		cmd.WaitDelay = time.Minute
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var first [20]byte
		if _, err := stdout.Read(first[:]); err != nil || !strings.HasPrefix(string(first[:]), `{"job":`) {
			t.Errorf("%d ranks: read %q, %v", ranks, first, err)
		}
		if err := stdout.Close(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // how it ended is in ProcessState
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); ranks == 0 && status.Signal() != syscall.SIGPIPE {
			t.Errorf("ended with %v, want SIGPIPE", cmd.ProcessState)
		}
		for _, complaint := range []string{"mpicalc:", "goroutine ", "panic", "broken pipe", `"level":"ERROR"`} {
			if strings.Contains(stderr.String(), complaint) {
				t.Errorf("%d ranks: standard error has %q:\n%s", ranks, complaint, &stderr)
			}
		}
	}
}

// TestAPipeWhoseReaderLeaves writes to a pipe by name, whose end is an error that has a sentence.
func TestAPipeWhoseReaderLeaves(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "forecasts.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	left := make(chan error, 1)
	go func() {
		reader, err := os.Open(pipe)
		if err == nil {
			err = reader.Close()
		}
		left <- err
	}()
	out := mpirun(t, 2, "run", "--input", wide(t), "--model", "naive", "--horizon", "12", "--levels", "80", "--output", pipe)
	if err := <-left; err != nil {
		t.Fatal(err)
	}
	if want := "mpicalc: --output " + pipe + " cannot be written: broken pipe\n"; out.code != 1 || !strings.Contains(out.stderr, want) || strings.Contains(out.stderr, "goroutine ") {
		t.Errorf("ended with %d: %s", out.code, out.stderr)
	}
}
