package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/frontend/relay"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/serve"
)

func (a *API) registerBatches(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/batches", OperationID: "create-batch",
		Summary:      "Submit jobs as one thing",
		Description:  "Accepts all of them or none. The body is an object, or JSON Lines (application/x-ndjson) with a job on each line. A fault names the place of its job, from 0, as in /jobs/17/horizon. Answers 201 with the new batch and the ids of its jobs, or 200 with the batch that an earlier request with the same Idempotency-Key created.",
		MaxBodyBytes: maxJob, BodyReadTimeout: requestTime, DefaultStatus: http.StatusCreated, Metadata: map[string]any{serve.Also: []int{http.StatusOK}},
		Middlewares: huma.Middlewares{jsonLines(api)}}, auth.JobsWrite, batchTime, a.createBatch)
	documentLines(api)
	a.registerBatchFiles(api)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/batches", OperationID: "list-batches",
		Summary: "List batches, the newest first"}, auth.JobsRead, requestTime, a.batches)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/batches/{id}", OperationID: "show-batch",
		Summary:     "Count the jobs of a batch by state, or wait for all of them to end",
		Description: "GET /v1/jobs?batch= lists them."}, auth.JobsRead, longestWait+requestTime, a.batch)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/batches/{id}", OperationID: "cancel-batch",
		Summary:     "Cancel the jobs of a batch that have not ended",
		Description: "Answers 200 when all jobs have ended, and 202 when the queue has yet to cancel some. Repeating the request changes nothing.", Metadata: map[string]any{serve.Also: []int{http.StatusAccepted}}},
		auth.JobsWrite, batchTime, a.cancelBatch)
}

// batchTime bounds the work on a batch of many jobs.
const batchTime = 5 * time.Minute

// BatchRef names a batch in the path. It is exported for the router.
type BatchRef struct {
	ID string `path:"id" pattern:"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" patternDescription:"a UUID" doc:"The batch's id"`
}

func (r BatchRef) id() job.BatchID { return job.BatchID(strings.ToLower(r.ID)) }

type batchInput struct {
	BatchRef
	Wait string `query:"wait" maxLength:"20" example:"30s" doc:"How long to wait for all jobs to end, at most 60s; when absent, the request does not wait"`
}

// batchAnswer is a batch with its status.
type batchAnswer struct {
	Status   int
	Location string `header:"Location"`
	Body     job.Batch
}

func batchAnswerOf(b job.Batch, status int) *batchAnswer {
	return &batchAnswer{Status: status, Location: "/v1/batches/" + string(b.ID), Body: b}
}

func (a *API) batch(ctx context.Context, b *Backend, in *batchInput) (*batchAnswer, error) {
	wait, err := waitOf(in.Wait)
	if err != nil {
		return nil, err
	}
	out, members, err := a.awaitBatch(ctx, b, in.id(), wait)
	if err != nil {
		return nil, err
	}
	refreshBatch(ctx, b, &out, members)
	return batchAnswerOf(out, http.StatusOK), nil
}

// awaitBatch returns a batch once all its jobs have ended, after wait, or when the server
// stops. It waits for one job after the other, and looks at all again when it has been through them.
func (a *API) awaitBatch(ctx context.Context, b *Backend, id job.BatchID, wait time.Duration) (job.Batch, []store.Member, error) {
	end := time.Now().Add(wait)
	for {
		out, members, err := b.Store.Batch(ctx, id)
		left := time.Until(end)
		if err != nil || out.Counts.Ended() || left <= 0 {
			return out, members, err
		}
		for _, m := range members {
			if m.State.Final() {
				continue
			}
			if _, err := a.await(ctx, b, m.ID, max(0, time.Until(end))); err != nil && ctx.Err() != nil {
				return out, members, err
			}
			if time.Until(end) <= 0 || draining(ctx) {
				break
			}
		}
		if draining(ctx) {
			end = time.Time{}
		}
	}
}

// draining reports whether the server stops, and requests should not wait any longer.
func draining(ctx context.Context) bool {
	select {
	case <-serve.Draining(ctx):
		return true
	default:
		return false
	}
}

// askedAtOnce is about how many jobs the queue may be asked at once.
const askedAtOnce = 1000

// refreshBatch counts the jobs that are running, which only the queue knows.
func refreshBatch(ctx context.Context, b *Backend, out *job.Batch, members []store.Member) {
	var flying []relay.Live
	jobs := make([]store.Summary, len(members))
	for i, m := range members {
		jobs[i].ID, jobs[i].State, jobs[i].Run = m.ID, m.State, m.Run
		flying = append(flying, relay.LiveSummary(&jobs[i]))
	}
	for some := range slices.Chunk(flying, askedAtOnce) {
		b.Relay.Refresh(ctx, some...)
	}
	out.Counts = &job.Counts{}
	for _, j := range jobs {
		out.Counts.Add(j.State)
	}
}

type batchesInput struct {
	Owner  string `query:"owner" maxLength:"200" doc:"Only batches of this user"`
	ID     string `query:"id" pattern:"^([0-9a-fA-F-]{4,36})?$" patternDescription:"the beginning of a UUID, at least 4 characters" doc:"Only batches whose ids begin so: the newest of them, on one page, and with no other filter"`
	Cursor string `query:"cursor" maxLength:"100" doc:"Where to continue: the field next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (a *API) batches(ctx context.Context, b *Backend, in *batchesInput) (*bodied[client.Batches], error) {
	after, err := parseCursor(in.Cursor, job.ByNewest)
	if err != nil {
		return nil, err
	}
	if in.ID != "" {
		p, err := prefixOf(in.ID, in.Owner+in.Cursor == "")
		if err != nil {
			return nil, err
		}
		all, err := b.Store.BatchesByID(ctx, p, in.Limit)
		return &bodied[client.Batches]{client.Batches{Items: all}}, err
	}
	all, err := b.Store.Batches(ctx, after, in.Owner, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := client.Batches{Items: all}
	if len(all) > in.Limit {
		page.Items = all[:in.Limit]
		last := page.Items[in.Limit-1]
		page.Next = cursorOf(store.Cursor{CreatedAt: last.CreatedAt, ID: job.ID(last.ID)}, job.ByNewest)
	}
	return &bodied[client.Batches]{page}, nil
}

func (a *API) cancelBatch(ctx context.Context, b *Backend, in *BatchRef) (*batchAnswer, error) {
	if err := b.Store.CancelBatch(ctx, in.id()); err != nil {
		return nil, err
	}
	b.Relay.Wake()
	out, members, err := b.Store.Batch(ctx, in.id())
	if err != nil {
		return nil, err
	}
	a.log.Info("batch cancelled", "batch_id", out.ID)
	if out.Counts.Ended() {
		return batchAnswerOf(out, http.StatusOK), nil
	}
	refreshBatch(ctx, b, &out, members)
	return batchAnswerOf(out, http.StatusAccepted), nil
}
