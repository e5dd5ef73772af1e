package worker

import (
	"errors"
	"time"

	"foliocast/internal/problem"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// savedPlan is a plan whose answers are saved, and of which the first were saved by an earlier worker: the ranks compute
// the others.
type savedPlan struct {
	plan
	known int
	saver *saver
}

// Len is the number of series that the ranks compute.
func (p *savedPlan) Len() int { return p.plan.Len() - p.known }

// Series is series i of these.
func (p *savedPlan) Series(i int) spmd.Series { return p.plan.Series(p.known + i) }

// Take is that of the plan. The answer is kept first: the plan may change it.
func (p *savedPlan) Take(i int, r *forecast.Result, fault error) error {
	series := p.Series(i)
	p.saver.take(p.known+i, &series, r, fault)
	return p.plan.Take(p.known+i, r, fault)
}

// resume makes the plan of a job one whose answers are saved, and gives it those that earlier holders of the message have saved. The
// error is that of the plan, or says that the job no longer belongs to this worker.
func (w *worker) resume(j *leasedJob, p plan) (plan, error) {
	if w.config.SaveEvery < 0 {
		return p, nil
	}
	s := &saver{every: w.config.SaveEvery, unsaved: &w.unsaved, job: j, outbox: w.outbox, digest: digestOf(w.config.Program, j.lease.Payload)}
	saved := &savedPlan{plan: p, saver: s}
	j.saver = s
	if j.lease.Token == 1 {
		return saved, nil // the first lease
	}
	var record spmd.Record
	for ; s.parts < mostSaved; s.parts++ {
		body, err := w.readSaved(j, firstSaved+s.parts)
		if err != nil {
			return nil, err
		}
		b, ok := parseBlock(body, s.digest[:])
		if !ok || b.from != saved.known {
			break
		}
		record.Reset(b.answers)
		if err := saved.replay(&record, b.count); err != nil {
			return nil, err
		}
	}
	if saved.known > 0 {
		w.log.Info("job resumed", "job_id", j.task.Job, "request_id", j.lease.RequestID, "series", p.Len(), "known", saved.known)
	}
	return saved, nil
}

// replay gives the plan up to n answers of a record. One that cannot be read ends it.
func (p *savedPlan) replay(record *spmd.Record, n int) error {
	for ; n > 0 && p.known < p.plan.Len(); n-- {
		r, fault, ok := record.Next(p.plan.Series(p.known).Options)
		if !ok {
			return nil
		}
		if err := p.plan.Take(p.known, r, fault); err != nil {
			return err
		}
		p.known++
	}
	return nil
}

// readSaved reads a saved part, or nil where there is none. A queue that is unreachable is asked again for a while: what is not
// read is computed again.
func (w *worker) readSaved(j *leasedJob, index int) ([]byte, error) {
	retry := newBackoff(200*time.Millisecond, 5*time.Second)
	for end := time.Now().Add(fetchFor); ; {
		body, err := w.queue.HeldPart(w.stopped, j.key(), index)
		switch {
		case err == nil:
			return body, nil
		case problem.Is(err, problem.NotFound):
			return nil, nil
		case problem.Is(err, problem.Conflict):
			j.lose(stale)
		}
		if !j.valid() {
			return nil, errLeaseLost
		}
		if w.stopped.Err() != nil {
			return nil, errors.Join(w.stopped.Err(), err)
		}
		if !unreachable(err) || time.Now().After(end) {
			w.log.Warn("saved answers cannot be read: they are computed again", "job_id", j.task.Job, "request_id", j.lease.RequestID, "err", err)
			return nil, nil
		}
		pause(w.stopped, retry.NextBackOff())
	}
}
