package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// following is a client of a service that answers each request for events in its turn.
func following(t *testing.T, answers ...http.HandlerFunc) *Client {
	t.Helper()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if len(answers) == 0 {
			mu.Unlock()
			t.Errorf("one request too many: %s", r.URL)
			http.NotFound(w, r)
			return
		}
		answer := answers[0]
		answers = answers[1:]
		mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return New(server.URL, nil, auth.Static("token"))
}

// after answers a request that goes on behind a position ("" for none) with some of a stream; end
// says how it ends.
func after(t *testing.T, position, stream string, end func()) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Get("after"); got != position {
			t.Errorf("asked for what comes behind %q, want %q", got, position)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, stream)
		w.(http.Flusher).Flush()
		end()
	}
}

func breaks() { panic(http.ErrAbortHandler) }

func ends() {}

func event(id int) string {
	return fmt.Sprintf("id: %d\ndata: {\"id\":%d,\"type\":\"job.queued\",\"job\":\"j\"}\n\n", id, id)
}

// However streams break and end, each event is yielded once.
func TestEventsGoOn(t *testing.T) {
	t.Parallel()
	busy := func(w http.ResponseWriter, _ *http.Request) {
		p := problem.New(problem.Unavailable, "not now")
		w.Header().Set("Content-Type", problem.ContentType)
		w.WriteHeader(p.Status)
		fmt.Fprintf(w, `{"type":%q,"status":%d,"detail":"not now"}`, p.Type, p.Status)
	}
	c := following(t,
		after(t, "", "retry: 2000\nid: 3\n\n"+event(4)+":\nid: 9\n\n"+event(10)[:20], breaks), // within an event
		busy,
		func(http.ResponseWriter, *http.Request) { breaks() },
		after(t, "9", "retry: 2000\n"+event(10)+event(11), ends),
		after(t, "11", "retry: 2000\nevent: reset\nid: 20\ndata: {\"detail\":\"forgotten\",\"after\":20}\n\nevent: other\ndata: x\n\n"+strings.ReplaceAll(event(21), `,"type"`, ",\ndata: \"type\""), breaks),
		after(t, "21", "retry: 2000\n"+event(22)+event(23), breaks))
	var got []string
	for e, err := range c.Events(t.Context(), EventFilter{}, FromNow) {
		reset, ok := errors.AsType[*Reset](err)
		switch {
		case ok:
			got = append(got, fmt.Sprint("reset ", reset.After))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, fmt.Sprint(e.ID))
		}
		if e.ID == 22 {
			break // the caller wants no more
		}
	}
	if want := "4 10 11 reset 20 21 22"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

// The position comes with the first lines of a stream, which is then not read on.
func TestPosition(t *testing.T) {
	t.Parallel()
	c := following(t,
		func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "" {
				t.Errorf("asked for %s", r.URL)
			}
			fmt.Fprint(w, "retry: 2000\n\nid: 7\n\n"+event(8))
			w.(http.Flusher).Flush()
			<-r.Context().Done() // when its reader is gone
		},
		func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "retry: 2000\n\n") },
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	if got, err := c.Position(t.Context()); err != nil || got != 7 {
		t.Errorf("got %d, %v", got, err)
	}
	for range 2 {
		if got, err := c.Position(t.Context()); err == nil {
			t.Errorf("got %d", got)
		}
	}
}

// The events of a job end when the service has no more.
func TestEventsOfAJobEnd(t *testing.T) {
	t.Parallel()
	c := following(t, after(t, "0", "retry: 2000\n"+event(4), ends), func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/jobs/j/events" {
			t.Errorf("asked for %s", r.URL)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	n := 0
	for e, err := range c.JobEvents(t.Context(), "j", 0) {
		if n++; err != nil || e.ID != 4 || e.Type.State() != job.Queued {
			t.Errorf("got %+v, %v", e, err)
		}
	}
	if n != 1 {
		t.Errorf("got %d events", n)
	}
}

// What cannot get better ends the sequence.
func TestEventsFail(t *testing.T) {
	t.Parallel()
	refused := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }
	ctx, cancel := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		holds  func(error) bool
	}{
		"no right":  {refused, func(err error) bool { return problem.Is(err, problem.Forbidden) }},
		"nonsense":  {after(t, "", "data: {\n\n", ends), func(err error) bool { return err != nil && strings.Contains(err.Error(), "read an event") }},
		"a flood":   {after(t, "", "data: "+strings.Repeat("x", 2<<20), ends), func(err error) bool { return err != nil && strings.Contains(err.Error(), "more than 1048576 bytes") }},
		"cancelled": {after(t, "", "retry: 1\n", func() { cancel() }), func(err error) bool { return errors.Is(err, context.Canceled) }},
	} {
		var got error
		of := t.Context()
		if name == "cancelled" {
			of = ctx
		}
		for _, got = range following(t, c.answer).Events(of, EventFilter{}, FromNow) {
			break
		}
		if !c.holds(got) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestEventFilterOfTheClient(t *testing.T) {
	t.Parallel()
	c := following(t, func(_ http.ResponseWriter, r *http.Request) {
		if want := "after=7&batch=b&dataset=d&kind=job&kind=schedule&owner=o&state=done"; r.URL.RawQuery != want {
			t.Errorf("asked for %s, want %s", r.URL.RawQuery, want)
		}
	})
	for range c.Events(t.Context(), EventFilter{Kinds: []string{"job", "schedule"}, States: []job.State{job.Done}, Owner: "o", Dataset: "d", Batch: "b"}, 7) {
		t.Error("got an event from an empty answer")
	}
}
