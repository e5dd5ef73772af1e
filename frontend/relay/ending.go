package relay

import (
	"context"
	"errors"
	"fmt"
	"math"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// ending turns one result into what it means for its job, and stores the parts
// of a large answer. Its errors are those of queue and store: what makes no
// sense is a failed job.
func (c *Relay) ending(ctx context.Context, a arrival) (store.Ending, error) {
	e := store.Ending{Job: a.job, Run: a.run, StartedAt: a.LeasedAt, Attempts: min(max(a.Attempts, 0), math.MaxInt32)}
	if !a.EndedAt.IsZero() {
		e.EndedAt = &a.EndedAt
	}
	switch a.Outcome {
	case message.Completed:
		nonsense, err := c.complete(ctx, a, &e)
		if err != nil {
			return store.Ending{}, err
		}
		if nonsense != nil {
			c.log.Error("an answer that makes no sense", "job_id", a.job, "err", nonsense)
			fail(&e, "nonsense", fmt.Sprintf("the calculation's answer makes no sense: %v", nonsense))
		}
	case message.Failed:
		fail(&e, "failed", sentence(a.Error, "the calculation failed without a reason"))
	case message.Cancelled:
		e.State = job.Cancelled
	case message.Dead:
		fail(&e, "dead", fmt.Sprintf("given up after %d attempts: %s", a.Attempts, sentence(a.Error, "no reason was given")))
		e.State = job.Dead
	default:
		c.log.Error("an outcome that makes no sense", "job_id", a.job, "outcome", a.Outcome)
		fail(&e, "nonsense", fmt.Sprintf("the queue sent the unknown outcome %q", a.Outcome))
	}
	return e, nil
}

func fail(e *store.Ending, code, detail string) {
	e.State, e.Error, e.Answer, e.Parts = job.Failed, &job.Error{Code: code, Detail: detail}, nil, 0
}

func sentence(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// complete checks an answer and stores its parts.
func (c *Relay) complete(ctx context.Context, a arrival, e *store.Ending) (nonsense, err error) {
	answer, nonsense := job.ParseAnswer(a.Result.Result)
	switch {
	case nonsense != nil:
		return nonsense, nil
	case answer.Job != a.job:
		return fmt.Errorf("it is about job %q", answer.Job), nil
	case answer.State != job.Done && answer.State != job.Partial && answer.State != job.Failed:
		return fmt.Errorf("a calculation cannot end as %q", answer.State), nil
	case a.Parts < 0 || a.Parts > maxParts:
		return fmt.Errorf("it has %d parts", a.Parts), nil
	case a.Parts > 0 && len(answer.Assets) > 0:
		return errors.New("it has assets beside its parts"), nil
	}
	e.State, e.Error, e.Answer, e.Parts = answer.State, answer.Error, a.Result.Result, a.Parts
	if e.State == job.Failed && e.Error == nil {
		e.Error = &job.Error{Code: "failed", Detail: "the calculation failed without a reason"}
	}
	return c.takeParts(ctx, a)
}
