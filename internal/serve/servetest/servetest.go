// Package servetest runs a service inside of a test: on a port that the kernel
// chooses, with a log that the test can read.
package servetest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait. It is long enough for a busy machine.
const patience = time.Minute

// Log is a log that a test may read while a service writes it. Its zero value
// is empty. Safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds a line.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is what was logged until now.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Logger writes JSON lines to the log.
func (l *Log) Logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }

// address is where the service says in its log that it listens, or "".
func (l *Log) address() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(l.text.Bytes()) {
		var entry struct{ Msg, Address string }
		if json.Unmarshal(line, &entry) == nil && entry.Msg == "listening" {
			return entry.Address
		}
	}
	return ""
}

// Service is one that runs.
type Service struct {
	URL  string // as in http://127.0.0.1:41234
	Log  *Log
	Stop func() error // stops it and returns what it ended with; again, the same
}

// Start runs a service until the test ends, or until Stop, and returns when it
// listens. Run serves on a port of 127.0.0.1 until its context ends, and then
// must return nil.
func Start(t testing.TB, run func(context.Context, *slog.Logger) error) *Service {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{Log: &Log{}}
	over := make(chan struct{})
	var err error
	go func() {
		defer close(over)
		err = run(ctx, s.Log.Logger())
	}()
	s.Stop = sync.OnceValue(func() error { cancel(); <-over; return err })
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("the service did not stop well: %v", err)
		}
	})
	Until(t, "the service listens", func() bool {
		select {
		case <-over:
			t.Fatalf("the service did not start: %v\n%s", err, s.Log)
		default:
		}
		s.URL = "http://" + s.Log.address()
		return s.URL != "http://"
	})
	return s
}

// Answers reports whether a GET of the path gets the status.
func (s *Service) Answers(path string, status int) bool {
	resp, err := http.Get(s.URL + path)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == status
}

// Ready waits until the service can do its work.
func (s *Service) Ready(t testing.TB) {
	t.Helper()
	Until(t, "the service is ready", func() bool { return s.Answers("/readyz", http.StatusOK) })
}

// What [Service.KeepsItsDoor] expects of the settings of a service, which also trusts the
// proxies on this machine.
const (
	MetricsToken = "a token for the metrics"
	StopNotice   = time.Second
)

// KeepsItsDoor holds a service to its settings: its metrics need their token, a proxy names
// its client, a refusal is in the audit trail, and the service says that it stops before it does,
// which it does in the end. A GET of the path needs a token; auditor is one that may read the trail.
func (s *Service) KeepsItsDoor(t testing.TB, path, auditor string) {
	t.Helper()
	for token, want := range map[string]int{"": http.StatusUnauthorized, MetricsToken: http.StatusOK} {
		if resp, _ := Send(t, http.MethodGet, s.URL+"/metrics", nil, "Authorization", "Bearer "+token); resp.StatusCode != want {
			t.Errorf("the metrics with the token %q: got %d, want %d", token, resp.StatusCode, want)
		}
	}
	const client = "203.0.113.7" // of the networks for documentation, RFC 5737
	if resp, _ := Send(t, http.MethodGet, s.URL+path, nil, "X-Forwarded-For", client); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("%s without a token: got %d", path, resp.StatusCode)
	}
	Until(t, "the refusal is in the audit trail, with its client", func() bool {
		_, text := Send(t, http.MethodGet, s.URL+"/v1/audit?outcome=refused", nil, "Authorization", "Bearer "+auditor)
		return strings.Contains(text, client)
	})
	stopped := make(chan struct{})
	go func() { defer close(stopped); _ = s.Stop() }() // Start reports the error
	for !s.Answers("/readyz", http.StatusServiceUnavailable) {
		select {
		case <-stopped:
			t.Fatal("the service stopped without saying so before")
		default:
		}
	}
	<-stopped
}

// Send sends a request that no client of ours would make. It returns the answer
// and the text of its body, which is read and closed. Pairs are names and
// values of headers.
func Send(t testing.TB, method, url string, body io.Reader, pairs ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(pairs, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// Until waits until holds returns true, and fails the test when it does not in
// time.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}
