package e2e

import (
	"context"
	"testing"
	"time"

	data "foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
)

// follow follows all events from the first on, at whichever data service answers, and returns what
// checks, once the jobs have ended, that each event came once and in order.
func (c *cluster) follow(t *testing.T) (check func([]job.ID)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	came := make(chan job.LogEvent, 10_000)
	go func() {
		defer close(came)
		for e, err := range data.New(c.run.url("frontend"), nil, auth.Static(c.token)).Events(ctx, data.EventFilter{}, 0) {
			if err != nil {
				if ctx.Err() == nil {
					t.Errorf("the events end: %v", err)
				}
				return
			}
			came <- e
		}
	}()
	return func(ids []job.ID) {
		t.Helper()
		states := map[job.ID]job.State{}
		late := time.After(time.Minute)
		for last, ended := int64(0), 0; ended < len(ids); {
			select {
			case e, ok := <-came:
				if !ok {
					return
				}
				if e.ID != last+1 {
					t.Fatalf("behind event %d came %d", last, e.ID)
				}
				last = e.ID
				to := e.Type.State()
				if to == "" {
					continue
				}
				if from := states[e.Job]; from == "" && to != job.Queued || from != "" && !from.CanBecome(to) {
					t.Errorf("job %s went from %q to %s", e.Job, from, to)
				}
				states[e.Job] = to
				if to.Final() {
					ended++
				}
			case <-late:
				t.Fatalf("%d of %d jobs have ended, as far as events say", ended, len(ids))
			}
		}
		for _, id := range ids {
			if states[id] != job.Done {
				t.Errorf("the last event of job %s says %q", id, states[id])
			}
		}
	}
}
