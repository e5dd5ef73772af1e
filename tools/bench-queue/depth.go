package main

import (
	"context"
	"fmt"
	"time"
)

// shallow is the number of waiting messages to compare with.
const shallow = 1000

// block is how many calls of each kind a contender has in its turn.
const block = 50

// singles are how long calls with one message took, and the CPU time of these and of
// ending what was claimed.
type singles struct {
	adds, claims []time.Duration
	cpu          usage
}

// deep measures uploads and claims of one message each before few and before many
// waiting messages. River's claim is the statement of its producer, without what happens
// around it.
func (b *bench) deep(ctx context.Context) error {
	t := newTable(b.out, fmt.Sprintf("Depth: uploads and claims of one message, %d in turn", b.calls),
		append([]string{"", "waiting", "upload p50", "p99", "longest", "claim p50", "p99", "longest"}, usageHeader...)...)
	err := b.together(ctx, func(turns []*turn) error {
		next := 0
		for _, depth := range []int{shallow, b.depth} {
			for _, turn := range turns {
				begun := time.Now()
				if err := turn.add(ctx, next, depth); err != nil {
					return err
				}
				if depth > shallow {
					t.note("%s: %d messages added in %.1f s", turn.name, depth, time.Since(begun).Seconds())
				}
				if err := turn.vacuum(ctx); err != nil {
					return err
				}
			}
			next += depth
			all := make([]singles, len(turns))
			for done := 0; done < b.calls; done += block {
				for i, turn := range turns {
					if err := turn.oneByOne(ctx, next+done, min(block, b.calls-done), &all[i]); err != nil {
						return err
					}
				}
			}
			next += b.calls
			for i, s := range all {
				t.add(turns[i].name, depth, quantile(s.adds, 0.5), quantile(s.adds, 0.99), quantile(s.adds, 1),
					quantile(s.claims, 0.5), quantile(s.claims, 0.99), quantile(s.claims, 1), s.cpu)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.end()
}

// oneByOne adds a message, claims one and ends it, again and again.
func (t *turn) oneByOne(ctx context.Context, first, n int, s *singles) error {
	cpu, err := t.using(func() error {
		for i := range n {
			begun := time.Now()
			if err := t.addOne(ctx, first+i); err != nil {
				return err
			}
			added := time.Now()
			end, err := t.claim(ctx)
			if err != nil {
				return err
			}
			s.adds, s.claims = append(s.adds, added.Sub(begun)), append(s.claims, time.Since(added))
			if err := end(); err != nil {
				return err
			}
		}
		return nil
	})
	s.cpu = s.cpu.plus(cpu, 1)
	return err
}
