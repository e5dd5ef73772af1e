package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// Complete ends leases with a result or an error. The same call again gets the
// same verdicts and changes nothing. The error is an ItemsError, ErrMissingParts,
// when a result counts parts that were not sent under its token; then none of the
// completions with parts or errors changes anything.
func (a Account) Complete(ctx context.Context, all []message.Completion) ([]message.HeldVerdict, error) {
	verdicts, err := a.complete(ctx, all)
	if err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	return verdicts, nil
}

func (a Account) complete(ctx context.Context, all []message.Completion) ([]message.HeldVerdict, error) {
	if n, err := a.completeWhole(ctx, all); err != nil || n == len(all) {
		verdicts := make([]message.HeldVerdict, len(all))
		for i, c := range all {
			verdicts[i] = message.HeldVerdict{Held: c.Held, Verdict: message.Accepted}
		}
		return verdicts, err
	}
	ids := idsOf(all, func(c message.Completion) message.ID { return c.ID })
	return a.store.settle(ctx, ids, func(i int, f found) (message.HeldVerdict, *move) {
		c := all[i]
		v := message.HeldVerdict{Held: c.Held, Verdict: message.Stale}
		var m *move
		if h, ok := f.held[c.ID]; ok && a.holds(h.Holder) {
			v.Verdict, m = a.store.policy.complete(h, c)
		} else if e, ok := f.seen[c.ID]; ok && a.holds(e.Holder) {
			v.Verdict = e.repeat(c.Token, c.Error != "")
		}
		return v, m
	})
}

// completeWhole ends the messages of a call in which all have a whole result, as far as nothing
// speaks against it, and returns how many. If it leaves some, the call has to be repeated with a closer look,
// which accepts what this has ended.
func (a Account) completeWhole(ctx context.Context, all []message.Completion) (int, error) {
	if slices.ContainsFunc(all, func(c message.Completion) bool { return c.Result == nil || c.Parts > 0 || c.Error != "" }) {
		return 0, nil
	}
	places := make([]int, len(all))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(i, j int) int { return cmp.Compare(all[i].ID, all[j].ID) })
	ids, tokens, results := make([]string, len(all)), make([]int64, len(all)), make([]string, len(all))
	for i, place := range places {
		c := all[place]
		ids[i], tokens[i], results[i] = string(c.ID), int64(c.Token), string(c.Result)
	}
	var n int
	err := postgres.Batch(ctx, a.store.pool,
		postgres.Step{Statement: a.store.sql.ShareQueues},
		postgres.Step{Statement: a.store.sql.PlanByIndex},
		postgres.Step{Statement: a.store.sql.CompleteMessages, Args: []any{ids, tokens, results, places, a.account},
			Read: postgres.Each(func(row pgx.CollectableRow) error { return row.Scan(&n) })},
		a.store.notify(resultTopic))
	return n, err
}
