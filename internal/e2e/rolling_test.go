package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Every instance of every service and every world is restarted in turn, as an upgrade does, under 50 requests a second: none fails
// that one repetition does not mend, and every job is done once.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.addPrices(t)
	seen := s.submit(t, "seen")
	s.waitJob(t, seen, time.Minute)
	told := s.follow(t)
	asking := s.load(t, seen, 20*time.Millisecond)
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		for i := range 2 {
			s.restart(t, name, i)
		}
	}
	for i := range 3 {
		s.end(s.running[fmt.Sprint("mpicalc ", i)], syscall.SIGUSR1) // it finishes what it has
		s.startWorld(t, i)
	}
	made := asking.stop()
	t.Logf("%d requests in %.0f s, of which %d were repeated; %d jobs", asking.sent.Load(), time.Since(asking.began).Seconds(), asking.again.Load(), len(made))
	if asking.sent.Load() == 0 || len(made) == 0 {
		t.Error("nobody has asked for anything")
	}
	for _, id := range made {
		if j := s.waitJob(t, id, 2*time.Minute); j.State != job.Done {
			t.Errorf("job %s is %s: %v", id, j.State, j.Error)
		}
	}
	told(append(made, seen))
}

// askers send requests at a steady pace.
type askers struct {
	site        *site
	began       time.Time
	sent, again atomic.Int64
	cancel      context.CancelFunc
	ended       sync.WaitGroup

	mu   sync.Mutex
	made []job.ID
}

// load begins to send a request in each interval: to list, to read a job and its result, and, each tenth, to submit one.
func (s *site) load(t *testing.T, seen job.ID, interval time.Duration) *askers {
	ctx, cancel := context.WithCancel(t.Context())
	u := &askers{site: s, began: time.Now(), cancel: cancel}
	u.ended.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for i := 0; ctx.Err() == nil; i++ {
			u.ended.Go(func() { u.ask(t, i, seen) })
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	})
	return u
}

func (u *askers) ask(t *testing.T, i int, seen job.ID) {
	call := problem.Call{Method: http.MethodGet, Header: http.Header{"Authorization": {"Bearer " + u.site.token}}}
	path, made := "", job.Job{}
	switch i % 10 {
	case 0:
		path, call.Method, call.Into = "/v1/jobs", http.MethodPost, &made
		call.Body = job.Spec{Dataset: "prices", Assets: []string{"A"}, Horizon: 1 + i%50, Model: "drift"}
		call.Header.Set("Idempotency-Key", fmt.Sprint("rolling-", i))
	case 1, 2, 3:
		path = "/v1/jobs?limit=5"
	case 4, 5, 6:
		path = "/v1/jobs/" + string(seen)
	case 7, 8:
		path = "/v1/jobs/" + string(seen) + "/result"
	case 9:
		path = "/v1/datasets"
	}
	call.URL = u.site.run.url("frontend") + path
	u.sent.Add(1)
	header, first := call.Do(context.WithoutCancel(t.Context()), u.site.http)
	if first != nil {
		u.again.Add(1)
		// The balancer of this site knows nothing of readiness: an instance that starts says when to come again.
		if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
			<-time.After(time.Duration(seconds) * time.Second)
		}
		if _, err := call.Do(context.WithoutCancel(t.Context()), u.site.http); err != nil {
			t.Errorf("%s %s failed twice: %v, and %v", call.Method, path, first, err)
			return
		}
	}
	if made.ID != "" {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.made = append(u.made, made.ID)
	}
}

// stop ends the requests and returns the jobs that were made.
func (u *askers) stop() []job.ID {
	u.cancel()
	u.ended.Wait()
	return u.made
}
