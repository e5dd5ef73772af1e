package worker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/worker"
	"foliocast/queue/contract"
	"foliocast/queue/message"
)

// fakeQueue is the message service in memory. It keeps the contract of the real service, and fails as a network does when a
// test tells it to.
type fakeQueue struct {
	t    *testing.T
	life time.Duration // of a lease
	skew time.Duration // how far the service's clock is ahead

	mu       sync.Mutex
	messages []*fakeMessage // in upload order
	change   chan struct{}  // closed at the next change
	// fault is called before and after each call takes effect; its error is what the caller gets. It is called once for
	// a Lease, however long that waits.
	fault func(call string, after bool) error
	// garble may change the verdicts that a caller gets.
	garble func(call string, v []message.HeldVerdict) []message.HeldVerdict
	beats  int

	reports     []message.Report
	left        []string // workers that said that they end
	traceparent string   // of every lease
}

// fakeMessage is one message, with what the worker did to it.
type fakeMessage struct {
	id       message.ID
	payload  json.RawMessage
	token    message.Token
	worker   string    // that leased it last
	expires  time.Time // of the lease; zero without one
	given    string    // how the worker gave up the last lease: "result", "error", "retry", "release", or "" while it has it
	cancel   bool
	progress []float64
	parts    map[int][]byte       // of the last lease
	earlier  map[int][]byte       // of those before
	ended    []message.Completion // every end that took effect: there may be only one
	released int
	leases   int
}

// gone reports whether the message has ended, or was cancelled while nobody had it.
func (m *fakeMessage) gone() bool { return len(m.ended) > 0 || m.cancel && !m.leased() }

func (m *fakeMessage) leased() bool { return time.Now().Before(m.expires) }

// giveUp ends the lease.
func (m *fakeMessage) giveUp(how string) {
	m.given, m.expires = how, time.Time{}
}

func newFakeQueue(t *testing.T, tasks ...any) *fakeQueue {
	q := &fakeQueue{t: t, life: 30 * time.Second, change: make(chan struct{})}
	for _, task := range tasks {
		q.enqueue(task)
	}
	return q
}

// enqueue adds the message of a task. It must not be called while the lock is held.
func (q *fakeQueue) enqueue(task any) {
	payload, err := json.Marshal(task)
	if err != nil {
		q.t.Fatal(err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = append(q.messages, &fakeMessage{id: message.ID(fmt.Sprintf("m%d", len(q.messages))), payload: payload})
	q.changed()
}

// changed wakes those who wait for a change. The lock is held.
func (q *fakeQueue) changed() {
	close(q.change)
	q.change = make(chan struct{})
}

// call runs one operation under the lock, with its faults.
func (q *fakeQueue) call(ctx context.Context, name string, do func()) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	fault := q.fault
	if fault == nil {
		fault = func(string, bool) error { return nil }
	}
	if err := fault(name, false); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	do()
	q.changed()
	return fault(name, true)
}

func (q *fakeQueue) Inherit(ctx context.Context, worker string) (n int, err error) {
	lineage, _ := message.Lineage(worker)
	err = q.call(ctx, "inherit", func() {
		for _, m := range q.messages {
			if of, ok := message.Lineage(m.worker); ok && of == lineage && m.worker < worker && m.leased() {
				m.expires = time.Time{}
				n++
			}
		}
	})
	return n, err
}

func (q *fakeQueue) Lease(ctx context.Context, name string, limit int, wait time.Duration, _ ...string) (leases []message.Lease, err error) {
	err = q.call(ctx, "lease", func() { leases = q.claim(name, limit) })
	// The real service would wait for as long as it is asked to, which would teach a test nothing.
	end := time.After(min(wait, 50*time.Millisecond))
	for err == nil && len(leases) == 0 {
		q.mu.Lock()
		change := q.change
		q.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end:
			return nil, nil
		case <-change:
		case <-time.After(10 * time.Millisecond): // a lease may have expired
		}
		q.mu.Lock()
		leases = q.claim(name, limit)
		q.mu.Unlock()
	}
	return leases, err
}

