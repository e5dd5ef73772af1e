package nixtla

import (
	"fmt"
	"slices"
)

// regressor is a column that the job knows in advance.
type regressor struct {
	name     string
	column   int
	category string // the column is 1 where the request has this category, and 0 elsewhere; see isCategory
	is       bool
	lag      int // the value is that of so many times before
}

// regressors are those that the columns of a request make. A column of which only the past is known counts with its value of as many
// steps before as the job forecasts: that is known for every step. A column with categories becomes one for each of them but the
// first, unless that is the only one: the answer has a number for every column.
func (r *request) regressors(horizon int) []regressor {
	var all []regressor
	for i := range r.Series.X {
		one := regressor{name: fmt.Sprintf("x%d", i+1), column: i}
		if r.Series.XFuture != nil && i >= len(r.Series.XFuture) || slices.Contains(r.HistExog, i) || r.onlyPast() {
			one.lag = horizon
			one.name += fmt.Sprintf(".lag%d", horizon)
		}
		if !slices.Contains(r.Series.Categorical, i) {
			all = append(all, one)
			continue
		}
		words := r.categories(i)
		for k, word := range words {
			if k > 0 || len(words) == 1 {
				one := one
				one.name += fmt.Sprintf(".is%d", k+1)
				one.category, one.is = word, true
				all = append(all, one)
			}
		}
	}
	return all
}

// onlyPast reports whether nothing is known of the columns of a forecast in advance.
func (r *request) onlyPast() bool { return r.forecasts && r.Series.XFuture == nil }

// categories are the categories of a column, in order.
func (r *request) categories(i int) []string {
	var all []string
	for _, columns := range [][]column{r.Series.X, r.Series.XFuture} {
		if i >= len(columns) {
			continue
		}
		for k := range columns[i].len() {
			if w := columns[i].word(k); len(all) == 0 || all[len(all)-1] != w {
				all = append(all, w)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// value is the value of the regressor at place k of a series that begins at from. Beyond what the request has, which no step that
// is asked for needs, it is the last value.
func (c *regressor) value(p *Plan, series, k int) float64 {
	s := &p.request.Series
	n := s.Sizes[series]
	k = max(k-c.lag, 0)
	of, at := &s.X[c.column], p.from[series]+min(k, n-1)
	if h := p.request.H; k >= n && c.column < len(s.XFuture) {
		of, at = &s.XFuture[c.column], series*h+min(k-n, h-1)
	}
	switch {
	case !c.is:
		return of.numbers[at]
	case of.word(at) == c.category:
		return 1
	}
	return 0
}
