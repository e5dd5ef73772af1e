package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

type createBatchInput struct {
	Body           client.NewBatch
	Name           string `query:"name" maxLength:"200" doc:"Name of the batch, for JSON Lines, which have no place for it"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"1000" doc:"Any string; repeating a request with the same key and the same jobs creates no second batch"`

	checked  []Checked
	repeated *job.Batch
	failed   error
}

// Resolve checks each job. A repetition of an accepted request is accepted, even if the
// datasets have changed since.
func (c *createBatchInput) Resolve(ctx huma.Context) []error {
	b := apiOf(ctx.Context()).backend.Load()
	if b == nil {
		return nil // the operation answers that the service is not ready
	}
	c.checked = make([]Checked, len(c.Body.Jobs))
	for i, spec := range c.Body.Jobs {
		c.checked[i].Body = spec
	}
	faults := c.examine(ctx.Context(), b)
	if len(faults) == 0 || c.IdempotencyKey == "" {
		return report(faults)
	}
	who, err := caller(ctx.Context())
	if err != nil {
		return []error{err}
	}
	old, found, err := b.Store.RepeatBatch(ctx.Context(), c.batch(who))
	if err != nil || !found {
		return report(faults)
	}
	c.repeated, c.failed = &old, nil
	return nil
}

// examine checks the jobs, and returns their faults, each with the place of its job.
func (c *createBatchInput) examine(ctx context.Context, b *Backend) []problem.Fault {
	var faults []problem.Fault
	c.failed = nil
	for i := range c.checked {
		one := &c.checked[i]
		one.examine(ctx, b)
		if one.failed != nil {
			c.failed = one.failed
			return nil
		}
		for _, f := range one.faults {
			faults = append(faults, problem.Fault{Pointer: fmt.Sprintf("/jobs/%d%s", i, f.Pointer), Detail: f.Detail})
		}
	}
	return faults
}

// batch is what the request asks for.
func (c *createBatchInput) batch(who auth.Principal) store.NewBatch {
	n := store.NewBatch{Name: cmp.Or(c.Body.Name, c.Name), Owner: who.Name, Subject: who.Subject, Idempotency: c.IdempotencyKey}
	for i := range c.checked {
		n.Jobs = append(n.Jobs, c.checked[i].job(who))
	}
	return n
}

func (a *API) createBatch(ctx context.Context, b *Backend, in *createBatchInput) (*batchAnswer, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if in.repeated != nil {
		return batchAnswerOf(*in.repeated, http.StatusOK), nil
	}
	if in.failed != nil {
		return nil, in.failed
	}
	if err := a.jobsLeft(ctx, b, who, len(in.checked)); err != nil {
		if in.IdempotencyKey != "" {
			if old, found, _ := b.Store.RepeatBatch(ctx, in.batch(who)); found {
				return batchAnswerOf(old, http.StatusOK), nil // it is no further batch
			}
		}
		return nil, err
	}
	out, added, err := in.create(ctx, b, who)
	if err != nil {
		return nil, err
	}
	if !added {
		return batchAnswerOf(out, http.StatusOK), nil
	}
	b.Relay.Wake()
	a.log.Info("new batch", "batch_id", out.ID, "owner", out.Owner, "jobs", out.Size)
	return batchAnswerOf(out, http.StatusCreated), nil
}

// create stores the batch. If what its jobs are about has changed since the check, it checks
// them again.
func (c *createBatchInput) create(ctx context.Context, b *Backend, who auth.Principal) (job.Batch, bool, error) {
	for {
		out, added, err := b.Store.CreateBatch(ctx, c.batch(who))
		if used, ok := errors.AsType[*store.BatchKeyUsedError](err); ok {
			return job.Batch{}, false, problem.New(problem.Invalid, "this idempotency key was used before, for another batch",
				problem.Fault{Pointer: "Idempotency-Key", Detail: "belongs to batch " + string(used.Batch) + ": use a new key for a new batch"})
		}
		if !outdated(err) || ctx.Err() != nil {
			return out, added, err
		}
		if faults := c.examine(ctx, b); len(faults) > 0 {
			return job.Batch{}, false, problem.New(problem.Invalid, "the request has faults", faults...)
		}
		if c.failed != nil {
			return job.Batch{}, false, c.failed
		}
	}
}
