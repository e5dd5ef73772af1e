package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"foliocast/frontend/nixtla"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// flatBase is where the routes are that the public clients of Nixtla's forecasting API know: see docs/nixtla.md.
const flatBase = "/nixtla"

// mediaJSON is the media type of what these routes take and answer.
const mediaJSON = "application/json"

func (a *API) registerFlat(api huma.API) {
	for _, op := range []nixtla.Operation{nixtla.Forecast, nixtla.CrossValidation, nixtla.Historic, nixtla.Anomalies, nixtla.OnlineAnomalies} {
		operation(a, api, a.flatOperation(op, "", "Answer a request in the flat form"), auth.JobsWrite, a.flatLimit(),
			func(ctx context.Context, b *Backend, in *flatInput) (*huma.StreamResponse, error) {
				return a.flat(ctx, b, op, in)
			})
	}
	for _, op := range []nixtla.Operation{nixtla.Forecast, nixtla.CrossValidation} {
		submit := a.flatOperation(op, "/async", "Submit a request in the flat form as a job")
		submit.DefaultStatus = http.StatusAccepted
		operation(a, api, submit, auth.JobsWrite, a.flatLimit(),
			func(ctx context.Context, b *Backend, in *flatInput) (*flatSubmitted, error) {
				return a.submitFlat(ctx, b, op, in)
			})
		operation(a, api, huma.Operation{Method: http.MethodGet, Path: flatBase + "/v2/" + string(op) + "/jobs/{id}", OperationID: "flat-job-" + flatName(op),
			Summary: "Show a job that was submitted in the flat form, with its result", Responses: described("The job", mediaJSON)}, auth.JobsRead, requestTime,
			func(ctx context.Context, b *Backend, in *JobRef) (*huma.StreamResponse, error) {
				return a.flatJob(ctx, b, op, in)
			})
	}
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: flatBase + "/v2/async/jobs/{id}/cancel", OperationID: "flat-cancel-job",
		Summary: "Cancel a job that was submitted in the flat form", Metadata: map[string]any{serve.Also: []int{http.StatusAccepted}}}, auth.JobsWrite, requestTime, a.cancelFlat)
	a.registerFlatFacts(api)
	documentFlat(api)
}

// flatName is the name of an operation as others here are written.
func flatName(op nixtla.Operation) string { return strings.ReplaceAll(string(op), "_", "-") }

// flatOperation describes a route that takes series.
func (a *API) flatOperation(op nixtla.Operation, under, summary string) huma.Operation {
	return huma.Operation{Method: http.MethodPost, Path: flatBase + "/v2/" + string(op) + under, OperationID: "flat-" + flatName(op) + strings.ReplaceAll(under, "/", "-"),
		Summary: summary,
		Description: "Takes and answers the bodies of Nixtla's forecasting API, as NixtlaClient sends and reads them; docs/nixtla.md says what is supported. " +
			"The body may have the Content-Encoding zstd or gzip. It becomes a job, whose id the answer names.",
		Responses: described("The answer", mediaJSON), BodyReadTimeout: a.limits.UploadTime, Metadata: map[string]any{serve.Streamed: true, serve.Faults: []int{http.StatusNotFound}}}
}

// documentFlat adds the bodies to the document, once the operations are registered: the router would read a body that is JSON.
func documentFlat(api huma.API) {
	for path, item := range api.OpenAPI().Paths {
		if op := item.Post; op != nil && strings.HasPrefix(path, flatBase) && op.Metadata[serve.Streamed] == true {
			op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaJSON: {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}}}
		}
	}
}

// flatInput leaves the body to the operation, which streams it to a file.
type flatInput struct {
	Encoding string `header:"Content-Encoding" maxLength:"40" doc:"zstd, gzip, or none"`

	request *gin.Context
}

// Resolve keeps the request, whose body the operation reads.
func (in *flatInput) Resolve(ctx huma.Context) []error {
	in.request = humagin.Unwrap(ctx)
	return nil
}

// flatWait is how long a request waits for its job once its body has come. The clients give up after 60 s.
const flatWait = 50 * time.Second

// flatLimit is how long a request may take, with its body.
func (a *API) flatLimit() time.Duration { return a.limits.UploadTime + flatWait + time.Minute }

// flat answers a request. Requests with the same body that come while one is answered share its job.
func (a *API) flat(ctx context.Context, b *Backend, op nixtla.Operation, in *flatInput) (*huma.StreamResponse, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	body, err := a.receiveFlat(b, in, who, op)
	if err != nil {
		return nil, err
	}
	defer body.remove()
	over := time.Now().Add(a.flights.wait)
	c := a.flights.join(body.key)
	done := false
	defer func() {
		a.flights.leave(ctx, c, done, func(ctx context.Context, done bool) { a.endFlat(ctx, b, c, done) })
	}()
	if c.start(func() {
		c.flatCall, c.err = a.startFlat(ctx, b, who, op, body)
	}); c.err != nil {
		done = true
		return nil, c.err
	}
	j, err := a.await(ctx, b, c.job, max(time.Until(over), time.Millisecond))
	if err != nil {
		return nil, err
	}
	if !j.State.Final() {
		return nil, problem.Newf(problem.Unavailable, "job %s has not ended: send the same request again within %v, which waits for the same job, or submit it with /async",
			j.ID, a.flights.grace).RetryAfter(time.Second)
	}
	done = true
	result, err := a.flatResult(ctx, b, op, j)
	if err != nil {
		return nil, err
	}
	c.plan.Finish(result)
	return jsonResponse(http.StatusOK, result.AppendJSON(nil)), nil
}

