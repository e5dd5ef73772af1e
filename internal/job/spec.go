// Package job defines a forecast job for every part of Foliocast: what a client
// asks for, the states that the job passes through, and its answer. It validates
// them and does nothing else: it has no network, no storage and no mathematics.
package job

import (
	"strings"
	"time"
)

// ID is a job's identifier, a UUID of version 7 in its text form.
type ID string

// Spec is what a client asks for. The tags state the bounds that Validate checks,
// for the HTTP API and its OpenAPI description; a test holds both to the same.
type Spec struct {
	Dataset    string             `json:"dataset" pattern:"^[a-z0-9][a-z0-9._-]{0,63}(@[1-9][0-9]{0,8})?$" patternDescription:"name or name@version" doc:"Dataset name, its newest version; or name@version" example:"eustockmarkets"`
	Assets     Names              `json:"assets" minItems:"1" maxItems:"100000" nullable:"false" doc:"Asset names, or a star for all of them: \"*\", which is answered as [\"*\"]" example:"[\"DAX\",\"FTSE\"]"`
	Column     string             `json:"column,omitzero" maxLength:"200" doc:"Column of the dataset's file to forecast, where the file has the bars of prices: open, high, low, close, adj_close or volume; the column that was chosen at the upload when absent" example:"adj_close"`
	Adjusted   *bool              `json:"adjusted,omitzero" doc:"Whether the values are adjusted for splits and dividends. An asset whose values jump as in a split gets a remark that names the date and the ratio, in the words that fit"`
	Weights    map[string]float64 `json:"weights,omitzero" doc:"Weight of each asset in the overall forecast, at least 0 and not all 0; normalised to sum 1; equal when absent"`
	Combine    Combine            `json:"combine,omitzero" default:"mean" enum:"mean,value,return" doc:"How the assets make the overall forecast: the mean of their values by weight; the value of the holdings, which is the sum of units times price; or the return of buying the assets by their weights at the last common date and holding them"`
	Holdings   map[string]float64 `json:"holdings,omitzero" doc:"Units held of each asset, for combine value; negative for a short position"`
	Currency   map[string]string  `json:"currency,omitzero" doc:"Currency of each asset's values, as in {\"DAX\":\"EUR\"}; an asset without one is in base"`
	Base       string             `json:"base,omitzero" pattern:"^[A-Za-z0-9]{2,12}$" patternDescription:"the code of a currency" doc:"Currency of the overall forecast" example:"USD"`
	Rates      string             `json:"rates,omitzero" pattern:"^[a-z0-9][a-z0-9._-]{0,63}(@[1-9][0-9]{0,8})?$" patternDescription:"name or name@version" doc:"Dataset with exchange rates. Its assets are pairs: EURUSD or EUR/USD is the price of one EUR in USD. The overall forecast uses the last rate at or before the newest value of the assets, and for a return at or before the last common date"`
	Model      string             `json:"model,omitzero" default:"auto" enum:"naive,seasonal-naive,drift,mean,trend,trend-season,ar,ar-season,ar-diff,harmonic,theta,theta-dynamic,damped,holt-winters,level-shape,empirical,croston-sba,tsb,auto" doc:"Forecasting model"`
	Kind       Kind               `json:"kind,omitzero" enum:"forecast,backtest" doc:"Whether the job forecasts what follows the data, or measures models on the end of the data; forecast when absent"`
	Origins    int                `json:"origins,omitzero" minimum:"0" maximum:"1000" doc:"For the kind backtest, at least 1: forecast origins of each series. The last values are held out: as many as the horizon for the first origin, twice as many for the second, and so on"`
	Models     []string           `json:"models,omitzero" minItems:"1" nullable:"false" doc:"For the kind backtest: the models to measure; only the one of the field model when absent"`
	Compare    []string           `json:"compare,omitzero" minItems:"2" maxItems:"2" nullable:"false" doc:"For the kind backtest: two of the models, whose errors are compared by paired tests" example:"[\"auto\",\"theta\"]"`
	By         []string           `json:"by,omitzero" maxItems:"5" nullable:"false" doc:"For the kind backtest: the classes that make the kinds of series for which scores are reported, too: frequency, length, demand, season; or kind, which is frequency, demand and season"`
	BySeries   bool               `json:"by_series,omitzero" doc:"For the kind backtest: report each forecast, too"`
	Horizon    int                `json:"horizon" minimum:"1" maximum:"1000" doc:"Steps to forecast"`
	Freq       string             `json:"freq,omitzero" pattern:"^[A-Za-z0-9@:;,|/-]{1,200}$" patternDescription:"the name of a frequency" doc:"Frequency as pandas writes it, such as 15min, h, D, B, W-FRI, ME, QE-DEC or YE-DEC, or the name of an exchange: XNYS, XETR, XTKS, XLON, XTAE; inferred from the times of each asset when absent. One that the times contradict is refused" example:"B"`
	Season     []int              `json:"season,omitzero" maxItems:"4" nullable:"false" doc:"Seasonal periods in steps, each 2..10000; from freq and the data when absent"`
	Levels     []float64          `json:"levels,omitzero" maxItems:"10" nullable:"false" doc:"Prediction interval levels in percent, each above 1 and below 100; 80 and 95 when absent; empty for point forecasts only, unless there are quantiles"`
	Quantiles  []float64          `json:"quantiles,omitzero" maxItems:"99" nullable:"false" doc:"Quantiles to forecast beside or instead of the intervals, as probabilities, each above 0 and below 1" example:"[0.1,0.5,0.9]"`
	Risk       []float64          `json:"risk,omitzero" maxItems:"10" nullable:"false" doc:"Levels in percent, each above 1 and below 100, at which the overall forecast has value at risk and expected shortfall; 95 and 99 when absent and the job asks for intervals, quantiles or bands; empty for no risk. For the kind backtest: the levels at which these were right is measured, with the intervals, of each asset and of the portfolio, instead of accuracy; not measured when absent" example:"[95,99]"`
	Bands      []float64          `json:"bands,omitzero" maxItems:"10" nullable:"false" doc:"Levels in percent, each above 1 and below 100, of simultaneous bands beside the intervals: the values of all steps lie inside together with that probability; none when absent or empty. For the kind backtest, with risk: how many paths lay inside is counted" example:"[90]"`
	BandsOver  BandsOver          `json:"bands_over,omitzero" enum:"horizon,assets" doc:"What lies inside the band of each asset together: the steps of its horizon; or the steps of all assets. The band of the overall forecast is always one over the horizon. The horizon when absent"`
	Point      Point              `json:"point,omitzero" enum:"median,mean" doc:"What the point forecast is to be: the median of what may come, which has the least absolute error, or its mean, which has the least squared error and adds up; what the model gives when absent. Each answer says which it is"`
	Integers   bool               `json:"integers,omitzero" doc:"Round the forecast of each asset whose values are all integers: the point forecast to the nearest one, the ends of intervals and the quantiles away from the median. The overall forecast adds up what was not rounded"`
	Explain    bool               `json:"explain,omitzero" doc:"Name the parts of each asset's forecast, which add up to it, and say why members of auto have no part in it"`
	Covariance Covariance         `json:"covariance,omitzero" enum:"auto,constant-correlation,quadratic-inverse" doc:"Add the covariance matrix of the assets' errors at each step, estimated by shrinkage: of correlations to their mean (Ledoit and Wolf 2004), of eigenvalues (Ledoit and Wolf 2022), or by one of them according to the number of assets and of origins. Assets times assets times horizon may be 500000 at most"`
	Paths      int                `json:"paths,omitzero" minimum:"0" maximum:"10000" doc:"How many paths to draw that the assets and the portfolio may take together, from the errors of the same dates; none when absent or 0. Paths times horizon may be 500000 at most"`
	Seed       int                `json:"seed,omitzero" minimum:"0" maximum:"9007199254740991" doc:"What the paths are drawn from, for a job with paths: the same seed gives the same paths"`
	Scenarios  []Scenario         `json:"scenarios,omitzero" maxItems:"20" nullable:"false" doc:"What may happen to some assets at the next step, and what it means for the others and the portfolio by their errors at the same dates. Scenarios times assets times horizon may be 200000 at most"`
	Benchmark  string             `json:"benchmark,omitzero" doc:"An asset with which the portfolio is compared. With the weight 0, or 0 units, it is no part of the portfolio" example:"SPX"`
	From       string             `json:"from,omitzero" maxLength:"40" doc:"First time to use, inclusive: date, RFC 3339 time or integer step"`
	To         string             `json:"to,omitzero" maxLength:"40" doc:"Last time to use, inclusive"`
	AsOf       string             `json:"as_of,omitzero" maxLength:"40" doc:"Forecast as if it were this time: no later value is read, of assets and of rates"`
	Resample   Resample           `json:"resample,omitzero" enum:"last,mean,sum,first" doc:"How to make one value of a period when freq is coarser than the data; a coarser freq is refused when absent"`
	Missing    Missing            `json:"missing,omitzero" enum:"forward,linear,drop,fail" doc:"Policy for missing values inside a series: the value before, a straight line between the neighbors, no value, or an error; as the dataset has them when absent"`
	X          []string           `json:"x,omitzero" maxItems:"32" nullable:"false" doc:"Columns of the dataset that are known in advance, such as prices and promotions: each has a value at every time of an asset and at every step of its forecast, to the common dates of the overall forecast. They were named at the upload. What they explain of the values is forecast by their future values; another version of the dataset with other future values is another scenario" example:"[\"promo\",\"price\"]"`
	Stale      string             `json:"stale,omitzero" pattern:"^(off|[0-9]{1,6}(s|min|h|H|d|D|w|W)?)$" patternDescription:"off, a number of steps, or a duration like 14d" doc:"How long before the newest value an asset may end: a duration, as in 36h, 14d or 4w, a number of steps, or off for no limit; from the frequency when absent"`
	OnError    OnError            `json:"on_error,omitzero" default:"skip" enum:"skip,fail" doc:"Whether an asset that cannot be forecast is skipped, or fails the job"`
	Priority   int                `json:"priority,omitzero" minimum:"-100" maximum:"100" doc:"Of your jobs, one with a higher priority runs sooner"`
	NotBefore  time.Time          `json:"not_before,omitzero" doc:"The job is queued, and not begun before this instant. At once when it is absent or past" example:"2030-01-31T18:00:00+01:00"`
	After      []ID               `json:"after,omitzero" maxItems:"100" nullable:"false" doc:"Ids of jobs that this one follows: it begins once all of them are done or partial, and fails when one of them ends in another way. At most 100 together with after_any"`
	AfterAny   []ID               `json:"after_any,omitzero" maxItems:"100" nullable:"false" doc:"Ids of jobs that this one follows, however they end"`
}

