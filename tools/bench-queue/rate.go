package main

import (
	"context"
	"fmt"
	"time"
)

// load is what one load of messages took.
type load struct {
	add, work time.Duration
	cpu       usage
	after     time.Duration // from adding one more message, right after the load, to a worker that has it
}

// loaded runs one load, on an empty database, perhaps beside an open transaction.
func (b *bench) loaded(ctx context.Context, e *entrant, held bool) (l load, err error) {
	err = e.with(ctx, b.options, func(t *turn) error {
		if held {
			release, err := t.hold(ctx)
			if err != nil {
				return err
			}
			defer release()
		}
		before, err := t.used()
		if err != nil {
			return err
		}
		begun := time.Now()
		if err := t.add(ctx, 0, b.messages); err != nil {
			return err
		}
		l.add = time.Since(begun)
		all, last := newCounter(b.messages), make(chan time.Time, 1)
		taken := func(number int) {
			if number == b.messages {
				last <- time.Now()
			}
		}
		begun = time.Now()
		return t.working(ctx, seen{taken, all.add}, func() error {
			if err := all.wait(ctx); err != nil {
				return err
			}
			l.work = time.Since(begun)
			after, err := t.used()
			if err != nil {
				return err
			}
			l.cpu = after.plus(before, -1)
			begun := time.Now()
			if err := t.addOne(ctx, b.messages); err != nil {
				return err
			}
			got, err := receive(ctx, last)
			l.after = got.Sub(begun)
			return err
		})
	})
	return l, err
}

// rates measures loads in turn, with and, if asked to, without an open transaction.
func (b *bench) rates(ctx context.Context, open bool) error {
	loads := map[string][]load{}
	kinds := []bool{false}
	if open {
		kinds = append(kinds, true)
	}
	for range b.rounds {
		for _, held := range kinds {
			for _, e := range b.entrants {
				l, err := b.loaded(ctx, e, held)
				if err != nil {
					return err
				}
				name := rateName(e, held)
				loads[name] = append(loads[name], l)
			}
		}
	}
	t := newTable(b.out, fmt.Sprintf("Rate: %d no-op messages, added and then worked off; medians of %d rounds in turn", b.messages, b.rounds),
		append([]string{"", "added/s", "worked/s", "total/s", "total/s of each round", "one more, right after: median", "longest"}, usageHeader...)...)
	for _, held := range kinds {
		for _, e := range b.entrants {
			name := rateName(e, held)
			t.add(append([]any{name}, b.rateCells(loads[name])...)...)
		}
	}
	total := func(name string) float64 { return median(loads[name], b.totalRate) }
	cpu := func(name string) float64 { return median(loads[name], func(l load) float64 { return l.cpu.sum() }) }
	for _, other := range b.entrants[1:] {
		for _, held := range kinds {
			first, other := rateName(b.entrants[0], held), rateName(other, held)
			t.note("%s / %s: total rate %.2f, CPU time %.2f", first, other, total(first)/total(other), cpu(first)/cpu(other))
		}
	}
	if open {
		for _, e := range b.entrants {
			t.note("%s, with / without an open transaction: total rate %.2f, CPU time %.2f", e.name,
				total(rateName(e, true))/total(rateName(e, false)), cpu(rateName(e, true))/cpu(rateName(e, false)))
		}
	}
	return t.end()
}

func rateName(e *entrant, held bool) string {
	if held {
		return e.name + ", open transaction"
	}
	return e.name
}

func (b *bench) totalRate(l load) float64 {
	return float64(b.messages) / (l.add + l.work).Seconds()
}

func (b *bench) rateCells(loads []load) []any {
	of := func(value func(load) float64) float64 { return median(loads, value) }
	each := ""
	var after []time.Duration
	for _, l := range loads {
		each += fmt.Sprintf(" %.0f", b.totalRate(l))
		after = append(after, l.after)
	}
	return []any{
		rate(of(func(l load) float64 { return float64(b.messages) / l.add.Seconds() })),
		rate(of(func(l load) float64 { return float64(b.messages) / l.work.Seconds() })),
		rate(of(b.totalRate)), each[1:], quantile(after, 0.5), quantile(after, 1),
		usage{of(func(l load) float64 { return l.cpu.postgres }), of(func(l load) float64 { return l.cpu.service }),
			of(func(l load) float64 { return l.cpu.client }), of(func(l load) float64 { return l.cpu.others })},
	}
}

// receive waits for a value.
func receive[T any](ctx context.Context, values <-chan T) (v T, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no worker got the message in %v", patience))
	defer cancel()
	select {
	case v = <-values:
		return v, nil
	case <-ctx.Done():
		return v, context.Cause(ctx)
	}
}
