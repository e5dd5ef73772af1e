package worker

import (
	"encoding/json"
	"errors"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// partBytes is how large the assets of an answer may become before they are sent as a part. All through whose hands a
// part goes hold it whole in memory, some of them several at a time.
const partBytes = 1 << 20

// encoder collects the assets of one answer as JSON, and sends them ahead in parts when they are many, so that an
// answer of any size takes little memory here.
type encoder struct {
	post  *postman
	text  []byte
	parts int
}

// errGone ends a work whose job is not ours any more.
var errGone = errors.New("the job is gone")

// take is the sink of the job's plan.
func (h *held) take(i int, r *forecast.Result, fault *job.Error) error {
	if h.gone() != here {
		return errGone
	}
	h.setProgress(float64(i+1) / float64(h.plan.Assets()))
	asset, err := json.Marshal(h.plan.Asset(i, r, fault))
	if err != nil {
		return err
	}
	e := &h.answer
	separator := byte(',')
	if len(e.text) == 0 {
		separator = '['
	}
	e.text = append(append(e.text, separator), asset...)
	if len(e.text) < partBytes {
		return nil
	}
	return e.flush(h)
}

// flush sends what was collected as a part.
func (e *encoder) flush(h *held) error {
	if len(e.text) == 0 {
		return nil
	}
	part := message.Part{Index: e.parts, Body: append(e.text, ']')}
	e.parts++
	e.text = nil
	return e.post.part(h, part)
}

// whole is what was collected, as one JSON array, or nil when parts were sent.
func (e *encoder) whole() json.RawMessage {
	if e.parts > 0 || len(e.text) == 0 {
		return nil
	}
	return append(e.text, ']')
}

// answer ends a job that the ranks have ended.
func (w *worker) answer(h *held, e spmd.Outcome) {
	if e.Err != nil {
		w.failed(h, e)
		return
	}
	made := w.provenance(h, e.Seconds)
	answer, err := h.plan.Answer(h.task.Job, made)
	if err == nil && h.answer.parts > 0 {
		err = h.answer.flush(h)
	}
	if err != nil {
		e.Err = err
		w.failed(h, e)
		return
	}
	h.free()
	w.log.Info("job answered", "job_id", h.task.Job, "state", answer.State, "assets", h.plan.Assets(),
		"parts", h.answer.parts, "fit_ms", made.Seconds.Fit*1000)
	w.sendAnswer(h, completeAnswer{answer, h.answer.whole()}, h.answer.parts)
}

// failed ends a job whose plan ended with an error.
func (w *worker) failed(h *held, e spmd.Outcome) {
	if h.gone() != here { // since finish looked
		w.dismiss(h)
		return
	}
	fault, ok := errors.AsType[*portfolio.Error](e.Err)
	if !ok {
		fault = &portfolio.Error{Code: "internal", Detail: e.Err.Error()}
	}
	w.fail(h, fault)
}
