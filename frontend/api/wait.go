package api

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"foliocast/frontend/store"
	"foliocast/internal/job"
)

// Waiters are the requests that wait for jobs to end. One listener wakes them
// all, whichever process has recorded the end. Safe for concurrent use.
type Waiters struct {
	store *store.Store
	log   *slog.Logger

	mu      sync.Mutex
	waiting map[job.ID]*awaited
}

// awaited is a job that at least one request waits for.
type awaited struct {
	ended   chan struct{} // closed when the job has ended
	waiters int
}

// NewWaiters returns waiters for the jobs of a store, which Run wakes.
func NewWaiters(s *store.Store, log *slog.Logger) *Waiters {
	return &Waiters{store: s, log: log, waiting: map[job.ID]*awaited{}}
}

// Run wakes the waiters until ctx ends.
func (w *Waiters) Run(ctx context.Context) {
	w.store.Listen(ctx, w.log, func(ids []job.ID) { w.wake(ctx, ids) })
}

// awaited returns those of the jobs that somebody waits for; of all, when none is named.
func (w *Waiters) awaited(named []job.ID) []job.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(named) == 0 {
		return slices.Collect(maps.Keys(w.waiting))
	}
	var ids []job.ID
	for _, id := range named {
		if w.waiting[id] != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// wake wakes those whose jobs have ended, of the jobs named, which may have, or of all when
// none is named.
func (w *Waiters) wake(ctx context.Context, named []job.ID) {
	ids := w.awaited(named)
	if len(ids) == 0 {
		return
	}
	ended, err := w.store.Ended(ctx, ids)
	if err != nil {
		w.log.Warn("cannot find out which jobs have ended", "err", err) // each request reads its job again after pollEvery
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ended {
		if e := w.waiting[id]; e != nil {
			close(e.ended)
			delete(w.waiting, id)
		}
	}
}

// Join returns a channel that is closed when the job ends, and a function that
// stops waiting. The caller reads the job after Join, because it may have ended
// before.
func (w *Waiters) Join(id job.ID) (<-chan struct{}, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.waiting[id]
	if e == nil {
		e = &awaited{ended: make(chan struct{})}
		w.waiting[id] = e
	}
	e.waiters++
	return e.ended, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if e.waiters--; e.waiters == 0 && w.waiting[id] == e {
			delete(w.waiting, id)
		}
	}
}
