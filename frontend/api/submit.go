package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// maxJob is the maximum size of a job's body: room for 100,000 assets with weights.
const maxJob = 16 << 20

func (a *API) registerSubmit(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/jobs", OperationID: "create-job",
		Summary:      "Submit a job",
		Description:  "Answers 201 with the new job, or 200 with the job that an earlier request with the same Idempotency-Key created.",
		MaxBodyBytes: maxJob, BodyReadTimeout: requestTime, DefaultStatus: http.StatusCreated, Metadata: map[string]any{serve.Also: []int{http.StatusOK}}}, auth.JobsWrite, requestTime, a.createJob)
}

// openMaps keeps the router from validating what a job says of each asset: it treats
// dots in the names of assets as separators, and every pointer that it writes after
// one is wrong. check validates the values instead.
func openMaps(api huma.API) {
	properties := api.OpenAPI().Components.Schemas.Map()["Spec"].Properties
	for _, field := range []string{"weights", "holdings", "currency"} {
		properties[field].AdditionalProperties = true
	}
}

// Checked is the body of a request that asks for a job. The router checks each
// field by its tags and then calls Resolve, which checks the job as a whole, so that
// one answer names every fault. Checked is exported for the router.
type Checked struct {
	Body job.Spec

	versions versions
	faults   []problem.Fault
	failed   error
}

// examine checks the job against its dataset. The version that it treats as
// the newest may be out of date.
func (c *Checked) examine(ctx context.Context, b *Backend) {
	if b == nil {
		return // the operation answers that the service is not ready
	}
	ctx, stop := context.WithTimeout(ctx, requestTime)
	defer stop()
	c.Body = c.Body.Defaulted()
	c.versions, c.faults, c.failed = check(ctx, b, c.Body, b.Store.RecentVersion)
	if n := len(c.faults); n > 0 && n <= problem.MaxFaults { // perhaps only in the cached version
		c.versions, c.faults, c.failed = check(ctx, b, c.Body, b.Store.Version)
	}
}

// reported passes faults to the router, which adds its own.
type reported struct{ problem *problem.Problem }

func (r reported) Error() string { return r.problem.Error() }

// Unwrap returns the problem. The error is not one itself, because its status
// would then replace that of a fault that the router found.
func (r reported) Unwrap() error { return r.problem }

func report(faults []problem.Fault) []error {
	if len(faults) == 0 {
		return nil
	}
	return []error{reported{problem.New(problem.Invalid, "the request has faults", faults...)}}
}

type createInput struct {
	Checked
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"1000" doc:"Any string; repeating a request with the same key and the same job creates no second job"`

	repeated *store.Job
}

// Resolve checks the job. A repetition of an accepted request is accepted, even if
// the dataset has changed since.
func (c *createInput) Resolve(ctx huma.Context) []error {
	b := apiOf(ctx.Context()).backend.Load()
	c.examine(ctx.Context(), b)
	if len(c.faults) == 0 || c.IdempotencyKey == "" {
		return report(c.faults)
	}
	who, err := caller(ctx.Context())
	if err != nil {
		return []error{err}
	}
	j, found, err := b.Store.Repeat(ctx.Context(), who.Subject, c.IdempotencyKey, c.Body)
	if err != nil || !found {
		return report(c.faults)
	}
	c.repeated, c.failed = &j, nil
	return nil
}

func (a *API) createJob(ctx context.Context, b *Backend, in *createInput) (*jobAnswer, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if in.repeated != nil {
		return a.show(ctx, b, *in.repeated, http.StatusOK), nil
	}
	if in.failed != nil {
		return nil, in.failed
	}
	if err := a.jobsLeft(ctx, b, who, 1); err != nil {
		if j, found, _ := b.Store.Repeat(ctx, who.Subject, in.IdempotencyKey, in.Body); found && in.IdempotencyKey != "" {
			return a.show(ctx, b, j, http.StatusOK), nil // it is no further job
		}
		return nil, err
	}
	j, added, err := in.create(ctx, b, who)
	if err != nil {
		return nil, err
	}
	if !added {
		return a.show(ctx, b, j, http.StatusOK), nil
	}
	a.log.Info("new job", "job_id", j.ID, "owner", j.Owner, "dataset", j.Dataset.Name, "assets", len(j.Spec.Assets))
	return answerOf(j, http.StatusCreated), nil
}

// job is what a checked request asks for.
func (c *Checked) job(who auth.Principal) store.NewJob {
	_, version, _ := job.DatasetName(c.Body.Dataset)
	return store.NewJob{Owner: who.Name, Subject: who.Subject, Spec: c.Body,
		Dataset: c.versions.data.Dataset, Rates: c.versions.rates, X: c.versions.x, Newest: version == 0}
}

// outdated reports whether something has changed since a job was checked, of which the store
// learnt first.
func outdated(err error) bool {
	_, unmet := errors.AsType[*store.PredecessorError](err)
	return unmet || errors.Is(err, store.ErrNotNewest)
}

// create stores the job. If its dataset has got a newer version since the check, or a job
// that it follows has ended, it checks the job again.
func (c *createInput) create(ctx context.Context, b *Backend, who auth.Principal) (store.Job, bool, error) {
	for {
		n := c.job(who)
		n.Idempotency = c.IdempotencyKey
		j, added, err := b.Relay.Submit(ctx, n)
		if used, ok := errors.AsType[*store.KeyUsedError](err); ok {
			return store.Job{}, false, problem.New(problem.Invalid, "this idempotency key was used before, for another job",
				problem.Fault{Pointer: "Idempotency-Key", Detail: "belongs to job " + string(used.Job) + ": use a new key for a new job"})
		}
		if !outdated(err) || ctx.Err() != nil {
			return j, added, err
		}
		if c.examine(ctx, b); c.failed != nil {
			return store.Job{}, false, c.failed
		}
		if len(c.faults) > 0 {
			return store.Job{}, false, problem.New(problem.Invalid, "the request has faults", c.faults...)
		}
	}
}

var errNoAPI = errors.New("the request has no API in its context")

type apiKey struct{}

// apiOf returns the API that received a request.
func apiOf(ctx context.Context) *API {
	a, ok := ctx.Value(apiKey{}).(*API)
	if !ok {
		panic(errNoAPI)
	}
	return a
}

// starred says in the document, and to the check of bodies, that a star may stand for the list of assets, which no tag can say.
func starred(api huma.API) {
	field := api.OpenAPI().Components.Schemas.Map()["Spec"].Properties["assets"]
	list := *field
	list.Description, list.Examples = "", nil
	star := &huma.Schema{Type: huma.TypeString, Pattern: "^[*]$", PatternDescription: `a list of names, or "*" for all assets`}
	*field = huma.Schema{Description: field.Description, Examples: field.Examples, OneOf: []*huma.Schema{&list, star}}
	field.PrecomputeMessages()
	star.PrecomputeMessages()
}
