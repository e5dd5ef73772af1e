package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
)

// listening is a stream of events over HTTP.
type listening struct {
	*testing.T
	*http.Response
	lines *bufio.Scanner
	hang  func()
}

// listen opens a stream, which ends with the test.
func (s *service) listen(t *testing.T, token, path string, pairs ...string) *listening {
	t.Helper()
	ctx, hang := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for pair := range slices.Chunk(pairs, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hang(); resp.Body.Close() })
	return &listening{t, resp, bufio.NewScanner(resp.Body), hang}
}

// next is the next event, or false at the end of the stream.
func (l *listening) next() (e job.LogEvent, ok bool) {
	l.Helper()
	for l.lines.Scan() {
		if data, found := strings.CutPrefix(l.lines.Text(), "data: "); found {
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				l.Fatalf("%s: %v", data, err)
			}
			return e, true
		}
	}
	return e, false
}

// types are the types of the next n events.
func (l *listening) types(n int) (all []job.EventType) {
	l.Helper()
	for range n {
		e, ok := l.next()
		if !ok {
			break
		}
		all = append(all, e.Type)
	}
	return all
}

func TestFollowAJob(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	j := s.submit()
	path := "/v1/jobs/" + string(j.ID) + "/events"
	l := s.listen(t, s.token, path)
	if l.StatusCode != http.StatusOK || l.Header.Get("Content-Type") != "text/event-stream" || l.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d, %v", l.StatusCode, l.Header)
	}
	first, _ := l.next()
	if first.Type != "job.queued" || first.Job != j.ID || first.Owner != "tester" || first.Run != 1 || first.Dataset != "prices" || first.Version != 1 {
		t.Errorf("got %+v", first)
	}
	s.sent(j.ID)
	s.queue.End(string(j.ID), doneResult(j.ID))
	last, _ := l.next()
	if last.Type != "job.done" || last.ID <= first.ID {
		t.Errorf("got %+v", last)
	}
	if e, more := l.next(); more {
		t.Errorf("behind the end came %+v", e)
	}
	if got := s.listen(t, s.token, path).types(3); fmt.Sprint(got) != "[job.queued job.done]" {
		t.Errorf("later: got %v", got)
	}
	for _, pairs := range [][]string{{"Last-Event-ID", strconv.FormatInt(first.ID, 10)}, {"Last-Event-ID", strconv.FormatInt(first.ID, 10), "after", "0"}} {
		if got := s.listen(t, s.token, path, pairs...).types(3); fmt.Sprint(got) != "[job.done]" {
			t.Errorf("from %v on: got %v", pairs, got)
		}
	}
	if got := s.send("GET", path, "", "Last-Event-ID", strconv.FormatInt(last.ID, 10)); got.status != http.StatusNoContent {
		t.Errorf("behind the end: got %d, want 204, so that a browser does not ask again", got.status)
	}
	for _, p := range []string{path, "/v1/events"} {
		if got := s.send("HEAD", p, ""); got.status != http.StatusOK || got.header.Get("Content-Type") != "text/event-stream" || got.body != "" {
			t.Errorf("HEAD %s: got %d, %v", p, got.status, got.header)
		}
	}
}

func TestFollowIsRefused(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if got := s.send("GET", "/v1/jobs/01890a5d-ac96-774b-bcce-b302099a8057/events", ""); got.status != http.StatusNotFound {
		t.Errorf("no job: got %d", got.status)
	}
	for query, pointer := range map[string]string{"after=x": "after", "after=-1": "after", "kind=x": "query.kind[0]", "state=x": "query.state[0]", "type=job": "query.type"} {
		if got := s.send("GET", "/v1/events?"+query, ""); got.status != http.StatusUnprocessableEntity || !slices.ContainsFunc(got.pointers(), func(p string) bool {
			return strings.HasPrefix(p, strings.TrimPrefix(strings.TrimSuffix(pointer, "[0]"), "query."))
		}) {
			t.Errorf("%s: got %d at %v", query, got.status, got.pointers())
		}
	}
	if got := s.send("GET", "/v1/events", "", "Last-Event-ID", "abc"); got.status != http.StatusUnprocessableEntity || !slices.Equal(got.pointers(), []string{"Last-Event-ID"}) {
		t.Errorf("got %d at %v", got.status, got.pointers())
	}
}

