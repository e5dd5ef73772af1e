package job

import (
	"encoding/json"
	"strconv"
)

// Answer is the result of one job. The assets of a large one cross the queue in
// parts. Each part is a JSON array of assets, the parts together keep the job's
// order, and the answer itself has no assets then.
type Answer struct {
	Job        ID         `json:"job" doc:"Empty when the answer comes from a program and not from a service"`
	State      State      `json:"state"`
	Time       TimeKind   `json:"time,omitzero" enum:"step,date,datetime,instant" doc:"What each ds holds: integer steps; dates as 2024-12-31; local times without a zone as 2024-12-31 16:30:00; or instants in RFC 3339. Absent when the job failed before its times were known, and in answers of earlier versions, which have no ds"`
	Overall    *Forecast  `json:"overall" doc:"The forecast of the whole portfolio; null for the kind backtest, and when there is none, and error then says why"`
	Backtest   *Backtest  `json:"backtest,omitzero" doc:"What a job of the kind backtest has measured"`
	Assets     []Asset    `json:"assets,omitzero" nullable:"false"`
	Error      *Error     `json:"error,omitzero" doc:"Why the job failed, or why it has no overall forecast"`
	Provenance Provenance `json:"provenance"`
}

// Forecast is the forecast of the whole portfolio. Every slice has one value for
// each step of the horizon.
//
// It combines the assets date by date. The first date follows the newest value of
// the assets that count; one that ends earlier is forecast from its own end. Only
// assets that count integer steps of their own are combined by the number of the
// step, and DS is nil when these differ.
type Forecast struct {
	Point      Point                `json:"point,omitzero" enum:"median,mean" doc:"What mean is made of: the means of the assets, also of counts, whose own answers show medians; or medians, as of models on logarithms, which do not add up to the median of a sum. Absent where it is made of both. That of the only asset, when there is one"`
	DS         []string             `json:"ds,omitzero" nullable:"false" doc:"The time of each step; absent when each asset counts steps of its own"`
	Mean       []float64            `json:"mean" doc:"As the job's field combine says: a weighted mean of values, the value of the holdings, or a return (0.05 is 5 %)"`
	Lo         map[string][]float64 `json:"lo,omitzero" doc:"Lower bounds by level in percent"`
	Hi         map[string][]float64 `json:"hi,omitzero" doc:"Upper bounds by level in percent"`
	Quantiles  map[string][]float64 `json:"quantiles,omitzero" doc:"Quantiles by probability, such as 0.1"`
	Band       *Band                `json:"band,omitzero" doc:"For a job with bands: between which bounds the forecast stays over the whole horizon"`
	Paths      [][]float64          `json:"paths,omitzero" nullable:"false" doc:"For a job with paths: paths that the portfolio may take, each a list of its values at the steps. Path i combines path i of every asset"`
	Origins    int                  `json:"path_origins,omitzero" doc:"How many rolling origins tell how the paths of the assets move together"`
	Risk       *Risk                `json:"risk,omitzero" doc:"What the portfolio may lose; absent where the job's field risk is empty"`
	Covariance *CovarianceMatrix    `json:"covariance,omitzero" doc:"For a job with covariance: how the errors of the assets vary together"`
	Scenarios  []Outcome            `json:"scenarios,omitzero" nullable:"false" doc:"For a job with scenarios: what each of them means"`
	Relative   *Relative            `json:"relative,omitzero" doc:"For a job with a benchmark: the portfolio compared with it"`
	Notes      []string             `json:"notes,omitzero" nullable:"false" doc:"What to know of it, in sentences: the exchange rates used, the assets whose errors could not be measured with the others'"`
}

// Asset is the forecast of one asset, or the reason why it has none. DS, Mean,
// each bound and each quantile have one value for each step of the horizon.
type Asset struct {
	Asset     string               `json:"asset"`
	Model     string               `json:"model,omitzero" doc:"The model that made the forecast"`
	Fallback  string               `json:"fallback,omitzero" doc:"Why that is another model than the job asked for"`
	Note      string               `json:"note,omitzero" doc:"What else to know of the forecast, such as why it has no interval, or that the values jump as in a split"`
	Seasons   []int                `json:"seasons,omitzero" doc:"Seasonal periods used, in steps"`
	Members   []Member             `json:"members,omitzero" doc:"What auto combined; for a job with explain, also the models that it tried and dropped"`
	Parts     map[string][]float64 `json:"parts,omitzero" doc:"For a job with explain: the parts that add up to mean, by name: level, trend, a season by its period as in season 12, the effect of a column as in x promo, memory, and adjustment; a part that is 0 at every step is left out, except the level"`
	X         map[string]Effect    `json:"x,omitzero" doc:"The effects of the columns that are known in advance, by name"`
	Filled    int                  `json:"filled,omitzero" doc:"Missing values inside the series that were filled in, as the job's field missing says"`
	Point     Point                `json:"point,omitzero" enum:"median,mean" doc:"What the field mean holds: the median or the mean of what may come"`
	DS        []string             `json:"ds,omitzero" nullable:"false" doc:"The time of each step, in the form that the answer's field time names"`
	Mean      []float64            `json:"mean,omitzero" doc:"The point forecast; point says which"`
	Lo        map[string][]float64 `json:"lo,omitzero"`
	Hi        map[string][]float64 `json:"hi,omitzero"`
	Quantiles map[string][]float64 `json:"quantiles,omitzero"`
	Band      *Band                `json:"band,omitzero" doc:"For a job with bands"`
	Paths     [][]float64          `json:"paths,omitzero" nullable:"false" doc:"For a job with paths: paths that the asset may take, each a list of its values at the steps. At each step they are distributed as the quantiles say; path i belongs to path i of the other assets"`
	Kind      string               `json:"kind,omitzero" doc:"In a backtest: the kind of the series, as the job's field by names it"`
	Measured  []Evaluation         `json:"evaluations,omitzero" doc:"In a backtest with by_series: each forecast, model by model and from the newest origin to the oldest"`
	Risk      []RiskStep           `json:"risk,omitzero" nullable:"false" doc:"In a backtest with risk: how its intervals and its risk held, step by step"`
	Skill     *float64             `json:"skill" doc:"Rolling-origin error divided by the naive forecast's; below 1 beats it; null when not measured"`
	Error     *Error               `json:"error"`
}

