package api

import (
	"context"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// Quotas bound what one user may take from the others. 0 bounds nothing.
type Quotas struct {
	Jobs        int   // queued and running at once
	Schedules   int   // of one user
	Webhooks    int   // of one user
	Uploads     int   // that are sent or read at once, of all users together
	UserUploads int   // the same of one user
	Bytes       int64 // of stored datasets
	Streams     int   // of events, of all users together
	UserStreams int   // the same of one user
}

// quotaWait is when a caller who has reached a quota may try again.
const quotaWait = 5 * time.Second

// beginUpload counts a file that is sent or read.
func (a *API) beginUpload(subject string) (end func(), err error) {
	end, refused := a.uploads.Begin(subject, a.limits.UserUploads, a.limits.Uploads)
	switch refused {
	case problem.TooMany:
		return nil, problem.Newf(refused, "you are sending %d files, and may send as many at once: wait until one has arrived and is read", a.limits.UserUploads).RetryAfter(quotaWait)
	case problem.Unavailable:
		return nil, problem.Newf(refused, "the service takes %d files at once, and takes as many now: try again in a moment", a.limits.Uploads).RetryAfter(quotaWait)
	}
	return end, nil
}

// beginStream counts a stream of events.
func (a *API) beginStream(subject string) (end func(), err error) {
	end, refused := a.streams.Begin(subject, a.limits.UserStreams, a.limits.Streams)
	switch refused {
	case problem.TooMany:
		return nil, problem.Newf(refused, "you have %d streams of events, and may have as many at once: close one", a.limits.UserStreams).RetryAfter(quotaWait)
	case problem.Unavailable:
		return nil, problem.Newf(refused, "the service has %d streams of events, which is as many as it has at once: try again in a moment", a.limits.Streams).RetryAfter(quotaWait)
	}
	return end, nil
}

// jobsLeft refuses so many more jobs of a user who would then have more in flight than one
// may have. Jobs that are created at the same moment may exceed the quota by a few.
func (a *API) jobsLeft(ctx context.Context, b *Backend, who auth.Principal, more int) error {
	if a.limits.Jobs == 0 {
		return nil
	}
	n, err := b.Store.InFlight(ctx, who.Subject)
	if err != nil || n+more <= a.limits.Jobs {
		return err
	}
	return problem.Newf(problem.TooMany, "you have %d jobs that are queued or running, and may have %d: wait until some have ended, or cancel them",
		n, a.limits.Jobs).RetryAfter(quotaWait)
}

// bytesLeft refuses another version of so many bytes to a user whose datasets would take
// more than they may.
func (a *API) bytesLeft(ctx context.Context, b *Backend, who auth.Principal, more int64) error {
	if a.limits.Bytes == 0 {
		return nil
	}
	n, err := b.Store.Bytes(ctx, who.Name)
	if err != nil || n+more <= a.limits.Bytes {
		return err
	}
	return problem.Newf(problem.TooLarge, "your datasets take %d bytes, and may take %d: with this one it would be %d. Remove versions that nobody needs",
		n, a.limits.Bytes, n+more)
}