// Kind is what a job does.
type Kind string

// A job forecasts, or measures models.
const (
	KindForecast Kind = "forecast"
	KindBacktest Kind = "backtest"
)

// OnError is the policy for an asset that cannot be forecast.
type OnError string

// A job skips the asset and ends as partial, or it fails.
const (
	Skip OnError = "skip"
	Fail OnError = "fail"
)

// Combine is the way to combine the assets into the overall forecast. Let x be the forecast of an
// asset at a common date, and p its last value at the last common date.
type Combine string

// The ways to combine assets.
const (
	Mean   Combine = "mean"   // Σ w·x, the weights w sum to 1
	Value  Combine = "value"  // Σ units·x, in the base currency
	Return Combine = "return" // Σ w·x/p - 1, buy and hold
)

// BandsOver is what lies inside simultaneous bands together.
type BandsOver string

// What bands are simultaneous over.
const (
	BandsOverHorizon BandsOver = "horizon"
	BandsOverAssets  BandsOver = "assets"
)

// Point is what a point forecast is.
type Point string

// The points of a predictive distribution.
const (
	PointMedian Point = "median"
	PointMean   Point = "mean"
)

// Resample is the way to make one value of the values of a period.
type Resample string

// The ways to resample: the last or the first value, the mean, or the sum.
const (
	ResampleLast  Resample = "last"
	ResampleMean  Resample = "mean"
	ResampleSum   Resample = "sum"
	ResampleFirst Resample = "first"
)

