package auditapi

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"foliocast/internal/audit"
	"foliocast/internal/audit/trail"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// Desk tells the code behind the routes who sent a request, and records refusals. So that
// no flood of them fills the disk, those of one kind by one caller are one event a minute,
// and all callers together cause at most some 17,000 events a day after the first thousand.
// Safe for concurrent use.
type Desk struct {
	log  *slog.Logger
	rate *rate.Limiter // of events

	mu      sync.Mutex
	tallies map[kind]*tally
	rest    *tally // refusals that no tally has room for
}

// kind is what counts as the same refusal.
type kind struct {
	caller, action, object string
	status                 int
}

// tally counts refusals of one kind.
type tally struct {
	last    audit.Event
	times   int       // since it was written
	written time.Time // zero: never
}

// Bounds of a desk.
const (
	maxKinds   = 1000
	maxBurst   = 1000
	everyEvent = 5 * time.Second // after a burst
	sameKind   = time.Minute     // between two events of one kind
)

// NewDesk puts a desk before the operations of api that are registered after it. It comes before the guard.
func NewDesk(api huma.API, log *slog.Logger) *Desk {
	d := &Desk{log: log, rate: rate.NewLimiter(rate.Every(everyEvent), maxBurst), tallies: map[kind]*tally{},
		rest: &tally{last: audit.Event{Action: "refusals", Reason: "refusals of too many kinds to tell them apart"}}}
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		r := requestOf(ctx)
		named := r.Object
		inner := audit.With(ctx.Context(), r)
		inner = auth.Observed(inner, func(p auth.Principal) {
			r.Actor = Actor(p)
			if p.Service {
				r.OnBehalfOf = ctx.Header(problem.OnBehalfOfHeader)
			}
		})
		next(huma.WithContext(ctx, inner))
		status, reason := serve.Answer(ctx)
		if r.Refused || refused(ctx.Method(), status) {
			k := kind{caller: caller(r), action: r.Action, status: status}
			if r.Object != named { // the handler has found it, so that there are few
				k.object = r.Object.ID
			}
			d.note(k, audit.Event{Actor: r.Actor, OnBehalfOf: r.OnBehalfOf, Action: r.Action, Object: r.Object,
				Source: r.Source, RequestID: r.ID, Outcome: audit.Refused, Reason: reason})
		}
	})
	return d
}

// Actor is the actor of a request with a token of p.
func Actor(p auth.Principal) audit.Actor {
	return audit.Actor{Subject: p.Subject, Name: p.Name, Client: p.Client, Token: p.TokenID, Session: p.Session}
}

// requestOf describes a request by its route, until its handler says more. Its object is
// named by the path: /v1/users/ada is about the user ada.
func requestOf(ctx huma.Context) *audit.Request {
	op := ctx.Operation()
	r := &audit.Request{Source: serve.Source(ctx.Context()), ID: problem.RequestID(ctx.Context()), Action: op.OperationID}
	parts := strings.Split(strings.TrimPrefix(op.Path, "/v1/"), "/")
	r.Object.Kind = strings.TrimSuffix(parts[0], "s")
	for _, part := range parts[1:] {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			r.Object.ID = ctx.Param(strings.TrimSuffix(name, "}"))
			break
		}
	}
	return r
}

// refused reports whether an answer is worth an event: nobody proved who they are, or
// they lack a right; or a change was not made because of a rule.
func refused(method string, status int) bool {
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return true
	}
	read := method == http.MethodGet || method == http.MethodHead
	return !read && slices.Contains([]int{http.StatusConflict, http.StatusPreconditionFailed, http.StatusTooManyRequests}, status)
}

// caller is whose refusals are counted together.
func caller(r *audit.Request) string {
	if r.Actor.Subject != "" {
		return "subject " + r.Actor.Subject
	}
	return "network " + serve.Network(r.Source)
}

// note counts a refusal. It does not wait for the database, so that the time of an answer
// says nothing.
func (d *Desk) note(k kind, e audit.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tallies[k]
	if t == nil && len(d.tallies) >= maxKinds {
		t, e = d.rest, d.rest.last
	} else if t == nil {
		t = &tally{}
		d.tallies[k] = t
	}
	t.last = e
	t.times++
}

// How often the desk writes refusals and forgets old events.
const (
	writeEvery  = time.Second
	forgetEvery = time.Hour
	workTime    = 10 * time.Second
)

// Run records refusals in a trail, and forgets its events that are older than keep, until
// ctx ends.
func (d *Desk) Run(ctx context.Context, t *trail.Trail, keep time.Duration) {
	write, forget := time.NewTicker(writeEvery), time.NewTicker(forgetEvery)
	defer write.Stop()
	defer forget.Stop()
	for {
		select {
		case <-ctx.Done():
			d.write(context.WithoutCancel(ctx), t, time.Now())
			return
		case now := <-write.C:
			d.write(ctx, t, now)
		case <-forget.C:
			if n, err := t.Forget(ctx, keep); err != nil && ctx.Err() == nil {
				d.log.Warn("cannot forget old events of the audit trail", "err", err)
			} else if n > 0 {
				d.log.Info("old events of the audit trail forgotten", "events", n)
			}
		}
	}
}

// write records the refusals that are due.
func (d *Desk) write(ctx context.Context, t *trail.Trail, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, workTime)
	defer cancel()
	due := d.due(now)
	if len(due) == 0 {
		return
	}
	if err := t.AddAll(ctx, due); err != nil {
		d.log.Error("refusals are missing in the audit trail", "events", len(due), "err", err)
	}
}

// due takes the events to write now.
func (d *Desk) due(now time.Time) []audit.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	var due []audit.Event
	take := func(t *tally) {
		e := t.last
		e.Times, t.times, t.written = t.times, 0, now
		due = append(due, e)
	}
	for k, t := range d.tallies {
		waits := now.Sub(t.written) < sameKind
		switch {
		case waits:
		case t.times == 0:
			delete(d.tallies, k)
		case d.rate.AllowN(now, 1):
			take(t)
		default:
			d.rest.times += t.times
			delete(d.tallies, k)
		}
	}
	if d.rest.times > 0 && now.Sub(d.rest.written) >= sameKind {
		d.rest.last.Outcome = audit.Refused
		take(d.rest)
	}
	return due
}
