package audit

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"foliocast/internal/problem"
)

// Path is where every service shows its trail.
const Path = "/v1/audit"

// Lines is the media type of an export: one event as JSON on each line.
const Lines = "application/x-ndjson"

// Filter selects events. Its zero value selects all.
type Filter struct {
	Actor   string // subject or name
	Action  string
	Object  Object // without an id, all of the kind
	Since   time.Time
	Until   time.Time // exclusive
	Outcome Outcome
	Before  int64 // position; 0 begins at the latest event
}

// ParseObject reads an object as it stands in a query: kind, or kind:id.
func ParseObject(text string) Object {
	kind, id, _ := strings.Cut(text, ":")
	return Object{Kind: kind, ID: id}
}

// Query writes the filter as the query of a request.
func (f Filter) Query() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("actor", f.Actor)
	set("action", f.Action)
	set("object", strings.TrimSuffix(f.Object.Kind+":"+f.Object.ID, ":"))
	set("outcome", string(f.Outcome))
	if !f.Since.IsZero() {
		set("since", f.Since.Format(time.RFC3339Nano))
	}
	if !f.Until.IsZero() {
		set("until", f.Until.Format(time.RFC3339Nano))
	}
	if f.Before > 0 {
		set("before", strconv.FormatInt(f.Before, 10))
	}
	return q
}

// Fetch fetches a page of at most limit events of the service at base that the filter selects, the latest first.
func Fetch(ctx context.Context, client *http.Client, base string, filter Filter, limit int) (Page, error) {
	q := filter.Query()
	q.Set("limit", strconv.Itoa(limit))
	var page Page
	_, err := problem.Call{Method: http.MethodGet, URL: strings.TrimRight(base, "/") + Path + "?" + q.Encode(), Into: &page}.Do(ctx, client)
	return page, err
}

// Each fetches the events of the service at base that the filter selects, the latest
// first, and calls f for each, until f returns false. It holds one event at a time.
func Each(ctx context.Context, client *http.Client, base string, filter Filter, f func(Event) (more bool, err error)) error {
	reader, writer := io.Pipe()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		_, err := problem.Call{Method: http.MethodGet, URL: strings.TrimRight(base, "/") + Path + "?" + filter.Query().Encode(),
			Header: http.Header{"Accept": {Lines}}, Into: writer}.Do(ctx, client)
		failed <- err
		writer.CloseWithError(err)
	}()
	defer reader.Close()
	for decoder := json.NewDecoder(reader); ; {
		var e Event
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			return <-failed
		}
		if err != nil {
			return err
		}
		if more, err := f(e); err != nil || !more {
			return err
		}
	}
}
