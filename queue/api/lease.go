package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

func (a *API) registerLeases(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/leases", OperationID: "lease",
		Summary: "Lease messages, waiting for the first"}, auth.QueueLease, a.lease)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/leases/heartbeat", OperationID: "heartbeat",
		Summary: "Renew leases and report their progress"}, auth.QueueLease, a.heartbeat)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/leases/complete", OperationID: "complete",
		Summary: "End leases, each with a result or an error", MaxBodyBytes: maxResults, BodyReadTimeout: bodyTime}, auth.QueueLease, a.complete)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/leases/release", OperationID: "release",
		Summary: "Return leases, without counting them as attempts"}, auth.QueueLease, a.release)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/leases/inherit", OperationID: "inherit",
		Summary: "Take the leases of a worker's dead predecessors before they expire"}, auth.QueueLease, a.inherit)
}

// account is the leases of the account that a request comes from.
func account(ctx context.Context, b *Backend) store.Account {
	p, _ := auth.From(ctx) // the guard has let it pass
	return b.Store.Account(p.Subject)
}

// claimTime bounds one claim, which continues when its caller disconnects: otherwise
// nobody would know what was leased.
const claimTime = 10 * time.Second

type leaseInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" pattern:"^[!-~]*$" patternDescription:"printable ASCII without spaces" doc:"Any string; repeating a request with the same key, because its answer was lost, gets the same leases again, renewed"`
	Body           message.LeaseRequest
}

func (a *API) lease(ctx context.Context, b *Backend, in *leaseInput) (*bodied[message.Leases], error) {
	ask := in.Body
	var f faults
	wait := f.wait("/wait", ask.Wait)
	if err := f.err(); err != nil {
		return nil, err
	}
	leases := []message.Lease{}
	err := poll(ctx, b, wait, b.Notifier.Messages, func() (again time.Duration, err error) {
		claim, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTime)
		defer cancel()
		got, err := account(ctx, b).Claim(claim, ask.Queues, ask.Max, ask.Worker, message.Request(in.IdempotencyKey))
		switch leases = got.Leases; {
		case err != nil || len(leases) > 0:
			return 0, err
		case got.Ready:
			return contended, nil
		}
		return cmp.Or(got.Next, maxWait), nil
	})
	if ctx.Err() != nil && len(leases) > 0 {
		a.giveBack(ctx, b, leases)
	}
	if err != nil {
		return nil, pointing(err, place{store.ErrUnknownQueue, problem.Invalid, "the lease names queues that do not exist", "/queues/%d"})
	}
	a.count("leased", len(leases))
	a.observeWaits(leases)
	return &bodied[message.Leases]{message.Leases{Leases: leases}}, nil
}

// observeWaits observes how long messages have waited that are leased for the first time. Their ids begin with the time of their upload.
func (a *API) observeWaits(leases []message.Lease) {
	for _, l := range leases {
		if id, err := uuid.Parse(string(l.ID)); err == nil && id.Version() == 7 && l.Attempt == 1 {
			seconds, nanos := id.Time().UnixTime()
			a.waited.Observe(max(0, time.Since(time.Unix(seconds, nanos)).Seconds()))
		}
	}
}

// giveBack returns the leases of a caller that has disconnected.
func (a *API) giveBack(ctx context.Context, b *Backend, leases []message.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTime)
	defer cancel()
	if err := account(ctx, b).GiveBack(ctx, leases); err != nil {
		a.log.Warn("cannot give back the leases of a caller that has disconnected", "messages", len(leases), "err", err)
	}
}

func heldID(h message.Held) message.ID { return h.ID }

func (a *API) heartbeat(ctx context.Context, b *Backend, in *bodied[message.Items[message.Beat]]) (*bodied[message.Verdicts], error) {
	var f faults
	once(&f, in.Body.Items, "lease", func(b message.Beat) message.ID { return b.ID })
	if err := f.err(); err != nil {
		return nil, err
	}
	return a.verdicts("extended")(account(ctx, b).Heartbeat(ctx, in.Body.Items))
}

func (a *API) complete(ctx context.Context, b *Backend, in *bodied[message.Items[message.Completion]]) (*bodied[message.Verdicts], error) {
	var f faults
	once(&f, in.Body.Items, "lease", func(c message.Completion) message.ID { return c.ID })
	for i, c := range in.Body.Items {
		at := fmt.Sprintf("/items/%d", i)
		hasResult := c.Result != nil || c.Parts > 0
		switch {
		case hasResult && c.Error != "":
			f.add(at, "has both a result and an error")
		case !hasResult && c.Error == "":
			f.add(at, "has neither a result nor an error")
		case hasResult && c.Retryable:
			f.add(at+"/retryable", "is allowed only with an error")
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	verdicts, err := account(ctx, b).Complete(ctx, in.Body.Items)
	return a.verdicts("completed")(verdicts, pointing(err,
		place{store.ErrMissingParts, problem.Invalid, "results count parts that were not sent: nothing was changed", "/items/%d/parts"}))
}

func (a *API) release(ctx context.Context, b *Backend, in *bodied[message.Items[message.Held]]) (*bodied[message.Verdicts], error) {
	var f faults
	once(&f, in.Body.Items, "lease", heldID)
	if err := f.err(); err != nil {
		return nil, err
	}
	return a.verdicts("released")(account(ctx, b).Release(ctx, in.Body.Items))
}

// inherit takes all leases of a worker's predecessors.
func (a *API) inherit(ctx context.Context, b *Backend, in *bodied[message.InheritRequest]) (*bodied[message.Count], error) {
	n := 0
	for {
		lost, err := account(ctx, b).Inherit(ctx, in.Body.Worker)
		for _, l := range lost {
			a.log.Warn("lease of a dead worker ended", "message_id", string(l.ID), "worker", l.Worker, "outcome", string(l.Outcome))
		}
		n += len(lost)
		a.count("inherited", len(lost))
		if err != nil || len(lost) == 0 {
			return &bodied[message.Count]{message.Count{Messages: n}}, err
		}
	}
}

// verdicts wraps the verdicts on several leases and counts them.
func (a *API) verdicts(event string) func([]message.HeldVerdict, error) (*bodied[message.Verdicts], error) {
	return func(items []message.HeldVerdict, err error) (*bodied[message.Verdicts], error) {
		for _, v := range items {
			a.judged(v.Verdict, event)
		}
		return &bodied[message.Verdicts]{message.Verdicts{Items: items}}, err
	}
}

// judged counts a verdict: that the lease was stale, or what happened to it.
func (a *API) judged(v message.Verdict, event string) {
	if v == message.Stale {
		event = "stale"
	}
	a.count(event, 1)
}