// claim leases up to limit messages. The lock is held.
func (q *fakeQueue) claim(name string, limit int) (leases []message.Lease) {
	for _, m := range q.messages {
		if len(leases) == limit {
			break
		}
		if m.gone() || m.leased() {
			continue
		}
		m.token++
		m.leases++
		if m.earlier == nil {
			m.earlier = make(map[int][]byte)
		}
		maps.Copy(m.earlier, m.parts)
		m.worker, m.given, m.parts = name, "", nil
		m.expires = time.Now().Add(q.life)
		leases = append(leases, message.Lease{ID: m.id, Token: m.token, Attempt: m.leases - m.released,
			ExpiresAt: m.expires.Add(q.skew), Seconds: q.life.Seconds(), Key: "key-" + string(m.id), RequestID: "request-" + string(m.id), Traceparent: q.traceparent, Payload: m.payload})
	}
	if len(leases) > 0 {
		q.changed()
	}
	return leases
}

// last finds the message whose last lease is h.
func (q *fakeQueue) last(h message.Held) *fakeMessage {
	for _, m := range q.messages {
		if m.id == h.ID && m.token == h.Token {
			return m
		}
	}
	return nil
}

// each applies one operation to every item. One whose lease has ended is stale, unless the same call ended it: its first
// answer may have been lost. how names what the call does to the lease, or is "" when the lease stays valid.
func each[T any](ctx context.Context, q *fakeQueue, name string, items []T, key func(T) message.Held, how func(T) string, do func(*fakeMessage, T) message.Verdict) ([]message.HeldVerdict, error) {
	var verdicts []message.HeldVerdict
	err := q.call(ctx, name, func() {
		for _, item := range items {
			v := message.HeldVerdict{Held: key(item), Verdict: message.Stale}
			switch m := q.last(v.Held); {
			case m == nil:
			case m.leased():
				v.Verdict = do(m, item)
				v.ExpiresAt = m.expires
			case m.given != "" && m.given == how(item):
				v.Verdict = message.Accepted
			}
			verdicts = append(verdicts, v)
		}
		if q.garble != nil {
			verdicts = q.garble(name, verdicts)
		}
	})
	if err != nil {
		return nil, err
	}
	return verdicts, nil
}

func goesOn[T any](T) string { return "" }

func (q *fakeQueue) Heartbeat(ctx context.Context, beats []message.Beat) ([]message.HeldVerdict, error) {
	held := func(b message.Beat) message.Held { return b.Held }
	return each(ctx, q, "heartbeat", beats, held, goesOn, func(m *fakeMessage, b message.Beat) message.Verdict {
		q.beats++
		m.progress = append(m.progress, b.Progress)
		m.expires = time.Now().Add(q.life)
		if m.cancel {
			return message.Stop
		}
		return message.Extended
	})
}

// howItEnds is what a completion does to its lease.
func howItEnds(c message.Completion) string {
	switch {
	case c.Error == "":
		return "result"
	case c.Retryable:
		return "retry"
	}
	return "error"
}

func (q *fakeQueue) Complete(ctx context.Context, all []message.Completion) ([]message.HeldVerdict, error) {
	if err := q.checkParts(all); err != nil {
		return nil, err
	}
	held := func(c message.Completion) message.Held { return c.Held }
	return each(ctx, q, "complete", all, held, howItEnds, func(m *fakeMessage, c message.Completion) message.Verdict {
		m.giveUp(howItEnds(c))
		if !c.Retryable || m.cancel {
			m.ended = append(m.ended, c)
		}
		return message.Accepted
	})
}

// checkParts refuses completions that count parts which were not sent.
func (q *fakeQueue) checkParts(all []message.Completion) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range all {
		m := q.last(c.Held)
		for i := range c.Parts {
			if m != nil && m.leased() && m.parts[i] == nil {
				return problem.New(problem.Invalid, "results count parts that were not sent: nothing was changed")
			}
		}
	}
	return nil
}

