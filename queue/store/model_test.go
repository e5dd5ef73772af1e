package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

func (m *model) complete(t *rapid.T) {
	l := rapid.SampledFrom(m.leases).Draw(t, "lease")
	kind := rapid.SampledFrom([]string{"result", "error", "retryable"}).Draw(t, "kind")
	x := m.find(l.ID)
	c, want := done(l), message.Stale
	if kind != "result" {
		c = failed(l, kind == "retryable")
	}
	switch {
	case l.Token != x.token:
	case x.state == message.Ended:
		if x.byHolder && (kind == "result") == (x.outcome == message.Completed) {
			want = message.Accepted
		}
	case x.settled >= l.Token:
		if kind != "result" && x.state == message.Waiting {
			want = message.Accepted
		}
	default:
		want = message.Accepted
		m.settle(x, kind)
	}
	if got := m.fixture.complete(c); got != want {
		t.Fatalf("%s of token %d: got %s, want %s, of %+v", kind, l.Token, got, want, x)
	}
}

// settle applies an accepted completion.
func (m *model) settle(x *modelMessage, kind string) {
	if kind == "result" {
		m.end(x, message.Completed, true)
		return
	}
	if x.state == message.Leased {
		x.attempts++
	}
	switch {
	case x.cancel:
		m.end(x, message.Cancelled, true)
	case kind == "error":
		m.end(x, message.Failed, true)
	case x.attempts >= m.Policy().MaxAttempts:
		m.end(x, message.Dead, true)
	default:
		x.settled = x.token
		m.wait(x)
	}
}

func (m *model) release(t *rapid.T) {
	l := rapid.SampledFrom(m.leases).Draw(t, "lease")
	x := m.find(l.ID)
	want := message.Stale
	switch {
	case l.Token != x.token:
	case x.state == message.Ended:
		if x.byHolder && x.outcome != message.Completed {
			want = message.Accepted
		}
	case x.settled >= l.Token:
		want = message.Accepted
	case x.cancel:
		want = message.Accepted
		m.end(x, message.Cancelled, true)
	default:
		want = message.Accepted
		x.settled = x.token
		m.wait(x)
	}
	if got := m.fixture.release(l); got != want {
		t.Fatalf("release of token %d: got %s, want %s, of %+v", l.Token, got, want, x)
	}
}

func (m *model) heartbeat(t *rapid.T) {
	l := rapid.SampledFrom(m.leases).Draw(t, "lease")
	x := m.find(l.ID)
	want := message.Stale
	if x.state == message.Leased && x.token == l.Token {
		want = message.Extended
		if x.cancel {
			want = message.Stop
		}
	}
	v, err := m.Heartbeat(context.Background(), []message.Beat{{Held: held(l), Progress: 0.5}})
	if err != nil || v[0].Verdict != want {
		t.Fatalf("heartbeat: got %v, %v, want %s", v, err, want)
	}
}

func (m *model) expire(t *rapid.T) {
	l := rapid.SampledFrom(m.leases).Draw(t, "lease")
	x := m.find(l.ID)
	m.exec("UPDATE message SET leased_until = now() WHERE id = $1::text::uuid AND leased_until IS NOT NULL", string(l.ID))
	lost, err := m.Expire(context.Background(), time.Now())
	if err != nil || len(lost) > 1 || (len(lost) == 1) != (x.state == message.Leased) {
		t.Fatalf("expire: got %v, %v, of %+v", lost, err, x)
	}
	if x.state != message.Leased {
		return
	}
	x.attempts++
	x.lost++
	switch {
	case x.cancel:
		m.end(x, message.Cancelled, false)
	case x.attempts >= m.Policy().MaxAttempts:
		m.end(x, message.Dead, false)
	default:
		m.wait(x)
	}
}

// inherit says that the worker v is dead.
func (m *model) inherit(t *rapid.T) {
	lost, err := m.Inherit(context.Background(), message.Incarnation("v", "2"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []message.ID
	for _, l := range lost {
		got = append(got, l.ID)
	}
	// The ids follow each other in the upload order, in which they end.
	for _, x := range m.messages {
		if x.state != message.Leased || x.worker != message.Incarnation("v", "1") || !x.cancel && x.attempts+2 >= m.Policy().MaxAttempts {
			continue
		}
		want = append(want, x.id)
		x.attempts++
		x.lost++
		if x.cancel {
			m.end(x, message.Cancelled, false)
		} else {
			m.wait(x)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("took the leases of %v, want %v", got, want)
	}
}

func (m *model) cancel(t *rapid.T) {
	x := rapid.SampledFrom(m.messages).Draw(t, "message")
	if _, err := m.Cancel(context.Background(), x.id); err != nil {
		t.Fatal(err)
	}
	switch x.state {
	case message.Waiting:
		m.end(x, message.Cancelled, false)
	case message.Leased:
		x.cancel = true
	}
}

func (m *model) replace(t *rapid.T) {
	x := rapid.SampledFrom(m.messages).Draw(t, "message")
	revision := x.revision - rapid.IntRange(0, 1).Draw(t, "behind")
	priority := rapid.IntRange(-1, 1).Draw(t, "priority")
	_, err := m.Replace(context.Background(), x.id, revision, message.Content{Payload: json.RawMessage(`3`), Priority: priority})
	switch {
	case x.state != message.Waiting:
		if !problem.Is(err, problem.Conflict) {
			t.Fatalf("replace what is %s: %v", x.state, err)
		}
	case revision != x.revision:
		if !problem.Is(err, problem.Stale) {
			t.Fatalf("replace revision %d of %d: %v", revision, x.revision, err)
		}
	case err != nil:
		t.Fatal(err)
	default:
		x.revision++
		x.settled, x.priority = x.token, priority
	}
}

func (m *model) retry(t *rapid.T) {
	x := rapid.SampledFrom(m.messages).Draw(t, "message")
	_, err := m.Retry(context.Background(), x.id)
	if x.state == message.Ended && x.outcome == message.Completed {
		if !problem.Is(err, problem.Conflict) {
			t.Fatalf("retry what completed: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if x.state == message.Ended {
		x.outcome, x.attempts, x.lost, x.settled = "", 0, 0, x.token
		x.queue = m.turn()
		m.wait(x)
		m.feed = append(m.feed, modelEnd{x.id, message.Redriven, 0})
	}
}

func (m *model) changeQueues(t *rapid.T) {
	ctx := context.Background()
	if len(m.names) == 1 || len(m.names) < 4 && rapid.Bool().Draw(t, "add") {
		m.queues++
		name := fmt.Sprintf("q%d", m.queues)
		if _, err := m.AddQueue(ctx, message.NewQueue{Name: name}, false); err != nil {
			t.Fatal(err)
		}
		m.names = append(m.names, name)
		m.dealing = &modelDealing{last: true}
		return
	}
	i := rapid.IntRange(0, len(m.names)-1).Draw(t, "queue")
	if _, err := m.RemoveQueue(ctx, m.names[i], false); err != nil {
		t.Fatal(err)
	}
	m.names = slices.Delete(m.names, i, i+1)
	m.dealing = &modelDealing{last: true}
}

func (m *model) pause(t *rapid.T) {
	name := rapid.SampledFrom(m.names).Draw(t, "queue")
	paused := !m.paused[name]
	if err := m.ChangeQueue(context.Background(), name, &paused, nil); err != nil {
		t.Fatal(err)
	}
	m.paused[name] = paused
}
