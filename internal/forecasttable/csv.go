package forecasttable

import (
	"encoding/csv"
	"io"
	"strconv"
)

// csvWriter writes numbers in the shortest form that reads back as the same
// bits. A field without a value is empty.
type csvWriter struct {
	out    *csv.Writer
	levels int
	row    []string
}

// NewCSV returns a writer of CSV with a header (RFC 4180, lines end with a
// newline).
func NewCSV(w io.Writer, s Shape) (Writer, error) {
	out := &csvWriter{out: csv.NewWriter(w), levels: len(s.Levels)}
	return out, out.out.Write(s.Columns())
}

func (w *csvWriter) Write(r Rows) error {
	if err := r.Check(); err != nil {
		return err
	}
	for k, mean := range r.Mean {
		w.row = append(w.row[:0], r.Asset, r.DS[k], r.Model, exact(mean))
		for i := range w.levels {
			w.row = append(w.row, exactBound(r.Lo, i, k), exactBound(r.Hi, i, k))
		}
		if err := w.out.Write(w.row); err != nil {
			return err
		}
	}
	return nil
}

func (w *csvWriter) Close() error {
	w.out.Flush()
	return w.out.Error()
}

func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func exactBound(bounds [][]float64, level, step int) string {
	v, ok := Bound(bounds, level, step)
	if !ok {
		return ""
	}
	return exact(v)
}
