package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"foliocast/queue/message"
	"foliocast/queue/store"
)

// crowd is many workers and producers that use a store at the same time, and the
// verdicts that they got.
type crowd struct {
	*fixture
	mu       sync.Mutex
	greatest map[message.ID]message.Token // token by message
	accepted map[message.ID][]string      // results that were accepted
	ids      []message.ID                 // of all messages
}

func (c *crowd) fail(what string, err error) {
	if err != nil {
		c.t.Errorf("%s: %v", what, err)
	}
}

// work leases messages and ends them, some by a late or a repeated call.
func (c *crowd) work(ctx context.Context, name string, random *rand.Rand) {
	var late []message.Completion
	for ctx.Err() == nil {
		leases, err := c.Claim(ctx, nil, 1+random.IntN(20), name, "")
		if ctx.Err() != nil {
			return
		}
		c.fail("claim", err)
		c.leased(leases)
		var beats []message.Beat
		var released []message.Held
		var all []message.Completion
		for _, l := range leases {
			beats = append(beats, message.Beat{Held: held(l), Progress: 0.5})
			result := message.Completion{Held: held(l), Result: json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(name, l.Token)))}
			switch random.IntN(6) {
			case 0:
				released = append(released, held(l))
			case 1:
				all = append(all, failed(l, true))
			case 2:
				late = append(late, result) // until others may have it
			default:
				all = append(all, result)
			}
		}
		if random.IntN(3) == 0 {
			all, late = append(all, late...), nil
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if len(beats) > 0 {
			_, err = c.Heartbeat(context.Background(), beats)
			c.fail("heartbeat", err)
		}
		if len(released) > 0 {
			_, err = c.Release(context.Background(), released)
			c.fail("release", err)
		}
		for range 1 + random.IntN(2) { // the first answer may have been lost
			c.end(all)
		}
	}
}

func (c *crowd) leased(leases []message.Lease) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range leases {
		if l.Token <= c.greatest[l.ID] {
			c.t.Errorf("token %d was given after %d", l.Token, c.greatest[l.ID])
		}
		c.greatest[l.ID] = l.Token
	}
}

func (c *crowd) end(all []message.Completion) {
	if len(all) == 0 {
		return
	}
	verdicts, err := c.Complete(context.Background(), all)
	c.fail("complete", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, v := range verdicts {
		if v.Verdict == message.Accepted && all[i].Error == "" {
			c.accepted[v.ID] = append(c.accepted[v.ID], string(all[i].Result))
		}
	}
}

// disturb changes random messages and the queues as producers and operators may at
// any time.
func (c *crowd) disturb(ctx context.Context, random *rand.Rand) {
	for round := 0; ctx.Err() == nil; round++ {
		id := c.ids[random.IntN(len(c.ids))]
		var err error
		switch random.IntN(4) {
		case 0:
			c.exec("UPDATE message SET leased_until = now() WHERE id IN (SELECT id FROM message WHERE leased_until IS NOT NULL AND random() < 0.3 FOR UPDATE SKIP LOCKED)")
			_, err = c.Expire(context.Background(), time.Now())
		case 1:
			_, err = c.AddQueue(context.Background(), message.NewQueue{Name: fmt.Sprint("q", round)}, false)
		case 2:
			var queues []message.Queue
			if queues, err = c.Queues(context.Background()); err == nil && len(queues) > 1 {
				_, err = c.RemoveQueue(context.Background(), queues[random.IntN(len(queues))].Name, false)
			}
		default:
			if random.IntN(4) == 0 {
				_, err = c.Cancel(context.Background(), id)
			}
		}
		c.fail("disturb", err)
	}
}

// With many at once no call fails, there is no deadlock, and each message ends once,
// with a result whose worker got the verdict accepted.
func TestCrowdEndsEachMessageOnce(t *testing.T) {
	t.Parallel()
	f := open(t, store.Policy{Lease: time.Hour, MaxAttempts: 1000})
	c := &crowd{fixture: f, greatest: map[message.ID]message.Token{}, accepted: map[message.ID][]string{}}
	for _, r := range f.add(0, 600) {
		c.ids = append(c.ids, r.ID)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() { c.work(ctx, fmt.Sprint("w", w), rand.New(rand.NewPCG(2, uint64(w)))) })
	}
	wg.Go(func() { c.disturb(ctx, rand.New(rand.NewPCG(3, 0))) })
	var last message.Position
	ended := map[message.ID]message.Result{}
	for len(ended) < len(c.ids) && ctx.Err() == nil {
		read, err := f.Results(ctx, last, 100)
		page := read.Results
		c.fail("results", err)
		for _, r := range page {
			if _, twice := ended[r.ID]; twice || r.Position != last+1 {
				t.Errorf("position %d after %d, twice: %v", r.Position, last, twice)
			}
			last, ended[r.ID] = r.Position, r
		}
		_, err = f.Fold(ctx)
		c.fail("fold", err)
	}
	stop()
	wg.Wait()
	if len(ended) != len(c.ids) {
		t.Fatalf("%d of %d messages ended", len(ended), len(c.ids))
	}
	f.exec("UPDATE fold SET counted_at = '-infinity'")
	if n, err := f.Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d queues have another number of messages, %v", n, err)
	}
	for id, r := range ended {
		for _, a := range c.accepted[id] {
			if r.Outcome != message.Completed || a != string(r.Result) {
				t.Errorf("a worker got accepted for the result %s, but the message ended as %s with %s", a, r.Outcome, r.Result)
			}
		}
		if r.Outcome == message.Completed && c.accepted[id] == nil {
			t.Errorf("no worker got accepted for the result %s", r.Result)
		}
	}
}
