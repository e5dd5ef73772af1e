package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// findSeasons appends the seasonal periods of y to dst, ascending: those given in the options; or those of the
// frequency that the data bear out; or, when the frequency is not known, those that stand out in the data.
func (e *Engine) findSeasons(dst []int, y []float64) []int {
	mark := e.mem.mark()
	defer e.mem.release(mark)
	switch {
	case e.options.Seasons != nil:
		for _, m := range e.options.Seasons {
			if m > 1 {
				dst = append(dst, m)
			}
		}
	case e.options.Freq != "":
		for _, m := range frequencySeasons(e.options.Freq) {
			if e.bearsOut(y, m) {
				dst = append(dst, m)
			}
		}
	case len(y) > 1:
		m := standOut(e.steps(y))
		if m > 1 {
			dst = append(dst, m)
		}
		if m == 24 && e.bearsOut(y, 168) {
			dst = append(dst, 168) // who has hours of the day has days of the week
		}
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}

// frequencySeasons returns the periods that a frequency can bring: day and week of hourly data, week and year of
// daily data, the year of weekly, monthly and quarterly data.
func frequencySeasons(f Freq) []int {
	switch f {
	case Hourly:
		return []int{24, 168}
	case Daily:
		return []int{7, 365}
	case BusinessDays:
		return []int{5, 261}
	case Weekly:
		return []int{52}
	case Monthly:
		return []int{12}
	case Quarterly:
		return []int{4}
	}
	return nil
}

const (
	fewPeriods  = 3   // from here on the data can be asked whether a long season of the calendar is there
	manyPeriods = 8   // and from here on whether a short one is
	yearly      = 200 // a season longer than this is a year of days
	longPeriod  = 24  // from here on a season moves so little from step to step that noise may hide it in the steps
)

// bearsOut reports whether y may have the season m that its frequency suggests. Months and quarters always may, and a
// short series cannot speak against it; any other must show it. So must weeks from the start: many have no year, and
// one that is only supposed costs a price of two years more than it can ever gain.
func (e *Engine) bearsOut(y []float64, m int) bool {
	n := len(y)
	switch {
	case n < m+2 || m > longPeriod*4 && n < fewPeriods*m:
		return false
	case m > longPeriod && n < fewPeriods*m:
		return swings(y, m)
	case e.options.Freq == Monthly, e.options.Freq == Quarterly, n < fewPeriods*m,
		n < manyPeriods*m && m < longPeriod:
		return true
	case m >= longPeriod && swings(y, m):
		return true
	}
	steps := e.steps(y)
	c := autocorrelation(steps, stat.Mean(steps, nil), m)
	return m < yearly && c.sum > 0 && c.square() > 3.84
}

// swings reports whether the values of y a period of m apart are clearly more alike than those half a period apart, and
// rise and fall together:
//
//	V(m) < (1 - 0.3·c)·V(m/2),  r(m) > 0.2·c,  V(k) = mean of (y(t) - y(t-k))²,  c = √(3m/n), at most 1
//
// with r(m) the correlation of y(t) and y(t-m). A season of period m makes V(m) small and V(m/2) large, in noise they are
// the same, and in a random walk V(m) is twice V(m/2). Simulated with m = 52, one walk in eight of 80 points passes, one
// in fourteen of 104 and of 156, one in a hundred of 300. An event that came once can pass for V, but not for r. From
// three periods on, the mean of the differences is taken out of V, and with it a trend; a shorter walk would lose too
// much of itself. It needs a period and a half. Source of V, the variogram of a series: Haslett 1997, The Statistician 46,
// 475-485.
func swings(y []float64, m int) bool {
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
		if n >= fewPeriods*m {
			squares -= sum * sum / count
		}
		return squares / count
	}
	c := math.Sqrt(fewPeriods * float64(m) / float64(max(n, fewPeriods*m)))
	return variogram(m) < (1-0.3*c)*variogram(m/2) && stat.Correlation(y[m:], y[:n-m], nil) > 0.2*c
}

// standOut returns the period whose autocorrelation of the steps is the largest among those that are beyond doubt, or
// 1. A multiple of a period must be clearly better. Doubt is large because many periods are tried: χ² above 20
// happens by chance once in a hundred thousand.
func standOut(steps []float64) int {
	mean := stat.Mean(steps, nil)
	best, period := 0.0, 1
	for _, m := range []int{4, 5, 7, 12, 24, 48, 52, 96, 168} {
		if len(steps) < 3*m {
			break
		}
		r, sure := correlationAt(steps, mean, m)
		if m%period == 0 && period > 1 {
			r -= 0.05
		}
		if sure && r > best {
			best, period = r, m
		}
	}
	return period
}

// correlationAt returns the autocorrelation of d at lag m and whether it is positive beyond doubt and larger than a
// quarter of a period before and after.
func correlationAt(d []float64, mean float64, m int) (r float64, sure bool) {
	c := autocorrelation(d, mean, m)
	quarter := (m + 3) / 4
	before, after := autocorrelation(d, mean, m-quarter), autocorrelation(d, mean, m+quarter)
	variance := floats.Dot(d, d) - float64(len(d))*mean*mean
	return c.sum / variance, c.sum > 0 && c.square() > 20 && c.sum > before.sum && c.sum > after.sum
}
