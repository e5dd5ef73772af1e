package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// sweepBatch is the maximum number of messages in one sweep.
const sweepBatch = 1000

// Lost is a lease that expired or was inherited.
type Lost struct {
	ID      message.ID
	Worker  string
	Outcome message.Outcome // how that ended the message; "" when it waits again
}

// Now returns the time of the database, by which leases expire.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	now, err := postgres.One(ctx, s.pool, pgx.RowTo[time.Time], s.sql.GetTime)
	if err != nil {
		return now, fmt.Errorf("read the database's clock: %w", err)
	}
	return now, nil
}

// Extend gives every lease its whole time again, because the database's clock was set:
// leases from before that are too short now, or too long.
func (s *Store) Extend(ctx context.Context) (int, error) {
	n, err := postgres.Exec(ctx, s.pool, s.sql.ExtendLeases, s.policy.Lease.Seconds())
	if err != nil {
		return 0, fmt.Errorf("extend leases: %w", err)
	}
	return int(n), nil
}

// Expire ends a batch of the leases that had expired at a time of Now, and returns them.
// Their messages wait again at once, or end: as dead when it was their last attempt, as
// cancelled when their producer cancelled them.
func (s *Store) Expire(ctx context.Context, at time.Time) ([]Lost, error) {
	begin := time.Now()
	since := s.expiry.since(begin)
	lost, err := s.lose(ctx, expiredError, postgres.Step{Statement: s.sql.LockExpired, Args: []any{sweepBatch, at, since}})
	if err != nil {
		return nil, fmt.Errorf("expire leases: %w", err)
	}
	if len(lost) == 0 {
		s.expiry.swept(at, since, begin, time.Now())
	}
	return lost, nil
}

// expiry is how far leases were swept. The index keeps entries of leases that are over, for as
// long as any transaction of the server is open that is older, and a look at all leases that
// may have expired passes them. When that takes long, most sweeps look only at those that expired since the last one.
// The others find a lease whose claim took longer than itself, and those that somebody has moved back.
type expiry struct {
	mu    sync.Mutex
	upto  time.Time     // when the last sweep that found nothing looked, by the database's clock
	whole time.Time     // when the last look at all ended
	took  time.Duration // how long that was
}

// wholeRest is how many times as long as a look at all leases the time is before the next.
const wholeRest = 20

// since returns after what time leases must have expired to be looked at: zero for all.
func (e *expiry) since(now time.Time) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now.Sub(e.whole) >= wholeRest*e.took {
		return time.Time{}
	}
	return e.upto
}

// swept is told of a sweep at a time that found nothing, by when it began and ended.
func (e *expiry) swept(at, since, begin, end time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.upto = at
	if since.IsZero() {
		e.whole, e.took = end, end.Sub(begin)
	}
}

// lose ends the leases that the step find locks and reads.
func (s *Store) lose(ctx context.Context, reason string, find postgres.Step) (lost []Lost, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		var moves []move
		var steps []postgres.Step
		lost = nil
		find.Read = postgres.Each(func(row pgx.CollectableRow) error {
			var h held
			var worker string
			err := row.Scan(&h.ID, &h.Token, &h.Settled, &h.Attempts, &h.Revision, &h.CancelRequested, &h.Leased, &h.Holder, &h.Key, &worker)
			m := s.policy.lose(h, reason)
			moves = append(moves, *m)
			steps = append(steps, s.Trail.Step(ctx, audit.Event{Action: "lose-lease", Object: messageObject(h.Key),
				Before: audit.Detail(map[string]any{"worker": worker, "account": h.Holder}), After: audit.Detail(map[string]any{"attempts": m.Attempts, "reason": m.Error})}))
			lost = append(lost, Lost{ID: h.ID, Worker: worker, Outcome: m.Outcome})
			return err
		})
		if err := postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.ShareQueues}, find); err != nil {
			return err
		}
		if len(steps) == 0 {
			return nil
		}
		if err := postgres.Batch(ctx, tx, steps...); err != nil {
			return err
		}
		return s.apply(ctx, tx, moves)
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

// Forget deletes a batch of ended messages that are past their retention and that all
// readers have read, and returns how many. It waits for readers no longer than Unread. Their keys are unknown from then on. Dead letters stay
// until they are redriven or purged. What the feed says of redrives is deleted along with what came after it.
func (s *Store) Forget(ctx context.Context) (int, error) {
	if s.policy.Retention <= 0 {
		return 0, nil
	}
	n, err := postgres.Exec(ctx, s.pool, s.sql.ForgetEnded, s.policy.Retention.Seconds(), sweepBatch, s.policy.Unread.Seconds())
	if err == nil {
		_, err = postgres.Exec(ctx, s.pool, s.sql.ForgetRedrives, sweepBatch)
	}
	if err != nil {
		return 0, fmt.Errorf("forget ended messages: %w", err)
	}
	return int(n), nil
}
