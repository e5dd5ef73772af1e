package api

import (
	"context"
	"fmt"
	"io"
	"slices"

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

// rows is a table format.
type rows interface {
	// write adds a row for each step of one asset.
	write(a job.Asset, times []series.Time) error
	// end writes what is still held back.
	end() error
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

// as returns the writer of results in a media type.
func (t *forecastTable) as(media string) func(context.Context, io.Writer, answerSource) error {
	return func(ctx context.Context, w io.Writer, s answerSource) error {
		defer t.done()
		var out rows
		var err error
		if media == csvMedia {
			out, err = newCSVRows(w, t)
		} else {
			out, err = newArrowRows(w, t, media == arrowFileMedia)
		}
		if err != nil {
			return err
		}
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
			if err := out.write(asset, times); err != nil {
				return err
			}
		}
		return out.end()
	}
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
