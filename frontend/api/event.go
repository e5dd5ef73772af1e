package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/frontend/events"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// eventStream is the media type of Server-Sent Events.
const eventStream = "text/event-stream"

func (a *API) registerEvents(api huma.API) {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[job.LogEvent](), true, "LogEvent")
	answers := func() map[string]*huma.Response {
		return map[string]*huma.Response{"200": {Description: "Server-Sent Events. The data of each is one LogEvent, its id that of the LogEvent; comments come every 15 s when nothing else does. " +
			"An event with the name reset says that the stream does not go on after the event that the caller named: its data is an object with detail and after. " +
			"A reader that is too slow is cut off, and the stream ends with the access token; in both cases the caller goes on with Last-Event-ID.",
			Content: map[string]*huma.MediaType{eventStream: {Schema: schema}}}}
	}
	ofJob := answers()
	ofJob["204"] = &huma.Response{Description: "The job has ended, and nothing has happened after the event that the caller named"}
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs/{id}/events", OperationID: "follow-job",
		Summary: "Follow the events of a job, from the first on", Description: "The stream ends when the job has ended.", Responses: ofJob}, auth.JobsRead, requestTime, a.followJob)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/events", OperationID: "follow-events",
		Summary: "Follow the events of all jobs, datasets and schedules, from now on", Description: "Events of datasets need the right datasets:read as well.",
		Responses: answers()}, auth.JobsRead, requestTime, a.follow)
}

// Resumption says after which event a stream begins. It is exported for the router.
type Resumption struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"20" doc:"The id of the last event that the caller has had: the stream goes on behind it. It wins over after"`
	After       string `query:"after" maxLength:"20" doc:"The same, for callers that set no header; 0 for all events that are kept"`
}

// start is the position that the caller names, or false.
func (r Resumption) start() (after int64, named bool, err error) {
	for _, p := range []struct{ name, text string }{{"Last-Event-ID", r.LastEventID}, {"after", r.After}} {
		if p.text == "" {
			continue
		}
		after, err := strconv.ParseInt(p.text, 10, 64)
		if err != nil || after < 0 {
			return 0, false, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: p.name, Detail: "must be the id of an event"})
		}
		return after, after > 0, nil
	}
	return -1, false, nil
}

type followJobInput struct {
	JobRef
	Resumption
}

func (a *API) followJob(ctx context.Context, b *Backend, in *followJobInput) (*huma.StreamResponse, error) {
	after, named, err := in.start()
	if err != nil {
		return nil, err
	}
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	return a.stream(ctx, b, events.Start{After: max(after, 0), Named: named, Ended: j.State.Final()}, store.EventFilter{Job: j.ID})
}

type followInput struct {
	Resumption
	Kind    []string `query:"kind,explode" maxItems:"3" enum:"job,dataset,schedule" doc:"Only events about these; about all when absent"`
	State   []string `query:"state,explode" maxItems:"7" enum:"queued,running,done,partial,failed,cancelled,dead" doc:"Of jobs, only the events by which one enters one of these states"`
	Owner   string   `query:"owner" maxLength:"200" doc:"Only events of this user's jobs, datasets and schedules"`
	Dataset string   `query:"dataset" pattern:"^([a-z0-9][a-z0-9._-]{0,63})?$" patternDescription:"the name of a dataset" doc:"Only events of this dataset and of jobs on it"`
	Batch   string   `query:"batch" pattern:"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$" patternDescription:"a UUID" doc:"Only events of jobs of this batch"`
}

// filter is what the caller asks for and may see; nil types are all.
func (in *followInput) filter(who auth.Principal) store.EventFilter {
	f := store.EventFilter{Owner: in.Owner, Dataset: in.Dataset, Batch: job.BatchID(in.Batch)}
	if len(in.Kind) == 0 && len(in.State) == 0 && who.May(auth.DatasetsRead) {
		return f
	}
	f.Types = slices.DeleteFunc(job.EventTypes(), func(t job.EventType) bool {
		switch kind := t.Kind(); {
		case len(in.Kind) > 0 && !slices.Contains(in.Kind, kind), kind == job.DatasetEvents && !who.May(auth.DatasetsRead):
			return true
		case kind == job.JobEvents:
			return len(in.State) > 0 && !slices.Contains(in.State, string(t.State()))
		}
		return false
	})
	return f
}

func (a *API) follow(ctx context.Context, b *Backend, in *followInput) (*huma.StreamResponse, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	after, named, err := in.start()
	if err == nil && after < 0 {
		after, err = b.Events.End(ctx)
	}
	if err != nil {
		return nil, err
	}
	return a.stream(ctx, b, events.Start{After: after, Named: named}, in.filter(who))
}

// stream answers with a stream of events, which ends with the token of its caller.
func (a *API) stream(ctx context.Context, b *Backend, start events.Start, filter store.EventFilter) (*huma.StreamResponse, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	end, err := a.beginStream(who.Subject)
	if err != nil {
		return nil, err
	}
	s, err := b.Events.Open(ctx, start, filter)
	if err != nil {
		end()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer end()
		if start.Named && s.Empty() {
			hctx.SetStatus(http.StatusNoContent) // which tells a browser not to connect again
			return
		}
		hctx.SetHeader("Content-Type", eventStream)
		hctx.SetHeader("X-Accel-Buffering", "no") // for proxies that would wait for more
		g := humagin.Unwrap(hctx)
		if g.Request.Method == http.MethodHead {
			return
		}
		serve.Waits(hctx.Context())
		ctx, stop := context.WithDeadline(hctx.Context(), who.Expires)
		defer stop()
		if err := s.Write(ctx, g.Writer, serve.Draining(ctx)); err != nil && ctx.Err() == nil {
			a.log.Info("a stream of events ends early: its reader is too slow or gone, or the database does not answer", "request_id", serve.RequestID(ctx), "err", err)
		}
	}}, nil
}
