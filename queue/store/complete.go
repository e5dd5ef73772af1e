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
// when a result counts parts that were not sent under its token; then none of the calls with parts or errors
// is changed.
func (a Account) Complete(ctx context.Context, all []message.Completion) ([]message.HeldVerdict, error) {
	verdicts, err := a.complete(ctx, all)
	if err != nil {
		return nil, fmt.Errorf("complete: %w", err)
	}
	return verdicts, nil
}

func (a Account) complete(ctx context.Context, all []message.Completion) ([]message.HeldVerdict, error) {
	verdicts := make([]message.HeldVerdict, len(all))
	ended, err := a.completeWhole(ctx, all)
	if err != nil {
		return nil, err
	}
	var rest []message.Completion
	var places []int
	for i, c := range all {
		verdicts[i] = message.HeldVerdict{Held: c.Held, Verdict: message.Accepted}
		if !ended[c.Held] {
			rest, places = append(rest, c), append(places, i)
		}
	}
	if rest == nil {
		return verdicts, nil
	}
	ids := idsOf(rest, func(c message.Completion) message.ID { return c.ID })
	judged, err := a.store.settle(ctx, ids, func(i int, f found) (message.HeldVerdict, *move) {
		c := rest[i]
		v := message.HeldVerdict{Held: c.Held, Verdict: message.Stale}
		var m *move
		if h, ok := f.held[c.ID]; ok && a.holds(h.Holder) {
			v.Verdict, m = a.store.policy.complete(h, c)
		} else if e, ok := f.seen[c.ID]; ok && a.holds(e.Holder) {
			v.Verdict = e.repeat(c.Token, c.Error != "")
		}
		return v, m
	})
	if err != nil {
		return nil, err
	}
	for i, v := range judged {
		verdicts[places[i]] = v
	}
	return verdicts, nil
}

// completeWhole ends the messages of a call in which all have a whole result, as far as nothing
// speaks against it, and returns which it ended. What it leaves needs a closer look.
func (a Account) completeWhole(ctx context.Context, all []message.Completion) (map[message.Held]bool, error) {
	if slices.ContainsFunc(all, func(c message.Completion) bool { return c.Result == nil || c.Parts > 0 || c.Error != "" }) {
		return nil, nil
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
	ended := make(map[message.Held]bool, len(all))
	err := postgres.Batch(ctx, a.store.pool,
		postgres.Step{Statement: a.store.sql.ShareQueues},
		postgres.Step{Statement: a.store.sql.PlanByIndex},
		postgres.Step{Statement: a.store.sql.CompleteMessages, Args: []any{ids, tokens, results, places, a.account}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			var h message.Held
			err := row.Scan(&h.ID, &h.Token)
			ended[h] = true
			return err
		})},
		a.store.notify(resultTopic))
	return ended, err
}
