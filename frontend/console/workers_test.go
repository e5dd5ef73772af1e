package console

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/queuetest"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// twoWorlds are a world that computes and one that waits, and a worker that does not report.
func twoWorlds() message.Workers {
	at := func(s float64) *float64 { return &s }
	working := message.Worker{ID: 1, Account: "service", Since: time.Now().Add(-time.Hour), Leases: 2, Report: message.Report{Worker: "night#0198c1", Program: "mpicalc 1.0", State: message.Working, Up: 3600,
		Hosts: []string{"node1", "node2"}, HostCount: 4, RankCount: 3, Threads: 6, Busy: 0.5, Done: 1234, Held: 2, Series: 98765,
		Jobs: []message.WorkerJob{
			{Key: "0198f3a2-0000-7000-8000-00000000aaaa#1", Phase: message.Fitting, Series: 100, Done: 40, Leased: 12, Begun: at(11), First: at(9)},
			{Key: "0198f3a2-0000-7000-8000-00000000bbbb#2", Phase: message.Ready, Series: 5, Leased: 3}},
		Ended: []message.WorkerJob{{Key: "0198f3a2-0000-7000-8000-00000000cccc#1", Series: 9, Done: 9, Leased: 30, Begun: at(29), First: at(28), Last: at(14), Answered: at(13.5), Ended: at(13)}},
		Ranks: []message.WorkerRank{{Rank: 0, Host: "node1", Threads: 2, Serves: true}, {Rank: 1, Host: "node1", Threads: 2, Key: "0198f3a2-0000-7000-8000-00000000aaaa#1", Chunks: 2, Series: 50_000, Busy: 1800, Recent: []int{0, 40, 100, 100}},
			{Rank: 2, Host: "node2", Threads: 2, Series: 48_765, Busy: 900, Recent: []int{100, 0, 0, 0}}}}}
	idle := message.Worker{ID: 2, Account: "service", Since: time.Now(), Report: message.Report{Worker: "day", State: message.Idle, Up: 1, Hosts: []string{"node9"}, HostCount: 1, RankCount: 1, Threads: 1,
		Ranks: []message.WorkerRank{{Host: "node9", Threads: 1}}}}
	return message.Workers{Workers: []message.Worker{working, idle}, Others: []message.Holder{{Account: "service", Worker: "before", Leases: 3}}}
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Administrator)
	b.want(b.get("/workers"), http.StatusOK, "No world reports.", `data-live="workers"`, `href="/workers" aria-current="page"`)
	w.queue.Work(twoWorlds())
	w.console.worlds.every = 0
	page := b.want(b.get("/workers"), http.StatusOK, "2 worlds, 4 ranks, 1 at work", "night#0198c1", "node1, node2 and 2 more hosts", "3 ranks, 6 threads", "1,234 done, 2 leases", "98,765",
		`<a href="/jobs/0198f3a2-0000-7000-8000-00000000aaaa"><code>0000aaaa</code></a>`, `aria-label="40 of 100 series"`, "serves the others", "busy for 60 % of the last minute", "50 %",
		"waited for the ranks 1.0 s, computed 15.0 s, gathered 500 ms, sent 500 ms, first answer after 2.0 s",
		"waited for the ranks 1.0 s, computed 11.0 s so far, first answer after 3.0 s", "waited for the ranks 3.0 s so far", "from 30.0 s ago to now",
		"It has had no job yet.", "Workers that do not report", "before")
	if strings.Contains(page.text, "style=") {
		t.Error("the page has inline style, which its policy forbids")
	}
	m := w.as(auth.Manager)
	if got := m.want(m.get("/"), http.StatusOK); strings.Contains(got.text, `href="/workers"`) {
		t.Error("a manager is led to a page that refuses them")
	}
	m.want(m.get("/workers"), http.StatusForbidden)
	w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool { panic(http.ErrAbortHandler) })
	b.want(b.get("/workers"), http.StatusServiceUnavailable, "the message service does not answer", `data-live="workers"`)
	b.want(b.get("/workers?after=3"), http.StatusServiceUnavailable, "the message service does not answer")
	m.want(m.get("/workers"), http.StatusForbidden)
	w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool {
		queuetest.Refuse(rw, problem.New(problem.NotFound, "queue has no /v1/workers"))
		return true
	})
	b.want(b.get("/workers"), http.StatusServiceUnavailable, "of an earlier version")
}

func TestManyWorldsHaveFurtherPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all message.Workers
	for i := range worldsPerPage + 1 {
		one := twoWorlds().Workers[1]
		one.ID, one.Report.Worker = int64(i+1), "world-"+string(rune('a'+i%26))+string(rune('a'+i/26))
		all.Workers = append(all.Workers, one)
	}
	w.queue.Work(all)
	b := w.as(auth.Administrator)
	b.want(b.get("/workers"), http.StatusOK, "world-aa", `href="/workers?after=50"`)
	last := b.want(b.get("/workers?after=50"), http.StatusOK, all.Workers[worldsPerPage].Report.Worker)
	if strings.Contains(last.text, "world-aa") || strings.Contains(last.text, "data-live=\"workers\"") || strings.Contains(last.text, ">More<") {
		t.Errorf("the last page: %s", inner(last.text))
	}
}

