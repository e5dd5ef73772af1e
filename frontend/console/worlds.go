package console

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

const (
	// worldsEvery is how long all tabs together make do with one answer of the message service. Worlds report as often.
	worldsEvery = 3 * time.Second
	// trustedFor is for how long somebody whom the message service has answered is shown what it answers others.
	trustedFor = time.Minute
	// worldsPerPage is how many worlds a page lists.
	worldsPerPage = 50
)

// sight is what the message service said of the first worlds at a time.
type sight struct {
	message.Workers
	fault   *problem.Problem // why it said nothing
	at      time.Time
	version int // changes when there is something new
}

// worlds is what all tabs together have seen: however many there are, the message service is asked once in a while.
// Safe for concurrent use.
type worlds struct {
	every  time.Duration
	flight singleflight.Group

	mu      sync.Mutex
	last    sight
	seen    string               // what last shows, without what changes with time alone
	trusted map[string]time.Time // when the message service last answered a session
}

func newWorlds() *worlds { return &worlds{every: worldsEvery, trusted: map[string]time.Time{}} }

// look returns what was seen last, if that is new enough and the visit may see it, and otherwise asks the message service
// in the name of the visit. The error says that the visit may not see it.
func (w *worlds) look(v *visit) (sight, error) {
	fresh, trusted := w.kept(v)
	if fresh != nil {
		return *fresh, nil
	}
	if trusted {
		shared, err, _ := w.flight.Do("", func() (any, error) { return w.ask(v.context(), v) })
		if err == nil {
			return shared.(sight), nil
		}
		// The answer may have been for another visit, which has ended.
	}
	return w.ask(v.context(), v)
}

// kept is what was seen last, or nil when the visit must ask, and whether the visit may share what others are answered.
func (w *worlds) kept(v *visit) (*sight, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.trusted[string(v.secret.id())]) >= trustedFor {
		return nil, false
	}
	if time.Since(w.last.at) >= w.every {
		return nil, true
	}
	last := w.last
	return &last, true
}

// ask asks the message service. That it does not answer is something to see.
func (w *worlds) ask(ctx context.Context, v *visit) (sight, error) {
	all, err := v.queue().Workers(ctx, 0, worldsPerPage)
	var fault *problem.Problem
	if err != nil {
		fault = problemOf(outsideWorkers(err))
		if fault.Status < http.StatusInternalServerError || ctx.Err() != nil {
			return sight{}, fault
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if fault == nil {
		for id, at := range w.trusted {
			if now.Sub(at) >= trustedFor {
				delete(w.trusted, id)
			}
		}
		w.trusted[string(v.secret.id())] = now
	}
	version := w.last.version
	if seen := essence(all, fault); seen != w.seen || version == 0 {
		w.seen = seen
		version++
	}
	w.last = sight{Workers: all, fault: fault, at: now, version: version}
	return w.last, nil
}

// outsideWorkers makes a problem of the silence of the message service, and of one that is too old to know its workers.
func outsideWorkers(err error) error {
	if problem.Is(err, problem.NotFound) {
		return problem.New(problem.Unavailable, "the message service is of an earlier version, which does not list workers").Because(err)
	}
	return outsideQueue(err)
}

// essence is what a page shows of the worlds, without the moments that pass by themselves.
func essence(all message.Workers, fault *problem.Problem) string {
	if fault != nil {
		return fault.Detail
	}
	plain := message.Workers{Others: all.Others}
	for _, w := range all.Workers {
		w.Silent, w.Up = 0, 0
		w.Jobs, w.Ended, w.Ranks = timeless(w.Jobs), timeless(w.Ended), append([]message.WorkerRank(nil), w.Ranks...)
		for i := range w.Ranks {
			w.Ranks[i].Busy, w.Ranks[i].Fit = 0, 0
		}
		plain.Workers = append(plain.Workers, w)
	}
	text, _ := json.Marshal(plain) // of numbers and texts
	return string(text)
}

func timeless(jobs []message.WorkerJob) []message.WorkerJob {
	var all []message.WorkerJob
	for _, j := range jobs {
		all = append(all, message.WorkerJob{Key: j.Key, Phase: j.Phase, Series: j.Series, Done: j.Done})
	}
	return all
}
