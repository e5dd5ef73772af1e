package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

func (a *API) registerHistory(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs/{id}/history", OperationID: "job-history",
		Summary: "Show the last values before the forecast of a job",
		Description: "Of an asset, or of the whole portfolio: combined as the forecast is, at the times at which all assets that count have a value. " +
			"Where the portfolio cannot be combined without the calculation, there are no values, and a note says why."}, auth.JobsRead, requestTime, a.history)
}

type historyInput struct {
	JobRef
	Asset string `query:"asset" maxLength:"256" doc:"Name of an asset; the whole portfolio when absent"`
	Last  int    `query:"last" minimum:"1" maximum:"5000" default:"200" doc:"How many values"`
}

// mostCombined is how many assets a portfolio may have for its history to be combined while
// a caller waits.
const mostCombined = 2000

func (a *API) history(ctx context.Context, b *Backend, in *historyInput) (*bodied[client.History], error) {
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	table, done, err := b.Archive.Table(j.Dataset.SHA256)
	if err != nil {
		return nil, missing(store.Version{Dataset: j.Dataset}, err)
	}
	defer done()
	if table, err = asRead(table, j.Spec); err != nil {
		return nil, problem.Newf(problem.Conflict, "the data of job %s cannot be read as it asks: %v", j.ID, err)
	}
	out := client.History{DS: []string{}, Y: []float64{}}
	if in.Asset != "" {
		i, found := table.Index(in.Asset)
		if !found {
			return nil, problem.Newf(problem.NotFound, "dataset %s@%d has no such asset", j.Dataset.Name, j.Dataset.Version)
		}
		values := table.Values(i)
		for k := max(0, len(values)-in.Last); k < len(values); k++ {
			out.DS, out.Y = append(out.DS, table.At(i, k).String()), append(out.Y, values[k])
		}
		return &bodied[client.History]{out}, nil
	}
	h, note, err := holdingsOf(ctx, b, j, table)
	if err != nil {
		return nil, err
	}
	if out.Note = note; note == "" {
		out.DS, out.Y = h.combined(in.Last)
	}
	return &bodied[client.History]{out}, nil
}

// asRead is the table as a job reads it.
func asRead(table *series.Table, spec job.Spec) (*series.Table, error) {
	out, err := table.AsOf(spec.AsOf)
	if err == nil {
		out, err = out.Window(spec.From, spec.To)
	}
	if err == nil && spec.Freq != "" {
		out, err = out.WithFreq(series.Freq(spec.Freq), string(spec.Resample), jobAssets(out, spec)...)
	}
	return out, err
}

// holding is the assets of a portfolio that count, and how much each does.
type holding struct {
	table   *series.Table
	assets  []int
	weights []float64
	combine job.Combine
}

// holdingsOf is the portfolio of a job, or a note that says why it cannot be combined here.
func holdingsOf(ctx context.Context, b *Backend, j store.Job, table *series.Table) (h holding, note string, err error) {
	names := j.Spec.Assets
	if j.Spec.All() {
		names = table.Names()
	}
	currencies, _ := j.Spec.Currencies(names)
	switch {
	case len(names) > mostCombined:
		return h, "the portfolio has too many assets to show its history", nil
	case len(job.ForeignCurrencies(currencies, j.Spec.Base)) > 0:
		return h, "the history of a portfolio in several currencies is not shown", nil
	case !table.Shared() && len(names) > 1:
		return h, "the assets count steps of their own, so that they have no common history", nil
	}
	var weights []float64
	if j.Spec.Combine == job.Value {
		weights, _ = job.Units(j.Spec.Holdings, names)
	} else {
		weights, _ = job.NormalisedWeights(j.Spec.Weights, names)
	}
	if len(weights) != len(names) {
		return h, "the portfolio of the job does not fit its data", nil
	}
	lost, note, err := withoutForecast(ctx, b, j)
	if err != nil || note != "" {
		return h, note, err
	}
	h.table, h.combine = table, j.Spec.Combine
	sum := 0.0
	for k, name := range names {
		if i, found := table.Index(name); found && weights[k] != 0 && !lost[name] && table.Count(i) > 0 {
			h.assets, h.weights = append(h.assets, i), append(h.weights, weights[k])
			sum += weights[k]
		}
	}
	if h.combine != job.Value && sum > 0 { // as the forecast does, without those that it lost
		for k := range h.weights {
			h.weights[k] /= sum
		}
	}
	return h, "", nil
}

// withoutForecast are the assets of a job that have no forecast, and do not count.
func withoutForecast(ctx context.Context, b *Backend, j store.Job) (lost map[string]bool, note string, err error) {
	if j.State != job.Partial {
		return nil, "", nil
	}
	s, err := finished(ctx, b, j.ID)
	if err != nil {
		return nil, "", err
	}
	if s.result.Parts > 0 {
		return nil, "some of its many assets have no forecast, so that the history of the portfolio is not shown", nil
	}
	lost = map[string]bool{}
	for _, a := range s.answer.Assets {
		lost[a.Asset] = a.Error != nil
	}
	return lost, "", nil
}

// combined is the portfolio at the last times at which all its assets have a value, the
// oldest first. A return is the one from the last of these times, as the forecast's is.
func (h holding) combined(last int) (ds []string, y []float64) {
	ds, y = []string{}, []float64{}
	if len(h.assets) == 0 {
		return ds, y
	}
	at := make([]int, len(h.assets)) // the value of each asset that is looked at
	for k, i := range h.assets {
		at[k] = h.table.Count(i) - 1
	}
	var base []float64
	for len(y) < last && h.align(at) {
		if base == nil {
			base = h.values(at)
		}
		ds = append(ds, h.table.At(h.assets[0], at[0]).String())
		y = append(y, h.worth(h.values(at), base))
		for k := range at {
			at[k]--
		}
	}
	slices.Reverse(ds)
	slices.Reverse(y)
	return ds, y
}

// align moves back to the last time at which all assets have a value. It reports false
// when there is none.
func (h holding) align(at []int) bool {
	for k := 0; k < len(at); k++ {
		if at[k] < 0 {
			return false
		}
		earliest := h.table.At(h.assets[0], at[0])
		for c := h.table.At(h.assets[k], at[k]); c.Compare(earliest) > 0; c = h.table.At(h.assets[k], at[k]) {
			if at[k]--; at[k] < 0 {
				return false
			}
		}
		if h.table.At(h.assets[k], at[k]).Compare(earliest) == 0 {
			continue
		}
		// The first asset goes back to this one, and the others are looked at again.
		for h.table.At(h.assets[0], at[0]).Compare(h.table.At(h.assets[k], at[k])) > 0 {
			if at[0]--; at[0] < 0 {
				return false
			}
		}
		k = -1
	}
	return true
}

func (h holding) values(at []int) []float64 {
	out := make([]float64, len(at))
	for k, i := range h.assets {
		out[k] = h.table.Values(i)[at[k]]
	}
	return out
}

// worth is what the portfolio is worth, as job.Combine defines it.
func (h holding) worth(values, base []float64) float64 {
	sum := 0.0
	for k, v := range values {
		if h.combine == job.Return {
			v /= base[k]
		}
		sum += h.weights[k] * v
	}
	if h.combine == job.Return {
		sum--
	}
	return sum
}
