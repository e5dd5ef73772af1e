package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// Account is what one account may do with leases. A lease belongs to the account that
// claimed it: for every other, its token is stale. Safe for concurrent use.
type Account struct {
	store   *Store
	account account
}

// account names an account: the subject of its tokens.
type account string

// Account returns the leases of the account whose tokens have the subject.
func (s *Store) Account(subject string) Account { return Account{s, account(subject)} }

// holds reports whether a lease of the holder is this account's. Leases from before
// holders were recorded are anybody's.
func (a Account) holds(holder account) bool { return holder == a.account || holder == "" }

func unknownQueues(asked, unknown []string) error {
	err := &ItemsError{Reason: ErrUnknownQueue}
	for i, name := range asked {
		if slices.Contains(unknown, name) {
			err.add(i, "names no queue: there is no %q", name)
		}
	}
	return err
}

// orNull turns an empty list into null, which means all queues.
func orNull(names []string) any {
	if len(names) == 0 {
		return nil
	}
	return names
}

// Heartbeat renews leases and records their progress.
func (a Account) Heartbeat(ctx context.Context, beats []message.Beat) ([]message.HeldVerdict, error) {
	verdicts := make([]message.HeldVerdict, len(beats))
	err := postgres.Tx(ctx, a.store.pool, func(tx postgres.Transaction) error {
		found, err := a.store.hold(ctx, tx, idsOf(beats, func(b message.Beat) message.ID { return b.ID }), false)
		if err != nil {
			return err
		}
		var ids []string
		var progress []float64
		for i, b := range beats {
			verdicts[i] = message.HeldVerdict{Held: b.Held, Verdict: message.Stale}
			h, ok := found.held[b.ID]
			if !ok || !h.Leased || h.Token != b.Token || !a.holds(h.Holder) {
				continue
			}
			verdicts[i].Verdict = message.Extended
			if h.CancelRequested {
				verdicts[i].Verdict = message.Stop
			}
			ids = append(ids, string(b.ID))
			progress = append(progress, b.Progress)
		}
		if ids == nil {
			return nil
		}
		until := make(map[message.ID]time.Time, len(ids))
		err = postgres.Batch(ctx, tx, postgres.Step{Statement: a.store.sql.RenewLeases, Args: []any{ids, progress, a.store.policy.Lease.Seconds()},
			Read: postgres.Each(func(row pgx.CollectableRow) error {
				var id message.ID
				var t time.Time
				err := row.Scan(&id, &t)
				until[id] = t
				return err
			})})
		for i := range verdicts {
			if verdicts[i].Verdict != message.Stale {
				verdicts[i].ExpiresAt = until[verdicts[i].ID]
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("heartbeat: %w", err)
	}
	return verdicts, nil
}

// GiveBack returns leases whose caller has disconnected before it had them, as Release does. It
// leaves those that have been renewed: the caller has repeated its request, and has them.
func (a Account) GiveBack(ctx context.Context, leases []message.Lease) error {
	ids := idsOf(leases, func(l message.Lease) message.ID { return l.ID })
	_, err := a.store.settle(ctx, ids, func(i int, f found) (message.HeldVerdict, *move) {
		h, ok := f.held[leases[i].ID]
		if !ok || h.Until == nil || !h.Until.Equal(leases[i].ExpiresAt) {
			return message.HeldVerdict{}, nil
		}
		_, m := a.store.policy.release(h, leases[i].Token)
		return message.HeldVerdict{}, m
	})
	if err != nil {
		return fmt.Errorf("give leases back: %w", err)
	}
	return nil
}

// Release returns leases: their messages wait again, and the leases do not count
// as attempts. A message that its producer cancelled ends instead.
func (a Account) Release(ctx context.Context, all []message.Held) ([]message.HeldVerdict, error) {
	ids := idsOf(all, func(h message.Held) message.ID { return h.ID })
	verdicts, err := a.store.settle(ctx, ids, func(i int, f found) (message.HeldVerdict, *move) {
		v := message.HeldVerdict{Held: all[i], Verdict: message.Stale}
		var m *move
		if h, ok := f.held[all[i].ID]; ok && a.holds(h.Holder) {
			v.Verdict, m = a.store.policy.release(h, all[i].Token)
		} else if e, ok := f.seen[all[i].ID]; ok && a.holds(e.Holder) {
			v.Verdict = e.repeat(all[i].Token, true)
		}
		return v, m
	})
	if err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	return verdicts, nil
}
