package relay

import (
	"context"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/jobtrace"
	"foliocast/internal/tracing"
	"foliocast/queue/message"
)

// below is the span of the run of an entry, which the work on it is below, or "".
func below(e store.OutboxEntry) string {
	return tracing.Child(e.Traceparent, jobtrace.ID(e.Key()))
}

// RunOf is the run of a job as its trace shows it.
func RunOf(t store.Trace) jobtrace.Run {
	_, parent, _ := tracing.Trace(t.Traceparent)
	r := jobtrace.Run{Job: t.Job, Key: store.Key(t.Job, t.Run), Number: t.Run, Parent: parent, State: t.State, Queued: t.QueuedAt, Held: t.Held, Fault: t.Fault}
	if t.Run > 1 {
		r.Before = store.Key(t.Job, t.Run-1)
	}
	if t.State.Final() && t.EndedAt != nil {
		r.Ended = *t.EndedAt
		if t.AppliedAt != nil {
			r.Applied = *t.AppliedAt
		}
	}
	p := t.Passage
	if p == nil {
		return r
	}
	r.Sent = p.EnqueuedAt
	for _, l := range p.Past {
		r.Leases = append(r.Leases, jobtrace.Attempt{Key: r.Key, Token: int64(l.Token), Worker: l.Worker, Leased: l.LeasedAt, Ended: l.EndedAt, Lost: l.Lost, Fault: l.Error})
	}
	if n := len(p.Past); p.LeasedAt == nil || n > 0 && p.Past[n-1].Token == p.Token {
		return r // it ended while it waited
	}
	last := jobtrace.Attempt{Key: r.Key, Token: int64(p.Token), Leased: *p.LeasedAt, Ended: r.Ended, Times: t.Times, Lost: !p.ByHolder}
	if t.State != job.Done && t.State != job.Partial {
		last.Fault = t.Fault
	}
	r.Leases = append(r.Leases, last)
	return r
}

// traceTime bounds reading what traces are made from.
const traceTime = 10 * time.Second

// traceEnded makes the spans of runs that have ended, but for those that their workers make.
func (r *Relay) traceEnded(ctx context.Context, ended []store.Outcome) {
	if !r.Tracer.On() || len(ended) == 0 {
		return
	}
	ids := make([]job.ID, len(ended))
	for i, o := range ended {
		ids[i] = o.Job
	}
	ctx, stop := context.WithTimeout(ctx, traceTime)
	defer stop()
	all, err := r.store.Traces(ctx, ids...)
	if err != nil {
		r.log.Warn("jobs have ended without spans", "err", err)
		return
	}
	for _, t := range all {
		if t.Traceparent != "" && t.AppliedAt != nil {
			r.Tracer.Record(t.Traceparent, RunOf(t).Without(time.Now())...)
		}
	}
}

// Trace is the present run of a job, with what only the queue knows while it is in flight. The error is a problem of kind NotFound
// without such a job.
func (r *Relay) Trace(ctx context.Context, id job.ID) (store.Trace, jobtrace.Run, error) {
	t, err := r.store.Trace(ctx, id)
	if err != nil {
		return t, jobtrace.Run{}, err
	}
	run := RunOf(t)
	if t.State.Final() {
		return t, run, nil
	}
	ctx, stop := context.WithTimeout(ctx, refreshTime)
	defer stop()
	known, err := r.queue.Status(ctx, message.Lookup{Keys: []string{run.Key}})
	if err != nil {
		r.log.Warn("cannot ask the queue about a job in flight", "job_id", id, "err", err)
		return t, run, nil
	}
	for _, s := range known {
		run.Sent = s.EnqueuedAt
		if s.LeasedAt != nil && s.State != message.Waiting {
			run.Leases = append(run.Leases, jobtrace.Attempt{Key: run.Key, Leased: *s.LeasedAt})
		}
	}
	return t, run, nil
}
