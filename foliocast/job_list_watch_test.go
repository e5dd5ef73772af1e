package foliocast

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/cli/shelltest"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// happens is an event of a stream.
func happens(id int, kind job.EventType, about job.ID, more string) string {
	return fmt.Sprintf("id: %d\ndata: {\"id\":%d,\"type\":%q,\"at\":\"2026-01-02T03:04:05Z\",\"owner\":\"ann\",\"job\":%q,\"run\":1%s}", id, id, kind, about, more)
}

// changing is a service with two jobs, to which things happen; it ends the session then.
func changing(t *testing.T) *script {
	t.Helper()
	old, running, added := jobIn(job.Done), jobIn(job.Running), jobIn(job.Queued)
	old.ID, running.ID, added.ID = "old", "running", "added"
	running.CreatedAt, added.CreatedAt = old.CreatedAt.Add(time.Hour), old.CreatedAt.Add(2*time.Hour)
	changed := added
	changed.Spec.Horizon = 9
	over := refuse(problem.New(problem.Forbidden, "the test is over"))
	return newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs": inTurn(answer(http.StatusOK, client.Jobs{Items: []job.Summary{running.Summary(), old.Summary()}})),
		"GET /v1/events": inTurn(streamed("id: 6"), func(w http.ResponseWriter, r *http.Request) {
			if got := r.URL.Query().Encode(); got != "after=6&kind=job&owner=ann" {
				t.Errorf("asked for %s", got)
			}
			streamed(happens(7, job.EventProgress, "running", `,"progress":0.25`), happens(8, job.Entered(job.Queued), "added", ""), happens(9, job.Entered(job.Done), "unknown", ""),
				happens(10, job.EventProgress, "unknown", `,"progress":0.5`), happens(11, job.EventChanged, "added", ""), happens(12, job.EventCancelling, "running", ""),
				happens(13, job.Entered(job.Cancelled), "running", ""), happens(14, job.EventRemoved, "old", ""))(w, r)
		}, over),
		"GET /v1/jobs/added":   inTurn(answer(http.StatusOK, added), answer(http.StatusOK, changed)),
		"GET /v1/jobs/unknown": refuse(problem.New(problem.NotFound, "it was removed")),
	})
}

func TestJobListWatch(t *testing.T) {
	t.Parallel()
	p := newPerson(t, changing(t))
	p.signIn()
	got := p.types("", "job", "list", "--watch", "--owner", "ann")
	got.check(t, exitDenied, "", "the test is over")
	want := "old  done        0%  ann  all assets of p, naive, 2 steps\n" +
		"running  running     0%  ann  all assets of p, naive, 2 steps\n" +
		"running  running    25%  ann  all assets of p, naive, 2 steps\n" +
		"added  queued      0%  ann  all assets of p, naive, 2 steps\n" +
		"added  queued      0%  ann  all assets of p, naive, 9 steps\n" +
		"running  running    25%  ann  all assets of p, naive, 2 steps\n" + // is being cancelled
		"running  cancelled  25%  ann  all assets of p, naive, 2 steps\n"
	if got.out != want {
		t.Errorf("got %s\nwant %s", got.out, want)
	}
	p = newPerson(t, changing(t))
	p.signIn()
	if got := p.types("", "job", "list", "--watch", "--owner", "ann", "--json"); strings.Count(got.out, "\n") != 7 || !strings.HasPrefix(got.out, `{"id":"old",`) {
		t.Errorf("got %s", got.out)
	}
	p = newPerson(t, changing(t))
	p.signIn()
	// Of one state: what enters it and what leaves it.
	if got := p.types("", "job", "list", "--watch", "--owner", "ann", "-o", "csv", "--state", "queued"); strings.Count(got.out, "\n") != 6 || !strings.HasPrefix(got.out, "job,state,") {
		t.Errorf("got %s", got.out)
	}
}

// On a terminal the list is drawn again over itself, in colours unless they are not wanted.
func TestJobListWatchOnATerminal(t *testing.T) {
	t.Parallel()
	for noColor, want := range map[string]string{"": "\x1b[36mrunning\x1b[0m", "1": "running  "} {
		s := changing(t)
		seen := make(chan struct{})
		s.answers["GET /v1/events"] = inTurn(streamed("id: 6"), func(w http.ResponseWriter, r *http.Request) {
			<-seen
			streamed(happens(7, job.Entered(job.Cancelled), "running", ""))(w, r)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		p := newPerson(t, s)
		p.signIn()
		p.env["NO_COLOR"] = noColor
		keyboard, screen := shelltest.Terminal(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan int, 1)
		a := &app{in: strings.NewReader(""), out: screen, err: screen, version: "test", env: func(k string) string { return p.env[k] }}
		go func() { ended <- a.run(ctx, []string{"job", "list", "--watch", "--owner", "ann"}) }()
		shown := ""
		until := func(text string) {
			for part := make([]byte, 4096); !strings.Contains(shown, text); {
				n, err := keyboard.Read(part)
				if err != nil {
					t.Fatalf("%v before %q: %q", err, text, shown)
				}
				shown += string(part[:n])
			}
		}
		until(want)
		close(seen)
		until("\x1b[3A\x1b[J") // over three lines, the header among them
		until("cancelled  ")
		cancel()
		if code := <-ended; code != exitInterrupted {
			t.Errorf("exit code %d", code)
		}
		if strings.Contains(shown, "[36m") != (noColor == "") {
			t.Errorf("NO_COLOR=%s: %q", noColor, shown)
		}
	}
}
