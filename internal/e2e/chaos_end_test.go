package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	authclient "foliocast/authsvc/client"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/history"
	"foliocast/internal/job"
	queueclient "foliocast/queue/client"
	"foliocast/queue/message"
)

// feedReader follows the feed under a name of its own, throughout.
type feedReader struct {
	chaos *chaos
	at    atomic.Int64 // the last position that it has read
}

// read reads until ctx ends.
func (f *feedReader) read(ctx context.Context) {
	reader := message.Reader{Name: "chaos", Redriven: true}
	var queue *queueclient.Client
	for ctx.Err() == nil {
		if queue == nil {
			environ := f.chaos.environ("frontend")
			queue = queueclient.New(f.chaos.balancer.url(), nil, authclient.ServiceTokens(f.chaos.auth.url(),
				setting(environ, "FOLIOCAST_CLIENT_ID"), setting(environ, "FOLIOCAST_CLIENT_SECRET"), auth.Queue)).Within(5 * time.Second)
		}
		begin := f.chaos.now()
		page, err := queue.Read(ctx, reader, message.Position(f.at.Load()), 500, 2*time.Second)
		if err != nil {
			queue = nil // foliocast up may have given the account a new secret
			select {
			case <-ctx.Done():
			case <-time.After(300 * time.Millisecond):
			}
			continue
		}
		reader.Epoch = page.Epoch
		for i, r := range page.Results {
			e := history.Event{Kind: history.Feed, Begin: begin, End: f.chaos.now(), Epoch: string(page.Epoch), Position: int64(r.Position),
				ID: string(r.ID), Key: r.Key, Outcome: string(r.Outcome), Detail: r.Error, Gap: i == 0 && page.Gap != nil}
			if r.Result != nil {
				if e.Numbers, err = history.Numbers(r.Result); err != nil {
					e.Detail = err.Error()
				}
			}
			f.chaos.Add(e)
			f.at.Store(int64(r.Position))
		}
	}
}

// finish writes what is there at the end: the jobs as the list has them, each with its
// result; the audit trail; and what each specification should have given.
func (c *chaos) finish(t *testing.T, f *feedReader, files map[string]string) {
	t.Helper()
	var ids []string
	for cursor := ""; ; {
		var page struct {
			Items []job.Summary `json:"items"`
			Next  string        `json:"next"`
		}
		c.ask(t, "GET", "/v1/jobs?limit=100&cursor="+cursor, &page)
		for _, j := range page.Items {
			ids = append(ids, string(j.ID))
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	specs := map[string]job.Spec{}
	for _, id := range ids {
		e := history.Event{Kind: history.Final, Job: id, Begin: c.now()}
		var j job.Job
		c.ask(t, "GET", "/v1/jobs/"+id, &j)
		e.State, e.Spec = string(j.State), text(j.Spec)
		if j.Error != nil {
			e.Detail = j.Error.Code + ": " + j.Error.Detail
		}
		specs[e.Spec] = j.Spec
		var answer json.RawMessage
		if status := c.ask(t, "GET", "/v1/jobs/"+id+"/result", &answer); status == http.StatusOK {
			var err error
			if e.Numbers, err = history.Numbers(answer); err != nil {
				t.Error(err)
			}
		}
		e.End = c.now()
		c.Add(e)
	}
	c.trail(t)
	alone := map[string]string{} // by specification without its priority
	for _, key := range slices.Sorted(maps.Keys(specs)) {
		spec := specs[key]
		spec.Priority = 0
		if alone[text(spec)] == "" {
			alone[text(spec)] = runAlone(t, spec, files)
		}
		c.Add(history.Event{Kind: history.Expected, Spec: key, Numbers: alone[text(spec)]})
	}
	var end int64
	await(t, time.Minute, "the end of the feed", func() (bool, string) {
		before := end
		end = f.at.Load()
		return before == end && end > 0, fmt.Sprint(end)
	})
}

// ask sends a request that is not part of the history, until it is answered.
func (c *chaos) ask(t testing.TB, method, path string, into any) int {
	t.Helper()
	status := 0
	await(t, time.Minute, path, func() (bool, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, c.clients.url()+path, nil)
		if err != nil {
			return false, err.Error()
		}
		req.Header.Set("Authorization", "Bearer "+c.access(t))
		resp, err := c.http.Do(req)
		if err != nil {
			return false, err.Error()
		}
		defer resp.Body.Close()
		status = resp.StatusCode
		if status == http.StatusOK {
			err = json.NewDecoder(resp.Body).Decode(into)
		}
		return err == nil && status < 500 && status != http.StatusTooManyRequests && status != http.StatusUnauthorized, fmt.Sprint(status, " ", err)
	})
	return status
}

// trail writes the events of the data service's audit trail that are about jobs.
func (c *chaos) trail(t *testing.T) {
	t.Helper()
	var events []audit.Event
	c.retry(t, time.Minute, func() error {
		events = nil
		token := auth.Static(c.access(t))
		return audit.Each(t.Context(), auth.Client(token), c.clients.url(), audit.Filter{Object: audit.Object{Kind: "job"}}, func(e audit.Event) (bool, error) {
			events = append(events, e)
			return true, nil
		})
	})
	for _, e := range slices.Backward(events) {
		c.Add(history.Event{Kind: history.Audit, Service: "frontend", Position: e.Position, Action: e.Action, Job: e.Object.ID, Outcome: string(e.Outcome)})
	}
}

// runAlone is what mpicalc run gives for a specification.
func runAlone(t testing.TB, s job.Spec, files map[string]string) string {
	t.Helper()
	levels := make([]string, len(s.Levels))
	for i, l := range s.Levels {
		levels[i] = strconv.FormatFloat(l, 'g', -1, 64)
	}
	cmd := exec.Command(program(t, "mpicalc"), "run", "--input", files[s.Dataset], "--assets", strings.Join(s.Assets, ","), "--model", s.Model, "--horizon", strconv.Itoa(s.Horizon), "--levels", strings.Join(levels, ","), "--with-assets")
	cmd.Env = append(os.Environ(), openMPI()...)
	var errText strings.Builder
	cmd.Stderr = &errText
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("mpicalc run: %v\n%s", err, errText.String())
	}
	numbers, err := history.Numbers(out)
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}
