package backtest

import (
	"errors"
	"sort"

	"foliocast/internal/job"
	"foliocast/internal/series"
)

// HeldOut are the samples of series whose last values are held out: as many as the horizon for the first origin, twice as many
// for the second, and so on. Values that were filled in are held out but not scored.
type HeldOut struct {
	source  *Source
	horizon int
	samples []heldOut
	newest  []int // the training length of the newest origin of each asset

	Omitted int // series without a sample
	Short   int // series with fewer samples than origins
}

// heldOut is one sample: the values after the first n of an asset are held out.
type heldOut struct{ asset, n int32 }

// HoldOut splits each of the assets at each origin that leaves enough values to train on. The error says that no series has as
// many origins.
func HoldOut(source *Source, assets []int, origins, horizon int) (*HeldOut, error) {
	h := &HeldOut{source: source, horizon: horizon, newest: make([]int, source.Table.Len())}
	longest := 0
	for _, i := range assets {
		n := len(source.Table.Values(i))
		possible := job.MaxOrigins(n, horizon)
		longest = max(longest, n)
		before := len(h.samples)
		for k := range min(origins, possible) {
			if train := n - (k+1)*horizon; h.hasObserved(i, train) {
				h.samples = append(h.samples, heldOut{int32(i), int32(train)})
			}
		}
		switch {
		case len(h.samples) == before:
			h.Omitted++
			continue
		case possible < origins:
			h.Short++
		}
		h.newest[i] = int(h.samples[before].n)
	}
	if fault := job.OriginsFault(longest, origins, horizon); fault != "" {
		return nil, errors.New(fault)
	}
	return h, nil
}

// hasObserved reports whether the file has one of the values that are held out after the first n of an asset.
func (h *HeldOut) hasObserved(asset, n int) bool {
	filled := h.source.Table.FilledAt(asset)
	begin := sort.Search(len(filled), func(k int) bool { return int(filled[k]) >= n })
	end := sort.Search(len(filled), func(k int) bool { return int(filled[k]) >= n+h.horizon })
	return end-begin < h.horizon
}

// Len is the number of samples.
func (h *HeldOut) Len() int { return len(h.samples) }

// Asset is the asset of sample i.
func (h *HeldOut) Asset(i int) int { return int(h.samples[i].asset) }

// Question is sample i without Scale and Kind.
func (h *HeldOut) Question(i int) Sample {
	asset, n := int(h.samples[i].asset), int(h.samples[i].n)
	s := h.source.Question(asset, n)
	s.Horizon = h.horizon
	end := n + h.horizon
	held := h.source.Table.Values(asset)[n:end:end]
	s.Skips = h.source.series(asset).skipsBefore(end)
	for _, x := range h.source.series(asset).x {
		s.X = append(s.X, x[:end:end])
	}
	if len(h.source.Table.FilledAt(asset)) == 0 {
		s.Actual = held
		return s
	}
	for _, k := range h.source.series(asset).observed {
		if k >= n && k < end {
			s.At, s.Actual = append(s.At, k-n), append(s.Actual, held[k-n])
		}
	}
	return s
}

// Sample is sample i.
func (h *HeldOut) Sample(i int) Sample {
	s := h.Question(i)
	h.source.Complete(&s, h.newest[s.Asset])
	return s
}

// AllAssets are the numbers of all assets of a table.
func AllAssets(t *series.Table) []int {
	all := make([]int, t.Len())
	for i := range all {
		all[i] = i
	}
	return all
}