// endFlat removes the dataset of a call for which no request waits, and cancels its job unless that is done. What fails is left to
// the tidier.
func (a *API) endFlat(ctx context.Context, b *Backend, c *flight, done bool) {
	if c.err != nil {
		return
	}
	if !done {
		if err := b.Store.Cancel(ctx, c.job); err != nil && !problem.Is(err, problem.Conflict) && !problem.Is(err, problem.NotFound) {
			a.log.Warn("cannot cancel a job that nobody waits for", "job_id", c.job, "err", err)
		}
		b.Relay.Wake()
	}
	a.removeFlat(ctx, b, c.dataset)
}

// removeFlat removes the dataset of a request, unless its job still uses it.
func (a *API) removeFlat(ctx context.Context, b *Backend, name string) {
	if _, err := b.Store.RemoveVersions(ctx, name, 0, false); err != nil && !problem.Is(err, problem.Conflict) && !problem.Is(err, problem.NotFound) {
		a.log.Warn("cannot remove the dataset of a request yet", "dataset", name, "err", err)
	}
}

// flatSubmitted is a job with the status of the answer.
type flatSubmitted struct {
	Status int
	Body   flatState
}

// flatState is a job as the API of the clients has it.
type flatState struct {
	JobID  job.ID `json:"job_id"`
	Status string `json:"status" enum:"pending,running,succeeded,failed,cancelled"`
}

func (a *API) submitFlat(ctx context.Context, b *Backend, op nixtla.Operation, in *flatInput) (*flatSubmitted, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	body, err := a.receiveFlat(b, in, who, op)
	if err != nil {
		return nil, err
	}
	defer body.remove()
	c, err := a.startFlat(ctx, b, who, op, body)
	if err != nil {
		return nil, err
	}
	return &flatSubmitted{http.StatusAccepted, flatState{c.job, flatStatus(job.Queued)}}, nil
}

// flatStatus is the name of a state.
func flatStatus(s job.State) string {
	switch s {
	case job.Queued:
		return "pending"
	case job.Running:
		return "running"
	case job.Done, job.Partial:
		return "succeeded"
	case job.Cancelled:
		return "cancelled"
	}
	return "failed"
}

// flatJob shows a job. Its dataset goes when somebody has seen its end.
func (a *API) flatJob(ctx context.Context, b *Backend, op nixtla.Operation, in *JobRef) (*huma.StreamResponse, error) {
	j, err := flatOf(ctx, b, in)
	if err != nil {
		return nil, err
	}
	out := struct {
		JobID  job.ID          `json:"job_id"`
		Status string          `json:"status"`
		Result json.RawMessage `json:"result"`
		Error  *string         `json:"error"`
	}{JobID: j.ID, Status: flatStatus(a.show(ctx, b, j, http.StatusOK).Body.State)}
	if j.State.Final() {
		a.removeFlat(ctx, b, j.Dataset.Name)
		result, err := a.flatResult(ctx, b, op, j)
		if p, ok := errors.AsType[*problem.Problem](err); ok {
			out.Error = &p.Detail
			if out.Status == flatStatus(job.Done) {
				out.Status = flatStatus(job.Failed)
			}
		} else if err != nil {
			return nil, err
		} else {
			out.Result = result.AppendJSON(nil)
		}
	}
	text, err := json.Marshal(out)
	return jsonResponse(http.StatusOK, text), err
}

// flatOf finds a job that was submitted in the flat form.
func flatOf(ctx context.Context, b *Backend, in *JobRef) (j flatStored, err error) {
	if j, err = b.Store.Job(ctx, in.id()); err == nil && !isFlat(j.Dataset.Name) {
		err = problem.Newf(problem.NotFound, "job %s was not submitted in the flat form: GET /v1/jobs/%s shows it", j.ID, j.ID)
	}
	return j, err
}

func (a *API) cancelFlat(ctx context.Context, b *Backend, in *JobRef) (*flatSubmitted, error) {
	j, err := flatOf(ctx, b, in)
	if err != nil {
		return nil, err
	}
	// One that has ended is not cancelled, and clients repeat what is answered with 409.
	if err := b.Store.Cancel(ctx, j.ID); err != nil && !problem.Is(err, problem.Conflict) {
		return nil, err
	}
	b.Relay.Wake()
	if j, err = b.Store.Job(ctx, j.ID); err != nil {
		return nil, err
	}
	out := &flatSubmitted{http.StatusOK, flatState{j.ID, flatStatus(j.State)}}
	if !j.State.Final() {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

// jsonResponse answers with a text that is JSON.
func jsonResponse(status int, text []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) { humagin.Unwrap(hctx).Data(status, mediaJSON, text) }}
}