func TestFollowAll(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.hear()
	s.upload("before", smallCSV)
	servetest.Until(t, "that is numbered", func() bool { end, err := s.api.backend.Load().Events.End(t.Context()); return err == nil && end == 1 })
	all := s.listen(t, s.token, "/v1/events")
	kept := s.listen(t, s.token, "/v1/events?after=0")
	reader := s.issuer.Token(auth.JobsRead) // not of datasets
	jobs := s.listen(t, reader, "/v1/events?after=0")
	nothing := s.listen(t, reader, "/v1/events?after=0&kind=dataset&kind=job&state=cancelled")
	ended := s.listen(t, s.token, "/v1/events?state=done&state=cancelled&kind=job&kind=schedule&dataset=prices&owner=tester")
	s.upload("prices", smallCSV)
	j := s.submit()
	if _, err := s.as(auth.Manager).CancelJob(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		l    *listening
		want string
	}{
		{"from now on", all, "[dataset.added job.queued job.cancelled]"},
		{"all that is kept", kept, "[dataset.added dataset.added job.queued job.cancelled]"},
		{"without the right to read datasets", jobs, "[job.queued job.cancelled]"},
		{"what was not asked for", nothing, "[job.cancelled]"},
		{"only ends", ended, "[job.cancelled]"},
	} {
		if got := fmt.Sprint(c.l.types(1 + strings.Count(c.want, " "))); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute, Quotas: Quotas{Streams: 2, UserStreams: 1}})
	mine, other, third := s.issuer.Token(auth.Manager), s.issuer.Token(auth.Manager), s.issuer.Token(auth.Manager)
	first := s.listen(t, mine, "/v1/events")
	for _, c := range []struct {
		name, token string
		status      int
		kind        problem.Kind
	}{
		{"the second of a user", mine, http.StatusTooManyRequests, problem.TooMany},
		{"another user", other, http.StatusOK, ""},
		{"one more than the service has", third, http.StatusServiceUnavailable, problem.Unavailable},
	} {
		l := s.listen(t, c.token, "/v1/events")
		if l.StatusCode != c.status {
			t.Errorf("%s: got %d, want %d", c.name, l.StatusCode, c.status)
		}
		if c.kind == "" {
			continue
		}
		var p problem.Problem
		if err := json.NewDecoder(l.Body).Decode(&p); err != nil || p.Kind() != c.kind || l.Header.Get("Retry-After") == "" {
			t.Errorf("%s: got %+v, %v, Retry-After %q", c.name, p, err, l.Header.Get("Retry-After"))
		}
	}
	first.hang()
	servetest.Until(t, "there is room again", func() bool { return s.listen(t, mine, "/v1/events").StatusCode == http.StatusOK })
}

func TestStreamEndsWithItsToken(t *testing.T) {
	t.Parallel()
	s := newService(t)
	claims := s.issuer.Claims(auth.Manager)
	claims.ExpiresAt = jwt.NewNumericDate(time.Now().Add(10 * time.Second))
	l := s.listen(t, s.issuer.Sign(claims), "/v1/events")
	if l.StatusCode != http.StatusOK {
		t.Fatalf("got %d", l.StatusCode)
	}
	if _, ok := l.next(); ok || l.lines.Err() != nil {
		t.Errorf("the stream did not end well: %v", l.lines.Err())
	}
	if time.Now().Before(claims.ExpiresAt.Time) {
		t.Error("the stream ended before its token")
	}
}

// A reader that takes nothing is cut off by the pace of the door.
func TestSlowStreamIsCut(t *testing.T) {
	t.Parallel()
	s := newServiceBehind(t, Limits{Upload: 1 << 20, UploadTime: time.Minute}, serve.Pace{Idle: 200 * time.Millisecond})
	s.hear()
	small := net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
		fault := c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
		if fault != nil {
			return fault
		}
		return err
	}}
	conn, err := small.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", s.token)
	servetest.Until(t, "the stream is open", func() bool { return s.api.streams.All() == 1 })
	if _, err := s.pool.Exec(t.Context(), `
		WITH many AS (
			INSERT INTO event (position, at, type, owner, error)
			SELECT n, now(), 'job.failed', 'mia', json_build_object('code', 'x', 'detail', repeat('x', 4000)) FROM generate_series(1, 5000) AS n
		)
		UPDATE event_log SET last = 5000`); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.store.AddVersion(t.Context(), store.Version{Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat("ab", 32), Bytes: 1}, Owner: "mia", Audit: []byte("{}")}); err != nil {
		t.Fatal(err) // it wakes the hub
	}
	servetest.Until(t, "the stream is cut", func() bool { return s.api.streams.All() == 0 })
}

// Two hundred streams are read for by one reader, and take little memory.
func TestManyStreams(t *testing.T) {
	const many = 200 // not in parallel with others, which would use memory, too
	s := newService(t)
	s.hear()
	s.upload("prices", smallCSV)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	all := make([]*listening, many)
	for i := range all {
		if all[i] = s.listen(t, s.token, "/v1/events?kind=job"); all[i].StatusCode != http.StatusOK {
			t.Fatalf("stream %d: got %d", i, all[i].StatusCode)
		}
	}
	acquired := s.pool.Stat().AcquireCount()
	const jobs = 5
	for range jobs {
		s.submit()
	}
	for _, l := range all {
		if got := l.types(jobs); len(got) != jobs {
			t.Fatalf("got %v", got)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	took := int64(after.HeapInuse+after.StackInuse) - int64(before.HeapInuse+before.StackInuse)
	t.Logf("%d streams and their readers take %d KiB each", many, took/many/1024)
	if took > 100<<20 {
		t.Errorf("%d streams take %d bytes", many, took)
	}
	if n := s.pool.Stat().AcquireCount() - acquired; n > many/2 {
		t.Errorf("%d jobs on %d streams took %d statements", jobs, many, n)
	}
}
