package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// Claimed is what Claim returns: leases, or, without any, when to try again.
type Claimed struct {
	Leases []message.Lease
	Ready  bool          // a message is ready that the claim did not get: try again soon
	Next   time.Duration // until the next back-off ends, or 0 when nothing is ready or backs off
}

// claim is one call of Claim.
type claim struct {
	Account
	names   []string
	max     int
	worker  string
	request message.Request
	after   turn
}

// maxClaims is how often a claim finds the lines anew before it claims nothing.
const maxClaims = 3

// Claim leases waiting messages to a worker, from the queues named, or from all when
// queues is empty. Queues whose weights differ take turns, and in each its owners, by their shares; of an owner's messages it takes the
// most urgent: by priority, then in upload order. It skips paused queues. It may return fewer messages than are waiting: when the
// payloads are large, when others claim at the same time, or when a message must
// be leased alone because it may have killed its earlier workers. A request that has a
// name, and leased something, gets the same leases when it is repeated. The error is
// an ItemsError, ErrUnknownQueue, when a name belongs to no queue.
func (a Account) Claim(ctx context.Context, queues []string, max int, worker string, request message.Request) (Claimed, error) {
	c := claim{Account: a, names: queues, max: max, worker: worker, request: request, after: a.store.turns.after()}
	got, err := c.run(ctx)
	if err != nil {
		a.store.lines.forget()
		return Claimed{}, fmt.Errorf("claim: %w", err)
	}
	if len(got.unknown) > 0 {
		return Claimed{}, unknownQueues(queues, got.unknown)
	}
	if len(got.Leases) > 0 {
		a.store.turns.took(c.after, got.Leases, got.queues)
	}
	return got.Claimed, nil
}

// run claims from the lines that are known. When a claim does not know them, they are found.
func (c claim) run(ctx context.Context) (got claimed, err error) {
	for range maxClaims {
		var eligible []int64
		if c.store.lines.many() {
			if eligible, err = c.eligible(ctx, c.store.pool); err != nil {
				return got, err
			}
		}
		k, ok := c.store.lines.after(c.after.owner, eligible)
		if ok {
			err = postgres.Batch(ctx, c.store.pool, append(c.begin(), c.steps(k, &got)...)...)
		} else {
			k, got, err = c.find(ctx)
		}
		if err != nil || len(got.unknown) > 0 {
			return got, err
		}
		if got.known {
			c.store.lines.saw(k.Dealing, got.top, got.looks)
			return got, nil
		}
		c.store.lines.forget()
	}
	return claimed{Claimed: Claimed{Leases: []message.Lease{}, Ready: true}}, nil
}

// find finds the lines and claims from them, and keeps the steps of a dealing out meanwhile. While one is
// under way, the lines are good for this claim only.
func (c claim) find(ctx context.Context) (k known, got claimed, err error) {
	err = postgres.Tx(ctx, c.store.pool, func(tx postgres.Transaction) error {
		var underWay bool
		if err := postgres.Batch(ctx, tx, append(c.begin(), c.store.findLines(&k, &underWay))...); err != nil {
			return err
		}
		if !underWay {
			c.store.lines.found(k)
		}
		var eligible []int64
		if len(k.Places) > maxLines {
			var err error
			if eligible, err = c.eligible(ctx, tx); err != nil {
				return err
			}
		}
		k.Alone, k.Places = true, around(k.Places, c.after.owner, eligible)
		return postgres.Batch(ctx, tx, c.steps(k, &got)...)
	})
	return k, got, err
}

// begin is what comes first in the transaction of a claim.
func (c claim) begin() []postgres.Step {
	return []postgres.Step{{Statement: c.store.sql.ShareClaims}, {Statement: c.store.sql.PlanByIndex}, {Statement: c.store.sql.LockShares}}
}