// Missing is the policy for missing values inside a series.
type Missing string

// The policies for missing values.
const (
	MissingForward Missing = "forward" // the value before
	MissingLinear  Missing = "linear"  // a straight line between the neighbors
	MissingDrop    Missing = "drop"    // no value
	MissingFail    Missing = "fail"    // an error
)

// Defaulted returns the spec with its defaults in place of absent fields. Empty,
// non-nil Levels and Risk stay empty.
func (s Spec) Defaulted() Spec {
	if s.Model == "" {
		s.Model = "auto"
	}
	if s.Combine == "" {
		s.Combine = Mean
	}
	if s.OnError == "" {
		s.OnError = Skip
	}
	if s.Levels == nil {
		s.Levels = []float64{80, 95}
	}
	s.NotBefore, s.After, s.AfterAny = s.NotBefore.UTC(), lower(s.After), lower(s.AfterAny)
	if s.Backtest() {
		return s.defaultedBacktest()
	}
	return s.DefaultedRisk()
}

// lower returns ids as the service writes them. Nil stays nil.
func lower(ids []ID) []ID {
	if ids == nil {
		return nil
	}
	out := make([]ID, len(ids))
	for i, id := range ids {
		out[i] = ID(strings.ToLower(string(id)))
	}
	return out
}

