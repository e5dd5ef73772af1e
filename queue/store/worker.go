package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

const (
	// ReportEvery is how often a worker is asked to report.
	ReportEvery = 3 * time.Second
	// SilentAfter is how long after its last report a worker is still listed.
	SilentAfter = 15 * time.Second
	// maxWorkers bounds the rows of one account. Instances that add rows at the same moment may exceed it by a few.
	maxWorkers = 1000
	// maxHolders bounds the list of the workers that do not report.
	maxHolders = 100
)

// silent is how long after its last report a worker is listed, in seconds.
func (s *Store) silent() float64 { return cmp.Or(s.policy.Silent, SilentAfter).Seconds() }

// Report keeps what a worker of the account says of itself, in place of what it said before. Workers of the same lineage that were born
// before it are dead, and no longer listed. The error is a problem of kind TooMany when the account has too many others.
func (a Account) Report(ctx context.Context, r message.Report) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode a report: %w", err)
	}
	if len(text) > message.MaxReportBytes {
		return problem.Newf(problem.TooLarge, "the report has %d bytes: it may have %d", len(text), message.MaxReportBytes)
	}
	n, err := postgres.Exec(ctx, a.store.pool, a.store.sql.UpdateWorker, a.account, r.Worker, string(text))
	if err == nil && n == 0 {
		err = a.join(ctx, r, string(text))
	}
	if err != nil {
		return fmt.Errorf("keep a report: %w", err)
	}
	return nil
}

// join adds a worker, in place of those that it follows or that are silent.
func (a Account) join(ctx context.Context, r message.Report, text string) error {
	return postgres.Tx(ctx, a.store.pool, func(tx postgres.Transaction) error {
		if _, err := postgres.Exec(ctx, tx, a.store.sql.ForgetWorkers, a.store.silent()); err != nil {
			return err
		}
		if lineage, ok := message.Lineage(r.Worker); ok {
			if _, err := postgres.Exec(ctx, tx, a.store.sql.DropPredecessors, a.account, r.Worker, message.Incarnation(lineage, "")); err != nil {
				return err
			}
		}
		n, err := postgres.Exec(ctx, tx, a.store.sql.AddWorker, a.account, r.Worker, text, r.Up, maxWorkers)
		if err == nil && n == 0 {
			return problem.Newf(problem.TooMany, "the account has %d workers that report: no more are listed", maxWorkers).RetryAfter(SilentAfter)
		}
		return err
	})
}

// Leave removes a worker of the account from the list. It is no error when it is not listed.
func (a Account) Leave(ctx context.Context, worker string) error {
	if _, err := postgres.Exec(ctx, a.store.pool, a.store.sql.DropWorker, a.account, worker); err != nil {
		return fmt.Errorf("remove a worker: %w", err)
	}
	return nil
}

// Workers lists the workers of all accounts that have reported lately, in the order of their first reports, behind the
// id after. What it takes grows with the number of leases.
func (s *Store) Workers(ctx context.Context, after int64, limit int) (message.Workers, error) {
	page := message.Workers{}
	steps := []postgres.Step{{Statement: s.sql.ListWorkers, Args: []any{after, limit, s.silent()}, Read: postgres.Into(&page.Workers, scanWorker)}}
	if after == 0 {
		steps = append(steps, postgres.Step{Statement: s.sql.ListHolders, Args: []any{maxHolders, s.silent()}, Read: postgres.Into(&page.Others, pgx.RowToStructByPos[message.Holder])})
	}
	if err := postgres.Batch(ctx, s.pool, steps...); err != nil {
		return page, fmt.Errorf("list workers: %w", err)
	}
	if len(page.Workers) == limit {
		page.Next = page.Workers[limit-1].ID
	}
	return page, nil
}

func scanWorker(row pgx.CollectableRow) (w message.Worker, err error) {
	var report string
	if err := row.Scan(&w.ID, &w.Account, &w.Since, &w.Silent, &w.Leases, &report); err != nil {
		return w, err
	}
	return w, json.Unmarshal([]byte(report), &w.Report)
}

// ForgetWorkers deletes what workers said that are silent. They are not listed before.
func (s *Store) ForgetWorkers(ctx context.Context) error {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.ForgetWorkers, s.silent()); err != nil {
		return fmt.Errorf("forget workers: %w", err)
	}
	return nil
}
