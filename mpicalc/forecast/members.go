package forecast

import "strings"

// A member is a model that may stand in a combination. Every member is tried on every series: its errors at the origins and
// what is known of such series decide how much it counts, see weights. It leaves missing what it cannot forecast, such as a
// series without the season that it needs.
type member struct {
	name  string
	group group
	log   bool // works on logarithms where all values are positive
	// One of these three makes the forecast.
	model  model
	lags   lagged
	smooth *smoother
}

// A group is what members have in common that features speak for or against.
type group int

// The groups: the walk needs nothing, plain members a level or a trend or short memory, seasonal members a season, and rich
// members many coefficients, and many periods to estimate them.
const (
	walkGroup group = iota
	plainGroup
	seasonalGroup
	richGroup
	groups
)

// members lists what auto combines. The table of priors has a row for each.
func members() []member {
	of := func(extend func(e *Engine, x, row []float64, s *smoothing)) *smoother {
		return &smoother{extend: extend}
	}
	return []member{
		{name: "naive", group: walkGroup, model: formula(naive)},
		{name: "mean", group: plainGroup, model: formula(mean)},
		{name: "drift-log", group: plainGroup, log: true, smooth: of(smoothDrift)},
		{name: "drift", group: plainGroup, smooth: of(smoothDrift)},
		{name: "theta-log", group: plainGroup, log: true, smooth: of(theta)},
		{name: "theta", group: plainGroup, smooth: of(theta)},
		{name: "theta-dynamic-log", group: plainGroup, log: true, smooth: of(dynamicTheta)},
		{name: "damped-log", group: plainGroup, log: true, smooth: of(damped)},
		{name: "ar-adjusted", group: plainGroup, smooth: &smoother{extend: smoothAR, fades: true}},
		{name: "ar-step-log", group: plainGroup, log: true, lags: differencesAt(oneStep)},
		{name: "ar-log", group: plainGroup, log: true, lags: recentLags},
		{name: "holt-winters-log", group: seasonalGroup, log: true, smooth: &smoother{extend: holtWinters, unadjusted: true}},
		{name: "ar-near-log", group: seasonalGroup, log: true, lags: nearLags},
		{name: "ar-near", group: seasonalGroup, lags: nearLags},
		{name: "ar-diff-log", group: seasonalGroup, log: true, lags: firstSeasonDifferences},
		{name: "ar-diff-short-log", group: seasonalGroup, log: true, lags: differencesAt((*problem).season)},
		{name: "ar-diff-short", group: seasonalGroup, lags: differencesAt((*problem).season)},
		{name: "seasonal-naive", group: seasonalGroup, model: seasonalNaive{}},
		{name: "harmonic-log", group: seasonalGroup, log: true, model: harmonic{}},
		{name: "level-shape-log", group: seasonalGroup, log: true, model: levelShape{}},
		{name: "level-shape", group: seasonalGroup, model: levelShape{}},
		{name: "ar-season-log", group: richGroup, log: true, lags: seasonalLags},
		{name: "ar-season", group: richGroup, lags: seasonalLags},
		{name: "ar-phase-log", group: richGroup, log: true, lags: phaseLags},
		{name: "ar-phase", group: richGroup, lags: phaseLags},
		{name: "ar-diff-long-log", group: richGroup, log: true, lags: secondSeasonDifferences},
		{name: "ar-recent-log", group: richGroup, log: true, lags: recentSeasonalLags},
	}
}

// suits reports whether m is to be tried on p, and whether on logarithms. A member on logarithms takes the place of the same in
// levels where there are no logarithms.
func (m *member) suits(p *problem, all []member) (log, ok bool) {
	if m.log && !p.positive() {
		plain := strings.TrimSuffix(m.name, "-log")
		for i := range all {
			if all[i].name == plain {
				return false, false
			}
		}
		return false, true
	}
	if m.needsSeason(p) {
		return false, false
	}
	return m.log, true
}

// needsSeason reports whether m needs a season that p has not.
func (m *member) needsSeason(p *problem) bool { return m.group >= seasonalGroup && p.season() == 1 }
