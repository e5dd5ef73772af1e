package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/worker"
	"foliocast/queue/message"
)

// desk stands for the message service: it keeps the promises of leases and tokens in memory, and breaks all manners
// that a network allows. The real service meets the worker in the end-to-end tests.
type desk struct {
	t    *testing.T
	life time.Duration
	skew time.Duration // how far the service's clock is ahead

	mu      sync.Mutex
	letters []*letter
	change  chan struct{} // closed at the next change
	// trouble is asked before and after each call takes effect; an error from it is what the caller gets. A lease that
	// waits asks it when it begins, however often it looks.
	trouble func(call string, after bool) error
	// twist may change the verdicts that a caller gets.
	twist  func(call string, v []message.HeldVerdict) []message.HeldVerdict
	beats  int
	willed int // messages that a predecessor holds, the first ones
}

type letter struct {
	id       message.ID
	payload  json.RawMessage
	token    message.Token
	until    time.Time // of the lease
	cancel   bool
	progress []float64
	parts    map[int][]byte
	ended    []message.Completion // every end that took effect: exactly one is right
	released int
	leases   int
}

func newDesk(t *testing.T, tasks ...any) *desk {
	d := &desk{t: t, life: 30 * time.Second, change: make(chan struct{})}
	for i, task := range tasks {
		payload, err := json.Marshal(task)
		if err != nil {
			t.Fatal(err)
		}
		d.letters = append(d.letters, &letter{id: message.ID(fmt.Sprintf("m%d", i)), payload: payload})
	}
	return d
}

// call runs one operation under the lock, with its troubles.
func (d *desk) call(ctx context.Context, name string, do func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	trouble := d.trouble
	if trouble == nil {
		trouble = func(string, bool) error { return nil }
	}
	if err := trouble(name, false); err != nil {
		return err
	}
	if err := d.look(ctx, do); err != nil {
		return err
	}
	return trouble(name, true)
}

// look runs one operation without trouble. The lock is held.
func (d *desk) look(ctx context.Context, do func()) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	do()
	close(d.change)
	d.change = make(chan struct{})
	return nil
}

func (d *desk) Inherit(ctx context.Context, _ string) (n int, err error) {
	err = d.call(ctx, "inherit", func() {
		for _, l := range d.letters[:d.willed] {
			l.until = time.Time{}
		}
		n, d.willed = d.willed, 0
	})
	return n, err
}

func (d *desk) Lease(ctx context.Context, _ string, most int, wait time.Duration, _ ...string) (leases []message.Lease, err error) {
	take := func() {
		for _, l := range d.letters {
			if len(leases) < most && len(l.ended) == 0 && time.Now().After(l.until) {
				l.token++
				l.leases++
				l.until = time.Now().Add(d.life)
				leases = append(leases, message.Lease{ID: l.id, Token: l.token, Attempt: l.leases, ExpiresAt: l.until.Add(d.skew), Seconds: d.life.Seconds(), Payload: l.payload})
			}
		}
	}
	// The real service waits as long as it is asked to; nobody learns more from that here.
	end := time.Now().Add(min(wait, 50*time.Millisecond))
	for err = d.call(ctx, "lease", take); err == nil && len(leases) == 0 && time.Now().Before(end); {
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
		d.mu.Lock()
		err = d.look(ctx, take)
		d.mu.Unlock()
	}
	return leases, err
}

// held finds the letter of a lease that is still good.
func (d *desk) held(h message.Held) *letter {
	for _, l := range d.letters {
		if l.id == h.ID && l.token == h.Token && len(l.ended) == 0 && l.until.After(time.Now()) {
			return l
		}
	}
	return nil
}

func each[T any](d *desk, ctx context.Context, name string, items []T, key func(T) message.Held, do func(*letter, T) message.Verdict) ([]message.HeldVerdict, error) {
	var verdicts []message.HeldVerdict
	err := d.call(ctx, name, func() {
		for _, item := range items {
			v := message.HeldVerdict{Held: key(item), Verdict: message.Stale}
			if l := d.held(v.Held); l != nil {
				v.Verdict = do(l, item)
				v.ExpiresAt = l.until
			}
			verdicts = append(verdicts, v)
		}
		if d.twist != nil {
			verdicts = d.twist(name, verdicts)
		}
	})
	if err != nil {
		return nil, err
	}
	return verdicts, nil
}