// Backtest reports whether the job measures models.
func (s Spec) Backtest() bool { return s.Kind == KindBacktest }

// All reports whether the job asks for every asset of its dataset.
func (s Spec) All() bool { return len(s.Assets) == 1 && s.Assets[0] == "*" }

// Job is one job as the data service shows it.
type Job struct {
	ID         ID         `json:"id"`
	State      State      `json:"state"`
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at,omitzero"`
	EndedAt    *time.Time `json:"ended_at,omitzero"`
	Owner      string     `json:"owner"`
	Batch      BatchID    `json:"batch,omitzero" doc:"The batch that it was submitted with"`
	Spec       Spec       `json:"spec"`
	Dataset    Dataset    `json:"dataset" doc:"The dataset version that the job was checked against"`
	Rates      *Dataset   `json:"rates,omitzero" doc:"The version of the dataset with exchange rates"`
	X          []Dataset  `json:"x,omitzero" doc:"The columns that are known in advance, in the order of the specification"`
	Progress   float64    `json:"progress" minimum:"0" maximum:"1" doc:"Share of the work that is done: of the assets of a forecast, or of the forecasts of a backtest"`
	Attempts   int        `json:"attempts"`
	Cancelling bool       `json:"cancelling,omitzero" doc:"Cancellation was requested and the job has not ended yet"`
	WaitingFor WaitingFor `json:"waiting_for,omitzero" enum:"time,jobs" doc:"What holds a queued job back: the time of its field not_before, or jobs that it follows and that have not ended. Absent once it is on its way to a worker"`
	Place      *Place     `json:"place,omitzero" doc:"Where a queued job is in the line. Absent while it is on its way to the queue, and in lists"`
	Error      *Error     `json:"error,omitzero" doc:"Why the job failed or died, or why it has no overall forecast"`
}

// Place is where a queued job is in the line.
type Place struct {
	Ahead    int        `json:"ahead" doc:"How many jobs are expected to start before it, counted up to 10000: those of its owner, and those of others whose turn comes before"`
	StartsAt *time.Time `json:"starts_at,omitzero" doc:"When it may start, at the pace of the last minute; absent when no job has ended in it"`
}

// WaitingFor is what holds a queued job back.
type WaitingFor string

// A job waits for a time, or for others to end. One that waits for nothing is on its way to
// a worker.
const (
	WaitsForNothing WaitingFor = ""
	WaitsForTime    WaitingFor = "time"
	WaitsForJobs    WaitingFor = "jobs"
)

// Dataset names one immutable version of a dataset by its content.
type Dataset struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Column  string `json:"column,omitzero" doc:"The column of the file that the values are those of, if it has a name"`
	SHA256  string `json:"sha256" doc:"Of the stored Arrow file, lower-case hexadecimal"`
	Bytes   int64  `json:"bytes"`
}

// Task is what the queue carries to the calculation: a valid job, without what says
// when to begin it, and the dataset version that it was checked against.
type Task struct {
	Job     ID      `json:"job"`
	Spec    Spec    `json:"spec"`
	Dataset Dataset `json:"dataset"`
	// Rates is the version of the dataset with exchange rates, or nil.
	Rates *Dataset `json:"rates,omitzero"`
	// X are the columns that Spec.X names, in its order.
	X []Dataset `json:"x,omitzero"`
}
