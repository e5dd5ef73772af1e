package forecast

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// findSeasons returns the seasonal periods of y, ascending: those given in the options; or those of the calendar that
// the data support; or, when there is no calendar, the dominant one of the data.
func (e *Engine) findSeasons(y []float64, o *Options) []int {
	found := e.mem.ints(MaxSeasons)[:0]
	defer e.mem.release(e.mem.mark())
	switch {
	case o.Seasons != nil:
		for _, m := range o.Seasons {
			if m > 1 {
				found = append(found, m)
			}
		}
	case o.hasCalendar():
		for _, m := range o.Periods {
			if e.supports(y, m, o) {
				found = append(found, m)
			}
		}
	case len(y) > 1:
		m := dominantPeriod(e.differences(y))
		if m > 1 {
			found = append(found, m)
		}
		if m == 24 && e.supports(y, 168, o) {
			found = append(found, 168) // data with hours of the day have days of the week
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// hasCalendar reports whether the calendar of the series is known. One without a usual season, as that of years, has none.
func (o *Options) hasCalendar() bool { return o.Step > 0 || len(o.Periods) > 0 }

// isAnnual reports whether a season of m steps is a year of days. When the step is not known, a long one is.
func (o *Options) isAnnual(m int) bool {
	return m > annual && (o.Step == 0 || time.Duration(m)*o.Step > annual*24*time.Hour)
}

const (
	longPeriod = 24                  // a season this long changes so little from step to step that noise may hide it in the differences
	annual     = 200                 // a longer season is a year, unless its steps are too short for that
	month      = 27 * 24 * time.Hour // the least step of a calendar whose year has a season of a few steps

	longTestPeriods  = 3 // the least number of periods for testing a season of longPeriod steps or more
	shortTestPeriods = 8 // the least number for testing a shorter one
)

// supports reports whether y may have the season m that its calendar suggests. Monthly and quarterly series always may, and
// a series too short for a test may as well; any other must show the season. Weekly series of any length must show it: many
// have no yearly season, and a wrong one costs the forecast of a two-year series of prices more than a right one could gain.
// So must series of steps shorter than an hour, by the stronger test: their minutes and hours are such small parts of a day
// that whatever changes smoothly passes the weaker one.
func (e *Engine) supports(y []float64, m int, o *Options) bool {
	n := len(y)
	switch {
	case n < m+2 || m > longPeriod*4 && n < longTestPeriods*m:
		return false
	case m > longPeriod && n < longTestPeriods*m, o.Step > 0 && o.Step < time.Hour:
		return strongSeason(y, m)
	case o.Step >= month, n < longTestPeriods*m,
		n < shortTestPeriods*m && m < longPeriod:
		return true
	case m >= longPeriod && strongSeason(y, m):
		return true
	}
	d := e.differences(y)
	c := autocorrelation(d, stat.Mean(d, nil), m)
	return !o.isAnnual(m) && c.sum > 0 && c.chiSquare() > 3.84
}

// strongSeason reports whether the season m of y is strong: values a period apart are clearly more alike than those half
// a period apart, and rise and fall together.
//
//	V(m) < (1 - 0.3·c)·V(m/2),  r(m) > 0.2·c,  V(k) = mean of (y(t) - y(t-k))²,  c = √(3m/n), at most 1
//
// with r(m) the correlation of y(t) and y(t-m). A season of period m makes V(m) small and V(m/2) large; in noise they are
// the same, and in a random walk V(m) is twice V(m/2). Simulated with m = 52, one walk in eight of 80 points passes, one
// in fourteen of 104 and of 156, one in a hundred of 300. A single event can satisfy the condition on V, but not that on
// r. From three periods on, the mean of the differences is taken out of V, and with it a trend; a shorter walk would lose
// too much of itself. It needs a period and a half. Source of V, the variogram of a series: Haslett 1997, The
// Statistician 46, 475-485.
func strongSeason(y []float64, m int) bool {
	n := len(y)
	if n < m+m/2 {
		return false
	}
	variogram := func(k int) float64 {
		sum, squares, count := 0.0, 0.0, float64(n-k)
		for t, v := range y[k:] {
			d := v - y[t]
			sum += d
			squares += d * d
		}
		if n >= longTestPeriods*m {
			squares -= sum * sum / count
		}
		return squares / count
	}
	c := math.Sqrt(longTestPeriods * float64(m) / float64(max(n, longTestPeriods*m)))
	return variogram(m) < (1-0.3*c)*variogram(m/2) && stat.Correlation(y[m:], y[:n-m], nil) > 0.2*c
}

// dominantPeriod returns the period with the largest autocorrelation of the differences d among the significant ones, or 1.
// A multiple of a period must be clearly better. The bar for significance is high because many periods are tried: χ² exceeds
// 20 by chance once in a hundred thousand.
func dominantPeriod(d []float64) int {
	mean := stat.Mean(d, nil)
	best, period := 0.0, 1
	for _, m := range []int{4, 5, 7, 12, 24, 48, 52, 96, 168} {
		if len(d) < 3*m {
			break
		}
		r, significant := seasonalCorrelation(d, mean, m)
		if m%period == 0 && period > 1 {
			r -= 0.05
		}
		if significant && r > best {
			best, period = r, m
		}
	}
	return period
}

// seasonalCorrelation returns the autocorrelation of d at lag m and whether it is significantly positive, and larger than
// those a quarter of a period before and after.
func seasonalCorrelation(d []float64, mean float64, m int) (r float64, significant bool) {
	c := autocorrelation(d, mean, m)
	quarter := (m + 3) / 4
	before, after := autocorrelation(d, mean, m-quarter), autocorrelation(d, mean, m+quarter)
	variance := floats.Dot(d, d) - float64(len(d))*mean*mean
	return c.sum / variance, c.sum > 0 && c.chiSquare() > 20 && c.sum > before.sum && c.sum > after.sum
}