func (c claim) steps(k known, to *claimed) []postgres.Step {
	queues, owners := make([]int64, len(k.Places)), make([]string, len(k.Places))
	priorities, firsts := make([]int16, len(k.Places)), make([]int64, len(k.Places))
	for i, p := range k.Places {
		queues[i], owners[i], priorities[i], firsts[i] = p.Queue, p.Owner, p.Priority, p.First
	}
	p := c.store.policy
	statement, args := c.store.plainClaim, []any{orNull(c.names), c.max, maxLeaseBytes, c.worker, p.Lease.Seconds(), p.MaxAttempts,
		c.account, c.request, k.Dealing, k.Alone, queues, owners, priorities, firsts, k.Seen, maxRecent, c.after.owner}
	if c.store.turns.byQueue() {
		in, last := make([]int64, 0, len(c.after.in)), make([]string, 0, len(c.after.in))
		for queue, owner := range c.after.in {
			in, last = append(in, queue), append(last, owner)
		}
		statement, args = c.store.sql.ClaimMessages, append(args, c.after.queue, in, last)
	}
	var steps []postgres.Step
	if len(c.names) > 0 {
		steps = []postgres.Step{{Statement: c.store.sql.FindUnknownQueues, Args: []any{c.names}, Read: postgres.Into(&to.unknown, pgx.RowTo[string])}}
	}
	return append(steps,
		postgres.Step{Statement: statement, Args: args,
			Read: func(rows pgx.Rows) error {
				*to = claimed{unknown: to.unknown, Claimed: Claimed{Leases: []message.Lease{}}}
				err := postgres.Each(func(row pgx.CollectableRow) error { return to.scan(row, p.Lease) })(rows)
				if to.byQueue {
					c.store.turns.sawByQueue()
				}
				return err
			}})
}

// claimed is what a claim returns: leases, and what it saw of the lines.
type claimed struct {
	Claimed
	unknown []string
	queues  []int64 // of each lease
	known   bool    // the lines were those that there are
	byQueue bool    // weights of queues differ, or one has a maximum
	top     int64
	looks   []place
}

// The kinds of rows that claim_messages returns.
const (
	stateRow = iota
	lookRow
	leaseRow
)

func (c *claimed) scan(row pgx.CollectableRow, lease time.Duration) error {
	var kind int
	var l struct {
		ID                                                 *message.ID
		Key, Queue, RequestID, Traceparent, Owner, Payload *string
		Token                                              *message.Token
		Attempt, Revision                                  *int
		ExpiresAt                                          *time.Time
		QueueID, First, Last                               *int64
		Priority                                           *int16
		Known, ByQueue, Ready                              *bool
		Seconds                                            *float64
	}
	if err := row.Scan(&kind, &l.ID, &l.Key, &l.Token, &l.Queue, &l.Attempt, &l.Revision, &l.ExpiresAt, &l.RequestID, &l.Traceparent, &l.Owner, &l.Payload,
		&l.QueueID, &l.Priority, &l.First, &l.Last, &l.Known, &l.ByQueue, &l.Ready, &l.Seconds); err != nil {
		return err
	}
	switch kind {
	case stateRow:
		c.known, c.top, c.byQueue, c.Ready = *l.Known, *l.Last, *l.ByQueue, *l.Ready
		if l.Seconds != nil {
			c.Next = time.Duration(*l.Seconds * float64(time.Second))
		}
	case lookRow:
		c.looks = append(c.looks, place{line{*l.QueueID, *l.Owner, *l.Priority}, orZero(l.First), orZero(l.Last)})
	case leaseRow:
		c.queues = append(c.queues, *l.QueueID)
		c.Leases = append(c.Leases, message.Lease{ID: *l.ID, Key: *l.Key, Token: *l.Token, Queue: *l.Queue, Attempt: *l.Attempt, Revision: *l.Revision,
			ExpiresAt: *l.ExpiresAt, Seconds: lease.Seconds(), RequestID: *l.RequestID, Traceparent: *l.Traceparent, Owner: *l.Owner, Payload: json.RawMessage(*l.Payload)})
	}
	return nil
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// eligible returns the queues that a claim takes messages from.
func (c claim) eligible(ctx context.Context, db postgres.DB) ([]int64, error) {
	return postgres.Collect(ctx, db, pgx.RowTo[int64], c.store.sql.ListEligible, orNull(c.names))
}

// findLines is the step that reads all lines from the index, in their order, and whether a dealing is under way.
func (s *Store) findLines(k *known, underWay *bool) postgres.Step {
	return postgres.Step{Statement: s.sql.FindLines, Read: func(rows pgx.Rows) error {
		*k = known{}
		err := postgres.Each(func(row pgx.CollectableRow) error {
			var queue, first *int64
			var owner *string
			var priority *int16
			if err := row.Scan(&k.Dealing, underWay, &k.Seen, &queue, &owner, &priority, &first); err != nil {
				return err
			}
			if queue != nil {
				k.Places = append(k.Places, place{line{*queue, *owner, *priority}, *first, k.Seen})
			}
			return nil
		})(rows)
		slices.SortFunc(k.Places, func(a, b place) int { return a.compare(b.line) })
		return err
	}}
}
