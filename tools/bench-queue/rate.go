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
	err = e.with(ctx, func(t *turn) error {
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
		last := make(chan time.Time, 1)
		took, stop, err := t.workAll(ctx, b.messages, func(number int) {
			if number == b.messages {
				last <- time.Now()
			}
		})
		if err != nil {
			return err
		}
		l.work = took
		if l.cpu, err = t.used(); err != nil {
			return err
		}
		l.cpu = l.cpu.since(before)
		begun = time.Now()
		if err := t.addOne(ctx, b.messages); err != nil {
			return err
		}
		got, err := receive(ctx, last)
		if err != nil {
			return err
		}
		l.after = got.Sub(begun)
		return stop()
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
	t := table{
		title:  fmt.Sprintf("Rate: %d no-op messages, added and then worked off; medians of %d rounds in turn", b.messages, b.rounds),
		header: []string{"", "added/s", "worked/s", "total/s", "total/s of each round", "CPU s: PostgreSQL", "service", "client", "sum", "one more, right after: median", "longest"},
	}
	for _, held := range kinds {
		for _, e := range b.entrants {
			name := rateName(e, held)
			t.add(append([]any{name}, b.rateCells(loads[name])...)...)
		}
	}
	total := func(name string) float64 { return median(loads[name], b.totalRate) }
	cpu := func(name string) float64 { return median(loads[name], func(l load) float64 { return l.cpu.sum() }) }
	if len(b.entrants) == 2 {
		ours, theirs := b.entrants[0], b.entrants[1]
		for _, held := range kinds {
			t.note("%s / %s: total rate %.2f, CPU time %.2f", rateName(ours, held), rateName(theirs, held),
				total(rateName(ours, held))/total(rateName(theirs, held)), cpu(rateName(ours, held))/cpu(rateName(theirs, held)))
		}
	}
	if open {
		for _, e := range b.entrants {
			t.note("%s, with / without an open transaction: total rate %.2f, CPU time %.2f", e.name,
				total(rateName(e, true))/total(rateName(e, false)), cpu(rateName(e, true))/cpu(rateName(e, false)))
		}
	}
	return t.print(b.out)
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
		rate(of(b.totalRate)), each[1:],
		of(func(l load) float64 { return l.cpu.postgres }), of(func(l load) float64 { return l.cpu.service }),
		of(func(l load) float64 { return l.cpu.client }), of(func(l load) float64 { return l.cpu.sum() }),
		quantile(after, 0.5), quantile(after, 1),
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
