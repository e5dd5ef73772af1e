package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// outcome turns one result into the outcome of its run, and stores the parts of a
// large answer. Its errors are those of queue and store: an invalid result is a
// failed job.
func (r *Relay) outcome(ctx context.Context, a arrival) (store.Outcome, error) {
	o := store.Outcome{Job: a.job, Run: a.run, StartedAt: a.LeasedAt, Attempts: min(max(a.Attempts, 0), math.MaxInt32)}
	if !a.EndedAt.IsZero() {
		o.EndedAt = &a.EndedAt
	}
	if !a.EnqueuedAt.IsZero() { // else an earlier version of the queue says nothing of it
		o.Passage = &store.Passage{EnqueuedAt: a.EnqueuedAt, LeasedAt: a.LeasedAt, Token: a.Token, ByHolder: a.ByHolder, Past: a.Past}
	}
	switch a.Outcome {
	case message.Completed:
		fault, err := r.complete(ctx, a, &o)
		if err != nil {
			return store.Outcome{}, err
		}
		if fault != nil {
			r.log.Error("an invalid answer", "job_id", a.job, "err", fault)
			fail(&o, "nonsense", fmt.Sprintf("the calculation's answer is invalid: %v", fault))
		}
	case message.Failed:
		fail(&o, "failed", cmp.Or(a.Error, "the calculation failed without a reason"))
	case message.Cancelled:
		o.State = job.Cancelled
	case message.Dead:
		fail(&o, "dead", fmt.Sprintf("gave up after %d attempts: %s", a.Attempts, cmp.Or(a.Error, "no reason given")))
		o.State = job.Dead
	default:
		r.log.Error("an unknown outcome", "job_id", a.job, "outcome", a.Outcome)
		fail(&o, "nonsense", fmt.Sprintf("the queue sent the unknown outcome %q", a.Outcome))
	}
	return o, nil
}

// maxCoreSeconds is more than a job can take: a million cores for a month.
const maxCoreSeconds = 1e6 * 30 * 24 * 3600

func fail(o *store.Outcome, code, detail string) {
	o.State, o.Error, o.Answer, o.Parts = job.Failed, &job.Error{Code: code, Detail: detail}, nil, 0
}

// complete checks an answer and stores its parts.
func (r *Relay) complete(ctx context.Context, a arrival, o *store.Outcome) (fault, err error) {
	answer, fault := job.ParseAnswer(a.Result.Result)
	switch {
	case fault != nil:
		return fault, nil
	case answer.Job != a.job:
		return fmt.Errorf("it is about job %q", answer.Job), nil
	case answer.State != job.Done && answer.State != job.Partial && answer.State != job.Failed:
		return fmt.Errorf("a calculation cannot end as %q", answer.State), nil
	case a.Parts < 0 || a.Parts > maxParts:
		return fmt.Errorf("it has %d parts", a.Parts), nil
	case a.Parts > 0 && len(answer.Assets) > 0:
		return errors.New("it has assets as well as parts"), nil
	}
	o.State, o.Error, o.Answer, o.Parts = answer.State, answer.Error, a.Result.Result, a.Parts
	if t := answer.Provenance.Times; t != nil && t.Cores > 0 && t.Cores <= maxCoreSeconds {
		o.CoreSeconds = t.Cores
	}
	if o.State == job.Failed && o.Error == nil {
		o.Error = &job.Error{Code: "failed", Detail: "the calculation failed without a reason"}
	}
	return r.takeParts(ctx, a)
}
