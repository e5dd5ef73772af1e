package forecast

import "strings"

// candidate is a member of a combination.
type candidate struct {
	Member
	out paths
	err float64 // mean error at the inner origins, NaN when not measured
}

// pool collects the members of auto. Its slices are reused from series to series.
type pool struct {
	all      []candidate
	lags     []lagModel
	smooth   []smoother
	positive bool
}

const (
	longPeriods = 16 // periods of a long season from which regressions on lags know it better than all others do
	richPeriods = 10 // periods from which long lists of lags are worth their coefficients
)

// gather chooses the members for t by its length and its seasons, and computes their forecasts at all origins.
//
//   - A long series with a long season: autoregressions on the lags around every season, in levels and logarithms,
//     with and without an intercept for each phase, on differences at each season, and on the recent part alone.
//   - Any other: the methods that have done well on short series (Makridakis and Hibon 2000, International Journal of
//     Forecasting 16, 451-476): theta, damped trends, drift, and small autoregressions of the adjusted, the
//     differenced and the plain series. Where a year of weeks shows beyond doubt, only two of those that adjust for
//     it, and Fourier terms.
//
// Which of them suits a series is left to their errors.
func (e *Engine) gather(t *task) *pool {
	p := &e.pool
	p.all, p.lags, p.smooth = p.all[:0], p.lags[:0], p.smooth[:0]
	p.positive = t.positive()
	n, m := len(t.y), t.season()
	long := t.swings && n >= longPeriods*m
	if !t.swings {
		e.gatherSmoothers(t)
	}
	switch {
	case m == 1, m > yearly:
		e.gatherPlain(t)
	case long:
		e.gatherRich(t)
		e.gatherLong(t)
	default:
		e.gatherSeasonal(t)
		if t.swings && m > longPeriod && n >= 2*m {
			e.smoothMember(t, "theta-log", smoother{log: true, extend: theta})
			e.smoothMember(t, "ar-adjusted", smoother{extend: smoothAR})
		}
		if n >= richPeriods*m || m >= longPeriod {
			e.gatherRich(t)
		}
	}
	if m > longPeriod || m == longPeriod && !long || m > 1 && t.seasons[len(t.seasons)-1] > yearly {
		harmonic(e, t, e.member(t, "harmonic"))
	}
	e.autoregress(t, p.lags)
	e.smooth(t, p.smooth)
	return p
}

// gatherSmoothers adds the members that work on the seasonally adjusted series.
func (e *Engine) gatherSmoothers(t *task) {
	e.smoothMember(t, "theta-log", smoother{log: true, extend: theta})
	e.smoothMember(t, "theta-dynamic-log", smoother{log: true, extend: dynamicTheta})
	e.smoothMember(t, "damped-log", smoother{log: true, extend: damped})
	e.smoothMember(t, "drift-log", smoother{log: true, extend: smoothDrift})
	e.smoothMember(t, "theta", smoother{extend: theta})
	e.smoothMember(t, "drift", smoother{extend: smoothDrift})
	e.smoothMember(t, "ar-adjusted", smoother{extend: smoothAR})
}

// gatherPlain adds the members of a series without season.
func (e *Engine) gatherPlain(t *task) {
	e.lagMember(t, "ar-step-log", e.stepLags(), true)
	if len(t.y) >= leastSteps {
		e.lagMember(t, "ar-log", e.recentLags(len(t.y)), true)
	}
	naive(e, t, e.member(t, "naive"))
}

// gatherSeasonal adds the small seasonal members.
func (e *Engine) gatherSeasonal(t *task) {
	m := t.season()
	e.smoothMember(t, "holt-winters-log", smoother{log: true, raw: true, extend: holtWinters})
	e.lagMember(t, "ar-near-log", e.nearLags(m), true)
	e.lagMember(t, "ar-near", e.nearLags(m), false)
	e.lagMember(t, "ar-diff-log", e.differenceLags(t.seasons, m), true)
	e.lagMember(t, "ar-diff-short-log", e.shortDifferenceLags(m), true)
	e.lagMember(t, "ar-diff-short", e.shortDifferenceLags(m), false)
	seasonalNaive(e, t, e.member(t, "seasonal-naive"))
}

// gatherRich adds the autoregressions on all lags around the seasons.
func (e *Engine) gatherRich(t *task) {
	season := e.seasonLags(t.seasons)
	phase := season
	phase.period = t.season()
	e.lagMember(t, "ar-season-log", season, true)
	e.lagMember(t, "ar-phase-log", phase, true)
	e.lagMember(t, "ar-season", season, false)
	e.lagMember(t, "ar-phase", phase, false)
}

// gatherLong adds what needs many periods.
func (e *Engine) gatherLong(t *task) {
	e.lagMember(t, "ar-diff-log", e.differenceLags(t.seasons, t.seasons[0]), true)
	if len(t.seasons) > 1 {
		e.lagMember(t, "ar-diff-long-log", e.differenceLags(t.seasons, t.seasons[1]), true)
	}
	recent := e.seasonLags(t.seasons)
	recent.window = 3 * recent.longest()
	e.lagMember(t, "ar-recent-log", recent, true)
}

// member adds a member and returns the rows to fill.
func (e *Engine) member(t *task, name string) paths {
	out := e.newPaths(len(t.ends), t.h)
	e.pool.all = append(e.pool.all, candidate{Member: Member{Name: name}, out: out})
	return out
}

// lagMember adds an autoregression.
func (e *Engine) lagMember(t *task, name string, r autoregression, log bool) {
	if name, log, ok := e.pool.admit(name, log); ok {
		e.pool.lags = append(e.pool.lags, lagModel{r, log, e.member(t, name)})
	}
}

// smoothMember adds a smoother.
func (e *Engine) smoothMember(t *task, name string, s smoother) {
	name, log, ok := e.pool.admit(name, s.log)
	if ok {
		s.log, s.out = log, e.member(t, name)
		e.pool.smooth = append(e.pool.smooth, s)
	}
}

// admit turns a member on logarithms into one in levels where there are no logarithms, and refuses it when that one is
// there already.
func (p *pool) admit(name string, log bool) (string, bool, bool) {
	if log && !p.positive {
		name, log = strings.TrimSuffix(name, "-log"), false
	}
	for i := range p.all {
		if p.all[i].Name == name {
			return "", false, false
		}
	}
	return name, log, true
}
