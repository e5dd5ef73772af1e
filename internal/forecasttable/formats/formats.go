// Package formats writes tables of forecasts in every file format: CSV, Arrow
// (file and stream) and Parquet. All formats hold the same rows. It is apart
// from forecasttable because it brings the libraries for Arrow and Parquet.
package formats

import (
	"fmt"
	"io"

	"foliocast/internal/forecasttable"
)

// The writers hold a batch of rows: one record batch of Arrow, or one row group
// of Parquet. It is short where there are many columns, so that it takes little
// memory.
const (
	maxBatchRows  = 64 << 10
	maxBatchCells = 24 * maxBatchRows // as many as 10 levels need
)

// batchRows is about how many rows a batch holds.
func batchRows(s forecasttable.Shape) int { return min(maxBatchRows, maxBatchCells/len(s.Columns())) }

// New returns a writer of the given format. An error of w may surface only at
// the writer's Close.
func New(w io.Writer, f forecasttable.Format, s forecasttable.Shape) (forecasttable.Writer, error) {
	switch f {
	case forecasttable.CSV:
		return forecasttable.NewCSV(w, s)
	case forecasttable.Arrow, forecasttable.ArrowStream:
		return newArrow(w, s, f == forecasttable.Arrow)
	case forecasttable.Parquet:
		return newParquet(w, s), nil
	}
	return nil, fmt.Errorf("%q is not a file format of a table", f)
}
