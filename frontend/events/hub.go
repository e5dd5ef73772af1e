// Package events follows the log of events: one reader in each process numbers what was
// committed, reads what is new, and hands it to all streams of the process, and to those who wait for
// a job. It does not know who may follow what.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
)

const (
	// lookEvery is how often the hub looks without being told: a process may have died
	// between a commit and telling, and a notification is lost while nobody listens.
	lookEvery = 5 * time.Second
	// pause is how long the hub rests before a look, for each event that the last one found, between shortestPause
	// and longestPause: what comes meanwhile is numbered together, and what has left the first event, such as
	// a new job on its way to the queue, goes on before the hub takes its share of the machine.
	pause         = 2 * time.Millisecond
	shortestPause = 10 * time.Millisecond
	longestPause  = 50 * time.Millisecond
	// again is after how long a look that failed is repeated.
	again = time.Second
	// atOnce is how many events one statement numbers or reads.
	atOnce = 1000
	// kept is how many of the last events the hub has in memory, at least: a stream that is
	// further behind reads the log itself.
	kept = 2048
)

// Hub hands the events of a log to streams. Safe for concurrent use.
type Hub struct {
	store *store.Store
	log   *slog.Logger
	told  chan struct{} // events were numbered elsewhere

	mu     sync.Mutex
	known  bool          // the end of the log is known
	end    int64         // the position up to which the log was read
	recent []frame       // the last events, up to end
	next   chan struct{} // closed when end changes, or lost is set
	lost   chan struct{} // closed when the log turned out to be another: its streams end

	waiting map[job.ID]*awaited
}

// frame is an event as streams send it.
type frame struct {
	job.LogEvent
	text []byte
}

// NewHub returns a hub for the events of a store, which Run reads.
func NewHub(s *store.Store, log *slog.Logger) *Hub {
	return &Hub{store: s, log: log, told: make(chan struct{}, 1), next: make(chan struct{}), lost: make(chan struct{}), waiting: map[job.ID]*awaited{}}
}

// Run reads the log until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	var listener sync.WaitGroup
	defer listener.Wait()
	listener.Go(func() { h.store.Listen(ctx, h.log, h.tell) })
	failing := false
	for number := true; ; {
		found, err := h.look(ctx, number)
		if ctx.Err() != nil {
			return
		}
		wait := lookEvery
		switch {
		case err != nil && !failing:
			h.log.Warn("cannot read the events, will try again", "err", err)
		case err == nil && failing:
			h.log.Info("the events are read again")
		}
		if err != nil {
			wait = again
		}
		failing = err != nil
		number = h.rest(ctx, wait)
		if !slept(ctx, min(max(time.Duration(found)*pause, shortestPause), longestPause)) {
			return
		}
		select { // meanwhile
		case <-h.store.Changed():
			number = true
		default:
		}
	}
}

// tell tells the hub that the log has grown.
func (h *Hub) tell() {
	select {
	case h.told <- struct{}{}:
	default: // it is to look already
	}
}

// number numbers all that was committed.
func (h *Hub) number(ctx context.Context) error {
	for n := atOnce; n == atOnce; {
		var err error
		if n, err = h.store.NumberEvents(ctx, atOnce); err != nil {
			return err
		}
	}
	return nil
}

// rest waits until there is something to look for, for at most a time or until ctx ends, and
// reports whether events may have to be numbered.
func (h *Hub) rest(ctx context.Context, most time.Duration) (number bool) {
	tick := time.NewTimer(most)
	defer tick.Stop()
	select {
	case <-h.store.Changed():
		return true
	case <-tick.C:
		return true
	case <-h.told:
	case <-ctx.Done():
	}
	return false
}

// slept waits for a time, and reports whether ctx has not ended before.
func slept(ctx context.Context, most time.Duration) bool {
	tick := time.NewTimer(most)
	defer tick.Stop()
	select {
	case <-tick.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// look numbers what was committed, if number says so, and reads what is new in the log. It returns how many events that are.
func (h *Hub) look(ctx context.Context, number bool) (found int, err error) {
	if number {
		if err := h.number(ctx); err != nil {
			return 0, err
		}
	}
	h.mu.Lock()
	known, end := h.known, h.end
	h.mu.Unlock()
	for {
		page, err := h.store.Events(ctx, end, store.EventFilter{}, h.limit(known))
		if err != nil {
			return found, err
		}
		switch {
		case !known:
			h.begin(page.Last)
			return found, nil
		case page.Last < end:
			h.log.Error("the log of events ends before the last one that was read: another database was restored", "read", end, "last", page.Last)
			h.begin(page.Last)
			return found, nil
		case page.Next == end:
			return found, nil
		}
		if err := h.add(page); err != nil {
			return found, err
		}
		found += len(page.Events)
		if end = page.Next; end >= page.Last {
			return found, nil
		}
	}
}

// limit is how many events a look reads at once: at first only the end is of interest.
func (*Hub) limit(known bool) int {
	if known {
		return atOnce
	}
	return 1
}

// begin begins at the end of a log. Streams of the log before end.
func (h *Hub) begin(end int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known {
		close(h.lost)
		h.lost = make(chan struct{})
	}
	h.known, h.end, h.recent = true, end, nil
	h.changed()
}

// add adds a page to what is recent.
func (h *Hub) add(page store.EventPage) error {
	frames := make([]frame, len(page.Events))
	for i, e := range page.Events {
		f, err := framed(e)
		if err != nil {
			return err
		}
		frames[i] = f
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case len(frames) > 0 && frames[0].ID != h.end+1:
		h.recent = nil // some were deleted before they were read
	case len(h.recent) > 2*kept:
		h.recent = slices.Clone(h.recent[len(h.recent)-kept:])
	}
	h.recent = append(h.recent, frames...)
	h.wake(ends(frames))
	h.end = page.Next
	h.changed()
	return nil
}

func (h *Hub) changed() {
	close(h.next)
	h.next = make(chan struct{})
}

// Grown returns a channel that is closed when the log has grown.
func (h *Hub) Grown() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.next
}

// news is what the hub knows after a position.
type news struct {
	frames []frame
	end    int64           // the position up to which they go
	next   <-chan struct{} // closed when there is more
	whole  bool            // these are all: nothing after the position was forgotten by the hub
}

// after returns what is known after a position.
func (h *Hub) after(position int64) news {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := news{end: max(position, h.end), next: h.next, whole: true}
	if position >= h.end {
		return n
	}
	i, _ := slices.BinarySearchFunc(h.recent, position+1, func(f frame, at int64) int { return int(f.ID - at) })
	n.whole = i < len(h.recent) && h.recent[i].ID == position+1
	n.frames = h.recent[i:len(h.recent):len(h.recent)]
	return n
}

// replaced returns a channel that is closed when the log turns out to be another.
func (h *Hub) replaced() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lost
}

// ends are the jobs that have ended, by what events say.
func ends(frames []frame) iter.Seq[job.ID] {
	return func(yield func(job.ID) bool) {
		for i := range frames {
			if frames[i].Ends() && !yield(frames[i].Job) {
				return
			}
		}
	}
}

// framed writes an event as Server-Sent Events have it.
func framed(e job.LogEvent) (frame, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return frame{}, fmt.Errorf("encode event %d: %w", e.ID, err)
	}
	return frame{e, fmt.Appendf(nil, "id: %d\ndata: %s\n\n", e.ID, data)}, nil
}
