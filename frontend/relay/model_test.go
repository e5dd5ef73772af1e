package relay

import (
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// model is a job that is replaced, cancelled, run and retried while relays die, and
// while the queue hangs up, loses its answers and declines requests.
type model struct {
	*world
	r       *rapid.T
	id      job.ID
	horizon int  // of the last replacement that succeeded
	cancel  bool // succeeded, and no retry since
}

// keys lists the messages of the model's job that have not ended.
func (m *model) keys() (open []string) {
	for _, key := range m.queue.Keys() {
		id, _, _ := store.ParseKey(key)
		if id == m.id && m.queue.Message(key).State != message.Ended {
			open = append(open, key)
		}
	}
	return open
}

// allow fails unless err is nil or of one of the kinds.
func (m *model) allow(err error, kinds ...problem.Kind) {
	for _, kind := range kinds {
		if problem.Is(err, kind) {
			return
		}
	}
	if err != nil {
		m.r.Fatal(err)
	}
}

func (m *model) actions() map[string]func(*rapid.T) {
	ctx := m.Context()
	return map[string]func(*rapid.T){
		"replace": func(r *rapid.T) {
			j := m.read(m.id)
			p := m.replacement(j, rapid.IntRange(1, 1000).Draw(r, "horizon"))
			if rapid.Bool().Draw(r, "later") {
				p.Spec.NotBefore = time.Now().Add(time.Hour)
			}
			replaced, err := m.store.ReplaceUnsent(ctx, p)
			if err == nil && !replaced {
				if err = m.relay.Waits(ctx, j); err == nil || rapid.Bool().Draw(r, "leased meanwhile") {
					err = m.store.Supersede(ctx, p)
				}
			}
			m.allow(err, problem.Conflict, problem.Unavailable)
			if err == nil {
				m.horizon = p.Spec.Horizon
			}
		},
		"cancel": func(*rapid.T) {
			err := m.store.Cancel(ctx, m.id)
			m.allow(err, problem.Conflict)
			m.cancel = m.cancel || err == nil
		},
		"retry": func(*rapid.T) {
			err := m.store.Retry(ctx, m.id)
			m.allow(err, problem.Conflict)
			m.cancel = m.cancel && err != nil
		},
		"send":        func(*rapid.T) { m.relay.Wake(); _ = m.relay.send(ctx) }, // fails under a fault
		"time passes": func(*rapid.T) { m.pass(1) },
		"release":     func(*rapid.T) { _, _, err := m.store.Release(ctx, maxBatch); m.allow(err) },
		"collect":     func(*rapid.T) { m.collectAll() },
		"relay dies":  func(*rapid.T) { _, err := m.store.Take(ctx, 1, 1, 0); m.allow(err) },
		"slow relay": func(*rapid.T) {
			entries, err := m.store.Take(ctx, 10, 1<<20, 0)
			m.allow(err)
			other := another(m.store, m.queue)
			other.Wake()
			_ = other.send(ctx)
			for _, e := range entries {
				if e.Action == store.Enqueue {
					_ = m.relay.enqueue(ctx, []store.OutboxEntry{e})
				}
			}
		},
		"lease": func(r *rapid.T) {
			if open := m.keys(); len(open) > 0 {
				m.queue.Lease(rapid.SampledFrom(open).Draw(r, "key"), 0)
			}
		},
		"end": func(r *rapid.T) {
			if open := m.keys(); len(open) > 0 {
				key := rapid.SampledFrom(open).Draw(r, "key")
				m.queue.End(key, rapid.SampledFrom([]message.Result{m.computed(key), {Outcome: message.Failed, Error: "bad luck"}}).Draw(r, "result"))
			}
		},
		"fault": func(r *rapid.T) {
			m.fault(rapid.SampledFrom([]string{"none", "hang up", "lose", "decline"}).Draw(r, "fault"))
		},
		"": func(*rapid.T) { m.check() },
	}
}

func (m *model) fault(name string) {
	write := func(r *http.Request) bool { return r.Method == http.MethodDelete || r.URL.Path == "/v1/messages" }
	m.queue.Fault(nil)
	m.queue.Lose(nil)
	switch name {
	case "hang up":
		m.queue.Fault(func(_ http.ResponseWriter, r *http.Request) bool {
			if write(r) {
				panic(http.ErrAbortHandler)
			}
			return false
		})
	case "lose":
		m.queue.Lose(write)
	case "decline":
		m.queue.Fault(func(rw http.ResponseWriter, r *http.Request) bool {
			if write(r) {
				rw.WriteHeader(http.StatusUnauthorized)
			}
			return write(r)
		})
	}
}

// collectAll applies all results that there are.
func (m *model) collectAll() {
	for {
		from, err := m.store.Position(m.Context())
		m.allow(err)
		page, err := m.queue.Client().Results(m.Context(), from.At, 1, 0)
		m.allow(err)
		if len(page) == 0 {
			return
		}
		m.allow(m.relay.collect(m.Context()))
	}
}

// check compares the record with what was promised: it asks for what the last
// replacement asked for, and its answer is of that.
func (m *model) check() {
	j := m.read(m.id)
	if j.Spec.Horizon != m.horizon {
		m.r.Fatalf("the job asks for horizon %d, want %d", j.Spec.Horizon, m.horizon)
	}
	result, found, err := m.store.Result(m.Context(), m.id)
	m.allow(err)
	if found != (j.State == job.Done) {
		m.r.Fatalf("a job that is %s has a result: %v", j.State, found)
	}
	if !found {
		return
	}
	answer, err := job.ParseAnswer(result.Answer)
	m.allow(err)
	if got := int(answer.Overall.Mean[0]); got != m.horizon {
		m.r.Fatalf("the answer is of horizon %d, want %d", got, m.horizon)
	}
}

// settle ends the faults, and then everything that is under way.
func (m *model) settle() {
	m.fault("none")
	m.pass(1)
	_, _, err := m.store.Release(m.Context(), maxBatch)
	m.allow(err)
	m.drain()
	m.collectAll()
	j := m.read(m.id)
	for _, key := range m.keys() {
		s := m.queue.Message(key)
		if !s.CancelRequested && (key != j.Key() || j.State.Final() || j.Cancelling) {
			m.r.Fatalf("message %s is %s, and nobody waits for it: the job is %s in run %d", key, s.State, j.State, j.Run)
		}
		m.queue.End(key, m.computed(key))
	}
	m.collectAll()
	m.check()
	if got := m.read(m.id).State; !got.Final() {
		m.r.Fatalf("the job was never ended: it is %s", got)
	}
}

func TestAnswerIsOfTheLastReplacement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		m := &model{world: w, r: r, id: w.submit(1).ID, horizon: 1}
		defer m.fault("none")
		r.Repeat(m.actions())
		m.settle()
	})
}
