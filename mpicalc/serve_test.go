package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/cli"
)

// servingWorld is serve on two ranks.
type servingWorld struct {
	mpirun    *exec.Cmd
	stderr    bytes.Buffer  // to be read once it has ended
	readyFile string        // FOLIOCAST_READY_FILE
	ended     chan struct{} // closed when mpirun has ended
	err       error         // how it ended
}

// serving starts serve against services that do not answer, and returns once it has announced that it is ready.
func serving(t *testing.T, settings ...string) *servingWorld {
	t.Helper()
	w := &servingWorld{readyFile: filepath.Join(t.TempDir(), "ready.json"), ended: make(chan struct{})}
	w.mpirun = exec.CommandContext(t.Context(), "mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", "2", program, "serve")
	nowhere := "http://127.0.0.1:9" // the port of the discard service, which nobody runs
	w.mpirun.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
		"FOLIOCAST_AUTH_URL="+nowhere, "FOLIOCAST_QUEUE_URL="+nowhere, "FOLIOCAST_FRONTEND_URL="+nowhere,
		"FOLIOCAST_CLIENT_ID=worker", "FOLIOCAST_CLIENT_SECRET=secret", "FOLIOCAST_CACHE_DIR="+t.TempDir(),
		"FOLIOCAST_READY_FILE="+w.readyFile)
	w.mpirun.Env = append(w.mpirun.Env, settings...)
	w.mpirun.Stderr = &w.stderr
	w.mpirun.Cancel = func() error { return w.mpirun.Process.Signal(syscall.SIGTERM) }
	w.mpirun.WaitDelay = 10 * time.Second
	if err := w.mpirun.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		w.err = w.mpirun.Wait()
		close(w.ended)
	}()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		if _, err := os.Stat(w.readyFile); err == nil {
			return w
		}
		select {
		case <-look.C:
		case <-w.ended:
			t.Fatalf("serve ended before it was ready: %v\n%s", w.err, w.stderr.String())
		case <-deadline.C:
			t.Fatal("serve was not ready within a minute")
		}
	}
}

// stop sends the signal to mpirun and waits for its end.
func (w *servingWorld) stop(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := w.mpirun.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case <-w.ended:
	case <-time.After(time.Minute):
		t.Fatalf("serve still runs a minute after %v", signal)
	}
}

func TestServeEndsInOrderWhenAsked(t *testing.T) {
	w := serving(t)
	w.stop(t, syscall.SIGUSR1)
	if log := w.stderr.String(); w.err != nil || !strings.Contains(log, `"msg":"worker stopped"`) {
		t.Errorf("after SIGUSR1: %v, want exit code 0 and the worker's last words in the log:\n%s", w.err, log)
	}
}

// Readiness does not depend on what is logged.
func TestServeAnnouncesThatItIsReady(t *testing.T) {
	w := serving(t, "FOLIOCAST_LOG_LEVEL=ERROR", "FOLIOCAST_LINEAGE=family")
	var got ready
	w.beats(t)
	if err := json.Unmarshal([]byte(read(t, w.readyFile)), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Worker, "family#") {
		t.Errorf("the ready file names the worker %q, want one of the lineage family", got.Worker)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, ready{Worker: got.Worker, Ranks: 2, Hosts: []string{host}}); diff != "" {
		t.Errorf("ready file (-got +want)\n%s", diff)
	}
	w.stop(t, syscall.SIGUSR1)
	if _, err := os.Stat(w.readyFile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end of the world its ready file is still there: %v", err)
	}
}

// beats waits until the world has touched its ready file once more.
func (w *servingWorld) beats(t *testing.T) {
	t.Helper()
	first, err := os.Stat(w.readyFile)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		info, err := os.Stat(w.readyFile)
		if err == nil && info.ModTime().After(first.ModTime()) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the ready file was not touched: %v", err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func TestServeRefusesAReadyFileThatCannotBeWritten(t *testing.T) {
	t.Setenv("FOLIOCAST_CLIENT_ID", "worker")
	t.Setenv("FOLIOCAST_CLIENT_SECRET", "secret")
	t.Setenv("FOLIOCAST_CACHE_DIR", t.TempDir())
	t.Setenv("FOLIOCAST_READY_FILE", filepath.Join(t.TempDir(), "missing", "ready.json"))
	out := mpirun(t, 2, "serve")
	if out.code != cli.Failed || !strings.Contains(out.stderr, "mpicalc: FOLIOCAST_READY_FILE cannot be written: ") {
		t.Errorf("code %d, stderr %q, want 1 and a sentence about the ready file", out.code, out.stderr)
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
