package events

import (
	"iter"
	"slices"

	"foliocast/internal/job"
)

// awaited is a job that at least one request waits for.
type awaited struct {
	ended   chan struct{} // closed when the job has ended
	waiters int
}

// Join returns a channel that is closed when the job ends, whichever process records that, and a
// function that stops waiting. The caller reads the job after Join, because it may have ended before.
func (h *Hub) Join(id job.ID) (<-chan struct{}, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.waiting[id]
	if e == nil {
		e = &awaited{ended: make(chan struct{})}
		h.waiting[id] = e
	}
	e.waiters++
	return e.ended, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if e.waiters--; e.waiters == 0 && h.waiting[id] == e {
			delete(h.waiting, id)
		}
	}
}

// Waiting is how many wait for the job.
func (h *Hub) Waiting(id job.ID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.waiting[id]; e != nil {
		return e.waiters
	}
	return 0
}

// Ended wakes those who wait for jobs whose end this process has recorded, before it is an event.
func (h *Hub) Ended(ids ...job.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wake(slices.Values(ids))
}

// wake wakes those whose jobs have ended. The hub is locked.
func (h *Hub) wake(ended iter.Seq[job.ID]) {
	for id := range ended {
		if e := h.waiting[id]; e != nil {
			close(e.ended)
			delete(h.waiting, id)
		}
	}
}
