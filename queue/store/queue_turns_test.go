package store_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"foliocast/queue/message"
	"foliocast/queue/store"
)

// turnModel takes messages one by one, by the rule of weights and maxima as it is stated.
type turnModel struct {
	*fixture
	queues  []*turnQueue
	weights map[string]int // of owners
	waiting []*turnMessage // in upload order
	leased  []*turnMessage
	seq     int
	after   struct {
		owner string
		queue int
		in    map[int]string
	}
}

type turnQueue struct {
	name       string
	weight     int
	maxLeased  int
	paused     bool
	place      int // in the order of creation
	leasedFrom int // while a claim is foretold
	turned     map[string]int
}

type turnMessage struct {
	key, owner string
	queue      *turnQueue
	priority   int
	lease      message.Lease
}

// later orders by the circle after one of those compared.
func later[T cmp.Ordered](after T) func(a, b T) int {
	return func(a, b T) int {
		if past, other := a > after, b > after; past != other {
			if past {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	}
}

// less compares two fractions.
func less(a, b, c, d int) int { return cmp.Compare(a*d, c*b) }

// next returns the message of the owner whose turn it is, the most urgent one.
func (m *turnModel) next(some []*turnMessage, turned map[string]int, after string) *turnMessage {
	leased := map[string]int{}
	for _, x := range m.leased {
		leased[x.owner]++
	}
	return slices.MinFunc(some, func(a, b *turnMessage) int {
		return cmp.Or(less(leased[a.owner]+turned[a.owner], m.weights[a.owner], leased[b.owner]+turned[b.owner], m.weights[b.owner]),
			later(after)(a.owner, b.owner), cmp.Compare(b.priority, a.priority)) // the first of equals is the earliest
	})
}

// expected returns what a claim of so many messages from the queues gets.
func (m *turnModel) expected(queues []*turnQueue, max int) []*turnMessage {
	weighted := slices.ContainsFunc(queues, func(q *turnQueue) bool { return q.weight != queues[0].weight })
	rest := map[*turnQueue][]*turnMessage{}
	for _, q := range queues {
		q.leasedFrom, q.turned = 0, map[string]int{}
		for _, x := range m.leased {
			if x.queue == q {
				q.leasedFrom++
			}
		}
		for _, x := range m.waiting {
			if x.queue == q {
				rest[q] = append(rest[q], x)
			}
		}
	}
	take := func(q *turnQueue) *turnMessage {
		x := m.next(rest[q], q.turned, m.after.in[q.place])
		q.leasedFrom++
		q.turned[x.owner]++
		rest[q] = slices.DeleteFunc(rest[q], func(y *turnMessage) bool { return y == x })
		return x
	}
	open := func(q *turnQueue) bool {
		return len(rest[q]) > 0 && (q.maxLeased == 0 || q.leasedFrom < q.maxLeased)
	}
	var got []*turnMessage
	if weighted {
		for len(got) < max {
			some := slices.DeleteFunc(slices.Clone(queues), func(q *turnQueue) bool { return !open(q) })
			if len(some) == 0 {
				break
			}
			got = append(got, take(slices.MinFunc(some, func(a, b *turnQueue) int {
				return cmp.Or(less(a.leasedFrom, a.weight, b.leasedFrom, b.weight), later(m.after.queue)(a.place, b.place))
			})))
		}
		return got
	}
	var all []*turnMessage
	for _, q := range queues {
		if q.maxLeased == 0 {
			all = append(all, rest[q]...)
			continue
		}
		for open(q) {
			all = append(all, take(q))
		}
	}
	slices.SortFunc(all, func(a, b *turnMessage) int {
		return cmp.Compare(slices.Index(m.waiting, a), slices.Index(m.waiting, b))
	})
	turned := map[string]int{}
	for len(got) < max && len(all) > 0 {
		x := m.next(all, turned, m.after.owner)
		turned[x.owner]++
		all = slices.DeleteFunc(all, func(y *turnMessage) bool { return y == x })
		got = append(got, x)
	}
	return got
}

func (m *turnModel) upload(t *rapid.T) {
	var all []message.New
	for range rapid.IntRange(1, 6).Draw(t, "n") {
		m.seq++
		x := &turnMessage{key: fmt.Sprint(m.seq), owner: rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "owner"),
			queue: rapid.SampledFrom(m.queues).Draw(t, "queue"), priority: rapid.IntRange(-1, 1).Draw(t, "priority")}
		m.waiting = append(m.waiting, x)
		all = append(all, message.New{Key: x.key, Queue: x.queue.name, Owner: x.owner, Priority: x.priority, Payload: json.RawMessage(`1`)})
	}
	if _, err := m.Enqueue(context.Background(), all); err != nil {
		t.Fatal(err)
	}
}

func (m *turnModel) claim(t *rapid.T) {
	max := rapid.IntRange(1, 8).Draw(t, "max")
	queues := slices.DeleteFunc(slices.Clone(m.queues), func(q *turnQueue) bool { return q.paused })
	var names []string
	if rapid.Bool().Draw(t, "named") {
		queues = nil
		for i, q := range m.queues {
			if i == 0 || rapid.Bool().Draw(t, "also") {
				names = append(names, q.name)
				if !q.paused {
					queues = append(queues, q)
				}
			}
		}
	}
	var want []string
	expected := m.expected(queues, max)
	for _, x := range expected {
		want = append(want, x.key)
	}
	got, err := m.Claim(context.Background(), names, max, "w", "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(slices.Values(keysOf(got))), slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		t.Fatalf("leased %v from %v, want %v", got, names, want)
	}
	if len(expected) == 0 {
		return
	}
	ins := map[int]string{}
	var owners []string
	var places []int
	for _, x := range expected {
		x.lease = got[slices.IndexFunc(got, func(l message.Lease) bool { return l.Key == x.key })]
		owners, places = append(owners, x.owner), append(places, x.queue.place)
		if so, ok := ins[x.queue.place]; !ok || later(m.after.in[x.queue.place])(so, x.owner) < 0 {
			ins[x.queue.place] = x.owner
		}
		m.waiting = slices.DeleteFunc(m.waiting, func(y *turnMessage) bool { return y == x })
		m.leased = append(m.leased, x)
	}
	m.after.owner, m.after.queue = slices.MaxFunc(owners, later(m.after.owner)), slices.MaxFunc(places, later(m.after.queue))
	for place, owner := range ins {
		m.after.in[place] = owner
	}
}

func (m *turnModel) end(t *rapid.T) {
	if len(m.leased) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.leased)-1).Draw(t, "lease")
	x := m.leased[i]
	m.leased = slices.Delete(m.leased, i, i+1)
	if rapid.Bool().Draw(t, "release") {
		m.release(x.lease)
		m.waiting = append(m.waiting, x)
		slices.SortFunc(m.waiting, func(a, b *turnMessage) int {
			return cmp.Or(cmp.Compare(len(a.key), len(b.key)), cmp.Compare(a.key, b.key))
		})
		return
	}
	m.complete(done(x.lease))
}

