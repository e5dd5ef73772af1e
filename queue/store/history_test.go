package store_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/queue/message"
	"foliocast/queue/store"
)

// model is the contract of the store in memory: every operation runs on both, and
// both must agree.
type model struct {
	*fixture
	instances []store.Account // of two processes
	messages  []*modelMessage // in upload order
	leases    []message.Lease // every lease ever given
	feed      []modelEnd
	queues    int // names given so far
	names     []string
	paused    map[string]bool
	next      int // messages dealt since the last dealing
	dealing   *modelDealing
	came      []*modelMessage // back from a removed queue since the last check
}

// modelDealing is a dealing under way.
type modelDealing struct {
	to     []string
	passed int // of messages
	dealt  int
	last   bool
}

// active returns the queues that are dealt to.
func (m *model) active() []string {
	some := slices.DeleteFunc(slices.Clone(m.names), func(n string) bool { return m.paused[n] })
	if len(some) == 0 {
		return m.names
	}
	return some
}

// turn returns the queue of the next message that is dealt.
func (m *model) turn() string {
	to := m.active()
	m.next++
	return to[(m.next-1)%len(to)]
}

type modelMessage struct {
	id       message.ID
	key      string
	priority int
	queue    string // of a message in flight; of what came back from a removed queue, as the store says
	state    message.State
	outcome  message.Outcome
	token    message.Token
	settled  message.Token // tokens up to this one change nothing
	byHolder bool
	worker   string
	attempts int
	lost     int
	cancel   bool
	revision int
}

type modelEnd struct {
	ID       message.ID
	Outcome  message.Outcome
	Attempts int
}

func (m *model) find(id message.ID) *modelMessage {
	return m.messages[slices.IndexFunc(m.messages, func(x *modelMessage) bool { return x.id == id })]
}

func (m *model) end(x *modelMessage, o message.Outcome, byHolder bool) {
	x.state, x.outcome, x.byHolder, x.cancel, x.worker = message.Ended, o, byHolder, false, ""
	m.feed = append(m.feed, modelEnd{x.id, o, x.attempts})
}

// wait brings a message back: to its queue, or to another when that is removed.
func (m *model) wait(x *modelMessage) {
	x.state, x.worker, x.cancel = message.Waiting, "", false
	if !slices.Contains(m.names, x.queue) {
		m.came = append(m.came, x)
	}
}

// eligible reports whether a waiting message may be leased from its queue. What is left in a
// removed queue may be, as long as one is not paused.
func (m *model) eligible(x *modelMessage) bool {
	if slices.Contains(m.names, x.queue) {
		return !m.paused[x.queue]
	}
	return slices.ContainsFunc(m.names, func(n string) bool { return !m.paused[n] })
}

