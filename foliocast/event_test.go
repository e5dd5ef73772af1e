package foliocast

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
)

// streamed is an answer of Server-Sent Events.
func streamed(blocks ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "retry: 2000\n"+strings.Join(blocks, "\n\n")+"\n\n")
	}
}

const (
	queuedEvent   = `id: 7` + "\n" + `data: {"id":7,"type":"job.queued","at":"2026-01-02T03:04:05Z","owner":"mia","job":"j1","run":1}`
	runningEvent  = `id: 8` + "\n" + `data: {"id":8,"type":"job.running","at":"2026-01-02T03:04:10Z","owner":"mia","job":"j1","run":1}`
	progressEvent = `id: 9` + "\n" + `data: {"id":9,"type":"job.progress","at":"2026-01-02T03:04:20Z","owner":"mia","job":"j1","run":1,"progress":0.25}`
	failedEvent   = `id: 12` + "\n" + `data: {"id":12,"type":"job.failed","at":"2026-01-02T03:05:05Z","owner":"mia","job":"j1","run":2,"error":{"code":"x","detail":"no \u001b[31mluck"}}`
)

// gone says that a job has ended and has no more events.
func gone(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// Without a terminal, the events of a job are lines on standard error; the stream breaks once.
func TestWatchShowsEvents(t *testing.T) {
	t.Parallel()
	failed := jobIn(job.Failed)
	failed.Error = &job.Error{Code: "x", Detail: "no luck"}
	script := func() *script {
		return newScript(t, map[string]http.HandlerFunc{
			"GET /v1/jobs/j1": inTurn(answer(http.StatusOK, jobIn(job.Queued)), answer(http.StatusOK, failed)),
			"GET /v1/jobs/j1/events": inTurn(streamed(queuedEvent, runningEvent, progressEvent), drop, func(w http.ResponseWriter, r *http.Request) {
				if after := r.URL.Query().Get("after"); after != "9" {
					t.Errorf("it went on behind %s", after)
				}
				streamed(failedEvent)(w, r)
			}, gone),
		})
	}
	p := newPerson(t, script())
	p.signIn()
	got := p.types("", "job", "watch", "j1")
	got.check(t, exitJobEnded, "", "job j1 ended as failed: no luck")
	for _, want := range []string{"  queued\n", "  running\n", "  running, 25 %, about 30s left\n", "[31mluck (run 2)\n"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("standard error lacks %q: %s", want, got.err)
		}
	}
	if strings.Contains(got.err, "\x1b") {
		t.Errorf("the terminal is controlled: %q", got.err)
	}
	p = newPerson(t, script())
	p.signIn()
	if got := p.types("", "job", "watch", "j1", "--json"); got.code != exitJobEnded || strings.Contains(got.err, "running") {
		t.Errorf("with --json: got %d, %s", got.code, got.err)
	}
}

func TestEventsAreShown(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/events": func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.RawQuery; q != "after=3&kind=job&owner=mia&state=failed&state=queued" {
			t.Errorf("asked for %s", q)
		}
		streamed(queuedEvent, "event: reset\nid: 10\ndata: {\"detail\":\"forgotten\",\"after\":10}", failedEvent,
			`id: 13`+"\n"+`data: {"id":13,"type":"dataset.added","at":"2026-01-02T03:05:05Z","owner":"mia","dataset":"prices","version":2}`,
			`id: 14`+"\n"+`data: {"id":14,"type":"schedule.fired","at":"2026-01-02T03:05:05Z","owner":"mia","schedule":"night","job":"j2"}`)(w, r)
	}})
	p := newPerson(t, s)
	p.signIn()
	args := []string{"events", "--after", "3", "--kind", "job", "--owner", "mia", "--state", "failed,queued", "--count", "4"}
	got := p.types("", args...)
	got.check(t, exitOK, "j1  queued", "forgotten")
	for _, want := range []string{"[31mluck (run 2)", "dataset prices@2  added", "schedule night job j2  fired"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("standard output lacks %q: %s", want, got.out)
		}
	}
	got = p.types("", append(args, "--json")...)
	if lines := strings.Split(strings.TrimSpace(got.out), "\n"); len(lines) != 4 || !strings.Contains(lines[3], `"type":"schedule.fired"`) {
		t.Errorf("with --json: %q", lines)
	}
	if got := p.types("", "events", "--state", t.TempDir()); got.code == exitOK || strings.Contains(got.err, "is not a state of a job") {
		t.Errorf("a directory: got %d, %s", got.code, got.err)
	}
	for _, bad := range [][]string{{"--kind", "x"}, {"--state", "x"}, {"--after", "-7"}, {"--count", "-1"}} {
		if got := p.types("", append([]string{"events"}, bad...)...); got.code != exitUsage {
			t.Errorf("%v: got %d", bad, got.code)
		}
	}
}

func TestPaceOfAJob(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	event := func(what job.EventType, seconds int, progress float64) job.LogEvent {
		return job.LogEvent{Type: what, At: at.Add(time.Duration(seconds) * time.Second), Progress: progress}
	}
	var p pace
	for i, c := range []struct {
		event job.LogEvent
		want  string
	}{
		{event(job.EventProgress, 0, 0.5), ""}, // of a job that is not running
		{event("job.queued", 0, 0), ""},
		{event("job.running", 10, 0), ""},
		{event(job.EventProgress, 20, 0.1), "1m30s"},
		{event(job.EventProgress, 20, 0.2), "1m30s"}, // no time has passed
		{event(job.EventProgress, 30, 0.2), "1m20s"},
		{event(job.EventProgress, 40, 0.4), "46s"}, // 0.3·0.02 + 0.7·0.01 = 0.013 a second
		{event("job.queued", 50, 0), ""},
		{event("job.running", 60, 0.4), ""}, // a new worker goes on from there
		{event(job.EventProgress, 3660, 0.41), "59h0m0s"},
		{event("job.done", 4000, 0), ""},
	} {
		p.note(c.event)
		left, ok := p.left()
		if got := fmt.Sprint(left); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("after event %d: got %s, %v, want %q", i, got, ok, c.want)
		}
	}
}