func (q *fakeQueue) Release(ctx context.Context, all []message.Held) ([]message.HeldVerdict, error) {
	held := func(h message.Held) message.Held { return h }
	released := func(message.Held) string { return "release" }
	return each(ctx, q, "release", all, held, released, func(m *fakeMessage, _ message.Held) message.Verdict {
		m.released++
		m.giveUp("release")
		return message.Accepted
	})
}

func (q *fakeQueue) PutPart(ctx context.Context, part message.Part) (message.HeldVerdict, error) {
	held := func(p message.Part) message.Held { return p.Held }
	v, err := each(ctx, q, "part", []message.Part{part}, held, goesOn, func(m *fakeMessage, p message.Part) message.Verdict {
		if m.parts == nil {
			m.parts = make(map[int][]byte)
		}
		m.parts[p.Index] = p.Body
		return message.Accepted
	})
	if err != nil || len(v) == 0 {
		return message.HeldVerdict{}, err
	}
	return v[0], nil
}

func (q *fakeQueue) HeldPart(ctx context.Context, lease message.Held, index int) (body []byte, err error) {
	failed := q.call(ctx, "held part", func() {
		m := q.last(lease)
		if m == nil || !m.leased() {
			err = problem.New(problem.Conflict, "the lease has ended")
			return
		}
		if body = m.parts[index]; body == nil {
			body = m.earlier[index]
		}
		if body == nil {
			err = problem.New(problem.NotFound, "no lease has sent the part")
		}
	})
	if failed != nil {
		return nil, failed
	}
	return body, err
}

func (q *fakeQueue) Report(ctx context.Context, r message.Report) (time.Duration, error) {
	return 100 * time.Millisecond, q.call(ctx, "report", func() { q.reports = append(q.reports, r) })
}

func (q *fakeQueue) Leave(ctx context.Context, worker string) error {
	return q.call(ctx, "leave", func() { q.left = append(q.left, worker) })
}

var _ worker.Queue = (*fakeQueue)(nil)

// await returns when the condition holds, or when the test is over. The condition is called under the lock after each change.
func (q *fakeQueue) await(what string, condition func() bool) {
	q.t.Helper()
	end := time.After(2 * time.Minute) // a bound on hangs
	for {
		q.mu.Lock()
		ok, change := condition(), q.change
		q.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-change:
		case <-q.t.Context().Done():
			return
		case <-end:
			q.t.Errorf("waited too long for: %s", what)
			return
		}
	}
}

// answer is the only answer to message i.
func (q *fakeQueue) answer(i int) job.Answer {
	q.t.Helper()
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.messages[i]
	if len(m.ended) != 1 || m.ended[0].Result == nil {
		q.t.Fatalf("message %d ended with %+v, want one result", i, m.ended)
	}
	a, err := job.ParseAnswer(m.ended[0].Result)
	if err != nil {
		q.t.Fatalf("message %d: %v in %s", i, err, m.ended[0].Result)
	}
	for k := range m.ended[0].Parts {
		var part []job.Asset
		if err := json.Unmarshal(m.parts[k], &part); err != nil {
			q.t.Fatalf("part %d: %v", k, err)
		}
		a.Assets = append(a.Assets, part...)
	}
	return a
}

func TestTheFakeQueueKeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.Work(t, func(t *testing.T, payloads ...json.RawMessage) contract.WorkerService {
		q := newFakeQueue(t)
		for _, p := range payloads {
			q.enqueue(p)
		}
		return contract.WorkerService{
			Worker: q,
			Cancel: func(id message.ID) {
				q.mu.Lock()
				defer q.mu.Unlock()
				for _, m := range q.messages {
					m.cancel = m.cancel || m.id == id
				}
			},
			Expire: func() {
				q.mu.Lock()
				defer q.mu.Unlock()
				for _, m := range q.messages {
					m.expires = time.Time{}
				}
			},
		}
	})
}
