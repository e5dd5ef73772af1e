package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// The gap between the pickup of a message and the next one, in which a worker ends it and
// asks for another.
const (
	minGap = 5 * time.Millisecond
	maxGap = 25 * time.Millisecond
)

// warmUp is how many messages come before those that are measured.
const warmUp = 10

// pickups are how long messages took to an idle worker.
type pickups struct {
	begun    []time.Duration // from the beginning of the upload
	answered []time.Duration // from its answer; negative when that was later
	cpu      usage
}

// pickup measures how long it takes a message to reach an idle worker. The message
// service has one worker, which polls; River has its usual ones.
func (b *bench) pickup(ctx context.Context) error {
	all := make([]pickups, len(b.entrants))
	one := b.options
	one.workers = 1
	for range b.rounds {
		for i, e := range b.entrants {
			err := e.with(ctx, one, func(t *turn) error { return t.pickUp(ctx, (b.pickups+b.rounds-1)/b.rounds, &all[i]) })
			if err != nil {
				return err
			}
		}
	}
	t := newTable(b.out, fmt.Sprintf("Pickup: one message at a time and an idle worker, %d times, %v to %v after the pickup before", len(all[0].begun), minGap, maxGap),
		append([]string{"", "from the beginning of the upload: p50", "p99", "longest", "from its answer: p50", "p99", "longest"}, usageHeader...)...)
	for i, e := range b.entrants {
		p := all[i]
		t.add(e.name, quantile(p.begun, 0.5), quantile(p.begun, 0.99), quantile(p.begun, 1),
			quantile(p.answered, 0.5), quantile(p.answered, 0.99), quantile(p.answered, 1), p.cpu)
	}
	return t.end()
}

// pickUp adds messages one by one, each when a worker has had the one before for a while.
func (t *turn) pickUp(ctx context.Context, n int, p *pickups) error {
	taken := make(chan time.Time, 1)
	one := func(i int) error {
		time.Sleep(minGap + rand.N(maxGap-minGap))
		begin := time.Now()
		if err := t.addOne(ctx, i); err != nil {
			return err
		}
		answer := time.Now()
		got, err := receive(ctx, taken)
		if i >= warmUp && err == nil {
			p.begun, p.answered = append(p.begun, got.Sub(begin)), append(p.answered, got.Sub(answer))
		}
		return err
	}
	return t.working(ctx, seen{taken: func(int) { taken <- time.Now() }, ended: func(int) {}}, func() error {
		cpu, err := t.using(func() error {
			for i := range warmUp + n {
				if err := one(i); err != nil {
					return err
				}
			}
			return nil
		})
		p.cpu = p.cpu.plus(cpu, 1)
		return err
	})
}
