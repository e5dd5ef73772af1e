package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/series"
)

// forecastTable writes the forecasts of a job as rows: the answer has the
// values, the dataset the times that follow its last.
type forecastTable struct {
	series  *series.Table
	done    func()
	horizon int
	levels  []float64 // ascending
}

// openTable opens what the times of a job's forecasts follow from.
func openTable(b *Backend, j store.Job) (*forecastTable, error) {
	table, done, err := b.Archive.Table(j.Dataset.SHA256)
	if err != nil {
		return nil, missing(store.Version{Dataset: j.Dataset}, err)
	}
	t := &forecastTable{series: table, done: done, horizon: j.Spec.Horizon, levels: slices.Sorted(slices.Values(j.Spec.Levels))}
	if j.Spec.Freq != "" {
		t.series, err = t.series.WithFreq(series.Freq(j.Spec.Freq))
	}
	if err == nil {
		t.series, err = t.series.Window(j.Spec.From, j.Spec.To)
	}
	if err != nil {
		done()
		return nil, fmt.Errorf("find the times of job %s: %w", j.ID, err)
	}
	return t, nil
}

// columns names the columns.
func (t *forecastTable) columns() []string {
	names := []string{"unique_id", "ds", "model", "mean"}
	for _, l := range t.levels {
		names = append(names, "lo-"+job.Level(l), "hi-"+job.Level(l))
	}
	return names
}

// times are those of an asset's forecast. An asset that its dataset does not
// have is an error: the answer is not about this dataset.
func (t *forecastTable) times(a job.Asset) ([]series.Time, error) {
	i, ok := t.series.Index(a.Asset)
	if !ok || len(t.series.Values(i)) == 0 {
		return nil, fmt.Errorf("the dataset has no values of asset %q", a.Asset)
	}
	if len(a.Mean) > t.horizon {
		return nil, fmt.Errorf("asset %q has %d steps, more than the horizon of %d", a.Asset, len(a.Mean), t.horizon)
	}
	return t.series.Next(i, len(a.Mean)), nil
}

// writeCSV writes a row for each step of each asset that has a forecast.
// Numbers are in the shortest form that reads back as the same bits.
func (t *forecastTable) writeCSV(ctx context.Context, w io.Writer, s answerSource) error {
	defer t.done()
	out := csv.NewWriter(w)
	if err := out.Write(t.columns()); err != nil {
		return err
	}
	var row []string
	for asset, err := range s.assets(ctx) {
		if err != nil {
			return err
		}
		if len(asset.Mean) == 0 {
			continue
		}
		times, err := t.times(asset)
		if err != nil {
			return err
		}
		for k := range asset.Mean {
			row = append(row[:0], asset.Asset, times[k].String(), asset.Model, step(asset.Mean, k))
			for _, l := range t.levels {
				row = append(row, step(asset.Lo[job.Level(l)], k), step(asset.Hi[job.Level(l)], k))
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// step is a value as text, empty where there is none.
func step(values []float64, k int) string {
	if k >= len(values) {
		return ""
	}
	return strconv.FormatFloat(values[k], 'g', -1, 64)
}
