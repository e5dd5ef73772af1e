// Package jobtrace says which spans the trace of a job has, and what they are called. Each part of the house sends those that it
// ends; from what the data service keeps, all of them can be made again.
//
//	POST /v1/jobs                       data service
//	└ job                               a run of the job, from its submission to its result
//	  ├ outbox                          until the message service has it, with the time for which it was held back
//	  ├ queue                           until a worker leases it
//	  ├ attempt                         a lease, rank 0; follows the attempt before
//	  │ ├ prepare                       open the dataset, plan
//	  │ ├ wait                          for the ranks
//	  │ ├ scatter, fit, gather          overlap: a fit for each rank that had some of it
//	  │ └ answer                        until the message service has the result
//	  └ result                          until the data service has applied it
package jobtrace

import (
	"fmt"
	"strconv"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/tracing"
)

// Run is one run of a job. Times that have not come are zero.
type Run struct {
	Job     job.ID
	Key     string // of its message
	Number  int    // from 1
	Before  string // the key of the run before, or ""
	Parent  tracing.SpanID
	State   job.State
	Queued  time.Time // when it was submitted or, again, retried
	Sent    time.Time // when the message service had it
	Ended   time.Time // at the message service, or at the data service if it never was there
	Applied time.Time
	Held    bool // a time or other jobs held it back
	Fault   string
	Leases  []Attempt
}

// ID is the span of the run with a key.
func ID(key string) tracing.SpanID { return tracing.ID("job", key) }

// Spans are those of the run, its own first. Those that have not ended, end now.
func (r Run) Spans(now time.Time) []tracing.Span {
	return r.spans(now, func(Attempt) bool { return true })
}

// Without are the same without those that its workers make: of the leases that they ended.
func (r Run) Without(now time.Time) []tracing.Span {
	return r.spans(now, func(a Attempt) bool { return a.Lost })
}

func (r Run) spans(now time.Time, wanted func(Attempt) bool) []tracing.Span {
	end := r.Applied
	if end.IsZero() {
		end = r.Ended
	}
	if end.IsZero() {
		end = now
	}
	own := tracing.Span{Name: "job", ID: ID(r.Key), Parent: r.Parent, Begin: r.Queued, End: end, Fault: r.Fault,
		Attributes: map[string]any{"foliocast.job_id": string(r.Job), "foliocast.run": r.Number, "foliocast.state": string(r.State)}}
	if r.Before != "" {
		own.Follows = ID(r.Before)
	}
	spans := []tracing.Span{own}
	steps := 0
	step := func(name string, begin, end time.Time, attributes map[string]any) {
		steps++
		spans = append(spans, tracing.Span{Name: name, ID: tracing.ID(name, r.Key, strconv.Itoa(steps)), Parent: own.ID,
			Begin: begin, End: end, Attributes: attributes})
	}
	if r.Sent.IsZero() {
		step("outbox", r.Queued, end, map[string]any{"foliocast.held": r.Held})
		return spans
	}
	step("outbox", r.Queued, r.Sent, map[string]any{"foliocast.held": r.Held})
	since := r.Sent
	for _, a := range r.Leases {
		step("queue", since, a.Leased, nil)
		if wanted(a) {
			spans = append(spans, a.Spans(own.ID, now)...)
		}
		since = a.Ended
	}
	switch {
	case since.IsZero(): // it is leased
	case r.Ended.IsZero():
		step("queue", since, now, nil)
	case len(r.Leases) == 0 || since.Before(r.Ended):
		step("queue", since, r.Ended, nil)
	}
	if !r.Ended.IsZero() && !r.Applied.IsZero() {
		step("result", r.Ended, r.Applied, nil)
	}
	return spans
}

// Attempt is one lease of a job's message.
type Attempt struct {
	Key    string // of the message
	Token  int64  // of the lease
	Worker string // "" when it is not known
	Leased time.Time
	Ended  time.Time  // zero while it lasts
	Times  *job.Times // nil when the worker sent none
	Lost   bool       // it expired, or its worker died: nobody else makes its spans
	Fault  string     // why it ended without a result
}

// Spans are those of the attempt, its own first, below the run. Those that have not ended, end now.
func (a Attempt) Spans(run tracing.SpanID, now time.Time) []tracing.Span {
	id := func(words ...string) tracing.SpanID {
		return tracing.ID(append(words, a.Key, strconv.FormatInt(a.Token, 10))...)
	}
	end := a.Ended
	if end.IsZero() {
		end = now
	}
	own := tracing.Span{Name: "attempt", ID: id("attempt"), Parent: run, Begin: a.Leased, End: end, Fault: a.Fault}
	if a.Worker != "" {
		own.Attributes = map[string]any{"foliocast.worker": a.Worker}
	}
	if a.Token > 1 {
		own.Follows = tracing.ID("attempt", a.Key, strconv.FormatInt(a.Token-1, 10))
	}
	spans := []tracing.Span{own}
	if a.Times == nil {
		return spans
	}
	at := func(seconds float64) time.Time { return a.Leased.Add(time.Duration(seconds * float64(time.Second))) }
	step := func(name string, begin, end time.Time) {
		spans = append(spans, tracing.Span{Name: name, ID: id(name), Parent: own.ID, Begin: begin, End: end})
	}
	t := a.Times
	step("prepare", a.Leased, at(t.Prepared))
	step("wait", at(t.Prepared), at(t.Started))
	step("scatter", at(t.Started), at(t.Dealt))
	for _, r := range t.Ranks {
		spans = append(spans, tracing.Span{Name: fmt.Sprintf("fit rank %d", r.Rank), ID: id("fit", strconv.Itoa(r.Rank)), Parent: own.ID, Begin: at(r.Begin), End: at(r.End),
			Attributes: map[string]any{"foliocast.rank": r.Rank, "foliocast.busy_seconds": r.Busy}})
	}
	step("gather", at(t.Arrived), at(t.Gathered))
	step("answer", at(t.Gathered), end)
	return spans
}
