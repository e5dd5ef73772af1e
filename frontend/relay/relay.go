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

const (
	maxBatch   = 1000            // messages in an upload, as the queue takes them
	batchBytes = 8 << 20         // that an upload weighs, about
	lookAgain  = 2 * time.Second // without being woken: another process may have died
	patience   = 5 * time.Second // after which another process is taken for dead; if it lives, both tell the queue
)

// forward tells the queue one batch of what the store means to tell it, or
// waits until there is something.
func (c *Relay) forward(ctx context.Context) error {
	all, err := c.store.Take(ctx, c.batch, batchBytes, patience)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-time.After(lookAgain):
		}
		return nil
	}
	var enqueue, cancel []store.Intention
	for _, i := range all {
		if i.Action == store.Cancel {
			cancel = append(cancel, i)
		} else {
			enqueue = append(enqueue, i)
		}
	}
	return errors.Join(c.enqueue(ctx, enqueue), c.cancel(ctx, cancel))
}

// enqueue uploads jobs, all or none. Where the queue refuses an upload, it
// finds the job at fault by halves; that job fails, the others go on.
func (c *Relay) enqueue(ctx context.Context, all []store.Intention) error {
	if len(all) == 0 {
		return nil
	}
	messages := make([]message.New, len(all))
	for i, in := range all {
		payload, err := json.Marshal(in.Job.Task())
		if err != nil {
			return fmt.Errorf("encode a job: %w", err)
		}
		messages[i] = message.New{Key: in.Job.Key(), Priority: in.Job.Spec.Priority, Payload: payload}
	}
	receipts, err := c.queue.Enqueue(ctx, messages)
	switch {
	case err == nil && len(receipts) == len(all):
		c.batch = min(2*c.batch, maxBatch)
		c.jobs.WithLabelValues("sent").Add(float64(len(all)))
		return c.store.Settle(ctx, all...)
	case err == nil:
		err = fmt.Errorf("the queue answered %d messages with %d receipts", len(all), len(receipts))
	case refused(err) && len(all) > 1:
		half := len(all) / 2
		return errors.Join(c.enqueue(ctx, all[:half]), c.enqueue(ctx, all[half:]))
	case refused(err):
		return c.refuse(ctx, all[0], err)
	case problem.Is(err, problem.TooMany):
		c.batch = max(len(all)/2, 1) // a full queue may have room for fewer
	}
	return errors.Join(err, c.giveBack(ctx, all, surely(err)))
}

// giveBack lets intentions be taken again, also when ctx has ended.
func (c *Relay) giveBack(ctx context.Context, all []store.Intention, unknown bool) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	if unknown {
		return c.store.PutBack(ctx, all)
	}
	return c.store.Doubt(ctx, all)
}

// refuse fails a job that the queue will never take.
func (c *Relay) refuse(ctx context.Context, in store.Intention, why error) error {
	c.log.Error("the queue refuses a job", "job_id", in.Job.ID, "err", why)
	c.jobs.WithLabelValues("refused").Inc()
	err := c.store.End(ctx, store.Ending{Job: in.Job.ID, Run: in.Job.Run, State: job.Failed,
		Error: &job.Error{Code: "refused", Detail: "the queue does not take this job: " + why.Error()}})
	if err != nil {
		return err
	}
	return c.store.Settle(ctx, in)
}

// cancel takes messages back. Their jobs end when the results feed says so;
// one that the queue does not know ends here, because nobody can run it.
func (c *Relay) cancel(ctx context.Context, all []store.Intention) error {
	for i, in := range all {
		_, err := c.queue.Cancel(ctx, message.ByKey(in.Job.Key()))
		switch {
		case problem.Is(err, problem.NotFound):
			err = c.store.End(ctx, store.Ending{Job: in.Job.ID, Run: in.Job.Run, State: job.Cancelled})
		case refused(err):
			c.log.Error("the queue refuses to cancel a job", "job_id", in.Job.ID, "err", err)
			err = nil
		}
		if err == nil {
			err = c.store.Settle(ctx, in)
		}
		if err != nil {
			return errors.Join(err, c.giveBack(ctx, all[i:], false))
		}
	}
	return nil
}