// All tabs together ask the message service once in a while, and each only with the right that the message service has confirmed.
func TestTabsShareWhatTheMessageServiceSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue.Work(twoWorlds())
	w.console.worlds.every = time.Hour
	first, second, stranger := w.as(auth.Administrator), w.as(auth.Administrator), w.as(auth.Manager)
	for range 5 {
		first.want(first.get("/workers"), http.StatusOK, "night#0198c1")
		second.want(second.get("/workers"), http.StatusOK, "night#0198c1")
		stranger.want(stranger.get("/workers"), http.StatusForbidden)
	}
	if n := w.queue.Looks(); n != 2 {
		t.Errorf("the message service was asked %d times, want once by each session", n)
	}
	w.console.worlds.mu.Lock()
	for id := range w.console.worlds.trusted { // a minute later
		w.console.worlds.trusted[id] = time.Now().Add(-trustedFor)
	}
	w.console.worlds.mu.Unlock()
	w.identity.end()
	if _, err := w.pool.Exec(t.Context(), "DELETE FROM console_session"); err != nil {
		t.Fatal(err)
	}
	first.want(first.get("/workers"), http.StatusSeeOther)
}

// follow opens a stream of the worlds and returns its lines as they come.
func (b *browser) follow(ctx context.Context, path string) (*http.Response, <-chan string) {
	b.w.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.url+path, nil)
	if err != nil {
		b.w.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := b.http.Do(req)
	if err != nil {
		b.w.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		defer resp.Body.Close()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
			}
		}
	}()
	return resp, lines
}

// next is the next event of a stream, or "" when it has ended.
func next(lines <-chan string) string {
	for text := range lines {
		if strings.HasPrefix(text, "data: ") {
			return text
		}
	}
	return ""
}

func TestAStreamSaysWhenThereIsSomethingNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := twoWorlds()
	w.queue.Work(now)
	w.console.worlds.every = 10 * time.Millisecond
	b := w.as(auth.Administrator)
	b.want(b.get("/workers"), http.StatusOK, `data-version="1"`)
	resp, lines := b.follow(t.Context(), "/workers/events?version=1")
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" || resp.Header.Get("Content-Security-Policy") == "" {
		t.Fatalf("%s, %s", resp.Status, kind)
	}
	for alive := 0; alive < 3; { // nothing is new, although time passes
		later := twoWorlds()
		for i := range later.Workers {
			later.Workers[i].Silent, later.Workers[i].Up, later.Workers[i].Since = float64(alive), later.Workers[i].Up+float64(alive), now.Workers[i].Since
		}
		w.queue.Work(later)
		switch text := <-lines; {
		case text == ":":
			alive++
		case strings.HasPrefix(text, "data: "):
			t.Fatalf("nothing is new, and the stream says %s", text)
		}
	}
	busy := twoWorlds()
	busy.Workers[0].Jobs[0].Done++
	w.queue.Work(busy)
	if text := next(lines); text != `data: {"version":2}` {
		t.Errorf("after a change: %q", text)
	}
	w.queue.Fault(func(rw http.ResponseWriter, _ *http.Request) bool { panic(http.ErrAbortHandler) })
	if text := next(lines); text != `data: {"version":3}` {
		t.Errorf("without the message service: %q", text)
	}
	w.queue.Fault(nil)
	if text := next(lines); text != `data: {"version":4}` {
		t.Errorf("when it is back: %q", text)
	}
	// The stream ends with the session, within the time that it is trusted.
	w.identity.end()
	if _, err := w.pool.Exec(t.Context(), "DELETE FROM console_session"); err != nil {
		t.Fatal(err)
	}
	w.console.worlds.mu.Lock()
	clear(w.console.worlds.trusted)
	w.console.worlds.mu.Unlock()
	if text := next(lines); text != "" {
		t.Errorf("after the end of the session: %q", text)
	}
}

func TestStreamsAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Administrator)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	for range mostOfUser {
		resp, _ := b.follow(ctx, "/workers/events")
		if resp.StatusCode != http.StatusOK {
			t.Fatal(resp.Status)
		}
	}
	b.want(b.get("/workers/events", "Accept", "text/event-stream"), http.StatusTooManyRequests)
	b.want(b.get("/workers/events"), http.StatusNotAcceptable, "ask for text/event-stream")
	m := w.as(auth.Manager)
	m.want(m.get("/workers/events", "Accept", "text/event-stream"), http.StatusForbidden)
	leave()
	servetest.Until(t, "the streams end when their browsers leave", func() bool { return w.console.streams.All() == 0 })
}
