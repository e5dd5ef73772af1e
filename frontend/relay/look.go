package relay

import (
	"context"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// lookTime bounds a look at the queue: without it, a job is shown as the store
// knows it.
const lookTime = 2 * time.Second

// Look fills in what only the queue knows of the jobs that are under way:
// whether they run, since when, and how far they are. While the queue is away
// it leaves them as they are. At most 1000 jobs.
func (c *Relay) Look(ctx context.Context, jobs []store.Job) {
	place := map[string]int{}
	var keys []string
	for i, j := range jobs {
		if !j.State.Final() {
			place[j.Key()] = i
			keys = append(keys, j.Key())
		}
	}
	if len(keys) == 0 {
		return
	}
	ctx, stop := context.WithTimeout(ctx, lookTime)
	defer stop()
	all, err := c.queue.Status(ctx, message.Lookup{Keys: keys})
	if err != nil {
		c.log.Warn("cannot look at jobs under way", "err", err)
		return
	}
	for _, s := range all {
		if i, ok := place[s.Key]; ok {
			c.fill(ctx, &jobs[i], s)
		}
	}
}

// fill takes over what the queue knows of a job.
func (c *Relay) fill(ctx context.Context, j *store.Job, s message.Status) {
	if s.Revision > j.Revision {
		if err := c.catchUp(ctx, j.ID, j.Run, s.Revision); err != nil {
			c.log.Warn("cannot catch up with the queue", "job_id", j.ID, "err", err)
		} else if now, err := c.store.Job(ctx, j.ID); err == nil {
			*j = now
		}
	}
	if j.State.Final() {
		return // it ended in the meantime
	}
	j.Attempts = s.Attempts
	j.Cancelling = j.Cancelling || s.CancelRequested
	switch s.State {
	case message.Leased:
		j.State, j.StartedAt, j.Progress = job.Running, s.LeasedAt, min(max(s.Progress, 0), 1)
	case message.Ended:
		// Its result is on the way.
		j.State, j.StartedAt, j.Progress = job.Running, s.LeasedAt, 1
	}
}
