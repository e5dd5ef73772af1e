package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/relay"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func (a *API) registerChange(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPut, Path: "/v1/jobs/{id}", OperationID: "update-job",
		Summary:      "Replace what a queued job asks for",
		Description:  "Needs If-Match with the entity tag that the caller saw. A job that runs or has ended is 409.",
		MaxBodyBytes: maxJob, BodyReadTimeout: requestTime}, auth.JobsWrite, requestTime, a.updateJob)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/jobs/{id}", OperationID: "cancel-job",
		Summary:     "Cancel a job",
		Description: "Answers 200 when the job is cancelled, and 202 when the queue has still to say so. Again changes nothing."},
		auth.JobsWrite, requestTime, a.cancelJob)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/jobs/{id}/retry", OperationID: "retry-job",
		Summary: "Send a failed, dead or cancelled job round again"}, auth.JobsWrite, requestTime, a.retryJob)
}

type updateInput struct {
	JobRef
	Checked
	IfMatch string `header:"If-Match" doc:"The entity tag that the caller saw"`
}

// Resolve checks the job.
func (u *updateInput) Resolve(ctx huma.Context) []error {
	b := apiOf(ctx.Context()).backend.Load()
	if name, version, ok := job.DatasetName(u.Body.Dataset); ok && version == 0 && b != nil {
		b.Store.ForgetNewest(name)
	}
	u.examine(ctx.Context(), b)
	return report(u.faults)
}

// handingOver is how long a job may be on its way to the queue, where it can be
// changed neither here nor there.
const (
	handingOver = 5 * time.Second
	handingStep = 50 * time.Millisecond
)

func (a *API) updateJob(ctx context.Context, b *Backend, in *updateInput) (*jobAnswer, error) {
	if in.IfMatch == "" {
		return nil, problem.New(problem.PreconditionRequired, "to change a job, send the header If-Match with its ETag",
			problem.Fault{Pointer: "If-Match", Detail: "is required"})
	}
	if in.failed != nil {
		return nil, in.failed
	}
	end := time.Now().Add(handingOver)
	for {
		err := a.replace(ctx, b, in)
		if err == nil {
			break
		}
		if !errors.Is(err, relay.ErrNotThere) {
			return nil, err
		}
		if time.Now().After(end) {
			return nil, problem.New(problem.Unavailable, "the job is on its way to the queue: try again in a moment").Because(err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(handingStep):
		}
	}
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	a.log.Info("job changed", "job_id", j.ID, "version", j.Version)
	return a.show(ctx, b, j, http.StatusOK), nil
}

// replace changes a job where it is: here, or at the queue.
func (a *API) replace(ctx context.Context, b *Backend, in *updateInput) error {
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return err
	}
	if !matches(in.IfMatch, j.Version) {
		// The queue may be ahead: its version is the one to tell.
		one := []store.Job{j}
		b.Relay.Look(ctx, one)
		return store.Stale(j.ID, one[0].Version)
	}
	done, err := b.Store.ReplaceUnsent(ctx, j.ID, j.Version, in.Body, in.version.Dataset)
	if err != nil || done {
		return err
	}
	return b.Relay.Replace(ctx, j, j.Version, job.Task{Job: j.ID, Spec: in.Body, Dataset: in.version.Dataset})
}

// matches reports whether the header If-Match names a version. A star matches
// any, as in RFC 9110, section 13.1.1.
func matches(header string, version int) bool {
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == etag(version) {
			return true
		}
	}
	return false
}

func (a *API) cancelJob(ctx context.Context, b *Backend, in *JobRef) (*jobAnswer, error) {
	if err := b.Store.Cancel(ctx, in.id()); err != nil {
		return nil, err
	}
	b.Relay.Wake()
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	a.log.Info("job cancelled", "job_id", j.ID, "state", j.State)
	if j.State.Final() {
		return answerOf(j, http.StatusOK), nil
	}
	return a.show(ctx, b, j, http.StatusAccepted), nil
}

func (a *API) retryJob(ctx context.Context, b *Backend, in *JobRef) (*jobAnswer, error) {
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	if err := b.Store.Retry(ctx, j); err != nil {
		return nil, err
	}
	b.Relay.Wake()
	if j, err = b.Store.Job(ctx, in.id()); err != nil {
		return nil, err
	}
	a.log.Info("job retried", "job_id", j.ID)
	return answerOf(j, http.StatusOK), nil
}
