package forecast

import "strings"

// ModelInfo describes a model to a person.
type ModelInfo struct {
	Name string
	Doc  string // one line
}

// capability is a set of things that a model can do.
type capability uint8

const (
	// usesSeasons says that the model uses the seasonal periods; the answer then names them.
	usesSeasons capability = 1 << iota
	// usesLogs says that the model is fitted to logarithms where all values are positive; the answer is then named
	// with "-log".
	usesLogs
	// readsAll says that the model costs no more than reading the series and looks at all of it. Other models see the
	// last MaxPoints values.
	readsAll
	// closedForm says that the model is a formula in which every value takes part, so that a finite answer proves finite
	// values. Point forecasts then need neither a check of the values nor origins, and run at memory speed. The model must
	// be a formula.
	closedForm
	// combines says that the model weighs others by their errors, and needs rolling origins for that.
	combines
)

func (c capability) has(one capability) bool { return c&one != 0 }

// entry is a model, what it can do, and the model that takes over where it has no answer. All models have prediction
// intervals: the engine makes them from the forecasts at the rolling origins.
type entry struct {
	ModelInfo
	model    model
	can      capability
	fallback string // every chain ends at naive, which always has an answer
}

// registry lists the models that exist, in the order in which to show them. A new model is a type of its own in a file of
// its own, an entry here, and its name in internal/job; tests tell when one of them is missing. It is a function
// because a package-level table could be changed.
func registry() []entry {
	return []entry{
		{ModelInfo{"naive", "the last value, repeated"},
			formula(naive), readsAll, ""},
		{ModelInfo{"seasonal-naive", "the value one season ago"},
			seasonalNaive{}, readsAll | usesSeasons, "naive"},
		{ModelInfo{"drift", "the line through the first and the last value"},
			formula(drift), readsAll, "naive"},
		{ModelInfo{"mean", "the mean of all values"},
			formula(mean), readsAll, "naive"},
		{ModelInfo{"trend", "the least-squares line"},
			formula(trend), readsAll | closedForm, "naive"},
		{ModelInfo{"trend-season", "the least-squares line with an intercept for each phase of the season"},
			trendSeason{}, usesSeasons | usesLogs, "trend"},
		{ModelInfo{"ar", "autoregression, order by AICc"},
			lagged(recentLags), usesLogs, "drift"},
		{ModelInfo{"ar-season", "autoregression on the lags at and around every season"},
			lagged(seasonalLags), usesSeasons | usesLogs, "ar"},
		{ModelInfo{"ar-diff", "autoregression of seasonal differences"},
			lagged(seasonalDifferences), usesSeasons | usesLogs, "ar"},
		{ModelInfo{"harmonic", "a regression on the latest values, a line and Fourier terms for every season"},
			harmonic{}, usesSeasons | usesLogs, "ar"},
		{ModelInfo{"theta", "simple exponential smoothing with half the trend, of the seasonally adjusted series"},
			smoother{extend: theta}, usesSeasons | usesLogs, "drift"},
		{ModelInfo{"theta-dynamic", "theta with its weight and line optimised"},
			smoother{extend: dynamicTheta}, usesSeasons | usesLogs, "drift"},
		{ModelInfo{"damped", "exponential smoothing with a damped trend, of the seasonally adjusted series"},
			smoother{extend: damped}, usesSeasons | usesLogs, "drift"},
		{ModelInfo{"holt-winters", "exponential smoothing with a damped trend and a changing season"},
			smoother{extend: holtWinters, unadjusted: true}, usesSeasons | usesLogs, "damped"},
		{ModelInfo{"level-shape", "the mean of a period and the course within it, each by itself"},
			levelShape{}, usesSeasons | usesLogs, "damped"},
		{ModelInfo{"empirical", "quantiles of past values by how recent and how alike in season they are, for counts"},
			empirical{}, usesSeasons, "mean"},
		{ModelInfo{"croston-sba", "mean size over mean interval of the values that are not zero, for intermittent demand"},
			formula(crostonSBA), 0, "mean"},
		{ModelInfo{"tsb", "smoothed probability times smoothed size of the values that are not zero, for intermittent demand"},
			formula(tsb), 0, "mean"},
		{ModelInfo{"auto", "weighs the others by their rolling-origin errors"},
			auto{members()}, usesSeasons | combines, "naive"},
	}
}

// Models lists what Options.Model may name, in the order in which to show it.
func Models() []ModelInfo {
	all := registry()
	infos := make([]ModelInfo, len(all))
	for i, m := range all {
		infos[i] = m.ModelInfo
	}
	return infos
}

func lookup(models []entry, name string) (entry, bool) {
	for _, m := range models {
		if m.Name == name {
			return m, true
		}
	}
	return entry{}, false
}

func modelNames() string {
	var names []string
	for _, m := range Models() {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}
