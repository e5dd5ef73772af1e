package worker

import (
	"cmp"
	"slices"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/jobtrace"
	"foliocast/internal/tracing"
	"foliocast/mpicalc/spmd"
)

// maxTimedRanks is of how many ranks an answer says when they fitted.
const maxTimedRanks = 64

// timesOf is when this worker did what for a job that the ranks have ended. Only the goroutine that leads the ranks calls it.
func (j *leasedJob) timesOf(o *spmd.Outcome) *job.Times {
	since := func(at time.Time) float64 { return max(at.Sub(j.leasedAt).Seconds(), 0) }
	started := j.startedAt // written by this goroutine
	t := &job.Times{Prepared: since(j.preparedAt), Started: since(started), Dealt: since(started), Arrived: since(started), Gathered: since(j.lastAt), Ranks: []job.RankTime{}}
	if o.Dealt.After(started) { // else all answers were cached
		t.Dealt, t.Arrived = since(o.Dealt), since(o.Arrived)
	}
	for rank, r := range o.Ranks {
		t.Cores += r.Cores.Seconds()
		if r.Chunks > 0 {
			t.Ranks = append(t.Ranks, job.RankTime{Rank: rank, Begin: since(r.Begin), End: since(r.End), Busy: (r.Load + r.Fit).Seconds()})
		}
	}
	if len(t.Ranks) > maxTimedRanks {
		slices.SortFunc(t.Ranks, func(a, b job.RankTime) int { return cmp.Compare(b.End, a.End) })
		t.Ranks = t.Ranks[:maxTimedRanks]
		slices.SortFunc(t.Ranks, func(a, b job.RankTime) int { return cmp.Compare(a.Rank, b.Rank) })
	}
	return t
}

// spans makes the spans of leases that have ended.
type spans struct {
	tracer *tracing.Tracer
	worker string
}

// ended makes those of a lease. The fault is why there is no result, or "".
func (s spans) ended(j *leasedJob, fault string) {
	if !s.tracer.On() {
		return
	}
	_, run, ok := tracing.Trace(j.lease.Traceparent)
	if !ok {
		return
	}
	now := time.Now()
	a := jobtrace.Attempt{Key: j.lease.Key, Token: int64(j.lease.Token), Worker: s.worker, Leased: j.leasedAt, Ended: now, Times: j.times, Fault: fault}
	s.tracer.Record(j.lease.Traceparent, a.Spans(run, now)...)
}
