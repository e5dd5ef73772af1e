package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/format"
	"foliocast/mpicalc/forecast"
)

// forecastWriter writes forecasts, one row a step, in the columns unique_id, ds, model, mean, and lo-80, hi-80 and so
// on for each level.
type forecastWriter interface {
	// write adds the rows of one asset.
	write(name string, times []series.Time, r *forecast.Result) error
	// end writes what is still held back.
	end() error
}

// newForecastWriter writes in the given format for a table whose times are of the given kind.
func newForecastWriter(w io.Writer, f format.Format, kind series.Kind, levels []float64) (forecastWriter, error) {
	switch f {
	case format.CSV:
		return newCSVWriter(w, levels)
	case format.Parquet:
		return newParquetWriter(w, kind, levels), nil
	case format.Arrow:
		return newArrowWriter(w, kind, levels)
	}
	return nil, fmt.Errorf("%q: %w", f, format.ErrUnknown)
}

// intervalColumns names the columns of the levels, as pairs of lo and hi.
func intervalColumns(levels []float64) []string {
	var names []string
	for _, l := range levels {
		names = append(names, "lo-"+job.Level(l), "hi-"+job.Level(l))
	}
	return names
}

// csvWriter writes numbers in the shortest form that reads back as the same bits.
type csvWriter struct {
	out *csv.Writer
	row []string
}

func newCSVWriter(w io.Writer, levels []float64) (*csvWriter, error) {
	out := &csvWriter{out: csv.NewWriter(w)}
	return out, out.out.Write(append([]string{"unique_id", "ds", "model", "mean"}, intervalColumns(levels)...))
}

func (w *csvWriter) write(name string, times []series.Time, r *forecast.Result) error {
	for k, mean := range r.Mean {
		w.row = append(w.row[:0], name, times[k].String(), r.Model, number(mean))
		for i := range r.Lo {
			w.row = append(w.row, number(r.Lo[i][k]), number(r.Hi[i][k]))
		}
		if err := w.out.Write(w.row); err != nil {
			return err
		}
	}
	return nil
}

func (w *csvWriter) end() error {
	w.out.Flush()
	return w.out.Error()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
