package worker

import (
	"errors"

	"foliocast/internal/job"
	"foliocast/mpicalc/backtest"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// partBytes is how large the encoded assets of an answer may become before they are sent as a part. Every program on
// the way of a part holds it in memory, some of them several at a time.
const partBytes = 1 << 20

// encoder collects the assets of one answer as JSON and sends them in parts when there are many, so that an answer of
// any size takes little memory here.
type encoder struct {
	outbox *outbox
	text   []byte
	parts  int
}

// errLeaseLost ends the computation of a job that no longer belongs to this worker.
var errLeaseLost = errors.New("the job was cancelled or its lease lost")

// forecastPlan makes the plan of a forecast.
func (j *leasedJob) forecastPlan(data portfolio.Data) (plan, error) {
	data.Form = portfolio.JSON
	var p *portfolio.Plan
	p, err := portfolio.New(j.task.Spec, data, func(i int, r *forecast.Result, fault *job.Error) error {
		if !j.valid() {
			return errLeaseLost
		}
		j.setProgress(float64(i+1) / float64(p.Assets()))
		if fault == nil {
			j.skills.add(r.Skill)
		}
		return j.add(func(b []byte) ([]byte, error) { return p.AppendAsset(b, i, r, fault) })
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// backtestPlan makes the plan of a backtest.
func (j *leasedJob) backtestPlan(data portfolio.Data) (plan, error) {
	var p measuring
	var err error
	if len(j.task.Spec.Risk) > 0 {
		p, err = backtest.NewRiskPlan(j.task.Spec, data, j.take)
	} else {
		p, err = backtest.NewPlan(j.task.Spec, data, j.take)
	}
	if err != nil {
		return nil, err
	}
	return &backtestPlan{p, j}, nil
}

// measuring is a backtest, of accuracy or of risk.
type measuring interface {
	plan
	// Progress is the share of the forecasts that were taken.
	Progress() float64
}

// backtestPlan is a backtest that tells its job of its progress.
type backtestPlan struct {
	measuring
	job *leasedJob
}

// Take is that of the plan.
func (p *backtestPlan) Take(i int, r *forecast.Result, fault error) error {
	if !p.job.valid() {
		return errLeaseLost
	}
	err := p.measuring.Take(i, r, fault)
	p.job.setProgress(p.Progress())
	return err
}

// take adds an asset to the answer.
func (j *leasedJob) take(a job.Asset) error {
	return j.add(func(b []byte) ([]byte, error) { return a.AppendJSON(b, nil) })
}

// add adds the JSON of an asset.
func (j *leasedJob) add(appendAsset func([]byte) ([]byte, error)) error {
	e := &j.answer
	separator := byte(',')
	if len(e.text) == 0 {
		separator = '['
	}
	text, err := appendAsset(append(e.text, separator))
	if err != nil {
		return err
	}
	e.text = text
	if len(e.text) < partBytes {
		return nil
	}
	return e.flush(j)
}

// flush sends the collected assets as a part.
func (e *encoder) flush(j *leasedJob) error {
	if len(e.text) == 0 {
		return nil
	}
	part := message.Part{Index: e.parts, Body: append(e.text, ']')}
	e.parts++
	e.text = nil
	return e.outbox.part(j, part)
}

// whole is all assets as one JSON array, or nil when they were sent in parts.
func (e *encoder) whole() []byte {
	if e.parts > 0 || len(e.text) == 0 {
		return nil
	}
	return append(e.text, ']')
}

// answer ends a job that the ranks have ended.
func (w *worker) answer(j *leasedJob, o spmd.Outcome) {
	if o.Err != nil {
		w.planFailed(j, o.Err)
		return
	}
	j.times = j.timesOf(&o)
	provenance := w.provenance(j, o.Seconds)
	answer, err := j.plan.Answer(j.task.Job, provenance)
	if err == nil && j.answer.parts > 0 {
		err = j.answer.flush(j)
	}
	if err != nil {
		w.planFailed(j, err)
		return
	}
	w.meter.answered(j, answer.State, provenance.Seconds.Fit)
	j.free()
	w.log.Info("job answered", "job_id", j.task.Job, "request_id", j.lease.RequestID, "state", answer.State, "assets", j.plan.Assets(),
		"parts", j.answer.parts, "fit_ms", provenance.Seconds.Fit*1000)
	w.sendAnswer(j, &answer, j.answer.whole(), j.answer.parts)
}

// planFailed ends a job whose plan ended with an error.
func (w *worker) planFailed(j *leasedJob, err error) {
	if !j.valid() { // it was lost meanwhile
		w.discard(j)
		return
	}
	fault, ok := errors.AsType[*portfolio.Error](err)
	if !ok {
		fault = &portfolio.Error{Code: "internal", Detail: err.Error()}
	}
	w.fail(j, fault)
}

// fail ends a job that cannot succeed, with an answer that says why.
func (w *worker) fail(j *leasedJob, fault *portfolio.Error) {
	w.log.Info("job failed", "job_id", j.task.Job, "request_id", j.lease.RequestID, "code", fault.Code, "reason", fault.Detail)
	j.free()
	answer := portfolio.Failure(j.task.Job, fault, w.provenance(j, spmd.Seconds{}))
	w.sendAnswer(j, &answer, nil, 0)
}

// sendAnswer puts an answer into the outbox, with a JSON array of its assets or after the given number of parts.
func (w *worker) sendAnswer(j *leasedJob, answer *job.Answer, assets []byte, parts int) {
	text, err := answer.AppendJSON(nil, assets)
	if err != nil {
		w.outbox.complete(j, message.Completion{Error: "the answer cannot be encoded: " + err.Error()})
		return
	}
	w.outbox.complete(j, message.Completion{Result: text, Parts: parts})
}
