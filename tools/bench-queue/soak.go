package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// beat is how often soak adds messages.
const beat = 20 * time.Millisecond

// soaks gives each contender a constant load for a long time.
func (b *bench) soaks(ctx context.Context) error {
	title := fmt.Sprintf("Soak: %d messages a second, added every %v, for %v", b.soakRate, beat, b.soak)
	if b.soakOpen {
		title += ", beside an open transaction"
	}
	t := newTable(b.out, title, append([]string{"", "until", "ended/s", "pickup p50", "p99", "longest", "tables MB", "dead rows",
		"memory MB: PostgreSQL", "service"}, usageHeader...)...)
	for _, e := range b.entrants {
		err := e.with(ctx, b.options, func(turn *turn) error {
			if b.soakOpen {
				release, err := turn.hold(ctx)
				if err != nil {
					return err
				}
				defer release()
			}
			return b.soakOne(ctx, turn, t)
		})
		if err != nil {
			return err
		}
	}
	return t.end()
}

// soakOne adds messages at their times, and writes a row now and then.
func (b *bench) soakOne(ctx context.Context, turn *turn, t *table) error {
	each := max(int(float64(b.soakRate)*beat.Seconds()), 1)
	w := &watch{each: each}
	return turn.working(ctx, seen{w.taken, w.ended}, func() error {
		begun := time.Now()
		end := begun.Add(b.soak)
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(1 + b.senders)
		group.Go(func() error {
			for from := begun; from.Before(end); {
				until := from.Add(min(b.soakEvery, end.Sub(from)))
				cells, err := turn.period(ctx, w, until)
				if err != nil {
					return err
				}
				t.add(append([]any{turn.name, until.Sub(begun).String()}, cells...)...)
				from = until
			}
			return nil
		})
		for i := 0; ; i++ {
			due := begun.Add(time.Duration(i) * beat)
			if !due.Before(end) || sleepUntil(ctx, due) != nil {
				return group.Wait()
			}
			w.due(due)
			group.Go(func() error { return turn.add(ctx, i*each, each) }) // waits while all senders are busy
		}
	})
}

// period waits for the end of a period and returns what happened in it.
func (t *turn) period(ctx context.Context, w *watch, until time.Time) ([]any, error) {
	took := time.Until(until)
	cpu, err := t.using(func() error { return sleepUntil(ctx, until) })
	if err != nil {
		return nil, err
	}
	size, dead, err := t.tables(ctx)
	if err != nil {
		return nil, err
	}
	postgres, err := memory(t.server.pid())
	service := uint64(0)
	if pid := t.contender.pid(); err == nil && pid != 0 {
		service, err = memory(pid)
	}
	times, ended := w.read()
	return []any{rate(float64(ended) / took.Seconds()), quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1),
		size / 1e6, dead, postgres / 1e6, service / 1e6, cpu}, err
}

// sleepUntil waits for a time, unless ctx ends before.
func sleepUntil(ctx context.Context, end time.Time) error {
	timer := time.NewTimer(time.Until(end))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tables returns how many bytes all tables have, with their indexes, and how many dead rows.
func (t *turn) tables(ctx context.Context) (size, dead int64, err error) {
	conn, err := pgx.Connect(ctx, t.server.url(t.database))
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT sum(pg_total_relation_size(relid))::bigint, sum(n_dead_tup)::bigint FROM pg_stat_user_tables").Scan(&size, &dead)
	return size, dead, err
}

// watch takes down what happens to messages, numbered in batches of the same size. Safe for
// concurrent use.
type watch struct {
	each int

	mu    sync.Mutex
	dues  []time.Time // of the batches
	times []time.Duration
	count int
}

// due says when the next batch is due; a late one counts from then.
func (w *watch) due(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dues = append(w.dues, at)
}

func (w *watch) taken(number int) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.times = append(w.times, now.Sub(w.dues[number/w.each]))
}

func (w *watch) ended(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count += n
}

// read returns what happened since the last time.
func (w *watch) read() (times []time.Duration, ended int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	times, ended = w.times, w.count
	w.times, w.count = nil, 0
	return times, ended
}
