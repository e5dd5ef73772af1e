package foliocast

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

func queuesOf(waiting int) message.Queues {
	return message.Queues{Queues: []message.Queue{{Name: "default", Waiting: waiting, Leased: 3, OldestAge: 4.2}, {Name: "night", Paused: true}}}
}

func TestTopWithoutATerminalIsOneSnapshot(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/workers": pages, "GET /v1/queues": answer(http.StatusOK, queuesOf(7))})
	p := newPerson(t, s)
	p.signIn()
	got := p.types("", "top")
	_, rest, _ := strings.Cut(got.out, "   7 waiting") // after the time
	want := "   worlds: 2   ranks: 4   0.0 jobs/s\n\n" +
		"QUEUE    STATE   WAITING  LEASED  OLDEST  CHANGE/S\n" +
		"default  active        7       3    4.2s\n" +
		"night    paused        0       0      0s\n\n" +
		"WORLD  STATE          HOSTS        RANKS  BUSY  LEASES  DONE  NOW                  WORKER\n" +
		"    1  working        n1 n2 n3 +2      3   50%       3    40  fit 0198f3a2 40% +2  night#1\n" +
		"    2  silent for 9s  n9               1    0%       0     0                       day\n" +
		"       silent                                        2                             before\n\n" +
		"WORLD  RANK  HOST  THREADS  SERIES  LAST MINUTE  BUSY  NOW\n" +
		"    1     0  n1          2       0                 0%  serves the others\n" +
		"    1     1  n1          2     450  ▁▄█           50%  fits 0198f3a2\n" +
		"    1                                                  and 1 more\n"
	if d := cmp.Diff(rest, want); got.code != exitOK || d != "" || strings.Contains(got.out, "\x1b") {
		t.Errorf("exit code %d: %s%s", got.code, d, got.err)
	}
	if n := s.count("GET /v1/queues"); n != 1 {
		t.Errorf("it looked %d times", n)
	}
	p.types("", "top", "--json").check(t, exitOK, `"workers": {`, "")
	s.answers["GET /v1/queues"] = refuse(problem.New(problem.Forbidden, "this needs the right queues:write"))
	p.types("", "top").check(t, exitDenied, "", "queues:write")
}

// A service that restarts does not end top: it says so, and goes on showing what it saw.
func TestTopSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/workers": pages, "GET /v1/queues": answer(http.StatusOK, queuesOf(7))})
	p := newPerson(t, s)
	p.signIn()
	a := &app{version: "test", env: func(k string) string { return p.env[k] }}
	services, err := a.services()
	if err != nil {
		t.Fatal(err)
	}
	now := func(h http.HandlerFunc) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.answers["GET /v1/queues"] = h
	}
	keys := make(chan byte, 2)
	var drawn []string
	draw := func(lines []string) {
		drawn = append(drawn, strings.Join(lines, "\n"))
		switch len(drawn) {
		case 1:
			now(answer(http.StatusOK, queuesOf(3)))
		case 2:
			now(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		case 3:
			now(refuse(problem.New(problem.Unavailable, "the service starts")))
		case 4:
			now(answer(http.StatusOK, queuesOf(5)))
		case 5:
			keys <- 'x' // means nothing
			keys <- 'q'
		}
	}
	err = top{look: func(ctx context.Context) (topSight, error) { return lookAt(ctx, services) }, keys: keys, every: time.Millisecond, draw: draw, explain: func(err error) string { return a.failureOf(err).Detail }}.run(t.Context())
	if err != nil || len(drawn) < 5 {
		t.Fatalf("%d screens, %v", len(drawn), err)
	}
	for i, texts := range [][]string{{" 7 waiting"}, {" 3 waiting", "  -"}, {"No answer for ", "does not answer", "night#1", " 3 waiting"}, {"No answer for ", "the service starts", " 3 waiting"}, {" 5 waiting", "  +"}} {
		for _, text := range texts {
			if !strings.Contains(drawn[i], text) {
				t.Errorf("screen %d lacks %q:\n%s", i+1, text, drawn[i])
			}
		}
		if restarts := i == 2 || i == 3; strings.Contains(drawn[i], "No answer") != restarts {
			t.Errorf("screen %d:\n%s", i+1, drawn[i])
		}
	}
	now(refuse(problem.New(problem.Forbidden, "no longer")))
	err = top{look: func(ctx context.Context) (topSight, error) { return lookAt(ctx, services) }, every: time.Millisecond, draw: func([]string) {}}.run(t.Context())
	if !problem.Is(err, problem.Forbidden) {
		t.Errorf("got %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	err = top{look: func(context.Context) (topSight, error) { return topSight{}, errors.New("cut off") }, draw: func([]string) {}}.run(ended)
	if err != nil {
		t.Errorf("interrupted: %v", err)
	}
}

func TestAScreenFitsItsTerminal(t *testing.T) {
	t.Parallel()
	lines := []string{"short", "a longer line", "日本株の長い行", "four", "five"}
	got := screen(lines, 8, 4)
	want := "\x1b[Hshort\x1b[K\r\na longe…\x1b[K\r\n日本株…\x1b[K\r\n… and 2…\x1b[K\x1b[J"
	if d := cmp.Diff(got, want); d != "" {
		t.Error(d)
	}
	if !slices.Equal(lines, []string{"short", "a longer line", "日本株の長い行", "four", "five"}) {
		t.Error("the lines were changed")
	}
}

// The pace is that of the last minute, or of the last jobs when there were more of them than a report holds.
func TestThePaceOfAWorld(t *testing.T) {
	t.Parallel()
	first, _ := worlds()
	if got, want := paceOf(first.Workers[0].Report), 2/60.0; got != want {
		t.Errorf("two jobs in a minute: got %v, want %v", got, want)
	}
	var r message.Report
	for i := range message.MaxReportJobs {
		r.Ended = append(r.Ended, message.WorkerJob{Ended: new(float64(message.MaxReportJobs-i) / 10)})
	}
	if got, want := paceOf(r), 10.0; got != want { // 20 jobs in two seconds
		t.Errorf("many jobs: got %v, want %v", got, want)
	}
}
