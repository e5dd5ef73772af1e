package relay

import (
	"context"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// How long the queue may take to answer about jobs, before they are shown as the
// store knows them, and before a change is given up.
const (
	refreshTime = 2 * time.Second
	changeTime  = 10 * time.Second
)

// Live is the part of a job that changes while the queue has it.
type Live struct {
	Key        string
	State      *job.State
	StartedAt  **time.Time
	Progress   *float64
	Attempts   *int
	Cancelling *bool
	Place      **job.Place // nil in a list
}

// LiveJob is that part of a job.
func LiveJob(j *store.Job) Live {
	return Live{j.Key(), &j.State, &j.StartedAt, &j.Progress, &j.Attempts, &j.Cancelling, &j.Place}
}

// LiveSummary is that part of a job in a list.
func LiveSummary(j *store.Summary) Live {
	return Live{j.Key(), &j.State, &j.StartedAt, &j.Progress, &j.Attempts, &j.Cancelling, nil}
}

// Refresh fills in what only the queue knows of the jobs in flight: whether they are
// running, since when, and their progress, or how many are before them. While the queue is unreachable, it leaves
// them as they are. It takes at most 1000 jobs.
func (r *Relay) Refresh(ctx context.Context, jobs ...Live) {
	asked, places := map[string]Live{}, false
	var keys []string
	for _, j := range jobs {
		if !j.State.Final() {
			asked[j.Key] = j
			keys = append(keys, j.Key)
			places = places || j.Place != nil
		}
	}
	if len(keys) == 0 {
		return
	}
	ctx, stop := context.WithTimeout(ctx, refreshTime)
	defer stop()
	all, err := r.queue.Status(ctx, message.Lookup{Keys: keys, Places: places})
	if err != nil {
		r.log.Warn("cannot ask the queue about jobs in flight", "err", err)
		return
	}
	for _, s := range all {
		if j, ok := asked[s.Key]; ok {
			j.fill(s)
		}
	}
}

// fill copies what the queue knows of a job.
func (j Live) fill(s message.Status) {
	*j.Attempts = s.Attempts
	*j.Cancelling = *j.Cancelling || s.CancelRequested
	switch s.State {
	case message.Leased:
		*j.State, *j.StartedAt, *j.Progress = job.Running, s.LeasedAt, min(max(s.Progress, 0), 1)
	case message.Ended:
		// Its result has not been applied yet.
		*j.State, *j.StartedAt, *j.Progress = job.Running, s.LeasedAt, 1
	case message.Waiting:
		*j.State, *j.StartedAt, *j.Progress = job.Queued, nil, 0 // it may have been running before
		if j.Place == nil || s.Place == nil {
			return
		}
		*j.Place = &job.Place{Ahead: s.Place.Ahead}
		if seconds := s.Place.Seconds; seconds != nil {
			at := time.Now().UTC().Add(time.Duration(*seconds * float64(time.Second))).Truncate(time.Second)
			(*j.Place).StartsAt = &at
		}
	}
}

// Waits returns nil while no worker has leased the message of a job's current run:
// it waits, or has not arrived. Otherwise the error is a problem of kind Conflict,
// and Unavailable when the queue does not answer.
func (r *Relay) Waits(ctx context.Context, j store.Job) error {
	ctx, stop := context.WithTimeout(ctx, changeTime)
	defer stop()
	all, err := r.queue.Status(ctx, message.Lookup{Keys: []string{j.Key()}})
	if err != nil {
		return problem.Newf(problem.Unavailable, "the queue does not say whether job %s is running: try again", j.ID).Because(err)
	}
	for _, s := range all {
		switch s.State {
		case message.Leased:
			return problem.Newf(problem.Conflict, "job %s is running: it cannot be changed", j.ID)
		case message.Ended:
			return problem.Newf(problem.Conflict, "job %s has ended: it cannot be changed", j.ID)
		}
	}
	return nil
}
