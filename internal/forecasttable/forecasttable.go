// Package forecasttable writes forecasts as tables. A table has a row for each
// step of each asset, and last of the portfolio, in the columns unique_id, ds,
// model, mean, lo-L and hi-L for each level L, q-P for each quantile of
// probability P, band-lo-L and band-hi-L for each simultaneous band, and members,
// what auto combined. The package writes CSV, and text for people; package formats below it adds Arrow and
// Parquet, whose libraries are large.
//
// It writes what it is given, one asset at a time, and holds no more than a
// batch of rows. It computes nothing, and it does not read datasets: a forecast
// carries its own times.
package forecasttable

import (
	"fmt"
	"slices"

	"foliocast/internal/job"
)

// Shape is what the columns of a table depend on.
type Shape struct {
	Time      job.TimeKind // of the column ds, which is text when the kind is not known
	Levels    []float64    // of the intervals, in the order of their columns
	Quantiles []float64    // probabilities, likewise
	Bands     []float64    // levels, likewise
	Members   bool         // whether there is a column of what auto combined
}

// ShapeOf is the shape of a table of forecasts that were asked for by spec.
func ShapeOf(spec job.Spec, time job.TimeKind) Shape {
	sorted := func(list []float64) []float64 { return slices.Sorted(slices.Values(list)) }
	return Shape{Time: time, Levels: sorted(spec.Levels), Quantiles: sorted(spec.Quantiles), Bands: sorted(spec.Bands),
		Members: spec.Model == "auto"}
}

// Columns names the columns.
func (s Shape) Columns() []string {
	names := []string{"unique_id", "ds", "model", "mean"}
	for _, level := range s.Levels {
		names = append(names, "lo-"+job.Level(level), "hi-"+job.Level(level))
	}
	for _, p := range s.Quantiles {
		names = append(names, "q-"+job.Quantile(p))
	}
	for _, level := range s.Bands {
		names = append(names, "band-lo-"+job.Level(level), "band-hi-"+job.Level(level))
	}
	if s.Members {
		names = append(names, "members")
	}
	return names
}

// Rows is the forecast of one asset, or of the portfolio, which has no name and no
// model. DS and Mean have a value for each step. Lo
// and Hi have a slice for each level, in the order of the shape's levels,
// Quantiles one for each quantile, and BandLo and BandHi one for each band; where
// such a slice is shorter, the table has no value.
type Rows struct {
	Asset, Model string
	DS           []string
	Mean         []float64
	Lo, Hi       [][]float64
	Quantiles    [][]float64
	BandLo       [][]float64
	BandHi       [][]float64
	Members      string // see [job.Combination]
	// Numbers is what [Shape.AppendNumbers] makes of these rows, or nil. CSV then copies it.
	Numbers []byte
}

// Rows is the forecast of an asset of an answer. It shares memory with it.
func (s Shape) Rows(a job.Asset) Rows {
	r := s.rows(a.DS, a.Mean, a.Lo, a.Hi, a.Quantiles, a.Band)
	r.Asset, r.Model, r.Members = a.Asset, a.Model, job.Combination(a.Members)
	return r
}

// Portfolio is the forecast of the whole portfolio, or no rows where the answer has none or its assets count steps of their own, so that
// it has no times. It shares memory with the answer.
func (s Shape) Portfolio(a job.Answer) Rows {
	f := a.Overall
	if f == nil || f.DS == nil {
		return Rows{}
	}
	return s.rows(f.DS, f.Mean, f.Lo, f.Hi, f.Quantiles, f.Band)
}

func (s Shape) rows(ds []string, mean []float64, lo, hi, quantiles map[string][]float64, band *job.Band) Rows {
	r := Rows{DS: ds, Mean: mean}
	for _, level := range s.Levels {
		name := job.Level(level)
		r.Lo, r.Hi = append(r.Lo, lo[name]), append(r.Hi, hi[name])
	}
	for _, p := range s.Quantiles {
		r.Quantiles = append(r.Quantiles, quantiles[job.Quantile(p)])
	}
	for _, level := range s.Bands {
		if name := job.Level(level); band != nil {
			r.BandLo, r.BandHi = append(r.BandLo, band.Lo[name]), append(r.BandHi, band.Hi[name])
		}
	}
	return r
}

// Check reports an error when the times and the means do not belong together.
func (r Rows) Check() error {
	if len(r.DS) != len(r.Mean) {
		return fmt.Errorf("asset %q has %d means at %d times", r.Asset, len(r.Mean), len(r.DS))
	}
	return nil
}

// Bounds appends the columns that follow the mean to dst: the bounds, the
// quantiles and the bounds of the bands.
func (s Shape) Bounds(dst []Column, r Rows) []Column {
	for i := range s.Levels {
		dst = append(dst, columnOf(r.Lo, i), columnOf(r.Hi, i))
	}
	for i := range s.Quantiles {
		dst = append(dst, columnOf(r.Quantiles, i))
	}
	for i := range s.Bands {
		dst = append(dst, columnOf(r.BandLo, i), columnOf(r.BandHi, i))
	}
	return dst
}

// Column is the values of a column, step by step.
type Column []float64

func columnOf(rows [][]float64, i int) Column {
	if i >= len(rows) {
		return nil
	}
	return rows[i]
}

// At is the value at a step. It reports false where the table has none.
func (c Column) At(step int) (float64, bool) {
	if step >= len(c) {
		return 0, false
	}
	return c[step], true
}

// Writer writes a table. It is not safe for concurrent use.
type Writer interface {
	// Write adds the rows of one asset, or of the portfolio. It does not keep them.
	Write(Rows) error
	// Close ends the table. It does not close what the table is written to.
	Close() error
}
