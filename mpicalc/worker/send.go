package worker

import (
	"context"
	"errors"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

const (
	// callItems and callBytes bound one call with completions. A part has a call of its own.
	callItems = 200
	callBytes = 8 << 20
	callTime  = 30 * time.Second
)

// send makes one call to the queue.
func (o *outbox) send(batch []*entry) {
	ctx, cancel := context.WithTimeout(o.calls, callTime)
	defer cancel()
	verdicts, err := o.call(ctx, batch)
	if err != nil {
		o.log.Warn("sending results failed", "items", len(batch), "err", err)
		o.failed(batch, err)
		return
	}
	o.apply(batch, verdicts)
}

func (o *outbox) call(ctx context.Context, batch []*entry) ([]message.HeldVerdict, error) {
	if part := batch[0].part; part != nil {
		verdict, err := o.queue.PutPart(ctx, *part)
		return []message.HeldVerdict{verdict}, err
	}
	completions := make([]message.Completion, len(batch))
	for i, e := range batch {
		completions[i] = *e.completion
	}
	return o.queue.Complete(ctx, completions)
}

// apply removes the entries that the queue accepted or knows to be stale. Those without a verdict are sent again.
func (o *outbox) apply(batch []*entry, verdicts []message.HeldVerdict) {
	verdictOf := make(map[message.Held]message.Verdict, len(verdicts))
	for _, v := range verdicts {
		verdictOf[v.Held] = v.Verdict
	}
	var unanswered []*entry
	done := make(map[*entry]bool)
	for _, e := range batch {
		switch verdictOf[e.job.key()] {
		case message.Accepted:
			done[e] = true
			if e.completion != nil {
				o.jobs.settle(e.job)
				o.spans.ended(e.job, e.completion.Error)
			}
		case message.Stale:
			done[e] = true
			e.job.lose(stale)
			if e.completion != nil {
				o.jobs.remove(e.job)
			}
		default:
			unanswered = append(unanswered, e)
		}
	}
	o.mu.Lock()
	o.remove(func(e *entry) bool { return done[e] })
	o.mu.Unlock()
	if len(unanswered) > 0 {
		o.log.Warn("the queue's answer lacks some results", "items", len(unanswered))
		o.failed(unanswered, nil)
	}
}

// failed handles entries that could not be sent. They are tried again later, and alone when they fail once more; a result
// that the queue refuses is replaced by an error that says so.
func (o *outbox) failed(batch []*entry, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	refused := refusal(err)
	for _, e := range batch {
		switch {
		case refused == nil:
			e.failures++
			e.notBefore = time.Now().Add(e.retry.NextBackOff())
			e.alone = e.failures > 1
		case len(batch) > 1:
			e.alone = true
		case e.saved:
			o.log.Warn("the queue refuses to save answers: another world would compute them again", "job_id", e.job.task.Job,
				"request_id", e.job.lease.RequestID, "err", refused)
			e.job.saveRefused.Store(true)
			o.remove(func(other *entry) bool { return other.saved && other.job == e.job })
		default:
			o.replace(e, refused)
		}
	}
}

// replace ends a job whose result was refused. The lock is held.
func (o *outbox) replace(e *entry, refused *problem.Problem) {
	j := e.job
	o.remove(func(other *entry) bool { return other.job == j })
	if e.replaced {
		o.log.Error("the queue refuses a job's error too: the lease will expire", "job_id", j.task.Job, "request_id", j.lease.RequestID, "err", refused)
		j.lose(expired)
		o.jobs.remove(j)
		return
	}
	text := firstRunes("the queue refuses the result: "+refused.Error(), maxError)
	j.lose(stale) // its other assets need not be computed
	o.jobs.markAnswered(j)
	instead := newEntry(entry{job: j, completion: &message.Completion{Held: j.key(), Error: text}, bytes: len(text), alone: true, replaced: true})
	o.waiting = append(o.waiting, instead)
	o.bytes += instead.bytes
}

// refusal is the queue's answer that repeating the call cannot change, or nil. An answer of the identity service, or of
// something on the way, says nothing about the result, but that it is too large to pass.
func refusal(err error) *problem.Problem {
	p := problem.Answered(err)
	if p == nil {
		if !errors.Is(err, problem.ErrForeign) || !problem.Is(err, problem.TooLarge) {
			return nil
		}
		p, _ = errors.AsType[*problem.Problem](err)
	}
	switch p.Kind() {
	case problem.Malformed, problem.Invalid, problem.TooLarge, problem.Conflict, problem.NotFound, problem.UnsupportedMedia:
		return p
	}
	return nil
}
