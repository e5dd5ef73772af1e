package slurm

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A shell replaces Slurm's programs: these tests are about how they end. The
// tests in internal/e2e see a real Slurm's messages.

func TestRunTellsHowItEnded(t *testing.T) {
	t.Parallel()
	c := Commands{Timeout: time.Minute}
	out, err := c.run(t.Context(), "script", "sh", "-c", "cat; echo warning >&2")
	if out != "script" || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
	_, err = c.run(t.Context(), "", "sh", "-c", "echo 'sbatch: error: no such partition' >&2; exit 3")
	if r, ok := errors.AsType[*Refused](err); !ok || r.Code != 3 || r.Text != "no such partition" {
		t.Errorf("got %v, want a refusal", err)
	}
	_, err = c.run(t.Context(), "", "sh", "-c", "exit 3")
	if r, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(r.Error(), "ended with 3 and printed nothing") {
		t.Errorf("got %v, want a refusal", err)
	}
	_, err = c.run(t.Context(), "", "sh", "-c", "echo 'squeue: error: Unable to contact slurm controller (connect failure)' >&2; exit 1")
	if _, ok := errors.AsType[*NoAnswer](err); !ok {
		t.Errorf("got %v, want no answer", err)
	}
	_, err = c.run(t.Context(), "", filepath.Join(t.TempDir(), "program"))
	if _, ok := errors.AsType[*NoAnswer](err); !ok || !missing(err) {
		t.Errorf("got %v, want no answer", err)
	}
}

// A program that hangs and ignores SIGTERM is killed.
func TestRunIsBounded(t *testing.T) {
	t.Parallel()
	began := time.Now()
	_, err := Commands{Timeout: 100 * time.Millisecond}.run(t.Context(), "", "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
	if n, ok := errors.AsType[*NoAnswer](err); !ok || !strings.Contains(n.Error(), "no answer within 100ms") {
		t.Errorf("got %v, want no answer", err)
	}
	if took := time.Since(began); took > stopTime+time.Minute {
		t.Errorf("it took %s", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Commands{}).run(ctx, "", "sh", "-c", "sleep 60"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's end", err)
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	well := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
		}
	}))
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusServiceUnavailable) }))
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	gone := httptest.NewServer(nil)
	gone.Close()
	t.Cleanup(func() {
		close(release)
		well.Close()
		ill.Close()
		silent.Close()
	})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errors.New("silence"))
	defer cancel()
	got := ReachAll(ctx, nil, []Reach{{"well", well.URL, ""}, {"ill", ill.URL, ""}, {"silent", silent.URL, ""}, {"gone", gone.URL, ""}, {"wrong", "::", ""}})
	for i, want := range []string{"", "503", "silence", "refused", "missing protocol scheme"} {
		if got[i].Fault == "" && want != "" || !strings.Contains(got[i].Fault, want) {
			t.Errorf("%+v, want %q", got[i], want)
		}
	}
}
