package main

import (
	"context"
	"fmt"
	"time"
)

// shallow is the number of waiting messages to compare with.
const shallow = 1000

// deep measures uploads and claims of one message each before few and before many
// waiting messages. River's claim is the statement of its producer, without what happens
// around it.
func (b *bench) deep(ctx context.Context) error {
	t := table{
		title:  fmt.Sprintf("Depth: uploads and claims of one message, %d in turn", b.calls),
		header: []string{"", "waiting", "upload p50", "p99", "longest", "claim p50", "p99", "longest", "CPU s: PostgreSQL", "service", "client"},
	}
	for _, e := range b.entrants {
		err := e.with(ctx, func(turn *turn) error {
			next := 0
			for _, depth := range []int{shallow, b.depth} {
				begun := time.Now()
				if err := turn.add(ctx, next, depth); err != nil {
					return err
				}
				if depth > shallow {
					t.note("%s: %d messages added in %.0f s", e.name, depth, time.Since(begun).Seconds())
				}
				next += depth
				if err := turn.vacuum(ctx); err != nil {
					return err
				}
				adds, claims, cpu, err := turn.oneByOne(ctx, next, b.calls)
				if err != nil {
					return err
				}
				next += b.calls
				t.add(e.name, depth, quantile(adds, 0.5), quantile(adds, 0.99), quantile(adds, 1),
					quantile(claims, 0.5), quantile(claims, 0.99), quantile(claims, 1), cpu.postgres, cpu.service, cpu.client)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return t.print(b.out)
}

// oneByOne adds a message and claims one, again and again.
func (t *turn) oneByOne(ctx context.Context, first, calls int) (adds, claims []time.Duration, cpu usage, err error) {
	before, err := t.used()
	for i := 0; i < calls && err == nil; i++ {
		begun := time.Now()
		if err = t.addOne(ctx, first+i); err != nil {
			break
		}
		adds = append(adds, time.Since(begun))
		begun = time.Now()
		err = t.claim(ctx)
		claims = append(claims, time.Since(begun))
	}
	if err == nil {
		cpu, err = t.used()
	}
	return adds, claims, cpu.since(before), err
}
