package api

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"foliocast/authsvc/store"
	"foliocast/internal/auth"
)

const (
	// endedAge is how old the list of ended sessions may be: services have ten seconds to
	// hear of an end, and read the list every two.
	endedAge = 500 * time.Millisecond
	// endedTime bounds a look at the database. Services wait as long.
	endedTime = 3 * time.Second
)

// endedList is the list of ended sessions. Everybody may read it, so all share what was
// found: no number of them makes the database look more often. Safe for concurrent use.
type endedList struct {
	store  *store.Store
	flight singleflight.Group

	// Of the flight, which is one at a time:
	found []string
	until time.Time
}

// get returns the digests of the sessions that ended.
func (e *endedList) get(ctx context.Context) ([]string, error) {
	// A caller that hangs up must not end the look for the others.
	done := e.flight.DoChan("", func() (any, error) { return e.look(context.WithoutCancel(ctx)) })
	select {
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.([]string), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (e *endedList) look(ctx context.Context) ([]string, error) {
	begin := time.Now()
	if begin.Before(e.until) {
		return e.found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, endedTime)
	defer cancel()
	ids, err := e.store.EndedSessions(ctx, endedFor)
	if err != nil {
		return nil, err
	}
	found := make([]string, len(ids))
	for i, id := range ids {
		found[i] = auth.SessionDigest(id.String())
	}
	e.found, e.until = found, begin.Add(endedAge)
	return found, nil
}
