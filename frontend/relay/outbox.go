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
	maxBatch   = 1000            // messages in an upload, the queue's own limit
	batchBytes = 8 << 20         // of an upload, roughly
	checkEvery = 2 * time.Second // the outbox, without being woken: another process may have died
	patience   = 5 * time.Second // the default of Relay.patience
)

// send sends one batch of the outbox, or waits until there is something to send.
func (r *Relay) send(ctx context.Context) error {
	select {
	case e := <-r.handed.entries:
		return r.forwardHanded(ctx, e)
	default:
	}
	entries, err := r.store.Take(ctx, r.batch, batchBytes, r.patience)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return r.forward(ctx, entries)
	}
	r.handed.open.Store(true)
	defer r.handed.open.Store(false)
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-time.After(checkEvery):
	case e := <-r.handed.entries:
		return r.forwardHanded(ctx, e)
	}
	return nil
}

// forward sends the entries of one Take.
func (r *Relay) forward(ctx context.Context, entries []store.OutboxEntry) error {
	var enqueue, cancel []store.OutboxEntry
	for _, e := range entries {
		if e.Action == store.Cancel {
			cancel = append(cancel, e)
		} else {
			enqueue = append(enqueue, e)
		}
	}
	return errors.Join(r.enqueue(ctx, enqueue), r.cancel(ctx, cancel))
}

// enqueue uploads jobs, all or none. When the queue calls an upload invalid, enqueue
// bisects it: the job at fault fails, and the others are uploaded.
//
// A superseded run is uploaded, too, when its message may have been sent: once the
// queue has answered, the message exists, and the cancellation that follows cannot
// miss it. It then carries the job's present specification.
func (r *Relay) enqueue(ctx context.Context, entries []store.OutboxEntry) error {
	if len(entries) == 0 {
		return nil
	}
	err := r.upload(ctx, entries)
	switch {
	case err == nil:
		r.batch = min(2*r.batch, maxBatch)
		r.jobs.WithLabelValues("sent").Add(float64(len(entries)))
		poke(r.flying)
		return r.store.Settle(ctx, entries...)
	case invalid(err) && len(entries) > 1:
		half := len(entries) / 2
		return errors.Join(r.enqueue(ctx, entries[:half]), r.enqueue(ctx, entries[half:]))
	case invalid(err):
		return r.refuse(ctx, entries, err)
	case problem.Is(err, problem.TooMany):
		r.batch = max(len(entries)/2, 1) // a full queue may have room for fewer
	}
	return errors.Join(err, r.giveBack(ctx, entries, !declined(err)))
}

// upload sends the messages of entries to the queue, and fails unless it answers about
// all of them.
func (r *Relay) upload(ctx context.Context, entries []store.OutboxEntry) error {
	messages := make([]message.New, len(entries))
	for i, e := range entries {
		payload, err := json.Marshal(e.Job.Task())
		if err != nil {
			return fmt.Errorf("encode a job: %w", err)
		}
		messages[i] = message.New{Key: e.Key(), Owner: e.Job.Owner, Priority: e.Job.Spec.Priority, Payload: payload, RequestID: e.RequestID, Traceparent: below(e)}
	}
	if len(entries) == 1 { // else the request is one for several
		ctx = asked(ctx, entries[0])
	}
	receipts, err := r.queue.Enqueue(ctx, messages)
	if err == nil && len(receipts) != len(entries) {
		err = fmt.Errorf("the queue answered %d messages with %d receipts", len(entries), len(receipts))
	}
	return err
}

// asked is ctx for a call to the queue that is part of the request behind an entry.
func asked(ctx context.Context, e store.OutboxEntry) context.Context {
	ctx = problem.WithTraceparent(ctx, below(e))
	return problem.WithOnBehalfOf(problem.WithRequestID(ctx, e.RequestID), e.RequestedBy)
}

// giveBack returns entries to the outbox, even if ctx has ended.
func (r *Relay) giveBack(ctx context.Context, entries []store.OutboxEntry, maybeSent bool) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	return r.store.Return(ctx, entries, maybeSent)
}

// refuse fails the job of the only entry, which the queue will never accept. If the
// queue has its message all the same, from an upload before whose answer was lost, the job
// goes on.
func (r *Relay) refuse(ctx context.Context, one []store.OutboxEntry, why error) error {
	e := one[0]
	known, err := r.queue.Status(ctx, message.Lookup{Keys: []string{e.Key()}})
	if err != nil {
		return errors.Join(err, r.giveBack(ctx, one, true))
	}
	if len(known) > 0 {
		r.log.Warn("the queue refuses a job that it has", "job_id", e.Job.ID, "err", why)
		return r.store.Settle(ctx, e)
	}
	r.log.Error("the queue refuses a job", "job_id", e.Job.ID, "err", why)
	r.jobs.WithLabelValues("refused").Inc()
	err = r.store.End(ctx, store.Outcome{Job: e.Job.ID, Run: e.Run, State: job.Failed,
		Error: &job.Error{Code: "refused", Detail: "the queue does not accept this job: " + why.Error()}})
	if err != nil {
		return err
	}
	return r.store.Settle(ctx, e)
}

// cancel cancels messages. Their jobs end when the results say so; one whose message
// the queue does not know ends here, because no worker can lease it.
func (r *Relay) cancel(ctx context.Context, entries []store.OutboxEntry) error {
	for i, e := range entries {
		_, err := r.queue.Cancel(asked(ctx, e), message.ByKey(e.Key()))
		switch {
		case unknown(err):
			err = r.store.End(ctx, store.Outcome{Job: e.Job.ID, Run: e.Run, State: job.Cancelled})
		case invalid(err):
			r.log.Error("the queue refuses to cancel a job", "job_id", e.Job.ID, "err", err)
			err = nil
		}
		if err == nil {
			err = r.store.Settle(ctx, e)
		}
		if err != nil {
			return errors.Join(err, r.giveBack(ctx, entries[i:], true))
		}
	}
	return nil
}
