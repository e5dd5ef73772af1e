package queue

import (
	"context"
	"time"
)

// clock looks at the database's clock, by which leases expire, and notices when it was set:
// then more or less time has passed on it than here. A machine that was suspended looks like
// a clock that was set. Not safe for concurrent use.
type clock struct {
	read      func(context.Context) (time.Time, error)
	tolerance time.Duration // smaller jumps do no harm
	last      *look
}

// look is a time of the database, read between two times here, which have a monotonic reading.
type look struct{ before, database, after time.Time }

// now returns the time of the database, and how far its clock has jumped since the last call:
// at least that far, forward or back.
func (c *clock) now(ctx context.Context) (at time.Time, jump time.Duration, err error) {
	l := look{before: time.Now()}
	if l.database, err = c.read(ctx); err != nil {
		return time.Time{}, 0, err
	}
	l.after = time.Now()
	if c.last != nil {
		jump = l.since(*c.last)
	}
	c.last = &l
	if jump.Abs() <= c.tolerance {
		jump = 0
	}
	return l.database, jump, nil
}

// since returns by how much more time has passed on the database's clock, since an earlier
// look, than at most here, or by how much less than at least here: 0 if neither is certain.
func (l look) since(earlier look) time.Duration {
	passed := l.database.Sub(earlier.database)
	most, least := l.after.Sub(earlier.before), l.before.Sub(earlier.after)
	return max(passed-most, 0) + min(passed-least, 0)
}
