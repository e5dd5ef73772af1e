package api

import (
	"context"
	"encoding/json"
	"iter"

	"foliocast/frontend/store"
	"foliocast/internal/job"
)

// answerSource reads an answer, which may have many parts.
type answerSource struct {
	store  *store.Store
	job    store.Job
	result store.Result
	answer job.Answer // without its parts
	table  string     // of a backtest
}

// bodies yields the JSON arrays of assets, one for each part.
func (s answerSource) bodies(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if s.result.Parts == 0 {
			text, err := json.Marshal(s.answer.Assets)
			yield(text, err)
			return
		}
		for i := range s.result.Parts {
			body, err := s.store.Part(ctx, s.job.ID, s.result.Run, i)
			if !yield(body, err) || err != nil {
				return
			}
		}
	}
}

// assets yields the assets. It reads the next parts while the caller writes one.
func (s answerSource) assets(ctx context.Context) iter.Seq2[job.Asset, error] {
	return func(yield func(job.Asset, error) bool) {
		if s.result.Parts == 0 {
			each(s.answer.Assets, yield)
			return
		}
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		for part := range inOrder(s.result.Parts, partsAhead, func(i int) assetsPart { return s.part(ctx, i) }) {
			if part.err != nil {
				yield(job.Asset{}, part.err)
				return
			}
			if !each(part.assets, yield) {
				return
			}
		}
	}
}

// partsAhead is how many parts are read ahead for one reader.
const partsAhead = 2

// assetsPart is one part, decoded.
type assetsPart struct {
	assets []job.Asset
	err    error
}

func (s answerSource) part(ctx context.Context, i int) (p assetsPart) {
	body, err := s.store.Part(ctx, s.job.ID, s.result.Run, i)
	if err == nil {
		err = json.Unmarshal(body, &p.assets)
	}
	p.err = err
	return p
}

// each yields assets, and reports whether the caller wants more.
func each(assets []job.Asset, yield func(job.Asset, error) bool) bool {
	for _, a := range assets {
		if !yield(a, nil) {
			return false
		}
	}
	return true
}

// inOrder produces the values 0 to n-1 concurrently and yields them in order. It
// works on at most ahead values beyond the one that the caller has. When the caller
// stops, the values that were begun are still produced.
func inOrder[T any](n, ahead int, produce func(i int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		var pending []chan T
		begin := func(i int) {
			made := make(chan T, 1)
			pending = append(pending, made)
			go func() { made <- produce(i) }()
		}
		for i := range min(n, ahead) {
			begin(i)
		}
		for i := range n {
			if next := i + ahead; next < n {
				begin(next)
			}
			if !yield(<-pending[i]) {
				return
			}
			pending[i] = nil
		}
	}
}
