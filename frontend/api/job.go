package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/frontend/relay"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// longestWait bounds a long poll.
const longestWait = time.Minute

func (a *API) registerJobs(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs", OperationID: "list-jobs",
		Summary:     "List jobs, the newest first or in another order",
		Description: "Each job is in brief: the list does not have its assets and what it says of each."}, auth.JobsRead, requestTime, a.jobs)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs/{id}", OperationID: "show-job",
		Summary:     "Show a job, or wait for it to end",
		Description: "Its entity tag identifies its specification, which a PUT replaces; state and progress may change under the same tag."},
		auth.JobsRead, longestWait+requestTime, a.job)
}

// JobRef names a job in the path. It is exported for the router.
type JobRef struct {
	ID string `path:"id" pattern:"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" patternDescription:"a UUID" doc:"The job's id"`
}

func (r JobRef) id() job.ID { return job.ID(strings.ToLower(r.ID)) }

// jobAnswer is a job with its entity tag.
type jobAnswer struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     job.Job
}

func etag(version int) string { return strconv.Quote(strconv.Itoa(version)) }

func answerOf(j store.Job, status int) *jobAnswer {
	return &jobAnswer{Status: status, ETag: etag(j.Version), Location: "/v1/jobs/" + string(j.ID), Body: j.Job}
}

// show answers with a job as the store and the queue know it.
func (a *API) show(ctx context.Context, b *Backend, j store.Job, status int) *jobAnswer {
	b.Relay.Refresh(ctx, relay.LiveJob(&j))
	return answerOf(j, status)
}

type jobInput struct {
	JobRef
	Wait string `query:"wait" maxLength:"20" example:"30s" doc:"How long to wait for the job to end, at most 60s; when absent, the request does not wait"`
}

func (a *API) job(ctx context.Context, b *Backend, in *jobInput) (*jobAnswer, error) {
	wait, err := waitOf(in.Wait)
	if err != nil {
		return nil, err
	}
	j, err := a.await(ctx, b, in.id(), wait)
	if err != nil {
		return nil, err
	}
	return a.show(ctx, b, j, http.StatusOK), nil
}

func waitOf(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 || wait > longestWait {
		return 0, problem.New(problem.Invalid, "the request has faults",
			problem.Fault{Pointer: "wait", Detail: "must be a duration from 0s to 60s, as in 30s"})
	}
	return wait, nil
}

// pollEvery is how often a long poll reads its job without being woken: a
// notification may be lost while the listener reconnects.
const pollEvery = 5 * time.Second

// await returns a job once it has ended, after wait, or when the server stops.
func (a *API) await(ctx context.Context, b *Backend, id job.ID, wait time.Duration) (store.Job, error) {
	if wait == 0 {
		return b.Store.Job(ctx, id)
	}
	serve.Waits(ctx)
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		ended, leave := b.Events.Join(id)
		j, err := b.Store.Job(ctx, id)
		if err != nil || j.State.Final() {
			leave()
			return j, err
		}
		again := time.NewTimer(pollEvery)
		stop := false
		select {
		case <-ended:
		case <-again.C:
		case <-over.C:
			stop = true
		case <-serve.Draining(ctx):
			stop = true
		case <-ctx.Done():
			err = ctx.Err()
		}
		again.Stop()
		leave()
		if err != nil || stop {
			return j, err
		}
	}
}

type jobsInput struct {
	State   []string `query:"state,explode" maxItems:"7" enum:"queued,running,done,partial,failed,cancelled,dead" doc:"Only jobs in one of these states"`
	Dataset string   `query:"dataset" pattern:"^([a-z0-9][a-z0-9._-]{0,63})?$" patternDescription:"the name of a dataset" doc:"Only jobs on this dataset, in any version"`
	Owner   string   `query:"owner" maxLength:"200" doc:"Only jobs of this user"`
	Batch   string   `query:"batch" pattern:"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$" patternDescription:"a UUID" doc:"Only jobs of this batch"`
	ID      string   `query:"id" pattern:"^([0-9a-fA-F-]{4,36})?$" patternDescription:"the beginning of a UUID, at least 4 characters" doc:"Only jobs whose ids begin so: the newest of them, on one page, and with no other filter"`
	Sort    string   `query:"sort" default:"-submitted" enum:"-submitted,submitted,-ended,ended,-dataset,dataset,-duration,duration" doc:"The order, with a minus from the greatest to the least. By end and by duration, only jobs that have ended are listed; by duration, of all owners and datasets"`
	Cursor  string   `query:"cursor" maxLength:"200" doc:"Where to continue: the field next of the page before, which was in the same order"`
	Limit   int      `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// order is the order that the list has. Each has an index for the filters that may stand beside it.
func (in *jobsInput) order() (job.Order, error) {
	order, detail := job.Order(in.Sort), ""
	switch {
	case in.Batch != "" && order != job.ByNewest:
		detail = "must be -submitted for the jobs of a batch"
	case order.Key() == job.ByDuration && in.Owner+in.Dataset != "":
		detail = "cannot be by duration beside an owner or a dataset"
	default:
		return order, nil
	}
	return order, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "sort", Detail: detail})
}

// prefixOf reads the beginning of an id, which no other filter may stand beside.
func prefixOf(text string, alone bool) (store.Prefix, error) {
	p, ok := store.ParsePrefix(strings.ToLower(text))
	detail := ""
	switch {
	case !ok:
		detail = "must be the beginning of a UUID, at least 4 characters, as in 019a1b2c-3d"
	case !alone:
		detail = "must stand alone: it chooses few enough"
	default:
		return p, nil
	}
	return p, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "id", Detail: detail})
}

func (a *API) jobs(ctx context.Context, b *Backend, in *jobsInput) (*bodied[client.Jobs], error) {
	order, err := in.order()
	if err != nil {
		return nil, err
	}
	after, err := parseCursor(in.Cursor, order)
	if err != nil {
		return nil, err
	}
	filter := store.Filter{Dataset: in.Dataset, Owner: in.Owner, Batch: job.BatchID(in.Batch), Order: order}
	for _, s := range in.State {
		filter.States = append(filter.States, job.State(s))
	}
	wanted := slices.Clone(filter.States)
	if slices.ContainsFunc(wanted, func(s job.State) bool { return !s.Final() }) {
		// Only the queue knows which of them are running.
		filter.States = append(filter.States, job.InFlight()...)
	}
	var all []store.Summary
	if in.ID == "" {
		all, err = b.Store.Jobs(ctx, after, filter, in.Limit+1)
	} else {
		all, err = a.jobsByID(ctx, b, in)
	}
	if err != nil {
		return nil, err
	}
	page := client.Jobs{Items: []job.Summary{}}
	if len(all) > in.Limit {
		all = all[:in.Limit]
		page.Next = cursorOf(all[in.Limit-1].Cursor(), order)
	}
	live := make([]relay.Live, len(all))
	for i := range all {
		live[i] = relay.LiveSummary(&all[i])
	}
	b.Relay.Refresh(ctx, live...)
	for _, j := range all {
		if len(wanted) == 0 || slices.Contains(wanted, j.State) {
			page.Items = append(page.Items, j.Summary)
		}
	}
	return &bodied[client.Jobs]{page}, nil
}

func (a *API) jobsByID(ctx context.Context, b *Backend, in *jobsInput) ([]store.Summary, error) {
	p, err := prefixOf(in.ID, len(in.State) == 0 && in.Dataset+in.Owner+in.Batch+in.Cursor == "" && job.Order(in.Sort) == job.ByNewest)
	if err != nil {
		return nil, err
	}
	return b.Store.JobsByID(ctx, p, in.Limit)
}
