package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Results returns the messages that ended after a position, in the order in
// which they ended: at most limit, and fewer when they are large. A reader that
// continues from the last position misses nothing: positions are assigned under a
// lock that lasts until the commit, so they become visible in order. What was deleted
// before it was read is named as a gap. A position beyond the end of the feed was never
// assigned. It is a problem of kind Conflict, because the caller has read another feed.
// Redrives are not among the results, and leave their positions out.
func (s *Store) Results(ctx context.Context, after message.Position, limit int) (message.Results, error) {
	var found feed
	err := postgres.Batch(ctx, s.pool, found.steps(s, after, limit, false)...)
	if err != nil {
		return message.Results{}, fmt.Errorf("read results: %w", err)
	}
	page, err := found.page(after)
	if err != nil {
		return message.Results{}, fmt.Errorf("read results: %w", err)
	}
	return page, nil
}

// Read is Results for a reader that the feed knows from then on. The page has no results
// when its epoch is not the reader's: the reader's position means nothing in it. An
// epoch ends when a reader names a position that it was never given.
func (a Account) Read(ctx context.Context, r message.Reader, after message.Position, limit int) (page message.Results, err error) {
	err = postgres.Tx(ctx, a.store.pool, func(tx postgres.Transaction) error {
		var sent []message.Position
		var first []epoch
		var found feed
		err := postgres.Batch(ctx, tx, append([]postgres.Step{
			{Statement: a.store.sql.LockReader, Args: []any{a.account, r.Name}, Read: postgres.Into(&sent, pgx.RowTo[message.Position])},
			{Statement: a.store.sql.GetEpoch, Read: postgres.Into(&first, pgx.RowToStructByPos[epoch])}},
			found.steps(a.store, after, limit, r.Redriven)...)...)
		if err != nil {
			return err
		}
		current := first[0]
		if r.Epoch == current.ID && (len(sent) == 0 || after > sent[0]) {
			if _, err := postgres.Exec(ctx, tx, a.store.sql.BeginEpoch, string(r.Epoch)); err != nil {
				return err
			}
			if current, err = postgres.One(ctx, tx, pgx.RowToStructByPos[epoch], a.store.sql.GetEpoch); err != nil {
				return err
			}
		}
		if r.Epoch != "" && r.Epoch != current.ID {
			page = message.Results{Results: []message.Result{}, Epoch: current.ID}
			return nil
		}
		if page, err = found.page(after); err != nil {
			return err
		}
		last := after
		if n := len(page.Results); n > 0 {
			last = page.Results[n-1].Position
		}
		return postgres.Finish(ctx, tx, postgres.Step{Statement: a.store.sql.MoveReader, Args: []any{a.account, r.Name, int64(after), int64(last)}})
	})
	if err != nil {
		return message.Results{}, fmt.Errorf("read results: %w", err)
	}
	return page, nil
}

// epoch is which feed this is, and up to where results were deleted from it.
type epoch struct {
	ID        message.Epoch
	Forgotten message.Position
}

// feed is what is read of the feed for a page.
type feed struct {
	end     []message.Position
	results []message.Result
	current []epoch
}

// steps read it, with the redrives if redriven. The last one says what was deleted before the others ran.
func (f *feed) steps(s *Store, after message.Position, limit int, redriven bool) []postgres.Step {
	return []postgres.Step{
		{Statement: s.sql.GetFeedEnd, Read: postgres.Into(&f.end, pgx.RowTo[message.Position])},
		{Statement: s.sql.ListResults, Args: []any{int64(after), limit, maxResultBytes, redriven}, Read: postgres.Into(&f.results, scanResult)},
		{Statement: s.sql.GetEpoch, Read: postgres.Into(&f.current, pgx.RowToStructByPos[epoch])}}
}

func (f *feed) page(after message.Position) (message.Results, error) {
	if len(f.results) == 0 && after > f.end[0] {
		return message.Results{}, problem.Newf(problem.Conflict, "the feed ends at position %d: position %d belongs to the feed of another database", f.end[0], after)
	}
	page := message.Results{Results: f.results, Epoch: f.current[0].ID}
	if to := f.current[0].Forgotten; after < to {
		page.Gap = &message.Gap{After: after, To: to}
	}
	return page, nil
}

func scanResult(row pgx.CollectableRow) (message.Result, error) {
	var r message.Result
	var body *string
	var enqueued *time.Time
	err := row.Scan(&r.Position, &r.ID, &r.Key, &r.Outcome, &r.Revision, &r.Attempts, &body, &r.Parts, &r.Error,
		&r.LeasedAt, &r.EndedAt, &enqueued, &r.Token, &r.ByHolder, &r.Past)
	if enqueued != nil {
		r.EnqueuedAt = *enqueued
	}
	if body != nil {
		r.Result = json.RawMessage(*body)
	}
	return r, err
}
