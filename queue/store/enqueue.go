package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// MaxBatch is the maximum number of items in one call.
const MaxBatch = 1000

// Enqueue adds messages in their order, all or none, and answers in the same
// order. A key that was used before, in this call or an earlier one, names
// the earlier message, and nothing is added or changed for it. The
// error is an ItemsError: ErrUnknownQueue when messages name queues that do not
// exist, ErrQueueFull when they do not fit into theirs.
func (s *Store) Enqueue(ctx context.Context, all []message.New) ([]message.Receipt, error) {
	receipts := make([]message.Receipt, len(all))
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		var e enqueuing
		if err := s.readDeal(ctx, tx, all, &e); err != nil {
			return err
		}
		added, err := e.place(all, receipts)
		if err != nil || added.len() == 0 {
			return err
		}
		return postgres.Finish(ctx, tx,
			postgres.Step{Statement: s.sql.AddMessages, Args: added.args()},
			postgres.Step{Statement: s.sql.SetDeal, Args: []any{e.next}},
			s.noteDepth(added.queues),
			s.Trail.Step(ctx, enqueued(added.keys)),
			s.notify(messageTopic))
	})
	if err != nil {
		return nil, fmt.Errorf("enqueue: %w", err)
	}
	return receipts, nil
}

// maxKeys bounds how many keys an event of the audit trail names.
const maxKeys = 20

// enqueued is the event of new messages with the keys.
func enqueued(keys []string) audit.Event {
	e := audit.Event{Action: "enqueue", Object: messageObject(""),
		After: audit.Detail(map[string]any{"messages": len(keys), "keys": keys[:min(len(keys), maxKeys)]})}
	if len(keys) == 1 {
		e.Object.ID = keys[0]
	}
	return e
}

// enqueuing holds what determines the queue of each message.
type enqueuing struct {
	next   int64 // messages dealt out so far
	queues []room
	known  map[string]message.Receipt
}

// room is one queue with its limit and its share.
type room struct {
	ID        int64
	Name      string
	Paused    bool
	MaxLength int
	message.Share
	Waiting int `db:"-"` // counted only where there is a limit
}

func (s *Store) readDeal(ctx context.Context, tx postgres.Transaction, all []message.New, e *enqueuing) error {
	keys := make([]string, len(all))
	for i, n := range all {
		keys[i] = n.Key
	}
	e.known = make(map[string]message.Receipt, len(all))
	var next []int64
	var counted []roomCount
	err := postgres.Batch(ctx, tx,
		postgres.Step{Statement: s.sql.PlanByIndex},
		postgres.Step{Statement: s.sql.CountWaiting, Read: postgres.Into(&counted, pgx.RowToStructByPos[roomCount])},
		postgres.Step{Statement: s.sql.LockDeal, Read: postgres.Into(&next, pgx.RowTo[int64])},
		postgres.Step{Statement: s.sql.ListRooms, Read: postgres.Into(&e.queues, pgx.RowToStructByPos[room])},
		postgres.Step{Statement: s.sql.FindKeys, Args: []any{keys}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			r := message.Receipt{Duplicate: true}
			if err := row.Scan(&r.Key, &r.ID, &r.Queue); err != nil {
				return err
			}
			e.known[r.Key] = r
			return nil
		})})
	if err != nil {
		return err
	}
	e.next = next[0]
	return s.countRooms(ctx, tx, counted, e.queues)
}

// roomCount is how many messages of those up to a seq wait in a queue.
type roomCount struct {
	ID      int64
	Waiting int
	UpTo    int64
}

// countRooms adds what was uploaded since the messages were counted, which was before the
// lock on the deal: counting many of them must not hold up other uploads. What was leased or
// came back since then counts as if it were leased, or came back, after this upload.
func (s *Store) countRooms(ctx context.Context, tx postgres.Transaction, counted []roomCount, queues []room) error {
	if len(counted) == 0 {
		return nil
	}
	waiting := map[int64]int{}
	for _, c := range counted {
		waiting[c.ID] = c.Waiting
	}
	err := postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.CountUploaded, Args: []any{counted[0].UpTo}, Read: postgres.Each(func(row pgx.CollectableRow) error {
		var id int64
		var n int
		err := row.Scan(&id, &n)
		waiting[id] += n
		return err
	})})
	for i := range queues {
		queues[i].Waiting = waiting[queues[i].ID]
	}
	return err
}

// place chooses a queue for each new message and fills in the receipts.
func (e *enqueuing) place(all []message.New, receipts []message.Receipt) (*columns, error) {
	var added columns
	unknown, full := &ItemsError{Reason: ErrUnknownQueue}, &ItemsError{Reason: ErrQueueFull}
	targets := active(e.queues)
	for i, n := range all {
		if r, ok := e.known[n.Key]; ok {
			receipts[i] = r
			continue
		}
		var q *room
		if n.Queue != "" {
			at := slices.IndexFunc(e.queues, func(q room) bool { return q.Name == n.Queue })
			if at < 0 {
				unknown.add(i, "names no queue: there is no %q", n.Queue)
				continue
			}
			q = &e.queues[at]
		} else {
			q = targets[e.next%int64(len(targets))]
			e.next++
		}
		q.Waiting++
		if q.MaxLength > 0 && q.Waiting > q.MaxLength {
			full.add(i, "does not fit: queue %q takes %d waiting messages", q.Name, q.MaxLength)
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		receipts[i] = message.Receipt{ID: message.ID(id.String()), Key: n.Key, Queue: q.Name}
		repeated := receipts[i]
		repeated.Duplicate = true
		e.known[n.Key] = repeated
		added.add(receipts[i].ID, n, q.ID)
	}
	switch {
	case unknown.Items != nil:
		return nil, unknown
	case full.Items != nil:
		return nil, full
	}
	return &added, nil
}

// active returns the queues that messages are dealt over: those that are not
// paused, or all when every queue is paused.
func active(queues []room) []*room {
	var some, all []*room
	for i := range queues {
		all = append(all, &queues[i])
		if !queues[i].Paused {
			some = append(some, &queues[i])
		}
	}
	if some == nil {
		return all
	}
	return some
}

// columns holds new messages column by column, for one statement.
type columns struct {
	ids, keys, payloads, requests, owners, traceparents []string
	queues                                              []int64
	priorities                                          []int16
}

func (c *columns) len() int { return len(c.ids) }

func (c *columns) add(id message.ID, n message.New, queue int64) {
	c.ids = append(c.ids, string(id))
	c.keys = append(c.keys, n.Key)
	c.queues = append(c.queues, queue)
	c.priorities = append(c.priorities, int16(n.Priority))
	c.payloads = append(c.payloads, string(n.Payload))
	c.requests = append(c.requests, n.RequestID)
	c.owners = append(c.owners, n.Owner)
	c.traceparents = append(c.traceparents, n.Traceparent)
}

func (c *columns) args() []any {
	return []any{c.ids, c.keys, c.queues, c.priorities, c.payloads, c.requests, c.owners, c.traceparents}
}