func (m *turnModel) change(t *rapid.T) {
	q := rapid.SampledFrom(m.queues).Draw(t, "queue")
	switch rapid.IntRange(0, 3).Draw(t, "what") {
	case 0:
		q.paused = !q.paused
		if err := m.ChangeQueue(context.Background(), q.name, &q.paused, nil); err != nil {
			t.Fatal(err)
		}
	case 1:
		owner := rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "owner")
		m.weights[owner] = rapid.IntRange(1, 3).Draw(t, "weight of an owner")
		if err := m.SetShare(context.Background(), owner, message.Share{Weight: m.weights[owner]}); err != nil {
			t.Fatal(err)
		}
	default:
		q.weight, q.maxLeased = rapid.IntRange(1, 3).Draw(t, "weight"), rapid.SampledFrom([]int{0, 0, 1, 3, 6}).Draw(t, "maximum")
		m.share(q.name, q.weight, q.maxLeased)
	}
}

// Queues and owners take turns as the model does, whatever their weights and maxima are and however these change. Of
// equal weights and without a maximum, this is the rule of owners alone.
func TestTurnsOfQueuesAndOwners(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	rapid.Check(t, func(t *rapid.T) {
		f.begin()
		f.exec("DELETE FROM share")
		f.addQueue("b")
		f.addQueue("c")
		m := &turnModel{fixture: f.again(), weights: map[string]int{"ann": 1, "bob": 1}}
		m.after.in = map[int]string{}
		for i, name := range []string{"default", "b", "c"} {
			m.queues = append(m.queues, &turnQueue{name: name, weight: 1, place: i + 1})
		}
		t.Repeat(map[string]func(*rapid.T){"upload": m.upload, "claim": m.claim, "claim more": m.claim, "end": m.end, "end more": m.end, "change": m.change})
	})
}

// again is another instance, which remembers no turns.
func (f *fixture) again() *fixture {
	s := store.New(f.pool, f.Policy())
	return &fixture{Store: s, Account: s.Account("worker"), t: f.t, pool: f.pool}
}
