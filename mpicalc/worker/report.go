package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"foliocast/internal/problem"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

const (
	// reportEvery is how often a worker reports where the queue does not say, and reportTime how long the queue may take for a report.
	reportEvery = 3 * time.Second
	reportTime  = 5 * time.Second
	// reportAgain is when a queue that refuses reports, because it is of an earlier version, is asked again.
	reportAgain = time.Minute
	// minReport bounds how often the queue may ask for reports.
	minReport = 50 * time.Millisecond
	// leaveTime is how long the queue may take to be told of the end.
	leaveTime = time.Second
)

// reporter tells the queue what the ranks do. Nothing waits for it.
type reporter struct {
	w       *worker
	since   time.Time
	looked  time.Time // at how busy the ranks are
	looks   []look    // by rank
	listed  bool      // the queue has had a report
	failing bool      // the last report failed
}

// look is how busy a rank was.
type look struct {
	busy   time.Duration // at the last look
	recent []int         // percent of the time between two looks
}

// run reports until ctx ends.
func (r *reporter) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(r.once(ctx))
	}
}

// once reports, and returns when to do so again.
func (r *reporter) once(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	next, err := r.w.queue.Report(ctx, r.report(time.Now()))
	if err == nil {
		r.listed, r.failing = true, false
		return min(max(next, minReport), reportAgain)
	}
	p, answered := errors.AsType[*problem.Problem](err)
	refused := answered && p.Status < 500
	if !r.failing && context.Cause(ctx) != context.Canceled {
		r.w.log.Warn("the queue was not told what the ranks do", "refused", refused, "err", err)
	}
	r.failing = true
	if refused {
		return reportAgain
	}
	return reportEvery
}

// leave tells the queue that the worker ends, so that it is no longer listed.
func (r *reporter) leave() {
	if !r.listed {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	if err := r.w.queue.Leave(ctx, r.w.config.Name); err != nil {
		r.w.log.Info("the queue was not told of the end, and lists this worker for some seconds", "err", err)
	}
}

// report is what the worker does now.
func (r *reporter) report(now time.Time) message.Report {
	w := r.w
	hosts := w.leader.Hosts()
	out := message.Report{Worker: w.config.Name, Program: firstRunes(w.config.Program, 100), State: message.Idle, Up: now.Sub(r.since).Seconds(),
		HostCount: len(hosts), RankCount: w.leader.Ranks(), Threads: w.leader.Threads()}
	for _, host := range hosts[:min(len(hosts), message.MaxReportHosts)] {
		out.Hosts = append(out.Hosts, hostName(host))
	}
	keys := w.jobs.tell(&out, now)
	switch {
	case w.stopped.Err() != nil:
		out.State = message.Stopping
	case out.Held > 0:
		out.State = message.Working
	}
	r.tellRanks(&out, w.leader.Activity(), keys, now)
	for len(out.Ranks) > 0 && tooLong(&out) {
		out.Ranks = out.Ranks[:len(out.Ranks)/2]
	}
	return out
}

func tooLong(r *message.Report) bool {
	text, err := json.Marshal(r)
	return err != nil || len(text) > message.MaxReportBytes
}

func hostName(name string) string { return firstRunes(name, message.MaxReportHost/4) }

// tellRanks adds the ranks to a report. Each call is a look at how busy they are.
func (r *reporter) tellRanks(out *message.Report, ranks []spmd.Activity, keys map[spmd.Workload]string, now time.Time) {
	if r.looks == nil {
		r.looks = make([]look, len(ranks))
	}
	computing, busy := 0, 0
	for rank, a := range ranks {
		seen := &r.looks[rank]
		if passed := now.Sub(r.looked); !r.looked.IsZero() && passed > 0 {
			seen.recent = append(seen.recent, int(min(100*(a.Busy-seen.busy)/passed, 100)))
			seen.recent = seen.recent[max(0, len(seen.recent)-message.MaxReportLooks):]
		}
		seen.busy = a.Busy
		out.Series += int64(a.Series)
		if !a.Serves {
			computing++
			if a.Chunks > 0 {
				busy++
			}
		}
		if rank < message.MaxReportRanks {
			out.Ranks = append(out.Ranks, message.WorkerRank{Rank: rank, Host: hostName(a.Host), Threads: a.Threads, Serves: a.Serves, Key: keys[a.Workload],
				Chunks: a.Chunks, Series: int64(a.Series), Busy: a.Busy.Seconds(), Fit: a.Fit.Seconds(), Recent: slices.Clone(seen.recent)})
		}
	}
	out.Busy = float64(busy) / float64(max(computing, 1))
	r.looked = now
}

// tell adds the jobs to a report, and returns the keys of those that have a plan.
func (r *registry) tell(out *message.Report, now time.Time) map[spmd.Workload]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := make(map[spmd.Workload]string)
	all := make([]*leasedJob, 0, len(r.byID))
	for _, j := range r.byID {
		all = append(all, j)
		if j.plan != nil {
			keys[j.plan] = j.lease.Key
		}
	}
	slices.SortFunc(all, func(a, b *leasedJob) int {
		return cmp.Or(cmp.Compare(a.urgency(), b.urgency()), a.leasedAt.Compare(b.leasedAt), cmp.Compare(a.lease.ID, b.lease.ID))
	})
	out.Held, out.Done = len(all), r.done
	for _, j := range all[:min(len(all), message.MaxReportJobs)] {
		out.Jobs = append(out.Jobs, j.history().told(now))
	}
	for _, h := range r.ended {
		out.Ended = append(out.Ended, h.told(now))
	}
	return keys
}

// urgency puts the jobs with the ranks first, then those that are answered, and last those that wait for the ranks.
func (j *leasedJob) urgency() int {
	return [...]int{leased: 2, computing: 0, gathering: 0, answered: 1}[j.stage]
}

// history is what happened to a job when; moments that have not come are zero.
type history struct {
	message.WorkerJob
	leasedAt, begun, first, last, answered, ended time.Time
}

// history is that of j. The registry's lock is held.
func (j *leasedJob) history() history {
	h := history{leasedAt: j.leasedAt, begun: j.startedAt, last: j.lastAt, answered: j.answeredAt}
	h.Key = j.lease.Key
	if first := j.firstAt.Load(); first != 0 {
		h.first = time.Unix(0, first)
	}
	if j.plan != nil {
		h.Series = j.plan.Assets()
		h.Done = int(j.progress() * float64(h.Series))
	}
	switch {
	case j.stage == answered:
		h.Phase = message.Uploading
	case j.stage == gathering:
		h.Phase = message.Gathering
	case j.stage == computing:
		h.Phase = message.Fitting
	case j.plan != nil:
		h.Phase = message.Ready
	default:
		h.Phase = message.Preparing
	}
	return h
}

// told is the history as the queue is told it: in seconds before now.
func (h history) told(now time.Time) message.WorkerJob {
	out := h.WorkerJob
	out.Leased = max(now.Sub(h.leasedAt).Seconds(), 0)
	for _, m := range []struct {
		at time.Time
		to **float64
	}{{h.begun, &out.Begun}, {h.first, &out.First}, {h.last, &out.Last}, {h.answered, &out.Answered}, {h.ended, &out.Ended}} {
		if !m.at.IsZero() {
			*m.to = new(max(now.Sub(m.at).Seconds(), 0))
		}
	}
	return out
}
