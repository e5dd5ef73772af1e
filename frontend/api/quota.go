package api

import (
	"context"
	"sync"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// Quotas bound what one user may take from the others. 0 bounds nothing.
type Quotas struct {
	Jobs        int   // queued and running at once
	Schedules   int   // of one user
	Uploads     int   // that are sent or read at once, of all users together
	UserUploads int   // the same of one user
	Bytes       int64 // of stored datasets
}

// uploads counts the files that are sent or read. Safe for concurrent use.
type uploads struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by subject
}

// quotaWait is when a caller who has reached a quota may try again.
const quotaWait = 5 * time.Second

// begin counts an upload of a subject, until the function that it returns is called.
func (u *uploads) begin(q Quotas, subject string) (end func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case q.UserUploads > 0 && u.of[subject] >= q.UserUploads:
		return nil, problem.Newf(problem.TooMany, "you are sending %d files, and may send %d at once: wait until one has arrived and is read",
			u.of[subject], q.UserUploads).RetryAfter(quotaWait)
	case q.Uploads > 0 && u.all >= q.Uploads:
		return nil, problem.Newf(problem.Unavailable, "the service takes %d files at once, and takes as many now: try again in a moment", q.Uploads).
			RetryAfter(quotaWait)
	}
	u.all++
	u.of[subject]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.all--
		if u.of[subject]--; u.of[subject] == 0 {
			delete(u.of, subject)
		}
	}, nil
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
