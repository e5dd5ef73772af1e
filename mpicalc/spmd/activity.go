package spmd

import (
	"sync"
	"time"
)

// Activity is what one rank does, and has done.
type Activity struct {
	Host    string
	Threads int
	Serves  bool // it computes nothing, and only serves the others
	// Chunks is how many chunks it has, and Workload that of the first series in the chunk that it got last; nil without one.
	Chunks   int
	Workload Workload
	// Series is how many series it has computed.
	Series int
	// Busy is how long it had a chunk, and Fit how long its threads have computed on average, by its own clock.
	Busy, Fit time.Duration
}

// activities is what all ranks do. Unlike the rest of a leader it is safe for concurrent use.
type activities struct {
	mu    sync.Mutex
	ranks []doing
}

// doing is an Activity with the time since when its rank has a chunk.
type doing struct {
	Activity
	since time.Time
}

// Activity lists what the ranks do, in their order. Any goroutine may call it once Lead has returned.
func (l *Leader) Activity() []Activity {
	a := &l.activities
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	all := make([]Activity, len(a.ranks))
	for i, r := range a.ranks {
		if all[i] = r.Activity; r.Chunks > 0 {
			all[i].Busy += now.Sub(r.since)
		}
	}
	return all
}

// begin names the ranks, once all have said hello.
func (a *activities) begin(l *Leader) {
	a.ranks = make([]doing, len(l.peers))
	for r, p := range l.peers {
		a.ranks[r].Activity = Activity{Host: p.host, Threads: int(p.capacity), Serves: !l.computes(r)}
	}
}

// given records that a rank has got a chunk.
func (a *activities) given(c *chunk) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &a.ranks[c.rank]
	if r.Chunks == 0 {
		r.since = time.Now()
	}
	r.Chunks++
	r.Workload = c.picks[0].active.workload
}

// taken records that a rank has answered a chunk of so many series, which took its threads some time on average.
func (a *activities) taken(rank, series int, fit time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &a.ranks[rank]
	r.Series += series
	r.Fit += fit
	if r.Chunks--; r.Chunks == 0 {
		r.Busy += time.Since(r.since)
		r.Workload = nil
	}
}
