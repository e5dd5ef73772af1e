package worker

import (
	"time"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// compute takes the jobs that become ready through the ranks, until there will be no more. It returns an error when a call
// of the ranks fails.
func (w *worker) compute() error {
	for {
		more, err := w.admit()
		if !more || err != nil {
			return err
		}
		if err := w.withdraw(); err != nil {
			return err
		}
		var ended []spmd.Outcome
		err = w.watch.call(func() (err error) {
			ended, err = w.leader.Step()
			return err
		})
		for _, o := range ended {
			w.finish(o)
		}
		if err != nil {
			return err
		}
	}
}

// admit starts every job that is ready. When the ranks have nothing to do it waits for one, and reports false when there
// will be no more.
func (w *worker) admit() (more bool, err error) {
	if !w.leader.Busy() {
		select {
		case j := <-w.ready:
			err = w.start(j)
		case <-w.leasingDone:
			if len(w.ready) == 0 {
				return false, nil
			}
		}
	}
	for err == nil && len(w.ready) > 0 {
		err = w.start(<-w.ready)
	}
	w.releaseReturning()
	return true, err
}

// start hands a job to the ranks, unless it must be returned or no longer belongs to this worker. It returns an error when a
// call of the ranks fails.
func (w *worker) start(j *leasedJob) error {
	if w.stopped.Err() != nil {
		w.returning = append(w.returning, j)
		return nil
	}
	if !w.jobs.start(j) {
		w.discard(j)
		return nil
	}
	if j.data.largeEnoughToMap() {
		err := w.watch.call(func() error {
			_, err := w.leader.Map(j.data.file)
			return err
		})
		if err != nil {
			return err
		}
	}
	if j.saver != nil {
		j.saver.begin(time.Now())
	}
	if err := w.leader.Add(j.plan); err != nil {
		w.fail(j, &portfolio.Error{Code: "invalid", Detail: err.Error()})
		return nil
	}
	w.running[j.plan] = j
	return nil
}

// withdraw drops the jobs from the ranks that are not to end here: those that no longer belong to this worker, and all of
// them when they are to be returned. It returns an error when a call of the ranks fails.
func (w *worker) withdraw() error {
	returnAll := w.returnAll.Load()
	for workload, j := range w.running {
		lost := !j.valid()
		if !lost && !returnAll {
			continue
		}
		if err := w.watch.call(func() error { return w.leader.Drop(workload) }); err != nil {
			return err
		}
		delete(w.running, workload)
		if lost {
			w.discard(j)
		} else {
			if j.saver != nil {
				j.saver.flush(time.Now())
			}
			w.returning = append(w.returning, j)
		}
	}
	w.releaseReturning()
	return nil
}

func (w *worker) releaseReturning() {
	w.release(w.returning)
	w.returning = w.returning[:0]
}

// discard ends a job that no longer belongs to this worker. The queue is told when a cancelled one has stopped.
func (w *worker) discard(j *leasedJob) {
	w.log.Info("job withdrawn", "job_id", j.task.Job, "request_id", j.lease.RequestID, "reason", j.status().String())
	j.free()
	switch {
	case w.jobs.isAnswered(j): // the outbox has its end
	case j.status() == cancelled:
		w.outbox.complete(j, message.Completion{Error: "cancelled while it was under way"})
	default:
		w.jobs.remove(j)
	}
}

// finish sends the answer of a job that the ranks have ended.
func (w *worker) finish(o spmd.Outcome) {
	j := w.running[o.Workload]
	delete(w.running, o.Workload)
	if !j.valid() {
		w.discard(j)
		return
	}
	w.jobs.markGathering(j)
	w.answer(j, o)
}

// provenance describes where and how job j was computed; s is how long that took.
func (w *worker) provenance(j *leasedJob, s spmd.Seconds) job.Provenance {
	rates := ""
	if j.task.Rates != nil {
		rates = j.task.Rates.SHA256
	}
	var x map[string]string
	for i, name := range j.task.Spec.X {
		if x == nil {
			x = make(map[string]string)
		}
		x[name] = j.task.X[i].SHA256
	}
	return job.Provenance{
		DatasetSHA256: j.task.Dataset.SHA256,
		RatesSHA256:   rates,
		XSHA256:       x,
		Program:       w.config.Program,
		Ranks:         w.leader.Ranks(),
		Hosts:         w.leader.Hosts(),
		Seconds:       job.Seconds{Load: j.loaded.Seconds() + s.Load, Scatter: s.Scatter, Fit: s.Fit, Gather: s.Gather},
		Times:         j.times,
	}
}
