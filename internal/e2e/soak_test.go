package e2e

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	data "foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// TestSoak lets a system run under a steady load, and watches what its processes and its database take. FOLIOCAST_SOAK, as make soak
// sets it, is how long: the last quarter of that may take 5 % more than the second. Without it, the load runs for some seconds, and
// only that everything is measured and that no request fails is judged: a few seconds are all warming up.
func TestSoak(t *testing.T) {
	t.Parallel()
	length, err := time.ParseDuration(cmp.Or(os.Getenv("FOLIOCAST_SOAK"), "8s"))
	if err != nil || length <= 0 {
		t.Fatalf("FOLIOCAST_SOAK must be a time such as 1h, is %q", os.Getenv("FOLIOCAST_SOAK"))
	}
	long := length >= time.Minute
	// What ended is forgotten early, so that the tables are level within the first quarter.
	c := startCluster(t, 2, "FOLIOCAST_RETENTION=10s", "FOLIOCAST_UNREAD_RETENTION=10s", "FOLIOCAST_KEEP_EVENTS=1m", "FOLIOCAST_KEEP_VERSIONS=2")
	c.addPrices(t)
	w := newWatcher(t, c)
	l := &load{c: c, who: c.admin(t)}
	l.token.Store(&c.token)
	s := &soak{length: length}
	ctx, stop := context.WithTimeout(t.Context(), length)
	defer stop()
	var group sync.WaitGroup
	for user := range soakUsers {
		group.Go(func() { l.run(ctx, user) })
	}
	group.Go(func() { l.follow(ctx) })
	every := time.NewTicker(min(length/40, 5*time.Second))
	defer every.Stop()
	for begun := time.Now(); ctx.Err() == nil; {
		w.measure(t, s, time.Since(begun), float64(l.jobs.Load()))
		select {
		case <-every.C:
		case <-ctx.Done():
		}
	}
	group.Wait()
	rows := s.judge()
	if long {
		t.Logf("%d jobs in %s, %.1f a second%s", l.jobs.Load(), length, float64(l.jobs.Load())/length.Seconds(), table(rows))
	}
	for _, r := range rows {
		if r.fault != "" && (long || strings.Contains(r.fault, "was measured")) {
			t.Error(r.fault)
		}
	}
	if n := l.failures.Load(); n > 0 {
		t.Errorf("%d requests failed, at first: %v", n, *l.first.Load())
	}
	if l.jobs.Load() == 0 {
		t.Error("no job has ended")
	}
	c.reload(t)
	for _, p := range c.run.Parts {
		if p.Restarts > 0 {
			t.Errorf("%s was restarted %d times", p.Name, p.Restarts)
		}
	}
}

// soakUsers work side by side. Each begins something every soakPace, or when what it did last has ended.
const (
	soakUsers = 3
	soakPace  = 500 * time.Millisecond
)

// load is what users do, steadily.
type load struct {
	c        *cluster
	who      credentials
	token    atomic.Pointer[string]
	jobs     atomic.Int64 // that have ended
	failures atomic.Int64
	first    atomic.Pointer[error]
}

// run is the work of one user until ctx ends.
func (l *load) run(ctx context.Context, user int) {
	pace := time.NewTicker(soakPace)
	defer pace.Stop()
	for turn := user; ctx.Err() == nil; turn += soakUsers {
		l.note(ctx, l.forecast(ctx, turn))
		switch {
		case turn%60 == 1:
			l.note(ctx, l.signIn(ctx))
		case turn%20 == 2:
			l.note(ctx, l.c.upload(ctx, "more", fmt.Sprintf("step,A\n1,%d\n2,3\n3,4\n", turn)))
		case turn%10 == 3:
			l.note(ctx, l.page(ctx, "/v1/jobs?limit=20"))
		case turn%10 == 4:
			l.note(ctx, l.page(ctx, "/"))
		case turn%10 == 5: // a stream that its reader leaves
			short, stop := context.WithTimeout(ctx, 100*time.Millisecond)
			l.follow(short)
			stop()
		case turn%10 == 6: // a mistake
			if err := l.call(ctx, "GET", "/v1/jobs/nonsense", nil, nil); err == nil {
				l.note(ctx, fmt.Errorf("a job named nonsense was found"))
			}
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}

// forecast submits a job, waits for it, fetches its result and removes it. One in ten is cancelled.
func (l *load) forecast(ctx context.Context, turn int) error {
	// Every other one is computed anew: what takes so little time is not kept. The others are among 50 questions, whose answers are.
	spec := job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 5, Model: "trend", Levels: []float64{50 + float64(turn/2%50)/2}}
	if turn%2 == 0 {
		spec.Model = "auto"
	}
	var j job.Job
	if err := l.call(ctx, "POST", "/v1/jobs", spec, &j); err != nil {
		return err
	}
	path := "/v1/jobs/" + string(j.ID)
	if turn%10 == 7 {
		if err := l.call(ctx, "DELETE", path, nil, nil); err != nil && !problem.Is(err, problem.Conflict) {
			return err
		}
	}
	for !j.State.Final() {
		if err := l.call(ctx, "GET", path+"?wait=5s", nil, &j); err != nil {
			return err
		}
	}
	l.jobs.Add(1)
	var answer job.Answer
	if j.State == job.Done {
		if err := l.call(ctx, "GET", path+"/result", nil, &answer); err != nil {
			return err
		}
	} else if turn%10 != 7 || j.State != job.Cancelled {
		return fmt.Errorf("job %s ended as %s: %v", j.ID, j.State, j.Error)
	}
	return l.call(ctx, "DELETE", path+"/record", nil, nil)
}

func (l *load) call(ctx context.Context, method, path string, body, into any) error {
	return l.c.callAs(ctx, *l.token.Load(), l.c.run.url("frontend"), method, path, body, into)
}

// page fetches something and reads it to its end.
func (l *load) page(ctx context.Context, path string) error {
	var text strings.Builder
	_, err := problem.Call{Method: "GET", URL: l.c.run.url("frontend") + path, Header: http.Header{"Authorization": {"Bearer " + *l.token.Load()}}, Into: &text}.Do(ctx, l.c.http)
	return err
}

func (l *load) signIn(ctx context.Context) error {
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if _, err := (problem.Call{Method: "POST", URL: l.c.run.url("authsvc") + "/v1/login", Body: l.who, Into: &answer}).Do(ctx, l.c.http); err != nil {
		return err
	}
	l.token.Store(&answer.AccessToken)
	return nil
}

// follow reads the stream of events until ctx ends.
func (l *load) follow(ctx context.Context) {
	for ctx.Err() == nil {
		for _, err := range data.New(l.c.run.url("frontend"), nil, auth.Static(*l.token.Load())).Events(ctx, data.EventFilter{}, 0) {
			if err != nil {
				break
			}
		}
	}
}

// note counts what failed while the load was on.
func (l *load) note(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		l.failures.Add(1)
		l.first.CompareAndSwap(nil, &err)
	}
}
