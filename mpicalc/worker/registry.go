package worker

import (
	"slices"
	"sync"
	"time"

	"foliocast/queue/message"
)

// registry holds every job that this worker has leased and not ended. It is safe for concurrent use.
type registry struct {
	mu          sync.Mutex
	byID        map[message.ID]*leasedJob
	beatEarlier chan struct{} // holds a token when a heartbeat may be due earlier than before
	roomFreed   chan struct{} // holds a token when there is room for more jobs
	meanCost    time.Duration // of a job
	done        int64         // jobs whose end the queue has
	ended       []history     // of the last of them, the newest last
}

func newRegistry() *registry {
	return &registry{
		byID:        make(map[message.ID]*leasedJob),
		beatEarlier: make(chan struct{}, 1),
		roomFreed:   make(chan struct{}, 1),
	}
}

// signal puts a token into c, unless it holds one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// add registers leases that were received now, and returns the new jobs. A lease that came twice is one job; a newer
// lease of the same message replaces the older, which was lost.
func (r *registry) add(leases []message.Lease, now time.Time) []*leasedJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	var fresh []*leasedJob
	for _, l := range leases {
		if old, ok := r.byID[l.ID]; ok {
			if old.lease.Token >= l.Token {
				continue
			}
			old.state.Store(int32(stale))
		}
		j := &leasedJob{lease: l, lifetime: lifetimeOf(l, now), leasedAt: now}
		j.renew(now)
		r.byID[l.ID] = j
		fresh = append(fresh, j)
	}
	signal(r.beatEarlier)
	return fresh
}

func (r *registry) remove(j *leasedJob) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(j)
}

// settle removes a job whose end the queue has.
func (r *registry) settle(j *leasedJob) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := j.history()
	h.Phase, h.ended = "", time.Now()
	r.done++
	r.ended = append(r.ended, h)
	r.ended = slices.Delete(r.ended, 0, max(0, len(r.ended)-message.MaxReportJobs))
	r.forget(j)
}

// forget removes a job. The lock is held.
func (r *registry) forget(j *leasedJob) {
	if r.byID[j.lease.ID] == j {
		delete(r.byID, j.lease.ID)
	}
	signal(r.roomFreed)
}

// start moves a job to the ranks. It reports false when the job no longer belongs to this worker.
func (r *registry) start(j *leasedJob) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !j.valid() {
		return false
	}
	j.stage, j.startedAt = computing, time.Now()
	j.firstAt.Store(0) // what an earlier worker has saved does not count
	if j.scheduleProgress(j.startedAt) {
		signal(r.beatEarlier)
	}
	return true
}

// markGathering records that the ranks have answered all of a job.
func (r *registry) markGathering(j *leasedJob) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.stage, j.lastAt = gathering, time.Now()
}

// markAnswered records that the end of a job is in the outbox.
func (r *registry) markAnswered(j *leasedJob) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.stage, j.answeredAt = answered, time.Now()
	signal(r.roomFreed)
}

// isAnswered reports whether the end of a job is in the outbox.
func (r *registry) isAnswered(j *leasedJob) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return j.stage == answered
}

// setPlan records the plan of a job and its estimated cost.
func (r *registry) setPlan(j *leasedJob, plan plan, cost time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.plan, j.cost = plan, cost
	if r.meanCost == 0 {
		r.meanCost = cost
	}
	r.meanCost += (cost - r.meanCost) / 8
}

const (
	// ahead is how much work is leased in advance. More would keep it from other workers.
	ahead = 2 * time.Second
	// firstLease is how many jobs are leased while their cost is unknown.
	firstLease = 32
)

// room is how many jobs to lease now: enough to keep the threads busy for a while, but no more than limit jobs held without
// an answer.
func (r *registry) room(threads, limit int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	backlog := time.Duration(0)
	for _, j := range r.byID {
		if j.stage != answered {
			limit--
			backlog += time.Duration(float64(j.cost) * (1 - j.progress()))
		}
	}
	if r.meanCost == 0 {
		return min(limit, firstLease)
	}
	left := ahead*time.Duration(threads) - backlog
	if left <= 0 {
		return 0
	}
	return min(limit, 1+int(left/max(r.meanCost, time.Microsecond)))
}

// count is how many jobs are held, including those whose answers are in the outbox.
func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID)
}

// unfinished lists the jobs without an answer.
func (r *registry) unfinished() []*leasedJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*leasedJob
	for _, j := range r.byID {
		if j.stage != answered {
			all = append(all, j)
		}
	}
	return all
}
