package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"foliocast/internal/problem"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// prepare makes a leased job ready for the ranks, or ends it when that is not possible. Several may run at a time.
func (w *worker) prepare(j *leasedJob) {
	started := time.Now()
	if err := parseTask(j); err != nil {
		w.log.Error("unreadable task", "message", j.lease.ID, "request_id", j.lease.RequestID, "err", err)
		w.outbox.complete(j, message.Completion{Error: "the task cannot be read: " + err.Error()})
		return
	}
	rates, err := w.readRates(j)
	if err != nil {
		w.prepareFailed(j, err)
		return
	}
	data, err := w.data.Open(w.stopped, j.task.Dataset, j.task.X...)
	if err != nil {
		w.prepareFailed(j, err)
		return
	}
	j.data = data
	if err := w.makeRoom(j); err != nil {
		w.prepareFailed(j, err)
		return
	}
	var x []portfolio.Column
	for i, table := range data.x {
		x = append(x, portfolio.Column{Name: j.task.Spec.X[i], Table: table})
	}
	newPlan := j.forecastPlan
	if j.task.Spec.Backtest() {
		newPlan = j.backtestPlan
	}
	plan, err := newPlan(portfolio.Data{Table: data.table, File: data.file, Rates: rates, X: x})
	if err != nil {
		w.prepareFailed(j, err)
		return
	}
	j.answer.outbox = w.outbox
	if plan, err = w.resume(j, plan); err != nil {
		w.prepareFailed(j, err)
		return
	}
	cost, err := w.leader.Estimate(plan)
	if err != nil {
		w.prepareFailed(j, &portfolio.Error{Code: "invalid", Detail: err.Error()})
		return
	}
	if j.saver != nil && w.wallTime(cost.Thread) < j.saver.every/shortBy {
		j.saver.off = true
	}
	w.jobs.setPlan(j, plan, cost.Thread)
	j.preparedAt = time.Now()
	j.loaded = j.preparedAt.Sub(started)
	if w.tooLate(cost, plan.Len()) {
		w.log.Info("job declined: it cannot end in time", "job_id", j.task.Job, "request_id", j.lease.RequestID, "least", cost.Least)
		w.declines.count.Add(1)
		w.release([]*leasedJob{j})
		return
	}
	w.ready <- j
}

// readRates takes the exchange rates that a job needs from their dataset, and releases it: whoever holds a dataset must not
// open another. It returns nil for a job without rates.
func (w *worker) readRates(j *leasedJob) (*portfolio.Rates, error) {
	if j.task.Rates == nil {
		return nil, nil
	}
	data, err := w.data.Open(w.stopped, *j.task.Rates)
	if err != nil {
		return nil, err
	}
	defer data.Release()
	return portfolio.ReadRates(j.task.Spec, data.table)
}

const (
	// maxPlans bounds the memory of all plans, in bytes. A single one may take more.
	maxPlans = 128 << 20
	// planBytes is about what a plan takes for each asset, and sampleBytes what a backtest takes for each origin of one.
	planBytes   = 160
	sampleBytes = 8
	// pathBytes is what a plan takes for each number in the paths of the portfolio, which is an exact sum. Errors that are kept for scenarios
	// and a benchmark take keptBytes for each step of each asset, and mostKept together.
	pathBytes = 100
	keptBytes = 500 * 8
	mostKept  = 80 << 20
)

// makeRoom waits until there is memory for the plan of a job. The job keeps it until free.
func (w *worker) makeRoom(j *leasedJob) error {
	assets := len(j.task.Spec.Assets)
	if j.task.Spec.All() {
		assets = j.data.table.Len()
	}
	s := &j.task.Spec
	need := assets*(planBytes+sampleBytes*s.Origins) + pathBytes*s.Paths*s.Horizon
	if len(s.Scenarios) > 0 || s.Benchmark != "" {
		need += min(assets*s.Horizon*keptBytes, mostKept)
	}
	bytes := int64(min(need, maxPlans))
	if err := w.plans.Acquire(w.stopped, bytes); err != nil {
		return err
	}
	j.releasePlan = func() { w.plans.Release(bytes) }
	return nil
}

// wallTime is how long the ranks take for a cost of one thread.
func (w *worker) wallTime(cost time.Duration) time.Duration {
	return cost / time.Duration(max(w.leader.Threads(), 1))
}

// tooLate reports whether a job of this cost cannot end in time, however cheap its series are, and is too short, or its series too long, for what is done of it
// to be worth saving.
func (w *worker) tooLate(cost spmd.Estimate, series int) bool {
	if w.config.Until.IsZero() {
		return false
	}
	left := time.Until(w.config.Until.Add(-beforeUntil))
	if cost.Least <= left {
		return false
	}
	return w.config.SaveEvery < 0 || left < w.config.SaveEvery || cost.Thread/time.Duration(max(series, 1)) > left/2
}

// parseTask reads the payload of the message and checks what this worker relies on.
func parseTask(j *leasedJob) error {
	if err := json.Unmarshal(j.lease.Payload, &j.task); err != nil {
		return err
	}
	if j.task.Job == "" {
		return errors.New("it lacks the job's ID")
	}
	j.task.Spec = j.task.Spec.Defaulted()
	if faults := j.task.Spec.Validate(); faults != nil {
		return problem.New(problem.Invalid, "its job is not valid", faults...)
	}
	if !checksum.MatchString(j.task.Dataset.SHA256) {
		return fmt.Errorf("its dataset has the checksum %q", j.task.Dataset.SHA256)
	}
	if len(j.task.X) != len(j.task.Spec.X) {
		return fmt.Errorf("it has %d of %d columns that are known in advance", len(j.task.X), len(j.task.Spec.X))
	}
	for _, x := range j.task.X {
		if !checksum.MatchString(x.SHA256) {
			return fmt.Errorf("its column %q has the checksum %q", x.Column, x.SHA256)
		}
	}
	if r := j.task.Rates; r != nil && !checksum.MatchString(r.SHA256) {
		return fmt.Errorf("its rates have the checksum %q", r.SHA256)
	}
	return nil
}

// prepareFailed ends a job that could not be made ready: as failed when the job itself is at fault, by returning it when the
// worker stops, and otherwise with an error that lets the queue try it again.
func (w *worker) prepareFailed(j *leasedJob, err error) {
	fault, permanent := errors.AsType[*portfolio.Error](err)
	switch {
	case permanent:
		w.fail(j, fault)
	case !j.valid():
		w.discard(j)
	case w.stopped.Err() != nil:
		w.release([]*leasedJob{j})
	default:
		w.log.Error("job not started", "job_id", j.task.Job, "request_id", j.lease.RequestID, "err", err)
		j.free()
		w.outbox.complete(j, message.Completion{Error: err.Error(), Retryable: true})
	}
}
