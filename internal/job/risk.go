package job

// Risk is what a portfolio may lose, in the units of its forecast. A loss is positive: the base minus what the portfolio is worth. Each
// slice has one value for each step, which is about the time from the origin to that step.
type Risk struct {
	Base            float64              `json:"base" doc:"What the portfolio is worth at the origin, by the last values of the assets; 0 for a return"`
	Origins         int                  `json:"origins" doc:"How many rolling origins tell how the assets move together"`
	Volatility      []float64            `json:"volatility" doc:"Standard deviation"`
	LossProbability []float64            `json:"loss_probability" doc:"Probability that the portfolio is worth less than the base"`
	VaR             map[string][]float64 `json:"var" doc:"Value at risk by level in percent: the loss that is not exceeded with this probability"`
	ES              map[string][]float64 `json:"es" doc:"Expected shortfall by level in percent: the mean of the losses in the worst cases, as many as the level leaves"`
	Drawdown        map[string]float64   `json:"drawdown" doc:"The largest fall from a peak within the horizon, by level in percent: what is not exceeded with this probability, in units of the forecast"`
	Components      map[string]Component `json:"components,omitzero" doc:"What each asset adds to the risk at the last step, by name; the assets add up to the whole. Absent for many assets, with a note"`
	Diversification *float64             `json:"diversification" doc:"The sum of the volatilities of the assets alone, divided by that of the portfolio, at the last step; null when the portfolio has none, and where there are no components"`
}

// Component is what one asset adds to the risk of the portfolio. It is negative for one that hedges others.
type Component struct {
	VaR map[string]float64 `json:"var" doc:"Of the value at risk, by level"`
	ES  map[string]float64 `json:"es" doc:"Of the expected shortfall, by level"`
}

// DefaultedRisk returns the spec with the levels 95 and 99 in place of an absent Risk, if it asks for intervals, quantiles or bands: the
// errors that the risk follows from are measured for these anyway.
func (s Spec) DefaultedRisk() Spec {
	if s.Risk == nil && len(s.Levels)+len(s.Quantiles)+len(s.Bands) > 0 {
		s.Risk = []float64{95, 99}
	}
	return s
}
