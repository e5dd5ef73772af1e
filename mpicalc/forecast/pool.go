package forecast

import "strings"

// pool holds the candidates of a combination. Its slices are reused from problem to problem.
type pool struct {
	all      []candidate
	lags     []lagTask    // candidates to be forecast together
	smooth   []smoothTask // likewise
	members  []Member     // what the combination is made of in the end
	positive bool
}

// candidate is a member of a combination with its forecasts.
type candidate struct {
	Member
	paths
	err float64 // mean error at the inner origins, NaN when not measured
}

const (
	longPeriods = 16 // periods of a long season from which regressions on lags are better than all others
	richPeriods = 10 // periods from which long lists of lags justify their coefficients
)

// newPool chooses the candidates for p by its length and its seasons, and forecasts p by each, from all origins.
//
//   - A long series with a long season: autoregressions on the lags around every season, in levels and logarithms,
//     with and without an intercept for each phase, on differences at each season, and on the recent part alone.
//   - Any other: the methods that have done well on short series (Makridakis and Hibon 2000, International Journal of
//     Forecasting 16, 451-476): theta, damped trends, drift, and small autoregressions of the adjusted, the
//     differenced and the plain series. Where a yearly season of weekly data is strong, only two of those that adjust
//     for it, and Fourier terms.
//
// The errors decide how much each counts.
func (e *Engine) newPool(p *problem) *pool {
	c := &e.mem.pool
	c.all, c.lags, c.smooth, c.members = c.all[:0], c.lags[:0], c.smooth[:0], c.members[:0]
	c.positive = p.positive()
	n, m := len(p.y), p.season()
	long := p.strong && n >= longPeriods*m
	if !p.strong {
		e.addSmoothers(c, p)
	}
	switch {
	case m == 1, p.options.isAnnual(m):
		e.addNonSeasonal(c, p)
	case long:
		e.addRich(c, p)
		e.addLong(c, p)
	default:
		e.addSeasonal(c, p)
		if p.strong && m > longPeriod && n >= 2*m {
			e.addSmoother(c, p, "theta-log", smoother{extend: theta}, true)
			e.addSmoother(c, p, "ar-adjusted", smoother{extend: smoothAR}, false)
		}
		if n >= richPeriods*m || m >= longPeriod {
			e.addRich(c, p)
		}
	}
	if m > longPeriod || m == longPeriod && !long || m > 1 && p.options.isAnnual(p.seasons[len(p.seasons)-1]) {
		c.add("harmonic", harmonic{}.forecast(e, p, c.positive).paths)
	}
	e.autoregress(p, c.lags)
	e.smooth(p, c.smooth)
	return c
}

// addSmoothers adds the candidates that work on the seasonally adjusted series.
func (e *Engine) addSmoothers(c *pool, p *problem) {
	e.addSmoother(c, p, "theta-log", smoother{extend: theta}, true)
	e.addSmoother(c, p, "theta-dynamic-log", smoother{extend: dynamicTheta}, true)
	e.addSmoother(c, p, "damped-log", smoother{extend: damped}, true)
	e.addSmoother(c, p, "drift-log", smoother{extend: smoothDrift}, true)
	e.addSmoother(c, p, "theta", smoother{extend: theta}, false)
	e.addSmoother(c, p, "drift", smoother{extend: smoothDrift}, false)
	e.addSmoother(c, p, "ar-adjusted", smoother{extend: smoothAR}, false)
}

// addNonSeasonal adds the candidates for a series without season.
func (e *Engine) addNonSeasonal(c *pool, p *problem) {
	e.addLags(c, p, "ar-step-log", e.shortDifferences(1), true)
	if len(p.y) >= minTestPoints {
		r, _ := recentLags(e, p)
		e.addLags(c, p, "ar-log", r, true)
	}
	c.add("naive", formula(naive).forecast(e, p, false).paths)
}

// addSeasonal adds the small seasonal candidates.
func (e *Engine) addSeasonal(c *pool, p *problem) {
	m := p.season()
	e.addSmoother(c, p, "holt-winters-log", smoother{extend: holtWinters, unadjusted: true}, true)
	e.addLags(c, p, "ar-near-log", e.nearLags(m), true)
	e.addLags(c, p, "ar-near", e.nearLags(m), false)
	e.addLags(c, p, "ar-diff-log", e.differenceLags(p.seasons, m), true)
	e.addLags(c, p, "ar-diff-short-log", e.shortDifferences(m), true)
	e.addLags(c, p, "ar-diff-short", e.shortDifferences(m), false)
	c.add("seasonal-naive", seasonalNaive{}.forecast(e, p, false).paths)
}

// addRich adds the autoregressions on all lags around the seasons.
func (e *Engine) addRich(c *pool, p *problem) {
	r, _ := seasonalLags(e, p)
	phases := r
	phases.period = p.season()
	e.addLags(c, p, "ar-season-log", r, true)
	e.addLags(c, p, "ar-phase-log", phases, true)
	e.addLags(c, p, "ar-season", r, false)
	e.addLags(c, p, "ar-phase", phases, false)
}

// addLong adds the autoregressions that need many periods.
func (e *Engine) addLong(c *pool, p *problem) {
	e.addLags(c, p, "ar-diff-log", e.differenceLags(p.seasons, p.seasons[0]), true)
	if len(p.seasons) > 1 {
		e.addLags(c, p, "ar-diff-long-log", e.differenceLags(p.seasons, p.seasons[1]), true)
	}
	recent, _ := seasonalLags(e, p)
	recent.window = 3 * recent.reach()
	e.addLags(c, p, "ar-recent-log", recent, true)
}

// add adds a candidate.
func (c *pool) add(name string, out paths) {
	c.all = append(c.all, candidate{Member: Member{Name: name}, paths: out})
}

// addLags adds an autoregression.
func (e *Engine) addLags(c *pool, p *problem, name string, r autoregression, log bool) {
	if name, log, ok := c.admit(name, log); ok {
		out := e.newPaths(p)
		c.add(name, out)
		c.lags = append(c.lags, lagTask{r, log, out})
	}
}

// addSmoother adds a smoother.
func (e *Engine) addSmoother(c *pool, p *problem, name string, s smoother, log bool) {
	if name, log, ok := c.admit(name, log); ok {
		out := e.newPaths(p)
		c.add(name, out)
		c.smooth = append(c.smooth, smoothTask{s, log, out})
	}
}

// admit turns a candidate on logarithms into one in levels where there are no logarithms, and refuses it when the pool
// has that one already.
func (c *pool) admit(name string, log bool) (string, bool, bool) {
	if log && !c.positive {
		name, log = strings.TrimSuffix(name, "-log"), false
	}
	for i := range c.all {
		if c.all[i].Name == name {
			return "", false, false
		}
	}
	return name, log, true
}
