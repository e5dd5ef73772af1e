package portfolio

import (
	"math"
	"slices"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// asked is what a job asks for beside the point forecast: intervals and quantiles. Their rows are numbered: two for each level, the
// lower end first, and then one for each quantile.
//
// The quantile of probability p of a short position is that of 1 - p of the asset, with the other sign. So an asset that is held
// short is asked for both.
type asked struct {
	levels, quantiles []float64 // ascending
	both              []float64 // the quantiles and the opposite ones, ascending
	own, opposite     []int     // for each quantile, where it and the opposite one are among these
}

func newAsked(spec job.Spec) asked {
	q := asked{levels: slices.Sorted(slices.Values(spec.Levels)), quantiles: slices.Sorted(slices.Values(spec.Quantiles))}
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
func (q *asked) rows() int { return 2*len(q.levels) + len(q.quantiles) }

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
	switch {
	case i < 0:
		i = row / 2
		if rows = r.Hi; (row%2 == 0) != (a.coef < 0) {
			rows = r.Lo
		}
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

// name puts the rows of the portfolio, or none, into maps by the text of their level or probability.
func (q *asked) name(rows [][]float64) (lo, hi, quantiles map[string][]float64) {
	if rows == nil {
		return nil, nil, nil
	}
	ends, rest := rows[:2*len(q.levels)], rows[2*len(q.levels):]
	var below, above [][]float64
	for i := 0; i < len(ends); i += 2 {
		below, above = append(below, ends[i]), append(above, ends[i+1])
	}
	return named(q.levels, below, job.Level), named(q.levels, above, job.Level), named(q.quantiles, rest, job.Quantile)
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
