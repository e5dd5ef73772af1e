package forecast

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"foliocast/mpicalc/forecast/inorder"
)

// foundSeasons are the seasonal periods of a series, ascending, and the evidence for each, in [0, 1].
type foundSeasons struct {
	periods  []int
	evidence []float64
}

// add adds a period in its place, unless it is there already.
func (f *foundSeasons) add(m int, evidence float64) {
	at, found := slices.BinarySearch(f.periods, m)
	if !found {
		f.periods = slices.Insert(f.periods, at, m)
		f.evidence = slices.Insert(f.evidence, at, evidence)
	}
}

// findSeasons returns the seasonal periods of y: those given in the options; or those of the
// calendar that the data support; or, when there is no calendar, the dominant one of the data.
func (e *Engine) findSeasons(y []float64, o *Options) foundSeasons {
	found := foundSeasons{e.mem.ints(MaxSeasons)[:0], e.mem.floats(MaxSeasons)[:0]}
	defer e.mem.release(e.mem.mark())
	switch {
	case o.Seasons != nil:
		for _, m := range o.Seasons {
			if m > 1 {
				found.add(m, e.seasonEvidence(y, m, o.Seasons))
			}
		}
	case o.hasCalendar():
		for _, m := range o.Periods {
			if evidence := e.seasonEvidence(y, m, o.Periods); m > 1 && evidence >= o.leastEvidence(m, len(y)) {
				found.add(m, evidence)
			}
		}
	case len(y) > 1:
		m := dominantPeriod(e.differences(y))
		if m == 1 {
			break
		}
		found.add(m, e.seasonEvidence(y, m, nil))
		if week := 7 * m; m == 24 || m == 48 || m == 96 { // data with hours of the day may have days of the week
			if evidence := e.seasonEvidence(y, week, found.periods); evidence >= possible {
				found.add(week, evidence)
			}
		}
	}
	return found
}

// hasCalendar reports whether the calendar of the series is known. One without a usual season, as that of years, has none.
func (o *Options) hasCalendar() bool { return o.Step > 0 || len(o.Periods) > 0 }

// isAnnual reports whether a season of m steps is a year of days. When the step is not known, a long one is.
func (o *Options) isAnnual(m int) bool {
	return m > annual && (o.Step == 0 || time.Duration(m)*o.Step > annual*24*time.Hour)
}

// exactPeriod is the period of a season of m steps in fractions of a step: a year has 52.18 weeks, which adds up to nine weeks
// in fifty years.
func (o *Options) exactPeriod(m int) float64 {
	if o.Step > 0 && m > longPeriod {
		if exact := float64(year) / float64(o.Step); math.Abs(exact-float64(m)) < 1 {
			return exact
		}
	}
	return float64(m)
}

// year is the mean length of a year.
const year = time.Duration(365.2425 * 24 * float64(time.Hour))

const (
	longPeriod = 24                  // a season this long changes so little from step to step that noise may hide it in the differences
	annual     = 200                 // a longer season is a year, unless its steps are too short for that
	month      = 27 * 24 * time.Hour // the least step of a calendar whose year has a season of a few steps

	longTestPeriods = 3 // the least number of periods for taking out the trend
)

// The evidence from which a series has a season.
const (
	possible = 0.2
	likely   = 0.5
)

// leastEvidence is the evidence from which a series of n points has the season m that its calendar suggests. Monthly and
// quarterly series always may. Any other must show the season: many weekly series have no year, and a wrong one costs the
// forecast of a two-year series of prices more than a right one could gain. A long season that is no more than possible is
// worth the few lags that it costs.
func (o *Options) leastEvidence(m, n int) float64 {
	switch {
	case n < m+2:
		return 2 // more than there can be
	case o.Step >= month:
		return 0
	case m > longPeriod:
		return possible
	}
	return likely
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
	variance := inorder.Dot(d, d) - float64(len(d))*mean*mean
	return c.sum / variance, c.sum > 0 && c.chiSquare() > 20 && c.sum > before.sum && c.sum > after.sum
}
