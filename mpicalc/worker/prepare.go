package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// prepare makes a leased job ready for the ranks, or ends it where that cannot be. It runs beside other preparations.
func (w *worker) prepare(h *held) {
	begin := time.Now()
	if err := parseTask(h); err != nil {
		w.log.Error("unreadable task", "message", h.lease.ID, "err", err)
		w.post.complete(h, message.Completion{Error: "the task cannot be read: " + err.Error()})
		return
	}
	data, err := w.data.Open(w.stopped, h.task.Dataset)
	if err != nil {
		w.unprepared(h, err)
		return
	}
	h.data = data
	if err := w.makeRoom(h); err != nil {
		w.unprepared(h, err)
		return
	}
	plan, err := portfolio.New(h.task.Spec, data.table, data.file, h.take)
	if err != nil {
		w.unprepared(h, err)
		return
	}
	cost, err := spmd.Estimate(plan)
	if err != nil {
		w.unprepared(h, &portfolio.Error{Code: "invalid", Detail: err.Error()})
		return
	}
	w.held.planned(h, plan, cost)
	h.answer.post = w.post
	h.loaded = time.Since(begin)
	if w.tooLate(cost) {
		w.log.Info("given back: it cannot end in time", "job_id", h.task.Job, "estimate", cost)
		w.declines.count.Add(1)
		w.giveBack([]*held{h})
		return
	}
	w.ready <- h
}

const (
	// maxPlans bounds the memory of all plans, in bytes. One alone may take more.
	maxPlans = 128 << 20
	// planBytes is about what a plan takes for an asset.
	planBytes = 128
)

// makeRoom waits until there is memory for the plan of a job, which the job holds until it is free.
func (w *worker) makeRoom(h *held) error {
	assets := len(h.task.Spec.Assets)
	if h.task.Spec.All() {
		assets = h.data.table.Len()
	}
	bytes := int64(min(assets*planBytes, maxPlans))
	if err := w.plans.Acquire(w.stopped, bytes); err != nil {
		return err
	}
	h.leave = func() { w.plans.Release(bytes) }
	return nil
}

// tooLate reports whether a job of this cost cannot end in time.
func (w *worker) tooLate(cost time.Duration) bool {
	if w.config.Until.IsZero() {
		return false
	}
	end := time.Now().Add(cost / time.Duration(max(w.leader.Threads(), 1)))
	return end.After(w.config.Until.Add(-beforeUntil))
}

// parseTask reads what the message carries, and checks the little that was not checked when it was sent.
func parseTask(h *held) error {
	if err := json.Unmarshal(h.lease.Payload, &h.task); err != nil {
		return err
	}
	if h.task.Job == "" {
		return errors.New("it names no job")
	}
	h.task.Spec = h.task.Spec.Defaulted()
	if faults := h.task.Spec.Validate(); faults != nil {
		return problem.New(problem.Invalid, "its job is not valid", faults...)
	}
	if !checksum.MatchString(h.task.Dataset.SHA256) {
		return fmt.Errorf("its dataset has the checksum %q", h.task.Dataset.SHA256)
	}
	return nil
}

// unprepared ends a job that could not be made ready: with a failure that is its own, by giving it back when it is
// time to stop, and otherwise with an error after which it may be tried again.
func (w *worker) unprepared(h *held, err error) {
	fault, own := errors.AsType[*portfolio.Error](err)
	switch {
	case own:
		w.fail(h, fault)
	case h.gone() != here:
		w.dismiss(h)
	case w.stopped.Err() != nil:
		w.giveBack([]*held{h})
	default:
		w.log.Error("job not begun", "job_id", h.task.Job, "err", err)
		h.free()
		w.post.complete(h, message.Completion{Error: err.Error(), Retryable: true})
	}
}

// fail ends a job that cannot succeed, with an answer that says why.
func (w *worker) fail(h *held, fault *portfolio.Error) {
	w.log.Info("job failed", "job_id", h.task.Job, "code", fault.Code, "reason", fault.Detail)
	h.free()
	answer := portfolio.Failure(h.task.Job, fault, w.provenance(h, spmd.Seconds{}))
	w.sendAnswer(h, answer, 0)
}

// sendAnswer hands an answer to the postman, after so many parts.
func (w *worker) sendAnswer(h *held, answer any, parts int) {
	text, err := json.Marshal(answer)
	if err != nil {
		w.post.complete(h, message.Completion{Error: "the answer cannot be encoded: " + err.Error()})
		return
	}
	w.post.complete(h, message.Completion{Result: text, Parts: parts})
}

// completeAnswer is an answer whose assets are encoded already.
type completeAnswer struct {
	job.Answer
	Assets json.RawMessage `json:"assets,omitzero"` // in place of the answer's own
}
