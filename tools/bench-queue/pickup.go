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

// pickup measures how long it takes a message to reach an idle worker. The message
// service has one worker, which polls; River has its usual ones.
func (b *bench) pickup(ctx context.Context) error {
	t := table{
		title: fmt.Sprintf("Pickup: one message at a time and an idle worker, %d times, %v to %v after the pickup before", b.pickups, minGap, maxGap),
		header: []string{"", "from the beginning of the upload: p50", "p99", "longest", "from its answer: p50", "p99", "longest",
			"CPU s: PostgreSQL", "service", "client"},
	}
	one := *b
	one.workers = 1
	for _, e := range b.entrants {
		solo := *e
		solo.open = map[string]opener{"foliocast": one.openFoliocast, "river": one.openRiver}[e.name]
		err := solo.with(ctx, func(turn *turn) error {
			begun, answered, cpu, err := turn.pickups(ctx, b.pickups)
			if err == nil {
				t.add(e.name, quantile(begun, 0.5), quantile(begun, 0.99), quantile(begun, 1),
					quantile(answered, 0.5), quantile(answered, 0.99), quantile(answered, 1), cpu.postgres, cpu.service, cpu.client)
			}
			return err
		})
		if err != nil {
			return err
		}
		e.databases = solo.databases
	}
	return t.print(b.out)
}

// pickups adds messages one by one, and returns the times until a worker has each: from
// the beginning of the upload, and from its answer.
func (t *turn) pickups(ctx context.Context, n int) (begun, answered []time.Duration, cpu usage, err error) {
	taken := make(chan time.Time, 1)
	stop, err := t.work(ctx, seen{taken: func(int) { taken <- time.Now() }, ended: func(int) {}})
	if err != nil {
		return nil, nil, cpu, err
	}
	before, err := t.used()
	for i := 0; i < n && err == nil; i++ {
		time.Sleep(minGap + rand.N(maxGap-minGap))
		begin := time.Now()
		if err = t.addOne(ctx, i); err != nil {
			break
		}
		answer := time.Now()
		var got time.Time
		if got, err = receive(ctx, taken); err == nil {
			begun, answered = append(begun, got.Sub(begin)), append(answered, got.Sub(answer))
		}
	}
	if err == nil {
		cpu, err = t.used()
	}
	if stopped := stop(); err == nil {
		err = stopped
	}
	return begun, answered, cpu.since(before), err
}
