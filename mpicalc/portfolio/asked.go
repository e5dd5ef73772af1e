package portfolio

import (
	"math"
	"slices"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// asked is what a job asks for beside the point forecast: intervals, quantiles and bands. Their rows are numbered: two for each level, the
// lower end first, then one for each quantile, and then two for each band.
//
// The quantile of probability p of a short position is that of 1 - p of the asset, with the other sign. So an asset that is held
// short is asked for both.
type asked struct {
	levels, quantiles []float64 // ascending
	bands             []float64 // likewise
	both              []float64 // the quantiles and the opposite ones, ascending
	own, opposite     []int     // for each quantile, where it and the opposite one are among these
}

func newAsked(spec job.Spec) asked {
	q := asked{levels: slices.Sorted(slices.Values(spec.Levels)), quantiles: slices.Sorted(slices.Values(spec.Quantiles)),
		bands: slices.Sorted(slices.Values(spec.Bands))}
	q.both = slices.Clone(q.quantiles)
	for _, p := range q.quantiles {
		if at := opposite(p); indexNear(q.both, at) < 0 {
			q.both = append(q.both, at)
		}
	}
	slices.Sort(q.both)
	for _, p := range q.quantiles {
		q.own = append(q.own, slices.Index(q.both, p))
		q.opposite = append(q.opposite, indexNear(q.both, opposite(p)))
	}
	return q
}

// opposite is 1 - p, and below 1.
func opposite(p float64) float64 { return min(1-p, math.Nextafter(1, 0)) }

// indexNear is the place of a probability in a list, up to its rounding, or -1.
func indexNear(list []float64, p float64) int {
	return slices.IndexFunc(list, func(q float64) bool { return math.Abs(q-p) < 1e-15 })
}

// rows is the number of rows.
func (q *asked) rows() int { return 2*len(q.levels) + len(q.quantiles) + 2*len(q.bands) }

// split are the rows of the intervals, of the quantiles and of the bands.
func (q *asked) split(rows [][]float64) (intervals, quantiles, bands [][]float64) {
	at := 2 * len(q.levels)
	to := at + len(q.quantiles)
	return rows[:at], rows[at:to], rows[to:]
}

// needsOpposite reports whether the quantiles of an asset include the opposite ones.
func (q *asked) needsOpposite(a *asset) bool { return a.coef < 0 && len(q.quantiles) > 0 }

// of are the quantiles that an asset is asked for.
func (q *asked) of(a *asset) []float64 {
	if q.needsOpposite(a) {
		return q.both
	}
	return q.quantiles
}

// row is the row of an asset, at the common dates, that becomes the given row of the portfolio. It is nil when the asset has none.
func (q *asked) row(a *asset, r *forecast.Result, row int) []float64 {
	rows, i := r.Quantiles, row-2*len(q.levels)
	band := i - len(q.quantiles)
	lower := (row%2 == 0) != (a.coef < 0)
	if band >= 0 {
		lower = (band%2 == 0) != (a.coef < 0)
	}
	switch {
	case i < 0 && lower:
		rows, i = r.Lo, row/2
	case i < 0:
		rows, i = r.Hi, row/2
	case band >= 0 && lower:
		rows, i = r.BandLo, band/2
	case band >= 0:
		rows, i = r.BandHi, band/2
	case q.needsOpposite(a):
		i = q.opposite[i]
	}
	if i >= len(rows) {
		return nil
	}
	return rows[i][a.lag:]
}

// ownQuantiles are the rows of the quantiles of an asset, without the opposite ones. It appends them to dst.
func (q *asked) ownQuantiles(dst [][]float64, a *asset, r *forecast.Result) [][]float64 {
	if !q.needsOpposite(a) || len(r.Quantiles) == 0 {
		return append(dst, r.Quantiles...)
	}
	for _, i := range q.own {
		dst = append(dst, r.Quantiles[i])
	}
	return dst
}

// name puts the rows of the portfolio, or none, into the maps of its forecast by the text of their level or probability.
func (q *asked) name(f *job.Forecast, rows [][]float64) {
	if rows == nil {
		return
	}
	intervals, quantiles, bands := q.split(rows)
	f.Lo, f.Hi = ends(q.levels, intervals)
	f.Quantiles = named(q.quantiles, quantiles, job.Quantile)
	lo, hi := ends(q.bands, bands)
	f.Band = bandOf(lo, hi)
}

// ends puts rows, two for each level, into maps of the lower and of the upper ones.
func ends(levels []float64, rows [][]float64) (lo, hi map[string][]float64) {
	var below, above [][]float64
	for i := 0; i < len(rows); i += 2 {
		below, above = append(below, rows[i]), append(above, rows[i+1])
	}
	return named(levels, below, job.Level), named(levels, above, job.Level)
}

// bandOf is the bands of an answer, or nil.
func bandOf(lo, hi map[string][]float64) *job.Band {
	if lo == nil {
		return nil
	}
	return &job.Band{Lo: lo, Hi: hi}
}

// named copies the rows, one for each number, into a map by the text of the number.
func named(numbers []float64, rows [][]float64, text func(float64) string) map[string][]float64 {
	if len(numbers) == 0 || len(rows) == 0 {
		return nil
	}
	all := make(map[string][]float64, len(numbers))
	for i, n := range numbers {
		all[text(n)] = append([]float64(nil), rows[i]...)
	}
	return all
}
