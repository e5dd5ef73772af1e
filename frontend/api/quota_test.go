package api

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// refusedFor fails the test unless the error is a problem of the kind that says the text.
func refusedFor(t *testing.T, what string, err error, kind problem.Kind, text string) {
	t.Helper()
	if !problem.Is(err, kind) || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got %v, want %s that says %q", what, err, kind, text)
	}
}

func TestJobsOfAUserAreBounded(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute, Quotas: Quotas{Jobs: 2}})
	s.upload("prices", smallCSV)
	mine := s.as(auth.Manager)
	first, err := mine.CreateJob(t.Context(), spec(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mine.CreateJob(t.Context(), spec(), "b"); err != nil {
		t.Fatal(err)
	}
	_, err = mine.CreateJob(t.Context(), spec(), "c")
	refusedFor(t, "the third", err, problem.TooMany, "you have 2 jobs that are queued or running, and may have 2")
	if again, err := mine.CreateJob(t.Context(), spec(), "a"); err != nil || again.ID != first.ID {
		t.Errorf("the first again: got %s, %v", again.ID, err)
	}
	if _, err := s.as(auth.Manager).CreateJob(t.Context(), spec(), ""); err != nil {
		t.Errorf("another user: %v", err)
	}
	if _, err := mine.CancelJob(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := mine.CreateJob(t.Context(), spec(), "c"); err != nil {
		t.Errorf("after one was cancelled: %v", err)
	}
	_, err = mine.RetryJob(t.Context(), first.ID)
	refusedFor(t, "a retry", err, problem.TooMany, "and may have 2")
}

func TestBytesOfAUserAreBounded(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute})
	first := s.upload("prices", smallCSV)
	s.api.limits.Bytes = 2*first.Bytes - 1
	_, err := s.as(auth.Secretary).UploadDataset(t.Context(), "other", strings.NewReader(smallCSV), csvMedia, client.Reading{})
	refusedFor(t, "the second", err, problem.TooLarge, fmt.Sprintf("your datasets take %d bytes, and may take %d: with this one it would be %d", first.Bytes, 2*first.Bytes-1, 2*first.Bytes))
	s.api.limits.Bytes = 2 * first.Bytes
	s.upload("other", smallCSV)
}

// Files that are being sent count, also when they do not arrive.
func TestUploadsAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute, Quotas: Quotas{Uploads: 2, UserUploads: 1}})
	begin := func(token string) net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "POST /v1/datasets/p HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nunique_id", token)
		return conn
	}
	counted := func(n int) {
		t.Helper()
		servetest.Until(t, fmt.Sprintf("%d files are being sent", n), func() bool { return s.api.uploads.All() == n })
	}
	status := func(conn net.Conn) *http.Response {
		t.Helper()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	mine := s.issuer.Token(auth.Secretary)
	first := begin(mine)
	counted(1)
	if resp := status(begin(mine)); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Errorf("the second of one user: got %s", resp.Status)
	}
	second := begin(s.issuer.Token(auth.Secretary))
	counted(2)
	if resp := status(begin(s.issuer.Token(auth.Secretary))); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("the third of all: got %s", resp.Status)
	}
	first.Close()
	second.Close()
	counted(0)
	s.upload("p", smallCSV)
}
