// Package trail keeps the audit trail of a service in the table audit of its schema. The
// table is append-only: PostgreSQL refuses to change an event, and to delete one of the last
// 30 days. Each store has the table from a migration of its own.
package trail

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
)

//go:embed queries/*.sql
var files embed.FS

type statements struct {
	AddEvent, ForgetEvents, ListEvents postgres.Statement
}

// Trail is the audit trail of one service. Safe for concurrent use.
type Trail struct {
	pool *pgxpool.Pool
	sql  statements
}

// New returns the trail in the schema of a pool.
func New(pool *pgxpool.Pool) *Trail {
	return &Trail{pool: pool, sql: postgres.Load[statements](files)}
}

// MinKeep is how long events are kept at least: the table refuses to forget younger ones.
const MinKeep = 30 * 24 * time.Hour

// maxText bounds each text of an event, in bytes.
const maxText = 500

// Add adds an event in a transaction, the one that makes the change. What the event does
// not say itself comes from the request that ctx belongs to.
func (t *Trail) Add(ctx context.Context, tx postgres.DB, e audit.Event) error {
	_, err := postgres.Exec(ctx, tx, t.sql.AddEvent, args(e.Complete(ctx))...)
	return err
}

// Step returns the addition of an event as a step of a batch.
func (t *Trail) Step(ctx context.Context, e audit.Event) postgres.Step {
	return postgres.Step{Statement: t.sql.AddEvent, Args: args(e.Complete(ctx))}
}

// AddAll adds events that belong to no other change, all or none.
func (t *Trail) AddAll(ctx context.Context, events []audit.Event) error {
	err := postgres.Tx(ctx, t.pool, func(tx postgres.Transaction) error {
		for _, e := range events {
			if err := t.Add(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add to the audit trail: %w", err)
	}
	return nil
}

func args(e audit.Event) []any {
	a := e.Actor
	all := []any{}
	for _, text := range []string{a.Subject, a.Name, a.Client, a.Token, a.Session, e.OnBehalfOf, e.Action, e.Object.Kind, e.Object.ID} {
		all = append(all, cut(text))
	}
	return append(all, orNull(e.Before), orNull(e.After), cut(e.Source), cut(e.RequestID), string(e.Outcome), cut(e.Reason), e.Times)
}

// cut makes text that a caller chose short, and such that it can be kept.
func cut(text string) string {
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
}

func orNull(text json.RawMessage) *string {
	if text == nil {
		return nil
	}
	return new(string(text))
}

// List returns at most limit events that the filter selects, the latest first. An event
// of a transaction that takes long can appear behind later ones.
func (t *Trail) List(ctx context.Context, f audit.Filter, limit int) ([]audit.Event, error) {
	// With a plan made for these values, each filter can use its index.
	events, err := postgres.Collect(ctx, t.pool, scan, t.sql.ListEvents, pgx.QueryExecModeDescribeExec,
		f.Actor, f.Action, f.Object.Kind, f.Object.ID, string(f.Outcome), timeOrNull(f.Since), timeOrNull(f.Until), f.Before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the audit trail: %w", err)
	}
	return events, nil
}

func scan(row pgx.CollectableRow) (e audit.Event, err error) {
	a := &e.Actor
	var before, after *string
	err = row.Scan(&e.Position, &e.At, &a.Subject, &a.Name, &a.Client, &a.Token, &a.Session, &e.OnBehalfOf, &e.Action, &e.Object.Kind, &e.Object.ID,
		&before, &after, &e.Source, &e.RequestID, &e.Outcome, &e.Reason, &e.Times)
	if before != nil {
		e.Before = json.RawMessage(*before)
	}
	if after != nil {
		e.After = json.RawMessage(*after)
	}
	e.At = e.At.UTC()
	return e, err
}

func timeOrNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// forgetBatch bounds how many events one transaction forgets.
const forgetBatch = 1000

// Forget deletes events that are older than keep, and returns how many. It stops at a
// batch that is not full, or when ctx ends.
func (t *Trail) Forget(ctx context.Context, keep time.Duration) (int, error) {
	forgotten := 0
	for {
		n, err := postgres.Exec(ctx, t.pool, t.sql.ForgetEvents, max(keep, MinKeep), forgetBatch)
		if err != nil {
			return forgotten, fmt.Errorf("forget old events of the audit trail: %w", err)
		}
		forgotten += int(n)
		if n < forgetBatch {
			return forgotten, nil
		}
	}
}
