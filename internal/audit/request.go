package audit

import "context"

// Request is what is known of the request that a change belongs to. A handler may say
// more about it, for the case that the request is refused.
type Request struct {
	Actor      Actor
	OnBehalfOf string
	Source     string
	ID         string
	Action     string
	Object     Object
	Refused    bool // count the answer as a refusal, whatever its status is
}

type requestKey struct{}

// With returns a context for the work on a request.
func With(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// Of returns the request that ctx belongs to. Outside of a request it is one of the
// system.
func Of(ctx context.Context) *Request {
	if r, ok := ctx.Value(requestKey{}).(*Request); ok {
		return r
	}
	return &Request{Actor: System()}
}

// Complete returns the event of a change with what it does not say itself taken from the
// request that ctx belongs to.
func (e Event) Complete(ctx context.Context) Event {
	e.Times = max(e.Times, 1)
	if e.Outcome == Refused {
		return e // it was recorded after its request
	}
	r := Of(ctx)
	e.Outcome = Done
	if e.Actor == (Actor{}) {
		e.Actor = r.Actor
	}
	if e.OnBehalfOf == "" {
		e.OnBehalfOf = r.OnBehalfOf
	}
	if e.Source == "" {
		e.Source = r.Source
	}
	if e.RequestID == "" {
		e.RequestID = r.ID
	}
	return e
}
