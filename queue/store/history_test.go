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
	messages []*modelMessage // in upload order
	leases   []message.Lease // every lease ever given
	feed     []modelEnd
	queues   int // names given so far
	names    []string
}

type modelMessage struct {
	id       message.ID
	key      string
	priority int
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

func (m *model) wait(x *modelMessage) { x.state, x.worker, x.cancel = message.Waiting, "", false }

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
		case x.state == message.Waiting:
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
	leases, err := m.Claim(context.Background(), nil, max, worker, "")
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
		if s.State != message.Ended && !slices.Contains(m.names, s.Queue) && s.State == message.Waiting {
			t.Fatalf("message %s waits in %q, which does not exist", s.Key, s.Queue)
		}
	}
	var feed []modelEnd
	results, err := m.Results(context.Background(), 0, 1000)
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

// TestHistoryIsAlwaysLegal runs random operations by two workers and a
// producer, late and repeated ones among them, against the model.
func TestHistoryIsAlwaysLegal(t *testing.T) {
	t.Parallel()
	f := open(t, store.Policy{Lease: time.Hour, MaxAttempts: 3})
	rapid.Check(t, func(t *rapid.T) {
		f.exec("DELETE FROM message; DELETE FROM ended; DELETE FROM part; DELETE FROM queue")
		f.exec("INSERT INTO queue (name) VALUES ('default')")
		f.exec("UPDATE feed SET last = 0")
		f.exec("UPDATE deal SET next = 0")
		m := &model{fixture: f, names: []string{"default"}}
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
			"enqueue": m.enqueue, "claim": m.claim, "claim more": m.claim, "queues": m.changeQueues,
			"complete": leased(m.complete), "release": leased(m.release), "heartbeat": leased(m.heartbeat), "expire": leased(m.expire),
			"inherit": m.inherit,
			"cancel":  sent(m.cancel), "replace": sent(m.replace), "retry": sent(m.retry),
			"": m.check,
		})
	})
}
