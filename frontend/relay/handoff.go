package relay

import (
	"context"
	"sync/atomic"

	"foliocast/frontend/store"
)

// handoff takes the entry of a new job to the goroutine that sends the outbox, without a way through the
// database, when that has nothing else to send. There is one at a time. Everything else about it is as if that
// goroutine had taken it from the outbox: when this process dies, another takes it after the relay's patience.
type handoff struct {
	open     *atomic.Bool // the goroutine waits
	reserved *atomic.Bool // until the entry was sent, or turned out to be missing
	entries  chan store.OutboxEntry
}

func newHandoff() handoff {
	return handoff{open: new(atomic.Bool), reserved: new(atomic.Bool), entries: make(chan store.OutboxEntry, 1)}
}

// Submit stores a job as CreateJob of the store does, and sees to it that it is sent.
func (r *Relay) Submit(ctx context.Context, n store.NewJob) (store.Job, bool, error) {
	if !r.handed.open.Load() || !r.handed.reserved.CompareAndSwap(false, true) {
		j, stored, err := r.store.CreateJob(ctx, n)
		if stored {
			r.Wake()
		}
		return j, stored, err
	}
	e, stored, err := r.store.CreateTaken(ctx, n)
	if e.ID == 0 {
		r.handed.reserved.Store(false)
		r.Wake() // also after an error: the job may have been stored
	} else {
		r.handed.entries <- e // has room: it is the only one
	}
	return e.Job, stored, err
}

func (r *Relay) forwardHanded(ctx context.Context, e store.OutboxEntry) error {
	defer r.handed.reserved.Store(false)
	return r.forward(ctx, []store.OutboxEntry{e})
}

// returnHanded gives an entry back that will not be sent here.
func (r *Relay) returnHanded(ctx context.Context) {
	select {
	case e := <-r.handed.entries:
		if err := r.giveBack(ctx, []store.OutboxEntry{e}, false); err != nil {
			r.log.Warn("a job will be sent a little later", "job_id", e.Job.ID, "err", err)
		}
	default:
	}
}
