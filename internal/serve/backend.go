package serve

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"foliocast/internal/problem"
)

// Backend holds what the operations of a service work on, a B. It is attached
// later than the door is opened, because a service listens before its database
// is reachable. Safe for concurrent use.
type Backend[B any] struct {
	// Service names the service in sentences for callers, as in "the queue".
	Service string
	// Unreachable reports whether an error says that the database cannot be reached
	// for now.
	Unreachable func(error) bool

	work atomic.Pointer[B]
}

// Attach gives the operations what they work on.
func (b *Backend[B]) Attach(work B) { b.work.Store(&work) }

// Load returns what was attached, or nil before that.
func (b *Backend[B]) Load() *B { return b.work.Load() }

// ErrNotAttached says that there is nothing to work on yet.
var ErrNotAttached = errors.New("the database was not reached yet")

// Handler is a handler for huma.Register whose work must end within limit.
// Until something is attached, the caller hears that the service is starting.
// An error of handle that is not a problem becomes one, with the error as its
// cause, which only the log shows.
func Handler[B, I, O any](b *Backend[B], limit time.Duration, handle func(context.Context, *B, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		work := b.Load()
		if work == nil {
			return nil, problem.Newf(problem.Unavailable, "%s is starting: try again in a moment", b.Service).RetryAfter(time.Second).Because(ErrNotAttached)
		}
		out, err := handle(ctx, work, in)
		if err != nil {
			return nil, b.failure(ctx, err)
		}
		return out, nil
	}
}

// diskWait is when a caller may try again whom a full or broken disk has refused.
const diskWait = time.Minute

// diskFaults are what a system says of a disk that does not work, and of a process with
// too many open files.
var diskFaults = []error{syscall.EIO, syscall.EROFS, syscall.EMFILE, syscall.ENFILE}

// failure turns an error into a problem for the caller.
func (b *Backend[B]) failure(ctx context.Context, err error) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	if p, ok := errors.AsType[*problem.Problem](context.Cause(ctx)); ok { // which ended the request
		return p
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return problem.New(problem.Unavailable, "the caller hung up")
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return problem.Newf(problem.Unavailable, "%s has no room left on its disk: its operator has to make some", b.Service).RetryAfter(diskWait).Because(err)
	case slices.ContainsFunc(diskFaults, func(fault error) bool { return errors.Is(err, fault) }):
		return problem.Newf(problem.Unavailable, "%s cannot use its disk: its operator has to look", b.Service).RetryAfter(diskWait).Because(err)
	case b.Unreachable(err) || ctx.Err() != nil:
		return problem.Newf(problem.Unavailable, "%s cannot reach its database: try again in a moment", b.Service).RetryAfter(time.Second).Because(err)
	}
	return problem.Newf(problem.Internal, "%s failed: this is a fault of ours, and it is logged under the request id", b.Service).Because(err)
}
