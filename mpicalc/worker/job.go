package worker

import (
	"math"
	"sync/atomic"
	"time"

	"foliocast/internal/job"
	"foliocast/mpicalc/spmd"
	"foliocast/queue/message"
)

// leasedJob is one job that this worker has leased.
type leasedJob struct {
	lease       message.Lease
	task        job.Task
	data        *Opened
	releasePlan func()        // frees the memory of its plan for others
	loaded      time.Duration // how long preparing it took
	preparedAt  time.Time
	times       *job.Times // once the ranks have ended it
	answer      encoder
	skills      skills        // of the assets that were answered
	saver       *saver        // or nil
	saveRefused atomic.Bool   // by the queue
	share       atomic.Uint64 // progress, as the bits of a float64
	firstAt     atomic.Int64  // when the ranks answered the first of its series, in Unix nanoseconds; 0 before
	state       atomic.Int32  // a leaseStatus

	// The registry's lock guards the fields below.
	plan       plan
	cost       time.Duration // estimated, of one thread
	stage      stage
	leasedAt   time.Time
	startedAt  time.Time // when the ranks received it
	lastAt     time.Time // when they had answered all of it
	answeredAt time.Time
	lifetime   time.Duration // of the lease, from a renewal to its end
	expires    time.Time
	beatAt     time.Time // when the next heartbeat is due
}

// plan is the work that a job is: a forecast or a backtest.
type plan interface {
	spmd.Workload
	// Assets is the number of assets, good and bad.
	Assets() int
	// Answer ends the plan after Take has had every series, and returns the answer without its assets.
	Answer(id job.ID, made job.Provenance) (job.Answer, error)
}

// stage is how far a job has come.
type stage int

const (
	leased    stage = iota // being prepared, or waiting for the ranks
	computing              // with the ranks
	gathering              // they have answered all of it
	answered               // its answer is in the outbox
)

// leaseStatus says whether a job still belongs to this worker, and if not, why.
type leaseStatus int32

const (
	valid     leaseStatus = iota
	cancelled             // the job was cancelled
	stale                 // another worker has the lease, or the job has ended
	expired               // the lease was not renewed in time
)

func (s leaseStatus) String() string {
	return [...]string{"valid", "cancelled", "stale", "lease not renewed in time"}[s]
}

func (j *leasedJob) status() leaseStatus { return leaseStatus(j.state.Load()) }

// valid reports whether the job still belongs to this worker.
func (j *leasedJob) valid() bool { return j.status() == valid }

// lose records why the job no longer belongs to this worker. The first reason counts.
func (j *leasedJob) lose(why leaseStatus) { j.state.CompareAndSwap(int32(valid), int32(why)) }

// key identifies the lease to the queue.
func (j *leasedJob) key() message.Held { return message.Held{ID: j.lease.ID, Token: j.lease.Token} }

// name is the job's ID, or the message's where the task has not been read.
func (j *leasedJob) name() string {
	if j.task.Job != "" {
		return string(j.task.Job)
	}
	return string(j.lease.ID)
}

func (j *leasedJob) setProgress(share float64) {
	j.share.Store(math.Float64bits(share))
	if j.firstAt.Load() == 0 {
		j.firstAt.Store(time.Now().UnixNano())
	}
}

func (j *leasedJob) progress() float64 { return math.Float64frombits(j.share.Load()) }

// free releases the dataset, and the memory of the plan.
func (j *leasedJob) free() {
	if j.saver != nil {
		j.saver.giveUp()
	}
	if j.releasePlan != nil {
		j.releasePlan()
		j.releasePlan = nil
	}
	if j.data != nil {
		j.data.Release()
		j.data = nil
	}
}

// Bounds of a lease's lifetime, so that a wrong one makes heartbeats neither too rare nor too frequent.
const (
	minLifetime = time.Second
	maxLifetime = 5 * time.Minute
)

// lifetimeOf is how long a lease that was received now lives. When the service does not send a lifetime, it follows from
// ExpiresAt, which is by the service's own clock.
func lifetimeOf(l message.Lease, now time.Time) time.Duration {
	lifetime := time.Duration(l.Seconds * float64(time.Second))
	if lifetime <= 0 {
		lifetime = l.ExpiresAt.Sub(now)
	}
	return min(max(lifetime, minLifetime), maxLifetime)
}

// renew starts the lifetime of the lease at the given time.
func (j *leasedJob) renew(at time.Time) {
	j.expires = at.Add(j.lifetime)
	j.beatAt = at.Add(j.lifetime / 3)
}