// Band is simultaneous prediction bands by level in percent: the values of all steps lie between Lo and Hi together with that
// probability.
type Band struct {
	Lo map[string][]float64 `json:"lo" doc:"Lower bounds by level in percent"`
	Hi map[string][]float64 `json:"hi" doc:"Upper bounds by level in percent"`
}

// TimeKind says what the times of an answer are. The dataset decides it.
type TimeKind string

// The kinds of time, with their text.
const (
	TimeStep     TimeKind = "step"     // an integer: 17
	TimeDate     TimeKind = "date"     // 2024-12-31
	TimeDatetime TimeKind = "datetime" // local time without a zone: 2024-12-31 16:30:00, with a fraction of a second where there is one
	TimeInstant  TimeKind = "instant"  // RFC 3339: 2024-12-31T16:30:00Z
)

// Member is one model inside a combination.
type Member struct {
	Name   string   `json:"name"`
	Weight float64  `json:"weight" doc:"Share in the forecast, on average over the steps; all shares sum to 1"`
	Skill  *float64 `json:"skill,omitzero"`
	// Dropped is why the member has no part in the forecast.
	Dropped string `json:"dropped,omitzero" doc:"Why the member has no part in the forecast; its weight is 0 then"`
}

// Combination names what auto combined, with the weights, as in "theta 0.6; ar 0.4". It leaves out what has no part in the forecast.
func Combination(all []Member) string {
	var b []byte
	for _, m := range all {
		if m.Dropped != "" {
			continue
		}
		if b != nil {
			b = append(b, "; "...)
		}
		b = strconv.AppendFloat(append(append(b, m.Name...), ' '), m.Weight, 'g', 4, 64)
	}
	return string(b)
}

// Effect is the estimated effect of a column that is known in advance.
type Effect struct {
	Value  float64  `json:"value" doc:"How much more the series is where the column is more by 1; 0 where nothing can be estimated"`
	StdErr *float64 `json:"stderr" doc:"Standard error of the value; null where nothing can be estimated, because the column never changes, says no more than trend, season and the columns before it, or the series is too short"`
}

// Error is why an asset or a job has no forecast.
type Error struct {
	Code   string `json:"code" example:"stale"`
	Detail string `json:"detail" doc:"One sentence"`
}

// Provenance says which program made an answer, where, and from which data.
type Provenance struct {
	DatasetSHA256 string `json:"dataset_sha256"`
	RatesSHA256   string `json:"rates_sha256,omitzero" doc:"Of the exchange rates, if there were any"`
	// XSHA256 are the checksums of the columns that are known in advance, by name.
	XSHA256 map[string]string `json:"x_sha256,omitzero" doc:"Of the columns that are known in advance, by name"`
	Program string            `json:"program"`
	Ranks   int               `json:"ranks"`
	Hosts   []string          `json:"hosts"`
	Seconds Seconds           `json:"seconds"`
	Times   *Times            `json:"times,omitzero" doc:"When the worker did what; absent from answers of mpicalc run"`
}

// Times are when a worker did what for a job, in seconds after it leased the job, by its own clock.
type Times struct {
	Prepared float64    `json:"prepared" doc:"The dataset was open and the job planned"`
	Started  float64    `json:"started" doc:"The ranks were free for it"`
	Dealt    float64    `json:"dealt" doc:"The last series was given to a rank"`
	Arrived  float64    `json:"arrived" doc:"The first answer came from a rank"`
	Gathered float64    `json:"gathered" doc:"The last answer was taken"`
	Ranks    []RankTime `json:"ranks" nullable:"false" doc:"The ranks that fitted some of it; of more than 64, those that ended last"`
	Cores    float64    `json:"core_seconds,omitzero" doc:"Seconds for which cores read values and fitted: the sum over all threads of all ranks. Of what was computed together with other jobs, its share by the number of series. Absent from answers of earlier versions"`
}

// RankTime is when one rank fitted series of a job.
type RankTime struct {
	Rank  int     `json:"rank"`
	Begin float64 `json:"begin"`
	End   float64 `json:"end"`
	Busy  float64 `json:"busy" doc:"Seconds within that time in which its threads, on average, read values and fitted, also for other jobs in the same chunks"`
}

// Seconds is wall time by phase. Fit is that of the rank that fitted longest,
// without reading and moving data.
type Seconds struct {
	Load    float64 `json:"load"`
	Scatter float64 `json:"scatter"`
	Fit     float64 `json:"fit"`
	Gather  float64 `json:"gather"`
}

// ParseAnswer decodes an answer from its JSON. It checks only that the state is
// final.
func ParseAnswer(b []byte) (Answer, error) {
	var a Answer
	if err := json.Unmarshal(b, &a); err != nil {
		return Answer{}, err
	}
	if !a.State.Final() {
		return Answer{}, &json.UnsupportedValueError{Str: "state " + strconv.Quote(string(a.State))}
	}
	return a, nil
}
