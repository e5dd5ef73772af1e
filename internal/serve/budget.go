package serve

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"golang.org/x/sync/semaphore"

	"foliocast/internal/problem"
)

// Budget is what a service may work on at once, so that no caller takes it from
// the others. What exceeds it is refused, with the number that was exceeded.
type Budget struct {
	// Requests is how many requests one caller may have in flight, long polls
	// included. A caller is a token's subject, or without a token an address, as
	// Network counts them. 0 means 256.
	Requests int
	// All is the same for all callers together. 0 means 2048.
	All int
	// Bodies is the sum of the sizes of bodies in flight, in bytes, without
	// those that are streamed or small. One caller may have half of it, or one
	// body. 0 means 64 MiB.
	Bodies int64
	// Wait is how long a request waits for room in Bodies. 0 means 5 s.
	Wait time.Duration
}

func (b Budget) orDefault() Budget {
	if b.Requests == 0 {
		b.Requests = 256
	}
	if b.All == 0 {
		b.All = 2048
	}
	if b.Bodies == 0 {
		b.Bodies = 64 << 20
	}
	if b.Wait == 0 {
		b.Wait = 5 * time.Second
	}
	return b
}

// Streamed marks an operation that does not hold its body in memory, in
// huma.Operation.Metadata: the budget of bodies does not count it.
const Streamed = "streamed"

// smallBody is the size, in bytes, to which bodies are not counted.
const smallBody = 64 << 10

// budget counts what is in flight.
type budget struct {
	Budget
	bodies *semaphore.Weighted

	mu       sync.Mutex
	requests int
	callers  map[string]*share
}

// share is what one caller has in flight.
type share struct {
	requests int
	bodies   int64
}

func newBudget(b Budget) *budget {
	b = b.orDefault()
	return &budget{Budget: b, bodies: semaphore.NewWeighted(b.Bodies), callers: map[string]*share{}}
}

// caller is who sent a request, as far as it is known yet.
type caller struct{ subject string }

const callerKey = "caller"

// callerOf returns the caller that observe has put into the request.
func callerOf(g *gin.Context) *caller {
	c, _ := g.Value(callerKey).(*caller)
	if c == nil {
		c = &caller{}
		g.Set(callerKey, c)
	}
	return c
}

// Admit holds the operations that are registered after it to the door's budget.
// It comes after the guard: subject returns whom a request's token speaks for, or
// "" without one.
func (d *Door) Admit(subject func(context.Context) string) {
	d.API.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		g := humagin.Unwrap(ctx)
		size := heldBody(ctx.Operation(), g.Request)
		if most := ctx.Operation().MaxBodyBytes; size > 0 && g.Request.ContentLength >= most {
			callerOf(g).subject = subject(ctx.Context())
			d.refuse(g, problem.Newf(problem.TooLarge, "the body is too large: it has %d bytes, and may have fewer than %d", size, most))
			return
		}
		leave, err := d.Enter(ctx.Context(), g, subject(ctx.Context()), size)
		if err != nil {
			d.refuse(g, err)
			return
		}
		defer leave()
		hurry(g, bodyTime(ctx.Operation()))
		next(ctx)
	})
}

// Enter holds a request to the door's budget, as Admit does, for routes that are not typed
// operations: subject is whom it speaks for, or "", and held is how many bytes of its body are
// to be in memory. Call leave in the end.
func (d *Door) Enter(ctx context.Context, g *gin.Context, subject string, held int64) (leave func(), err error) {
	callerOf(g).subject = subject
	key := "subject " + subject
	if subject == "" {
		key = "address " + Network(Source(g.Request.Context()))
	}
	mine, err := d.budget.enter(key)
	if err != nil {
		return nil, err
	}
	if held = min(held, d.budget.Bodies); held <= smallBody {
		return func() { d.budget.leave(key) }, nil
	}
	if err := d.budget.hold(ctx, mine, held); err != nil {
		d.budget.leave(key)
		return nil, err
	}
	return func() { d.budget.drop(mine, held); d.budget.leave(key) }, nil
}

// heldBody is how many bytes of a body an operation holds in memory; the most
// that it may, when the request does not say.
func heldBody(op *huma.Operation, r *http.Request) int64 {
	if r.Body == nil || r.Body == http.NoBody || op.RequestBody == nil || op.Metadata[Streamed] == true {
		return 0
	}
	if r.ContentLength < 0 {
		return op.MaxBodyBytes
	}
	return r.ContentLength
}

// bodyTime is how long a whole body may take to arrive; 0 means as long as it keeps
// its pace. A body that is held in memory has 5 s, as the router gives those that it
// decodes itself, unless its operation says otherwise.
func bodyTime(op *huma.Operation) time.Duration {
	if op.BodyReadTimeout == 0 && op.Metadata[Streamed] != true {
		return 5 * time.Second
	}
	return op.BodyReadTimeout
}

// refuse ends a request that exceeds a budget.
func (d *Door) refuse(g *gin.Context, err error) {
	p, ok := err.(*problem.Problem)
	if !ok {
		p = problem.New(problem.Unavailable, "the caller hung up")
	}
	abort(g, d.report(g, p))
}

// enter counts a request of a caller.
func (b *budget) enter(key string) (*share, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.requests >= b.All {
		return nil, problem.Newf(problem.Unavailable, "%d requests are in flight, which is as many as this service takes at once: try again in a second", b.requests)
	}
	s := b.callers[key]
	if s == nil {
		s = &share{}
		b.callers[key] = s
	}
	if s.requests >= b.Requests {
		return nil, problem.Newf(problem.TooMany, "you have %d requests in flight, and may have %d: wait for the answer of one", s.requests, b.Requests)
	}
	s.requests++
	b.requests++
	return s, nil
}

func (b *budget) leave(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests--
	s := b.callers[key]
	if s.requests--; s.requests == 0 {
		delete(b.callers, key)
	}
}

// hold waits until there is room for a body of n bytes.
func (b *budget) hold(ctx context.Context, s *share, n int64) error {
	b.mu.Lock()
	had := s.bodies
	if had > 0 && had+n > b.Bodies/2 {
		b.mu.Unlock()
		return problem.Newf(problem.TooMany, "you have bodies of %d bytes in flight, and may have %d: wait for the answer of one", had, b.Bodies/2)
	}
	s.bodies += n
	b.mu.Unlock()
	wait, cancel := context.WithTimeout(ctx, b.Wait)
	defer cancel()
	if err := b.bodies.Acquire(wait, n); err == nil {
		return nil
	}
	b.returned(s, n)
	if ctx.Err() != nil {
		return fmt.Errorf("wait for room: %w", ctx.Err())
	}
	return problem.Newf(problem.Unavailable, "bodies of %d bytes are in flight, which is as much as this service takes at once: try again in a second", b.Bodies)
}

func (b *budget) drop(s *share, n int64) {
	b.bodies.Release(n)
	b.returned(s, n)
}

func (b *budget) returned(s *share, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.bodies -= n
}
