package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

func (a *API) registerChange(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPut, Path: "/v1/jobs/{id}", OperationID: "update-job",
		Summary:      "Replace the specification of a queued job",
		Description:  "Needs If-Match with the entity tag that the caller saw. Answers 409 when the job is running or has ended, and 503 while the queue does not say whether it is running. When the queue already has the job, the replacement is a new message there, behind those that are waiting.",
		MaxBodyBytes: maxJob, BodyReadTimeout: requestTime}, auth.JobsWrite, requestTime, a.updateJob)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/jobs/{id}", OperationID: "cancel-job",
		Summary:     "Cancel a job",
		Description: "Answers 200 when the job is cancelled, and 202 when the queue has yet to cancel it. Repeating the request changes nothing.", Metadata: map[string]any{serve.Also: []int{http.StatusAccepted}}},
		auth.JobsWrite, requestTime, a.cancelJob)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/jobs/{id}/retry", OperationID: "retry-job",
		Summary: "Run a failed, dead or cancelled job again"}, auth.JobsWrite, requestTime, a.retryJob)
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

func (a *API) updateJob(ctx context.Context, b *Backend, in *updateInput) (*jobAnswer, error) {
	if in.IfMatch == "" {
		return nil, problem.New(problem.PreconditionRequired, "to change a job, send the header If-Match with its ETag",
			problem.Fault{Pointer: "If-Match", Detail: "is required"})
	}
	if in.failed != nil {
		return nil, in.failed
	}
	if err := replace(ctx, b, in); err != nil {
		return nil, err
	}
	b.Relay.Wake()
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	a.log.Info("job changed", "job_id", j.ID, "version", j.Version)
	return a.show(ctx, b, j, http.StatusOK), nil
}

// replace replaces the specification of a job: without asking the queue if its
// message was never sent, and otherwise only while the queue says that the message
// is waiting. If a worker leases it after that, the replacement still counts: the
// next run begins, and the result of this one changes nothing.
func replace(ctx context.Context, b *Backend, in *updateInput) error {
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return err
	}
	if !matches(in.IfMatch, j.Version) {
		return store.Stale(j.ID, j.Version)
	}
	if faults := checkAdded(j.Spec, in.Body); faults != nil {
		return problem.New(problem.Invalid, "the request has faults", faults...)
	}
	r := store.Replacement{Job: j.ID, Version: j.Version, Spec: in.Body, Dataset: in.versions.data.Dataset, Rates: in.versions.rates}
	replaced, err := b.Store.ReplaceUnsent(ctx, r)
	if err != nil || replaced {
		return err
	}
	if err := b.Relay.Waits(ctx, j); err != nil {
		return err
	}
	return b.Store.Supersede(ctx, r)
}

// matches reports whether the header If-Match names a version. A star matches
// any, as in RFC 9110, section 13.1.1. (huma's package conditional is not used: it
// does not know the star, treats weak tags as strong, and returns errors of its own.)
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
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.jobsLeft(ctx, b, who, 1); err != nil {
		return nil, err
	}
	if err := present(ctx, b, in); err != nil {
		return nil, err
	}
	if err := b.Store.Retry(ctx, in.id()); err != nil {
		return nil, err
	}
	b.Relay.Wake()
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	a.log.Info("job retried", "job_id", j.ID)
	return answerOf(j, http.StatusOK), nil
}
