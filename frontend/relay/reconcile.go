package relay

import (
	"context"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// beginEpoch goes over to another epoch of the feed: the queue has lost what this service
// has read of it, as by a restored backup. The feed is read from its beginning; results
// that were applied before change nothing.
func (r *Relay) beginEpoch(ctx context.Context, from store.Position, epoch message.Epoch) error {
	if err := r.reconcile(ctx); err != nil {
		return err
	}
	moved, err := r.store.Apply(ctx, from, store.Position{Epoch: epoch}, store.News{})
	if err == nil && moved {
		r.log.Error("the queue has another results feed than before, as after a backup is restored: jobs that it does not know were sent again, and its feed is read from the beginning",
			"epoch", string(epoch), "epoch_before", string(from.Epoch), "position_before", int64(from.At))
	}
	return err
}

// mindGap makes up for results that were deleted before they were read.
func (r *Relay) mindGap(ctx context.Context, epoch message.Epoch, gap message.Gap) error {
	if err := r.reconcile(ctx); err != nil {
		return err
	}
	r.gap = store.Position{Epoch: epoch, At: gap.To}
	r.log.Error("the queue has deleted results before they were read: jobs that it does not know any more were sent again",
		"after", int64(gap.After), "to", int64(gap.To))
	return nil
}

// reconcile asks the queue for all jobs in flight, and sends those again that it does not
// know. Repeating it is harmless.
func (r *Relay) reconcile(ctx context.Context) error {
	for after := job.ID(""); ; {
		runs, err := r.store.SentRuns(ctx, after, maxBatch)
		if err != nil || len(runs) == 0 {
			r.Wake()
			return err
		}
		keys := make([]string, len(runs))
		for i, run := range runs {
			keys[i] = run.Key()
		}
		all, err := r.queue.Status(ctx, message.Lookup{Keys: keys})
		if err != nil {
			return err
		}
		known := make(map[string]bool, len(all))
		for _, s := range all {
			known[s.Key] = true
		}
		unknown := make([]bool, len(runs))
		for i, key := range keys {
			unknown[i] = !known[key]
		}
		if err := r.store.SendAgain(ctx, runs, unknown); err != nil {
			return err
		}
		after = runs[len(runs)-1].Job
	}
}
