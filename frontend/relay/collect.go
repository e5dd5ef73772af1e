package relay

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// feedWait is how long the queue may wait for the next result.
const feedWait = 25 * time.Second

// errFeed is a feed that does not go forward.
var errFeed = errors.New("the queue sends results from before the place that was asked for")

// collect applies one page of the queue's results feed. Whatever stands in it,
// the place in the feed moves on: a result that makes no sense fails its job.
func (c *Relay) collect(ctx context.Context) error {
	from, err := c.store.Position(ctx)
	if err != nil {
		return err
	}
	page, err := c.queue.Results(ctx, from, maxBatch, feedWait)
	if err != nil || len(page) == 0 {
		return err
	}
	to := from
	forward := page[:0]
	for _, r := range page {
		if r.Position > to {
			to = r.Position
			forward = append(forward, r)
		}
	}
	if to == from {
		return errFeed
	}
	// What came before a large answer does not wait for it.
	if i := slices.IndexFunc(forward, func(r message.Result) bool { return r.Parts > 0 }); i > 0 {
		forward = forward[:i]
		to = forward[i-1].Position
	}
	endings, err := c.endings(ctx, forward)
	if err != nil {
		return err
	}
	moved, err := c.store.Apply(ctx, from, to, endings)
	if err != nil || !moved {
		return err // not moved: another process was faster
	}
	for _, e := range endings {
		c.jobs.WithLabelValues(string(e.State)).Inc()
	}
	return nil
}

// arrival is a result with the run of a job that it is about.
type arrival struct {
	message.Result
	job job.ID
	run int
}

// endings turns results into what they mean for jobs, at most one for each.
func (c *Relay) endings(ctx context.Context, page []message.Result) ([]store.Ending, error) {
	arrivals := c.arrivals(page)
	jobs := make([]job.ID, len(arrivals))
	for i, a := range arrivals {
		jobs[i] = a.job
	}
	standings, err := c.store.Standings(ctx, jobs)
	if err != nil {
		return nil, err
	}
	var endings []store.Ending
	place := map[job.ID]int{}
	for _, a := range arrivals {
		at, known := standings[a.job]
		if !known || at.Run != a.run {
			c.log.Warn("a result of a job or run that is not there", "key", a.Key, "outcome", a.Outcome)
			continue
		}
		if !at.State.CanEnd() {
			continue
		}
		if a.Revision > at.Revision {
			if err := c.catchUp(ctx, a.job, a.run, a.Revision); err != nil {
				return nil, err
			}
		}
		e, err := c.ending(ctx, a)
		if err != nil {
			return nil, err
		}
		// A second result for the same run is that of a dead message which was
		// sent round again, or nonsense.
		if i, again := place[a.job]; !again {
			place[a.job] = len(endings)
			endings = append(endings, e)
		} else if endings[i].State.CanBecome(e.State) {
			endings[i] = e
		}
	}
	return endings, nil
}

// arrivals reads the keys, and leaves out those that this service never makes.
func (c *Relay) arrivals(page []message.Result) []arrival {
	var all []arrival
	for _, r := range page {
		id, run, ok := store.ParseKey(r.Key)
		if _, err := uuid.Parse(string(id)); !ok || err != nil || len(id) != len(uuid.Nil.String()) {
			c.log.Warn("a result of an unknown message", "key", r.Key, "outcome", r.Outcome)
			continue
		}
		all = append(all, arrival{Result: r, job: id, run: run})
	}
	return all
}
