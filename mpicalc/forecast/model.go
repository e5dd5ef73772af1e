package forecast

import "strings"

// ModelInfo describes a model to a person.
type ModelInfo struct {
	Name string
	Doc  string // one line
}

// model is one entry of the registry.
type model struct {
	ModelInfo
	forecast method
	// logName is the name of a model that is fitted to logarithms where all values are positive, when it is; empty for
	// a model that is not.
	logName string
	// seasonal says that the model uses the seasonal periods.
	seasonal bool
	// simple says that the model costs no more than reading the series, however long.
	simple bool
	// weighs says that the model is a combination and needs inner origins.
	weighs bool
	// fallback is the model that takes over where this one cannot answer. The chain ends at naive, which always can.
	fallback string
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

// registry is a function because a package-level table could be changed.
func registry() []model {
	return []model{
		{ModelInfo: ModelInfo{"naive", "the last value again"}, forecast: naive, simple: true},
		{ModelInfo: ModelInfo{"seasonal-naive", "the value one season ago"},
			forecast: seasonalNaive, simple: true, seasonal: true, fallback: "naive"},
		{ModelInfo: ModelInfo{"drift", "the line through the first and the last value"},
			forecast: drift, simple: true, fallback: "naive"},
		{ModelInfo: ModelInfo{"mean", "the mean of all values"}, forecast: mean, simple: true, fallback: "naive"},
		{ModelInfo: ModelInfo{"trend", "the straight line of least squares"},
			forecast: trend, simple: true, fallback: "naive"},
		{ModelInfo: ModelInfo{"trend-season", "the line of least squares with an intercept for each phase of the season"},
			forecast: trendSeason, logName: "trend-season-log", seasonal: true, fallback: "trend"},
		{ModelInfo: ModelInfo{"ar", "autoregression, order by AICc"},
			forecast: ar, logName: "ar-log", fallback: "drift"},
		{ModelInfo: ModelInfo{"ar-season", "autoregression on the lags at and around every season"},
			forecast: arSeason, logName: "ar-season-log", seasonal: true, fallback: "ar"},
		{ModelInfo: ModelInfo{"ar-diff", "autoregression of seasonal differences"},
			forecast: arDifference, logName: "ar-diff-log", seasonal: true, fallback: "ar"},
		{ModelInfo: ModelInfo{"harmonic", "a line and Fourier terms for every season, with autoregressive errors"},
			forecast: harmonic, logName: "harmonic-log", seasonal: true, fallback: "ar"},
		{ModelInfo: ModelInfo{"theta", "simple smoothing with half the trend, of the seasonally adjusted series"},
			forecast: thetaModel, logName: "theta-log", seasonal: true, fallback: "drift"},
		{ModelInfo: ModelInfo{"theta-dynamic", "theta with its weight and line optimised"},
			forecast: dynamicThetaModel, logName: "theta-dynamic-log", seasonal: true, fallback: "drift"},
		{ModelInfo: ModelInfo{"damped", "smoothing with a damped trend, of the seasonally adjusted series"},
			forecast: dampedModel, logName: "damped-log", seasonal: true, fallback: "drift"},
		{ModelInfo: ModelInfo{"holt-winters", "smoothing with a damped trend and a changing season"},
			forecast: holtWintersModel, logName: "holt-winters-log", seasonal: true, fallback: "damped"},
		{ModelInfo: ModelInfo{"auto", "weighs the others by their rolling-origin errors"},
			forecast: auto, seasonal: true, weighs: true, fallback: "naive"},
	}
}

func lookup(models []model, name string) (model, bool) {
	for _, m := range models {
		if m.Name == name {
			return m, true
		}
	}
	return model{}, false
}

func nameList() string {
	var names []string
	for _, m := range Models() {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}
