package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// EventFilter chooses among the events. Its zero value chooses all that the caller may see.
type EventFilter struct {
	Kinds   []string    // job.JobEvents and so on: about these
	States  []job.State // of jobs, only the events by which one enters one of these
	Owner   string      // name of the user
	Dataset string      // name
	Batch   job.BatchID
}

// FromNow is the position for what happens from now on.
const FromNow = -1

// Reset is the error of a stream that does not go on behind the last event that its reader has
// had: that was forgotten meanwhile, or belongs to another database.
type Reset struct {
	Detail string `json:"detail"`
	After  int64  `json:"after"` // the position behind which it goes on
}

func (r *Reset) Error() string { return r.Detail }

// Events yields events behind a position as they happen, each once and in order, for as long as the caller
// reads them: 0 is the first that is kept, FromNow the end. When the connection breaks, it
// goes on where it was, and gives up when the service does not answer for a minute. An error ends the sequence,
// but for a *Reset, after which it goes on.
func (c *Client) Events(ctx context.Context, f EventFilter, after int64) iter.Seq2[job.LogEvent, error] {
	q := url.Values{}
	for _, k := range f.Kinds {
		q.Add("kind", k)
	}
	for _, s := range f.States {
		q.Add("state", string(s))
	}
	for key, value := range map[string]string{"owner": f.Owner, "dataset": f.Dataset, "batch": string(f.Batch)} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return c.follow(ctx, "/v1/events", q, after)
}

// Position is the end of the log: what is read after this call knows all events before it, and what happens later comes behind
// it.
func (c *Client) Position(ctx context.Context) (int64, error) {
	r := &eventReader{last: FromNow, once: true}
	err := c.readEvents(ctx, "/v1/events", url.Values{}, r)
	switch {
	case r.last >= 0:
		return r.last, nil
	case err == nil:
		err = errors.New("the stream of events names no position")
	}
	return 0, err
}

// JobEvents yields the events of a job behind a position, as Events does. The sequence ends with
// the job.
func (c *Client) JobEvents(ctx context.Context, id job.ID, after int64) iter.Seq2[job.LogEvent, error] {
	return c.follow(ctx, jobPath(id)+"/events", url.Values{}, max(after, 0))
}

const (
	// eventSilence is after how long without a byte a stream counts as broken: the service says
	// something every 15 s.
	eventSilence = 45 * time.Second
	// eventPatience is how long the service may be unreachable.
	eventPatience = time.Minute
)

// errStopped ends the reading of a stream whose caller wants no more, or that is over.
var errStopped = errors.New("no more events are wanted")

// follow reads a stream again and again, each time from where the last one was.
func (c *Client) follow(ctx context.Context, path string, q url.Values, after int64) iter.Seq2[job.LogEvent, error] {
	return func(yield func(job.LogEvent, error) bool) {
		waits := backoff.ExponentialBackOff{InitialInterval: 200 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 5 * time.Second}
		r := &eventReader{last: after, yield: yield}
		for answered := time.Now(); ; {
			err := c.readEvents(ctx, path, q, r)
			switch {
			case r.stopped || err == nil && r.bytes == 0: // the service has no more to say
				return
			case ctx.Err() != nil:
				yield(job.LogEvent{}, context.Cause(ctx))
				return
			case err != nil && (!passing(err) || r.bytes == 0 && time.Since(answered) > eventPatience):
				yield(job.LogEvent{}, err)
				return
			}
			if r.bytes > 0 {
				answered = time.Now()
				waits.Reset()
			}
			select {
			case <-ctx.Done():
			case <-time.After(waits.NextBackOff()):
			}
		}
	}
}

// passing reports whether asking again may help.
func passing(err error) bool {
	_, unreachable := errors.AsType[*problem.Unreachable](err)
	return unreachable || errors.Is(err, errSilent) || problem.Is(err, problem.Unavailable) || problem.Is(err, problem.TooMany)
}

// errSilent ends a stream from which nothing comes any more.
var errSilent = fmt.Errorf("nothing has come for %v", eventSilence)

// readEvents reads one stream, until it ends or breaks.
func (c *Client) readEvents(ctx context.Context, path string, q url.Values, r *eventReader) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(eventSilence, func() { cancel(errSilent) })
	defer silence.Stop()
	r.begin(func() { silence.Reset(eventSilence) })
	header := http.Header{"Accept": {"text/event-stream"}}
	q.Del("after")
	if r.last >= 0 {
		q.Set("after", strconv.FormatInt(r.last, 10))
	}
	_, err := c.stream(ctx, problem.Call{Method: http.MethodGet, Into: r, Header: header}, path+query(q))
	if err != nil && errors.Is(context.Cause(ctx), errSilent) {
		return errSilent
	}
	return err
}
