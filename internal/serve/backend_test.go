package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/problem"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	gone, bad := errors.New("connection refused"), errors.New("syntax error")
	full := fmt.Errorf("write a dataset: %w", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	broken := fmt.Errorf("write a dataset: %w", &fs.PathError{Op: "sync", Path: "x", Err: syscall.EIO})
	ended, end := context.WithCancel(t.Context())
	end()
	refused, refuse := context.WithCancelCause(t.Context())
	refuse(problem.New(problem.Unauthorized, "no longer a customer"))
	for _, c := range []struct {
		name   string
		ctx    context.Context
		before bool // nothing is attached yet
		handle func(context.Context) error
		kind   problem.Kind
		detail string
		cause  error
	}{
		{"before it is attached", t.Context(), true, nil,
			problem.Unavailable, "the shop is starting: try again in a moment", ErrNotAttached},
		{"the database is unreachable", t.Context(), false, func(context.Context) error { return gone },
			problem.Unavailable, "the shop cannot reach its database: try again in a moment", gone},
		{"a problem stays as it is", t.Context(), false, func(context.Context) error { return problem.New(problem.NotFound, "no such hat") },
			problem.NotFound, "no such hat", nil},
		{"the disk is full", t.Context(), false, func(context.Context) error { return full },
			problem.Unavailable, "the shop has no room left on its disk: its operator has to make some", full},
		{"the disk is broken", t.Context(), false, func(context.Context) error { return broken },
			problem.Unavailable, "the shop cannot use its disk: its operator has to look", broken},
		{"a fault of ours", t.Context(), false, func(context.Context) error { return bad },
			problem.Internal, "the shop failed: this is a fault of ours, and it is logged under the request id", bad},
		{"the caller hangs up", ended, false, func(context.Context) error { return bad },
			problem.Unavailable, "the caller hung up", nil},
		{"the session ends", refused, false, func(ctx context.Context) error { return ctx.Err() },
			problem.Unauthorized, "no longer a customer", nil},
		{"the time is up", t.Context(), false, func(ctx context.Context) error { <-ctx.Done(); return bad },
			problem.Unavailable, "the shop cannot reach its database: try again in a moment", bad},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &Backend[int]{Service: "the shop", Unreachable: func(err error) bool { return errors.Is(err, gone) || errors.Is(err, full) }}
			if !c.before {
				b.Attach(7)
			}
			limit := time.Minute
			if c.name == "the time is up" {
				limit = time.Millisecond
			}
			_, err := Handler(b, limit, func(ctx context.Context, work *int, _ *struct{}) (*struct{}, error) {
				if *work != 7 {
					t.Errorf("got %d to work on, want 7", *work)
				}
				return nil, c.handle(ctx)
			})(c.ctx, nil)
			p, ok := errors.AsType[*problem.Problem](err)
			if !ok || p.Kind() != c.kind || p.Detail != c.detail || p.Unwrap() != c.cause {
				t.Errorf("got %v because of %v, want %s because of %v", err, errors.Unwrap(err), c.detail, c.cause)
			}
			if waits := c.kind == problem.Unavailable && c.cause != nil; ok && (p.GetHeaders().Get("Retry-After") != "") != waits {
				t.Errorf("got Retry-After %q", p.GetHeaders().Get("Retry-After"))
			}
		})
	}
}