func (d *desk) Heartbeat(ctx context.Context, beats []message.Beat) ([]message.HeldVerdict, error) {
	return each(d, ctx, "heartbeat", beats, func(b message.Beat) message.Held { return b.Held }, func(l *letter, b message.Beat) message.Verdict {
		d.beats++
		l.progress = append(l.progress, b.Progress)
		l.until = time.Now().Add(d.life)
		if l.cancel {
			return message.Stop
		}
		return message.Extended
	})
}

func (d *desk) Complete(ctx context.Context, all []message.Completion) ([]message.HeldVerdict, error) {
	return each(d, ctx, "complete", all, func(c message.Completion) message.Held { return c.Held }, func(l *letter, c message.Completion) message.Verdict {
		if c.Retryable {
			l.until = time.Time{}
			return message.Accepted
		}
		l.ended = append(l.ended, c)
		return message.Accepted
	})
}

func (d *desk) Release(ctx context.Context, all []message.Held) ([]message.HeldVerdict, error) {
	return each(d, ctx, "release", all, func(h message.Held) message.Held { return h }, func(l *letter, _ message.Held) message.Verdict {
		l.released++
		l.until = time.Time{}
		return message.Accepted
	})
}

func (d *desk) PutPart(ctx context.Context, part message.Part) (message.HeldVerdict, error) {
	v, err := each(d, ctx, "part", []message.Part{part}, func(p message.Part) message.Held { return p.Held }, func(l *letter, p message.Part) message.Verdict {
		if l.parts == nil {
			l.parts = make(map[int][]byte)
		}
		l.parts[p.Index] = p.Body
		return message.Accepted
	})
	if err != nil || len(v) == 0 {
		return message.HeldVerdict{}, err
	}
	return v[0], nil
}

// await returns when the condition holds, which is looked at under the lock after each call.
func (d *desk) await(what string, condition func() bool) {
	d.t.Helper()
	end := time.After(2 * time.Minute) // a bound on hangs
	for {
		d.mu.Lock()
		ok, change := condition(), d.change
		d.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-change:
		case <-end:
			d.t.Errorf("waited too long for: %s", what)
			return
		}
	}
}

// answer is the one answer to letter i.
func (d *desk) answer(i int) job.Answer {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.letters[i]
	if len(l.ended) != 1 || l.ended[0].Result == nil {
		d.t.Fatalf("letter %d ended with %+v, want one result", i, l.ended)
	}
	a, err := job.ParseAnswer(l.ended[0].Result)
	if err != nil {
		d.t.Fatalf("letter %d: %v in %s", i, err, l.ended[0].Result)
	}
	for k := range l.ended[0].Parts {
		var part []job.Asset
		if err := json.Unmarshal(l.parts[k], &part); err != nil {
			d.t.Fatalf("part %d: %v", k, err)
		}
		a.Assets = append(a.Assets, part...)
	}
	return a
}

var _ worker.Queue = (*desk)(nil)

// errWire is an answer that did not arrive.
var errWire = &problem.Unreachable{URL: "http://desk", Err: errors.New("connection reset")}

// stormy lets calls fail at random: before they took effect, or after, and answers be cut short, doubled or nonsense.
func (d *desk) stormy(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	d.trouble = func(string, bool) error {
		switch random.IntN(12) {
		case 0:
			return errWire
		case 1:
			return problem.New(problem.Internal, "out of order")
		}
		return nil
	}
	d.twist = func(_ string, v []message.HeldVerdict) []message.HeldVerdict {
		switch random.IntN(12) {
		case 0:
			return nil
		case 1:
			return append(v, v...)
		case 2:
			for i := range v {
				v[i].Verdict = "perhaps"
			}
		case 3:
			return append(v, message.HeldVerdict{Held: message.Held{ID: "nobody's", Token: 9}, Verdict: message.Stale})
		}
		return v
	}
}
