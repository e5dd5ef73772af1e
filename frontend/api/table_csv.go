package api

import (
	"encoding/csv"
	"io"
	"strconv"

	"foliocast/internal/job"
	"foliocast/internal/series"
)

// csvRows writes CSV. Numbers are in the shortest form that reads back as the
// same bits; where there is none, the field is empty.
type csvRows struct {
	out   *csv.Writer
	table *forecastTable
	row   []string
}

func newCSVRows(w io.Writer, t *forecastTable) (*csvRows, error) {
	r := &csvRows{out: csv.NewWriter(w), table: t}
	return r, r.out.Write(t.columns())
}

func (r *csvRows) write(a job.Asset, times []series.Time) error {
	for k := range a.Mean {
		r.row = append(r.row[:0], a.Asset, times[k].String(), a.Model, step(a.Mean, k))
		for _, l := range r.table.levels {
			r.row = append(r.row, step(a.Lo[job.Level(l)], k), step(a.Hi[job.Level(l)], k))
		}
		if err := r.out.Write(r.row); err != nil {
			return err
		}
	}
	return nil
}

func (r *csvRows) end() error {
	r.out.Flush()
	return r.out.Error()
}

// step is a value as text, empty where there is none.
func step(values []float64, k int) string {
	if k >= len(values) {
		return ""
	}
	return strconv.FormatFloat(values[k], 'g', -1, 64)
}
