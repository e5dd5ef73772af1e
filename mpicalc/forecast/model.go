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
	// logs says that the model is fitted to logarithms where all values are positive.
	logs bool
	// seasonal says that the model uses the seasonal periods.
	seasonal bool
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
		{ModelInfo: ModelInfo{"naive", "the last value again"}, forecast: naive},
		{ModelInfo: ModelInfo{"seasonal-naive", "the value one season ago"},
			forecast: seasonalNaive, seasonal: true, fallback: "naive"},
		{ModelInfo: ModelInfo{"drift", "the line through the first and the last value"},
			forecast: drift, fallback: "naive"},
		{ModelInfo: ModelInfo{"mean", "the mean of all values"}, forecast: mean, fallback: "naive"},
		{ModelInfo: ModelInfo{"trend", "the straight line of least squares"},
			forecast: trend, fallback: "naive"},
		{ModelInfo: ModelInfo{"ar", "autoregression, order by AICc"},
			forecast: ar, logs: true, fallback: "drift"},
		{ModelInfo: ModelInfo{"ar-season", "autoregression on the lags at and around every season"},
			forecast: arSeason, logs: true, seasonal: true, fallback: "ar"},
		{ModelInfo: ModelInfo{"ar-diff", "autoregression of seasonal differences"},
			forecast: arDifference, logs: true, seasonal: true, fallback: "ar"},
	}
}

func lookup(name string) (model, bool) {
	for _, m := range registry() {
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
