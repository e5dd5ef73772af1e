package relay

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// feedWait is the default of Relay.feedWait.
const feedWait = 10 * time.Second

// errFeed is the error of a feed that does not go forward.
var errFeed = errors.New("the queue sends results from before the position that was asked for")

// readerName is under which name the queue knows this service as a reader of its feed.
const readerName = "frontend"

// collect applies one page of the queue's results feed. Whatever the page contains,
// the position in the feed moves on: an invalid result fails its job.
func (r *Relay) collect(ctx context.Context) error {
	from, err := r.store.Position(ctx)
	if err != nil {
		return err
	}
	page, err := r.queue.Read(ctx, message.Reader{Name: readerName, Epoch: from.Epoch, Redriven: true}, from.At, maxBatch, r.feedWait)
	if err != nil {
		return err
	}
	if from.Epoch != "" && page.Epoch != from.Epoch {
		return r.beginEpoch(ctx, from, page.Epoch)
	}
	if page.Gap != nil && (page.Epoch != r.gap.Epoch || page.Gap.To > r.gap.At) {
		if err := r.mindGap(ctx, page.Epoch, *page.Gap); err != nil {
			return err
		}
	}
	return r.applyPage(ctx, from, page)
}

// applyPage applies the results of a page, which comes after a position.
func (r *Relay) applyPage(ctx context.Context, from store.Position, page message.Results) error {
	to := store.Position{Epoch: page.Epoch, At: from.At}
	forward := page.Results[:0]
	for _, result := range page.Results {
		if result.Position > to.At {
			to.At = result.Position
			forward = append(forward, result)
		}
	}
	switch {
	case len(page.Results) > 0 && to.At == from.At:
		return errFeed
	case len(page.Results) == 0 && page.Gap != nil:
		to.At = max(to.At, page.Gap.To)
	}
	if to == from {
		return nil
	}
	news, err := r.news(ctx, forward)
	if err != nil {
		return err
	}
	moved, err := r.store.Apply(ctx, from, to, news)
	if err != nil || !moved {
		return err // not moved: another process was faster
	}
	r.tell(news.Outcomes...)
	if len(news.Late) > 0 {
		poke(r.small)
		poke(r.large)
	}
	if len(news.Redriven) > 0 {
		poke(r.wake) // there may be runs to cancel
	}
	poke(r.due)
	r.traceEnded(ctx, news.Outcomes)
	r.jobs.WithLabelValues("redriven").Add(float64(len(news.Redriven)))
	return nil
}

// arrival is a result and the run of the job that it is about.
type arrival struct {
	message.Result
	job job.ID
	run int
}

// arrivals parses the keys of results, and drops results whose keys this service never
// makes.
func (r *Relay) arrivals(page []message.Result) []arrival {
	var all []arrival
	for _, result := range page {
		run, ok := sentRun(result.Key)
		if !ok {
			r.log.Warn("a result of an unknown message", "key", result.Key, "outcome", result.Outcome)
			continue
		}
		all = append(all, arrival{Result: result, job: run.Job, run: run.Run})
	}
	return all
}

// sentRun is the run whose message has a key, or false for a key that this service never makes.
func sentRun(key string) (store.SentRun, bool) {
	id, run, ok := store.ParseKey(key)
	_, err := uuid.Parse(string(id))
	return store.SentRun{Job: id, Run: run}, ok && err == nil && len(id) == len(uuid.Nil.String())
}
