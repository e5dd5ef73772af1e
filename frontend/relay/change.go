package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// ErrNotThere says that the queue does not know a job yet that it is about to
// be told of.
var ErrNotThere = errors.New("the queue does not know the job yet")

// Replace changes what a job asks for at the queue, and then in the store. The
// error is a problem of kind Stale when version is not the job's, Conflict when
// it runs or has ended, Unavailable when the queue gave no answer; or
// ErrNotThere.
func (c *Relay) Replace(ctx context.Context, j store.Job, version int, t job.Task) error {
	if err := c.finishLeft(ctx, j); err != nil {
		return err
	}
	r, err := c.store.BeginReplacement(ctx, j, version, t)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	_, err = c.queue.Replace(ctx, message.ByKey(j.Key()), j.Revision, message.Content{Payload: payload, Priority: t.Spec.Priority})
	// The queue has decided: what follows must happen, whether or not the
	// caller still waits for it.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	if err == nil {
		_, err = c.store.Adopt(ctx, r)
		return err
	}
	if !surely(err) {
		return errors.Join(problem.Newf(problem.Unavailable,
			"the queue did not answer: read job %s again to see whether it was changed", j.ID).Because(err), c.store.DoubtReplacement(ctx, r))
	}
	if err := c.store.DropReplacement(ctx, r); err != nil {
		return err
	}
	switch {
	case problem.Is(err, problem.NotFound):
		return ErrNotThere
	case problem.Is(err, problem.Conflict):
		return problem.Newf(problem.Conflict, "job %s runs or has ended: it cannot be changed", j.ID)
	case problem.Is(err, problem.Stale):
		return c.stale(ctx, j)
	case refused(err):
		return problem.Newf(problem.Invalid, "the queue does not take this job: %v", err)
	}
	return problem.New(problem.Unavailable, "the queue cannot change the job now: try again").Because(err)
}

// stale catches up with the queue, which is ahead, and says so.
func (c *Relay) stale(ctx context.Context, j store.Job) error {
	d, err := c.queue.Message(ctx, message.ByKey(j.Key()))
	if err != nil {
		return problem.New(problem.Unavailable, "the queue cannot show the job now: try again").Because(err)
	}
	if err := c.catchUp(ctx, j.ID, j.Run, d.Revision); err != nil {
		return err
	}
	now, err := c.store.Job(ctx, j.ID)
	if err != nil {
		return err
	}
	return store.Stale(j.ID, now.Version)
}

// finishLeft finds out whether a replacement came about that somebody began
// and did not finish.
func (c *Relay) finishLeft(ctx context.Context, j store.Job) error {
	r, found, left, err := c.store.Replacement(ctx, j.ID)
	if err != nil || !found || !left {
		return err
	}
	all, err := c.queue.Status(ctx, message.Lookup{Keys: []string{store.Key(j.ID, r.Run)}})
	if err != nil {
		return problem.New(problem.Unavailable, "the queue cannot show the job now: try again").Because(err)
	}
	if len(all) == 1 && all[0].Revision >= r.Revision {
		return c.catchUp(ctx, j.ID, r.Run, all[0].Revision)
	}
	return c.store.DropReplacement(ctx, r)
}

// catchUp records what a revision of a job's message asks for, which the queue
// has and the store has not: somebody died, or waits, between telling one and
// telling the other.
func (c *Relay) catchUp(ctx context.Context, id job.ID, run, revision int) error {
	r, found, _, err := c.store.Replacement(ctx, id)
	if err != nil {
		return err
	}
	if found && r.Run == run && r.Revision == revision {
		_, err := c.store.Adopt(ctx, r)
		return err
	}
	d, err := c.queue.Message(ctx, message.ByKey(store.Key(id, run)))
	if err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	var t job.Task
	if json.Unmarshal(d.Payload, &t) != nil || t.Job != id {
		// It is not worth a stuck feed: the result counts, what it is about is lost.
		c.log.Error("the queue has a revision that nobody knows", "job_id", id, "revision", revision)
		return nil
	}
	_, err = c.store.Adopt(ctx, store.Replacement{Run: run, Revision: d.Revision, Task: t})
	return err
}
