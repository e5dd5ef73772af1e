package job

// BacktestRisk says how the intervals and the risk that forecasts gave in the past held: what a job of the kind backtest with the field
// risk measures.
type BacktestRisk struct {
	Model   string      `json:"model"`
	Origins int         `json:"origins" doc:"Dates from which was forecast, each a horizon after the one before, so that no two forecasts have a step in common"`
	Assets  []RiskStep  `json:"assets" nullable:"false" doc:"Each step, all assets together: sums and means over them"`
	Overall []RiskStep  `json:"overall,omitzero" nullable:"false" doc:"Each step of the portfolio; absent when it has no risk, and a remark says why"`
	Passed  []RiskTests `json:"passed" nullable:"false" doc:"How many assets pass each test at 5 %, step by step and level by level"`
}

// RiskStep is how the forecasts of one step held, of a series or of several.
type RiskStep struct {
	Step      int                      `json:"step" doc:"From 1"`
	Values    int                      `json:"values" doc:"Values that were compared with their forecasts"`
	Intervals map[string]IntervalScore `json:"intervals,omitzero" doc:"By level in percent"`
	Bands     map[string]BandScore     `json:"bands,omitzero" doc:"By level in percent, for a job with bands"`
	Tails     map[string]TailScore     `json:"tails" doc:"By level of risk in percent"`
	PIT       []int                    `json:"pit" nullable:"false" doc:"How many values lie in each twentieth of their predictive distribution, the lowest first: about as many in each where forecasts are right, many at both ends where they are too narrow"`
	PITP      *float64                 `json:"pit_p" doc:"The p-value of Pearson's test that they are as many; null for several series, which are not independent"`
	Record    *RiskRecord              `json:"record,omitzero" doc:"The forecasts themselves, for a single series"`
}

// IntervalScore is how an interval held, beside a normal interval of exponentially weighted variance (λ = 0.94).
type IntervalScore struct {
	Coverage   float64  `json:"coverage" doc:"Share of the values inside"`
	Score      float64  `json:"score" doc:"Mean interval score of Winkler: the width, and 2/α times the distance of a value outside, divided by the value at the origin where all values are positive. Smaller is better"`
	EWMA       float64  `json:"ewma_coverage" doc:"Coverage of the normal interval around the last value whose variance is the exponentially weighted one of the past steps (λ = 0.94), times the number of steps"`
	EWMAScore  float64  `json:"ewma_score" doc:"The score of that"`
	Volatility []Decile `json:"volatility" nullable:"false" doc:"Coverage by decile of volatility at the origin, the calmest first; of several series, each has its own deciles"`
}

// BandScore is how a simultaneous band held up to a step.
type BandScore struct {
	Values int `json:"values" doc:"Origins from which this value and all before it are known"`
	Inside int `json:"inside" doc:"Of these, how many have all these values inside: at the last step the share that the level says, and more before"`
}

// Decile is a tenth of the origins.
type Decile struct {
	Low    *float64 `json:"low,omitzero" doc:"Least volatility of a step; absent for several series"`
	High   *float64 `json:"high,omitzero" doc:"Largest"`
	Values int      `json:"values"`
	Inside int      `json:"inside" doc:"Values inside the interval"`
}

// TailScore is how a value at risk and an expected shortfall held. The p-values are null for several series, and where there is nothing
// to test.
type TailScore struct {
	Hits     int      `json:"hits" doc:"Losses beyond the value at risk"`
	Expected float64  `json:"expected" doc:"How many are to be expected"`
	Kupiec   *float64 `json:"kupiec_p" doc:"The p-value of the hypothesis that hits are as frequent as the level says, exact by the binomial distribution"`
	Markov   *float64 `json:"independence_p" doc:"Christoffersen's test that a hit makes another at the next origin neither more nor less likely"`
	Both     *float64 `json:"conditional_p" doc:"Both at once"`
	Z2       *float64 `json:"z2" doc:"The statistic of Acerbi and Székely for expected shortfalls: about 0 when they are right, negative when losses beyond the value at risk are more or larger than they say"`
	Z2P      *float64 `json:"z2_p" doc:"Its p-value by simulation from the forecasts, one-sided"`
}

// RiskTests is how many assets pass the tests of one level.
type RiskTests struct {
	Step   int    `json:"step"`
	Level  string `json:"level" doc:"Of risk, in percent"`
	Assets int    `json:"assets" doc:"Assets that were tested"`
	Kupiec int    `json:"kupiec"`
	Markov int    `json:"independence"`
	Both   int    `json:"conditional"`
	Z2     int    `json:"z2"`
}

// RiskRecord is what was forecast for one step and what came, the oldest first. Each slice has one value for each origin at which the value
// that came is known.
type RiskRecord struct {
	DS         []string             `json:"ds" nullable:"false" doc:"The time of each value"`
	Y          []float64            `json:"y" nullable:"false" doc:"The value that came; of the portfolio, as the job's field combine says"`
	Base       []float64            `json:"base" nullable:"false" doc:"The value at the origin; 0 for a return"`
	Volatility []float64            `json:"volatility" nullable:"false" doc:"Exponentially weighted (λ = 0.94), of one step, known at the origin; relative to the base where all values are positive"`
	Lo         map[string][]float64 `json:"lo,omitzero" doc:"Lower ends by level in percent"`
	Hi         map[string][]float64 `json:"hi,omitzero" doc:"Upper ends"`
	VaR        map[string][]float64 `json:"var" doc:"Value at risk by level in percent: the loss that is not exceeded with this probability. A loss is base minus y"`
	ES         map[string][]float64 `json:"es" doc:"Expected shortfall"`
	Hit        map[string][]bool    `json:"hit" doc:"Whether the loss was beyond the value at risk"`
	PIT        []float64            `json:"pit" nullable:"false" doc:"The probability that the forecast gave to values up to the one that came"`
}