// step passes the next messages of a dealing.
func (m *model) step(t *rapid.T) {
	done, err := m.Step(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if m.dealing == nil {
		if !done {
			t.Fatal("there is no dealing, and a step says that it goes on")
		}
		return
	}
	d := m.dealing
	if to := m.active(); !slices.Equal(d.to, to) {
		*d = modelDealing{to: slices.Clone(to), last: d.last && d.passed == 0}
	}
	seen := 0
	for i := d.passed; i < len(m.messages) && seen < modelStep; i++ {
		x := m.messages[i]
		if x.state != message.Waiting {
			continue
		}
		seen++
		d.passed = i + 1
		if slices.Contains(m.names, x.queue) && !slices.Contains(d.to, x.queue) {
			continue // its queue is paused
		}
		x.queue = d.to[d.dealt%len(d.to)]
		d.dealt++
	}
	end := seen < modelStep && d.last
	d.last = seen < modelStep
	if done != end {
		t.Fatalf("a step that saw %d messages of %+v: done is %v", seen, d, done)
	}
	if end {
		m.next, m.dealing = d.dealt, nil
	}
}

// modelStep is how many messages a step passes.
const modelStep = 2

func (m *model) suspect(x *modelMessage) bool {
	return x.lost > 0 && x.attempts+1 >= m.Policy().MaxAttempts
}

func (m *model) enqueue(t *rapid.T) {
	var all []message.New
	var added []*modelMessage
	for range rapid.IntRange(1, 4).Draw(t, "n") {
		x := &modelMessage{key: fmt.Sprint(len(m.messages) + len(added)), state: message.Waiting, revision: 1,
			priority: rapid.IntRange(-1, 1).Draw(t, "priority")}
		added = append(added, x)
		all = append(all, message.New{Key: x.key, Priority: x.priority, Payload: json.RawMessage(`1`)})
	}
	if len(m.messages) > 0 && rapid.Bool().Draw(t, "again") {
		all = append(all, message.New{Key: rapid.SampledFrom(m.messages).Draw(t, "known").key, Payload: json.RawMessage(`2`)})
	}
	for _, x := range added {
		x.queue = m.turn()
	}
	receipts, err := m.Enqueue(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range receipts {
		if r.Duplicate != (i >= len(added)) {
			t.Fatalf("message %d: duplicate is %v", i, r.Duplicate)
		}
		if i < len(added) {
			added[i].id = r.ID
		}
	}
	m.messages = append(m.messages, added...)
}

// expected returns what a worker gets: the most urgent first, but a suspect alone,
// and only when the worker holds nothing.
func (m *model) expected(worker string, max int) []*modelMessage {
	var waiting, got []*modelMessage
	busy, alone := false, false
	for _, x := range m.messages {
		switch {
		case x.state == message.Waiting && m.eligible(x):
			waiting = append(waiting, x)
		case x.state == message.Leased && x.worker == worker:
			busy, alone = true, alone || m.suspect(x)
		}
	}
	slices.SortStableFunc(waiting, func(a, b *modelMessage) int { return cmp.Compare(b.priority, a.priority) })
	for i, x := range waiting {
		if len(got) == max || alone || m.suspect(x) && (i > 0 || busy) {
			break
		}
		got = append(got, x)
		if m.suspect(x) {
			break
		}
	}
	return got
}

func (m *model) claim(t *rapid.T) {
	worker := rapid.SampledFrom([]string{message.Incarnation("v", "1"), message.Incarnation("w", "1")}).Draw(t, "worker")
	max := rapid.IntRange(1, 5).Draw(t, "max")
	want := m.expected(worker, max)
	got, err := rapid.SampledFrom(m.instances).Draw(t, "instance").Claim(context.Background(), nil, max, worker, "")
	leases := got.Leases
	if err != nil {
		t.Fatal(err)
	}
	var wantKeys []string
	for _, x := range want {
		wantKeys = append(wantKeys, x.key)
	}
	if got := keysOf(leases); !slices.Equal(got, wantKeys) {
		t.Fatalf("leased %v, want %v", got, wantKeys)
	}
	for i, l := range leases {
		x := want[i]
		if l.Token <= x.token || l.Attempt != x.attempts+1 || l.Revision != x.revision {
			t.Fatalf("got %+v after %+v", l, x)
		}
		x.state, x.token, x.worker = message.Leased, l.Token, worker
	}
	m.leases = append(m.leases, leases...)
}

// check compares the messages of both.
func (m *model) check(t *rapid.T) {
	var ids []message.ID
	for _, x := range m.messages {
		ids = append(ids, x.id)
	}
	all, err := m.Status(context.Background(), nil, ids)
	if err != nil || len(all) != len(ids) {
		t.Fatalf("got %d messages of %d, %v", len(all), len(ids), err)
	}
	for _, s := range all {
		x := m.find(s.ID)
		if s.State != x.state || s.Outcome != x.outcome || s.Attempts != x.attempts || s.Revision != x.revision || s.CancelRequested != x.cancel {
			t.Fatalf("got %+v, want %+v", s, x)
		}
		if s.State == message.Waiting && m.dealing == nil && !slices.Contains(m.names, s.Queue) {
			t.Fatalf("message %s waits in %q, which does not exist", s.Key, s.Queue)
		}
		if s.State == message.Waiting && slices.Contains(m.came, x) {
			x.queue = s.Queue
		}
		if s.State != message.Ended && s.Queue != x.queue {
			t.Fatalf("message %s is in %q, want %q", s.Key, s.Queue, x.queue)
		}
	}
	m.came = nil
	m.checkDepth(t)
	var feed []modelEnd
	results, err := m.Read(context.Background(), message.Reader{Name: "r", Redriven: true}, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results.Results {
		if r.Position != message.Position(i+1) {
			t.Fatalf("result %d has position %d", i, r.Position)
		}
		feed = append(feed, modelEnd{r.ID, r.Outcome, r.Attempts})
	}
	if d := gocmp.Diff(feed, m.feed); d != "" {
		t.Fatal(d)
	}
}

// checkDepth compares how many messages the queues have.
func (m *model) checkDepth(t *rapid.T) {
	queues, err := m.Queues(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, q := range queues {
		names = append(names, q.Name)
		waiting, leased := 0, 0
		for _, x := range m.messages {
			switch {
			case x.queue != q.Name:
			case x.state == message.Waiting:
				waiting++
			case x.state == message.Leased:
				leased++
			}
		}
		if q.Waiting != waiting || q.Leased != leased || (q.OldestAge > 0) != (waiting > 0) {
			t.Fatalf("got %+v, want %d waiting and %d leased", q, waiting, leased)
		}
	}
	if !slices.Equal(names, m.names) {
		t.Fatalf("the queues are %v, want %v", names, m.names)
	}
}

// fold sums up the numbers of messages. Counting all of them finds nothing wrong.
func (m *model) fold(t *rapid.T) {
	if _, err := m.Fold(context.Background()); err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "count") {
		m.exec("UPDATE fold SET counted_at = '-infinity'")
		if n, err := m.Count(context.Background()); err != nil || n != 0 {
			t.Fatalf("%d queues have another number of messages, %v", n, err)
		}
	}
}

// TestHistoryIsAlwaysLegal runs random operations by two workers and a
// producer, late and repeated ones among them, against the model.
func TestHistoryIsAlwaysLegal(t *testing.T) {
	t.Parallel()
	f := open(t, store.Policy{Lease: time.Hour, MaxAttempts: 3, DealStep: modelStep, DealAtOnce: -1})
	instances := []store.Account{f.Account, store.New(f.pool, f.Policy()).Account("worker")}
	rapid.Check(t, func(t *rapid.T) {
		f.begin()
		m := &model{fixture: f, instances: instances, names: []string{"default"}, paused: map[string]bool{}}
		leased := func(action func(*rapid.T)) func(*rapid.T) {
			return func(t *rapid.T) {
				if len(m.leases) > 0 {
					action(t)
				}
			}
		}
		sent := func(action func(*rapid.T)) func(*rapid.T) {
			return func(t *rapid.T) {
				if len(m.messages) > 0 {
					action(t)
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"enqueue": m.enqueue, "claim": m.claim, "claim more": m.claim, "queues": m.changeQueues, "pause": m.pause, "step": m.step, "further step": m.step,
			"complete": leased(m.complete), "release": leased(m.release), "heartbeat": leased(m.heartbeat), "expire": leased(m.expire),
			"inherit": m.inherit, "fold": m.fold,
			"cancel": sent(m.cancel), "replace": sent(m.replace), "retry": sent(m.retry),
			"": m.check,
		})
	})
}
