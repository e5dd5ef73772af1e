package worker

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
	"foliocast/queue/message"
)

// held is one leased job.
type held struct {
	lease  message.Lease
	task   job.Task
	data   *Opened
	leave  func()        // gives back the memory of its plan
	loaded time.Duration // preparing it
	answer encoder
	shown  atomic.Uint64 // progress, as the bits of a float64
	away   atomic.Int32  // a whereabouts

	// The registry's lock guards the rest.
	plan    *portfolio.Plan
	cost    time.Duration // estimated, of one thread
	stage   stage
	begun   time.Time     // when the ranks got it
	life    time.Duration // of the lease, from one renewal to its end
	expires time.Time
	beatAt  time.Time
}

// stage is how far a job is.
type stage int

const (
	leased    stage = iota // being prepared, or waiting for the ranks
	computing              // with the ranks
	answered               // its answer is with the postman
)

// whereabouts says whether a job is still ours.
type whereabouts int32

const (
	here      whereabouts = iota
	cancelled             // its producer took it back
	stale                 // the lease is another worker's, or the job has ended
	expired               // the lease could not be renewed in time
)

func (w whereabouts) String() string {
	return [...]string{"here", "cancelled", "stale", "lease not renewed in time"}[w]
}

func (h *held) gone() whereabouts { return whereabouts(h.away.Load()) }

// key is what the service knows the lease by.
func (h *held) key() message.Held { return message.Held{ID: h.lease.ID, Token: h.lease.Token} }

func (h *held) setProgress(share float64) { h.shown.Store(math.Float64bits(share)) }
func (h *held) progress() float64         { return math.Float64frombits(h.shown.Load()) }

// free gives back the dataset, and room for another plan.
func (h *held) free() {
	if h.leave != nil {
		h.leave()
		h.leave = nil
	}
	if h.data != nil {
		h.data.Release()
		h.data = nil
	}
}

// registry is everything that this worker holds. Safe for concurrent use.
type registry struct {
	mu     sync.Mutex
	byID   map[message.ID]*held
	sooner chan struct{} // holds a token when a beat may be due earlier than before
	freed  chan struct{} // holds a token when there is room for more
	price  time.Duration // what a job costs on average
}

func newRegistry() *registry {
	return &registry{
		byID:   make(map[message.ID]*held),
		sooner: make(chan struct{}, 1),
		freed:  make(chan struct{}, 1),
	}
}

// signal leaves a token, if none lies there.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Bounds of how long a lease is taken to live. They keep what is wrong from making the beats too rare or too many.
const (
	minLife = time.Second
	maxLife = 5 * time.Minute
)

// lifeOf is how long a lease lives from now on, when it came just now. A service that does not say so says when it ends,
// by its own clock.
func lifeOf(l message.Lease, now time.Time) time.Duration {
	life := time.Duration(l.Seconds * float64(time.Second))
	if life <= 0 {
		life = l.ExpiresAt.Sub(now)
	}
	return min(max(life, minLife), maxLife)
}

// add registers leases that came just now, and returns those that are new. One that came twice is kept once; a newer
// lease of the same message ends the older, which was lost.
func (r *registry) add(leases []message.Lease, now time.Time) []*held {
	r.mu.Lock()
	defer r.mu.Unlock()
	var fresh []*held
	for _, l := range leases {
		if old, ok := r.byID[l.ID]; ok {
			if old.lease.Token >= l.Token {
				continue
			}
			old.away.Store(int32(stale))
		}
		h := &held{lease: l, life: lifeOf(l, now)}
		h.renew(now)
		r.byID[l.ID] = h
		fresh = append(fresh, h)
	}
	signal(r.sooner)
	return fresh
}

// renew counts the lease from begin on.
func (h *held) renew(begin time.Time) {
	h.expires = begin.Add(h.life)
	h.beatAt = begin.Add(h.life / 3)
}

func (r *registry) remove(h *held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID[h.lease.ID] == h {
		delete(r.byID, h.lease.ID)
	}
	signal(r.freed)
}

// begin moves a job to the ranks. It reports false when the job is gone.
func (r *registry) begin(h *held) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h.gone() != here {
		return false
	}
	h.stage, h.begun = computing, time.Now()
	if h.showProgress(h.begun) {
		signal(r.sooner)
	}
	return true
}

// settle says that the end of a job is on its way.
func (r *registry) settle(h *held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.stage = answered
	signal(r.freed)
}

// settled reports whether the end of a job is on its way.
func (r *registry) settled(h *held) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return h.stage == answered
}

// lose says that a job is not ours any more.
func (r *registry) lose(h *held) { h.away.CompareAndSwap(int32(here), int32(stale)) }

// planned notes the plan of a job and what it will cost.
func (r *registry) planned(h *held, plan *portfolio.Plan, cost time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.plan, h.cost = plan, cost
	if r.price == 0 {
		r.price = cost
	}
	r.price += (cost - r.price) / 8
}

// room is how many jobs to lease now, when the ranks have so many threads: enough to keep them busy for a while, and
// no more than max jobs in hand.
func (r *registry) room(threads, most int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	inHand := 0
	backlog := time.Duration(0)
	for _, h := range r.byID {
		if h.stage != answered {
			inHand++
			backlog += time.Duration(float64(h.cost) * (1 - h.progress()))
		}
	}
	most -= inHand
	if r.price == 0 {
		return min(most, firstLease)
	}
	left := ahead*time.Duration(threads) - backlog
	if left <= 0 {
		return 0
	}
	return min(most, 1+int(left/max(r.price, time.Microsecond)))
}

const (
	// ahead is how much work is leased in advance. More would keep it from other workers.
	ahead = 2 * time.Second
	// firstLease is how many jobs are leased when nothing is known about what they cost.
	firstLease = 32
)

// count is how many jobs are held, those included whose answers are on their way.
func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID)
}

// unfinished are the jobs without an answer.
func (r *registry) unfinished() []*held {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*held
	for _, h := range r.byID {
		if h.stage != answered {
			all = append(all, h)
		}
	}
	return all
}
