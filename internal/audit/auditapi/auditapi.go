// Package auditapi is the audit trail over HTTP: it shows a service's trail to
// administrators, tells the code behind a route who sent the request, and records the
// requests that were refused. Changes are recorded by the store that makes them.
package auditapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/elnormous/contenttype"

	"foliocast/internal/audit"
	"foliocast/internal/audit/trail"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// OperationID is the name of the operation that shows the trail.
const OperationID = "list-audit"

// Operation returns the operation that shows the trail. Its handler calls Show.
func Operation(api huma.API) huma.Operation {
	page := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[audit.Page](), true, "AuditPage")
	event := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[audit.Event](), true, "AuditEvent")
	return huma.Operation{Method: http.MethodGet, Path: audit.Path, OperationID: OperationID, Tags: []string{"audit"},
		Summary: "Show who changed what, and what was refused, the latest first",
		Description: "Accept: " + audit.Lines + " exports all events that the filter selects, one a line, as a stream." +
			" Refusals of one kind by one caller within a minute are one event with their number in times.",
		Security: auth.Needs(auth.AuditRead),
		Responses: map[string]*huma.Response{"200": {Description: "Events", Content: map[string]*huma.MediaType{
			"application/json": {Schema: page}, audit.Lines: {Schema: event}}}},
	}
}

// Input is a query of the trail.
type Input struct {
	Accept  string    `header:"Accept"`
	Actor   string    `query:"actor" maxLength:"200" doc:"Only events of this subject or name"`
	Action  string    `query:"action" maxLength:"100" doc:"Only this action, as in cancel-job"`
	Object  string    `query:"object" maxLength:"500" example:"user:ada" doc:"Only events about this object, as kind:id, or about all of a kind"`
	Since   time.Time `query:"since" doc:"Only events from this time on (RFC 3339)"`
	Until   time.Time `query:"until" doc:"Only events before this time (RFC 3339)"`
	Outcome string    `query:"outcome" enum:"done,refused"`
	Before  int64     `query:"before" minimum:"1" doc:"Only events before this position: the field next of the page before"`
	Limit   int       `query:"limit" minimum:"1" maximum:"1000" doc:"Events at most; 100 when absent, and all in an export"`
}

func (in *Input) filter() audit.Filter {
	return audit.Filter{Actor: in.Actor, Action: in.Action, Object: audit.ParseObject(in.Object), Since: in.Since, Until: in.Until,
		Outcome: audit.Outcome(in.Outcome), Before: in.Before}
}

// batch is how many events of an export are read at once.
const batch = 500

// Show answers a query.
func Show(ctx context.Context, t *trail.Trail, in *Input) (*huma.StreamResponse, error) {
	export, err := exports(in.Accept)
	if err != nil {
		return nil, err
	}
	if export {
		first, err := t.List(ctx, in.filter(), limitOf(in.Limit, batch))
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hctx huma.Context) { stream(hctx, t, in, first) }}, nil
	}
	limit := limitOf(in.Limit, 100)
	page := audit.Page{}
	if page.Events, err = t.List(ctx, in.filter(), limit+1); err != nil {
		return nil, err
	}
	if len(page.Events) > limit {
		page.Events = page.Events[:limit]
		page.Next = page.Events[limit-1].Position
	}
	page.Before = page.Events
	text, err := json.Marshal(page)
	if err != nil {
		return nil, fmt.Errorf("write a page of the audit trail: %w", err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		hctx.SetHeader("Content-Type", "application/json")
		_, _ = hctx.BodyWriter().Write(append(text, '\n')) // the caller is gone otherwise
	}}, nil
}

func limitOf(asked, absent int) int {
	if asked == 0 {
		return absent
	}
	return asked
}

// exports reports whether a header Accept asks for JSON lines rather than a page.
func exports(accept string) (bool, error) {
	if accept == "" {
		return false, nil
	}
	offers := []contenttype.MediaType{contenttype.NewMediaType("application/json;charset=utf-8"), contenttype.NewMediaType(audit.Lines + ";charset=utf-8")}
	chosen, _, err := contenttype.GetAcceptableMediaTypeFromHeader(accept, offers)
	if err != nil {
		p := problem.Newf(problem.Malformed, "the audit trail can be had as application/json and %s", audit.Lines)
		p.Status, p.Title = http.StatusNotAcceptable, http.StatusText(http.StatusNotAcceptable)
		return false, p
	}
	return chosen.MIME() == audit.Lines, nil
}

// stream writes events, one a line, in batches that are read while the caller takes them.
// It breaks the connection when it cannot go on, so that nobody takes a part for the whole.
func stream(hctx huma.Context, t *trail.Trail, in *Input, events []audit.Event) {
	hctx.SetHeader("Content-Type", audit.Lines)
	g := humagin.Unwrap(hctx)
	if g.Request.Method == http.MethodHead {
		return
	}
	filter, lines := in.filter(), json.NewEncoder(hctx.BodyWriter())
	lines.SetEscapeHTML(false)
	for {
		for _, e := range events {
			if lines.Encode(e) != nil {
				panic(http.ErrAbortHandler)
			}
		}
		g.Writer.Flush()
		if len(events) < batch || in.Limit > 0 {
			return
		}
		filter.Before = events[len(events)-1].Position
		var err error
		if events, err = t.List(hctx.Context(), filter, batch); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}
