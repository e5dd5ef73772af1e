package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"foliocast/internal/job"
)

const (
	// maxParts bounds the parts of one answer.
	maxParts = 100_000
	// maxAnswer bounds the bytes of all parts of one answer: more than the numbers of
	// the largest job take as text.
	maxAnswer = 8 << 30
	// partsAtOnce is how many of them are processed at a time: while one is
	// checked, others are fetched or stored. It bounds the memory and
	// the connections to the database that they take.
	partsAtOnce = 4
)

// takeParts fetches, checks and stores the parts of an answer. Repeating it is
// harmless. The results are those of complete; of several invalid parts it names the
// first.
func (r *Relay) takeParts(ctx context.Context, a arrival) (fault, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	bad := make([]error, a.Parts)
	var enough atomic.Bool
	var bytes atomic.Int64
	for i := 0; i < a.Parts && ctx.Err() == nil && !enough.Load(); i++ {
		group.Go(func() (err error) {
			bad[i], err = r.takePart(ctx, a, i, &bytes)
			if bad[i] != nil {
				enough.Store(true) // the parts before it have been processed, or are being processed
			}
			return err
		})
	}
	err = group.Wait()
	if i := slices.IndexFunc(bad, func(b error) bool { return b != nil }); err == nil && i >= 0 {
		return bad[i], nil
	}
	return nil, err
}

// takePart takes one part. The results are those of complete.
func (r *Relay) takePart(ctx context.Context, a arrival, i int, bytes *atomic.Int64) (fault, err error) {
	body, err := r.queue.Part(ctx, a.Position, i)
	if unknown(err) {
		return fmt.Errorf("its part %d is missing", i), nil
	}
	if err != nil {
		return nil, err
	}
	if bytes.Add(int64(len(body))) > maxAnswer {
		return fmt.Errorf("its parts have more than %d bytes", int64(maxAnswer)), nil
	}
	var assets []job.Asset
	if err := json.Unmarshal(body, &assets); err != nil {
		return fmt.Errorf("its part %d: %w", i, err), nil
	}
	names := make([]string, len(assets))
	for k := range assets {
		names[k] = assets[k].Asset
	}
	return nil, r.store.PutPart(ctx, a.job, a.run, i, body, names...)
}
