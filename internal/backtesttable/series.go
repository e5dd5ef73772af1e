package backtesttable

import (
	"encoding/csv"
	"io"
	"strconv"

	"foliocast/internal/job"
)

// SeriesWriter writes a line for each forecast, with every digit.
type SeriesWriter struct {
	csv    *csv.Writer
	levels []string
}

// NewSeriesWriter writes the header. levels are those of the intervals, ascending.
func NewSeriesWriter(w io.Writer, levels []float64) (*SeriesWriter, error) {
	s := &SeriesWriter{csv: csv.NewWriter(w)}
	head := []string{"unique_id", "kind", "origin", "model", "used", "members", "values", "smape", "mase", "wql"}
	for _, l := range levels {
		s.levels = append(s.levels, job.Level(l))
	}
	for _, l := range s.levels {
		head = append(head, "coverage-"+l)
	}
	for _, l := range s.levels {
		head = append(head, "msis-"+l)
	}
	return s, s.csv.Write(append(head, "error"))
}

// Write adds the line of a forecast.
func (s *SeriesWriter) Write(asset, kind string, e job.Evaluation) error {
	row := []string{asset, kind, e.Origin, e.Model, e.Used, job.Combination(e.Members), strconv.Itoa(e.Values)}
	values := []*float64{e.SMAPE, e.MASE, e.WQL}
	for _, l := range s.levels {
		values = append(values, e.Coverage[l])
	}
	for _, l := range s.levels {
		values = append(values, e.MSIS[l])
	}
	for _, v := range values {
		row = append(row, cell(v, "%g"))
	}
	return s.csv.Write(append(row, e.Error))
}

// Flush ends the table.
func (s *SeriesWriter) Flush() error {
	s.csv.Flush()
	return s.csv.Error()
}
