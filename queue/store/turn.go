package store

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"foliocast/queue/message"
)

// turns are whose turn was the last in the claims of this process: where the circles of
// owners and queues go on. Safe for concurrent use.
type turns struct {
	mu   sync.Mutex
	last turn
	seen time.Time // when a claim saw that queues take turns
}

// turn is where a claim begins in each circle.
type turn struct {
	owner string           // of all queues together
	queue int64            // by id
	in    map[int64]string // the owner in each queue
}

func (t *turns) after() turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	return turn{t.last.owner, t.last.queue, maps.Clone(t.last.in)}
}

// byQueueTime is for how long claims expect that queues take turns after they did.
const byQueueTime = time.Minute

// byQueue reports whether to expect that weights of queues differ or one has a maximum.
func (t *turns) byQueue() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.seen.IsZero() && time.Since(t.seen) < byQueueTime
}

func (t *turns) sawByQueue() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = time.Now()
}

// took learns from a claim that began after a turn, and leased something.
func (t *turns) took(after turn, leases []message.Lease, queues []int64) {
	owner, queue, in := leases[0].Owner, queues[0], map[int64]string{}
	for i, l := range leases {
		q := queues[i]
		owner, queue = furthest(after.owner, owner, l.Owner), furthest(after.queue, queue, q)
		if so, ok := in[q]; ok {
			in[q] = furthest(after.in[q], so, l.Owner)
		} else {
			in[q] = l.Owner
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last.owner, t.last.queue = owner, queue
	if t.last.in == nil || len(t.last.in) > maxLines { // of queues that were removed
		t.last.in = map[int64]string{}
	}
	maps.Copy(t.last.in, in)
}

// furthest returns the one of two whose turn comes later in a circle after another's.
func furthest[T cmp.Ordered](after, a, b T) T {
	return slices.MaxFunc([]T{a, b}, func(a, b T) int {
		if (a <= after) != (b <= after) {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	})
}
