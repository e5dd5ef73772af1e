package token

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	hashesQueued = 256 // waiting at once
	crowd        = 16  // waiting at once, from which on those of unknown names cost no hash
	maxHashes    = 4   // at once
)

// ErrBusy says that too many passwords wait to be hashed.
var ErrBusy = errors.New("too many passwords are being checked")

// Known is the source of a password that comes from a user whom the service knows to
// be there: it is hashed before those of strangers.
const Known = ""

// Hasher hashes and checks passwords, a few at once, because each takes a core and
// 19 MiB: half of the cores are left to others. Sources, such as networks, take turns, and
// of those that wait too many belong to the source with the most. Safe for concurrent use.
type Hasher struct {
	cost  Cost
	dummy string

	mu      sync.Mutex
	free    int                 // hashes that may begin
	waiting int                 // in all queues
	queues  map[string][]waiter // by source, the longest wait first
	turns   []string            // sources that wait, the next one first
	took    [32]time.Duration   // by the latest hashes
	count   int                 // of hashes
}

// NewHasher returns a hasher that uses half of the cores.
func NewHasher() *Hasher { return NewHasherAt(Cost{argonMemory, argonPasses}) }

// NewHasherAt is NewHasher with hashes of another cost, such as cheap ones for tests.
func NewHasherAt(cost Cost) *Hasher {
	return &Hasher{cost: cost, dummy: hash(NewSecret(), cost), free: min(max(1, runtime.GOMAXPROCS(0)/2), maxHashes), queues: map[string][]waiter{}}
}

// Hash returns the argon2id hash of a password. The error is ErrBusy or that
// of ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx, Known, false); err != nil {
		return "", err
	}
	defer h.leave()
	return hash(password, h.cost), nil
}

// Matches reports whether a password from a source has the hash. An empty hash, that of
// a user who does not exist, matches nothing and takes the same time. In a crowd it
// takes that time without a hash, so that made-up names do not delay the others. The
// error is ErrBusy or that of ctx.
func (h *Hasher) Matches(ctx context.Context, source, encoded, password string) (bool, error) {
	err := h.enter(ctx, source, encoded == "")
	if errors.Is(err, errSpared) {
		time.Sleep(h.typical()) // to the end, like a hash: who hangs up must learn nothing
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer h.leave()
	begin := time.Now()
	ok := false
	if encoded == "" {
		matches(h.dummy, password)
	} else {
		ok = matches(encoded, password)
	}
	h.note(time.Since(begin))
	return ok, nil
}

// waiter is a password that waits for its turn.
type waiter struct {
	turn    chan error // nil for a hash
	unknown bool       // of a name that nobody has
}

// errSpared says that the turn has come, but no hash is to be made.
var errSpared = errors.New("no hash is needed")

// enter waits for a turn. After an error, leave must not be called.
func (h *Hasher) enter(ctx context.Context, source string, unknown bool) error {
	h.mu.Lock()
	if h.free > 0 {
		h.free--
		h.mu.Unlock()
		return nil
	}
	if h.waiting >= hashesQueued && !h.evict(source) {
		h.mu.Unlock()
		return ErrBusy
	}
	w := waiter{make(chan error, 1), unknown}
	if len(h.queues[source]) == 0 {
		h.turns = append(h.turns, source)
	}
	h.queues[source] = append(h.queues[source], w)
	h.waiting++
	h.mu.Unlock()
	select {
	case err := <-w.turn:
		return err
	case <-ctx.Done():
		if !h.withdraw(source, w) && <-w.turn == nil { // the turn came meanwhile
			h.leave()
		}
		return context.Cause(ctx)
	}
}

// leave gives the turn to the next source: to Known first, to the others in turn. In a
// crowd, the unknown names at the head of the source's queue go with it, so that they
// wait as long as a known one in their place would.
func (h *Hasher) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.waiting > 0 {
		source := h.turns[max(0, slices.Index(h.turns, Known))]
		for len(h.queues[source]) > 0 {
			w := h.queues[source][0]
			spared := w.unknown && h.waiting >= crowd
			h.drop(source, 0)
			if spared {
				w.turn <- errSpared
				continue
			}
			w.turn <- nil
			if at := slices.Index(h.turns, source); at >= 0 { // more wait: at the end
				h.turns = append(slices.Delete(h.turns, at, at+1), source)
			}
			return
		}
	}
	h.free++
}

// evict sends away the last one of the source that has the most waiting, unless that is
// the source itself.
func (h *Hasher) evict(source string) bool {
	most := source
	for s, queue := range h.queues {
		if s != Known && len(queue) > len(h.queues[most]) {
			most = s
		}
	}
	if most == source {
		return false
	}
	queue := h.queues[most]
	queue[len(queue)-1].turn <- ErrBusy
	h.drop(most, len(queue)-1)
	return true
}

// withdraw takes a waiting one out of its queue, and reports whether it still waited.
func (h *Hasher) withdraw(source string, w waiter) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := slices.Index(h.queues[source], w)
	if at >= 0 {
		h.drop(source, at)
	}
	return at >= 0
}

func (h *Hasher) drop(source string, at int) {
	h.waiting--
	h.queues[source] = slices.Delete(h.queues[source], at, at+1)
	if len(h.queues[source]) == 0 {
		delete(h.queues, source)
		h.turns = slices.DeleteFunc(h.turns, func(s string) bool { return s == source })
	}
}

// note keeps how long a hash took.
func (h *Hasher) note(took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.took[h.count%len(h.took)] = took
	h.count++
}

// typical returns how long one of the latest hashes took.
func (h *Hasher) typical() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count == 0 {
		return 0
	}
	return h.took[rand.IntN(min(h.count, len(h.took)))]
}
