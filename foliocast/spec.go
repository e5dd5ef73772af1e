package foliocast

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"foliocast/internal/job"
)

// specFlags are the flags that describe a job, for submit and update.
type specFlags struct {
	set                         *pflag.FlagSet
	file                        string
	spec                        job.Spec
	weights, holdings, currency []string
	scenarios                   []string
	after, afterAny             []string
	levels, quantiles, risk     string
	bands, bandsOver            string
	covariance                  string
	combine, onError, point     string
	resample, missing           string
	adjusted                    bool
	kind, notBefore             string
}

func (f *specFlags) register(set *pflag.FlagSet) {
	f.set = set
	set.StringVar(&f.file, "file", "", "read the job from a JSON `file`, - for standard input; flags change it")
	set.StringVar(&f.spec.Dataset, "dataset", "", "`dataset`: name, or name@version")
	set.StringSliceVar((*[]string)(&f.spec.Assets), "assets", nil, "`names` of the assets, separated by commas; * for all of them")
	set.StringSliceVar(&f.weights, "weights", nil, "`weights` in the overall forecast, as in DAX=0.7,FTSE=0.3 (default equal)")
	set.StringVar(&f.spec.Model, "model", "", "`model`: "+strings.Join(job.Models(), ", ")+" (default auto)")
	set.IntVar(&f.spec.Horizon, "horizon", 0, "`steps` to forecast, 1 to 1000")
	set.StringVar(&f.kind, "kind", "", "`kind` of the job: forecast, or backtest, which measures models on the end of the data (default forecast)")
	set.IntVar(&f.spec.Origins, "origins", 0, "for a backtest: `number` of forecast origins of each series, 1 to 1000")
	set.StringSliceVar(&f.spec.Models, "models", nil, "for a backtest: `names` of the models to measure (default that of --model)")
	set.StringSliceVar(&f.spec.Compare, "compare", nil, "for a backtest: `names` of two of the models to compare, like auto,theta")
	set.StringSliceVar(&f.spec.By, "by", nil, "for a backtest: `classes` that make the kinds of series: "+strings.Join(job.Classes(), ", "))
	set.BoolVar(&f.spec.BySeries, "by-series", false, "for a backtest: report each forecast")
	set.StringVar(&f.spec.Freq, "freq", "", "`frequency` as pandas writes it, or an exchange, such as "+strings.Join(job.Freqs(), ", ")+" (default from the dates)")
	set.IntSliceVar(&f.spec.Season, "season", nil, "seasonal `periods` in steps, as in 24,168 (default from the data)")
	set.StringVar(&f.levels, "levels", "", "prediction interval `levels` in percent, as in 80,95, or none (default 80,95)")
	set.StringVar(&f.quantiles, "quantiles", "", "`probabilities` of the quantiles to forecast, as in 0.1,0.5,0.9, or none (default none)")
	set.StringVar(&f.risk, "risk", "", "`levels` in percent of the portfolio's value at risk and expected shortfall, as in 95,99, or off (default 95,99 unless there are neither intervals, quantiles nor bands)")
	set.StringVar(&f.bands, "bands", "", "`levels` in percent of simultaneous bands, between which all steps stay together, as in 90, or none (default none)")
	set.StringVar(&f.bandsOver, "bands-over", "", "what lies inside the band of an asset `together`: the steps of its horizon, or those of all assets (default horizon)")
	set.StringVar(&f.covariance, "covariance", "", "add the covariance matrices of the assets' errors, by a `method`: auto, constant-correlation or quadratic-inverse (default none); the JSON form has them")
	set.IntVar(&f.spec.Paths, "paths", 0, "`number` of paths to draw that the assets and the portfolio may take together, to 10000")
	set.IntVar(&f.spec.Seed, "seed", 0, "`number` that the paths are drawn from")
	set.StringArrayVar(&f.scenarios, "scenario", nil, "`name` and shocks at the next step, as in crash:DAX=-0.1,FTSE=-0.05: what they mean for all assets and the portfolio; may be repeated")
	set.StringVar(&f.spec.Benchmark, "benchmark", "", "`asset` with which the portfolio is compared; with the weight 0 it is no part of it")
	set.StringVar(&f.point, "point", "", "`kind` of point forecast: median or mean (default what the model gives)")
	set.BoolVar(&f.spec.Integers, "integers", false, "round the forecasts of assets whose values are all integers")
	set.BoolVar(&f.spec.Explain, "explain", false, "name the parts of each forecast, and why members of auto have none; job result --explain shows them")
	set.StringVar(&f.combine, "combine", "", "`way` to combine the assets into the overall forecast: mean (of the values, by weight), value (of the holdings) or return (of buying by weight and holding) (default mean)")
	set.StringSliceVar(&f.holdings, "holdings", nil, "`units` held of each asset, as in DAX=12.5,FTSE=-3, for --combine value")
	set.StringSliceVar(&f.currency, "currency", nil, "`currencies` of the assets, as in DAX=EUR,FTSE=GBP (default the base)")
	set.StringVar(&f.spec.Base, "base", "", "`currency` of the overall forecast")
	set.StringVar(&f.spec.Rates, "rates", "", "`dataset` with exchange rates, one pair an asset: EURUSD is the price of one EUR in USD")
	set.StringSliceVar(&f.spec.X, "x", nil, "`columns` of the dataset that are known in advance, as in promo,price")
	set.StringVar(&f.spec.Stale, "stale", "", "`limit` on how long before the newest value an asset may end: a duration like 14d, a number of steps, or off (default from the frequency)")
	set.StringVar(&f.missing, "missing", "", "`policy` for missing values inside a series: forward, linear, drop or fail (default forward)")
	set.StringVar(&f.resample, "resample", "", "`way` to make one value of a period when --freq is coarser than the data: last, mean, sum or first")
	set.StringVar(&f.spec.AsOf, "as-of", "", "forecast as if it were this `time`: no later value is read")
	set.StringVar(&f.spec.Column, "column", "", "`column` of prices: open, high, low, close, adj_close or volume (default that of the upload)")
	set.BoolVar(&f.adjusted, "adjusted", false, "whether the values are adjusted for splits and dividends; it changes only the remark on an asset whose values jump")
	set.StringVar(&f.spec.From, "from", "", "first `time` to use, inclusive")
	set.StringVar(&f.spec.To, "to", "", "last `time` to use, inclusive")
	set.StringVar(&f.onError, "on-error", "", "`policy` for an asset that cannot be forecast: skip it, or fail the job (default skip)")
	set.IntVar(&f.spec.Priority, "priority", 0, "`number` from -100 to 100; a higher priority runs sooner")
	set.StringSliceVar(&f.after, "after", nil, "`jobs` to follow: begin once they are done or partial, and fail if one of them ends in another way")
	set.StringSliceVar(&f.afterAny, "after-any", nil, "`jobs` to follow, however they end")
	set.StringVar(&f.notBefore, "not-before", "", "do not begin before this `time`: as in 2030-01-31T18:00:00+01:00, a duration from now like 90m, or now")
}

// read returns base with the changes of the file, and then of the flags that
// were given. The data service checks the result.
func (f *specFlags) read(base job.Spec, in io.Reader) (job.Spec, error) {
	spec := base
	if f.file != "" {
		fromFile, err := readSpec(f.file, in)
		if err != nil {
			return spec, err
		}
		spec = fromFile
	}
	for name, take := range map[string]func(){
		"dataset":    func() { spec.Dataset = f.spec.Dataset },
		"assets":     func() { spec.Assets = f.spec.Assets },
		"model":      func() { spec.Model = f.spec.Model },
		"horizon":    func() { spec.Horizon = f.spec.Horizon },
		"kind":       func() { spec.Kind = job.Kind(f.kind) },
		"origins":    func() { spec.Origins = f.spec.Origins },
		"models":     func() { spec.Models = f.spec.Models },
		"compare":    func() { spec.Compare = f.spec.Compare },
		"by":         func() { spec.By = f.spec.By },
		"freq":       func() { spec.Freq = f.spec.Freq },
		"season":     func() { spec.Season = f.spec.Season },
		"from":       func() { spec.From = f.spec.From },
		"to":         func() { spec.To = f.spec.To },
		"on-error":   func() { spec.OnError = job.OnError(f.onError) },
		"priority":   func() { spec.Priority = f.spec.Priority },
		"combine":    func() { spec.Combine = job.Combine(f.combine) },
		"bands-over": func() { spec.BandsOver = job.BandsOver(f.bandsOver) },
		"covariance": func() { spec.Covariance = job.Covariance(f.covariance) },
		"paths":      func() { spec.Paths = f.spec.Paths },
		"seed":       func() { spec.Seed = f.spec.Seed },
		"benchmark":  func() { spec.Benchmark = f.spec.Benchmark },
		"point":      func() { spec.Point = job.Point(f.point) },
		"integers":   func() { spec.Integers = f.spec.Integers },
		"explain":    func() { spec.Explain = f.spec.Explain },
		"base":       func() { spec.Base = f.spec.Base },
		"rates":      func() { spec.Rates = f.spec.Rates },
		"x":          func() { spec.X = f.spec.X },
		"stale":      func() { spec.Stale = f.spec.Stale },
		"missing":    func() { spec.Missing = job.Missing(f.missing) },
		"resample":   func() { spec.Resample = job.Resample(f.resample) },
		"column":     func() { spec.Column = f.spec.Column },
		"adjusted":   func() { spec.Adjusted = &f.adjusted },
		"after":      func() { spec.After = idsOf(f.after) },
		"after-any":  func() { spec.AfterAny = idsOf(f.afterAny) },
		"as-of":      func() { spec.AsOf = f.spec.AsOf },
	} {
		if f.set.Changed(name) {
			take()
		}
	}
	if f.set.Changed("by-series") {
		spec.BySeries = f.spec.BySeries
	}
	var err error
	if f.set.Changed("not-before") {
		if spec.NotBefore, err = readInstant("not-before", f.notBefore); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("weights") {
		if spec.Weights, err = readNumbers("weights", "DAX=0.7", f.weights); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("holdings") {
		if spec.Holdings, err = readNumbers("holdings", "DAX=12.5", f.holdings); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("currency") {
		if spec.Currency, err = readPairs("currency", "DAX=EUR", f.currency); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("scenario") {
		if spec.Scenarios, err = readScenarios(f.scenarios); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("levels") {
		if spec.Levels, err = readList("levels", "percentages separated by commas, as in 80,95", f.levels); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("quantiles") {
		if spec.Quantiles, err = readList("quantiles", "probabilities separated by commas, as in 0.1,0.9", f.quantiles); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("risk") {
		if spec.Risk, err = readList("risk", "percentages separated by commas, as in 95,99", f.risk); err != nil {
			return spec, err
		}
	}
	if f.set.Changed("bands") {
		if spec.Bands, err = readList("bands", "percentages separated by commas, as in 80,90", f.bands); err != nil {
			return spec, err
		}
	}
	if spec.Assets == nil {
		spec.Assets = []string{} // the service would complain of null, not of a missing asset
	}
	return spec, nil
}

// idsOf are the ids of a flag.
func idsOf(texts []string) []job.ID {
	ids := make([]job.ID, len(texts))
	for i, text := range texts {
		ids[i] = job.ID(text)
	}
	return ids
}

// readInstant reads an instant, a duration from now, or the word now, which is no instant.
func readInstant(flag, text string) (time.Time, error) {
	if text == "now" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return time.Now().Add(d).UTC().Truncate(time.Second), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, usagef("--%s must be a time with its zone, as in 2030-01-31T18:00:00+01:00, a duration from now like 90m, or now, is %q", flag, text)
	}
	return at, nil
}

// readList reads the numbers of a flag, separated by commas, or the word none or off.
func readList(flag, want, text string) ([]float64, error) {
	list := []float64{}
	if text == "none" || text == "off" || text == "" {
		return list, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, usagef("--%s must be %s, or none, but has %q", flag, want, part)
		}
		list = append(list, n)
	}
	return list, nil
}

// specText is a job as one line for people.
func specText(s job.Brief) string {
	assets := fmt.Sprintf("%d assets", s.AssetCount)
	switch {
	case s.AssetCount == 0:
		assets = "all assets"
	case len(s.Assets) > 0:
		assets = strings.Join(s.Assets, ", ")
	case s.AssetCount == 1:
		assets = "1 asset"
	}
	if s.Kind == job.KindBacktest {
		return fmt.Sprintf("backtest on %s of %s, %s, %d origins of %d steps", assets, s.Dataset, strings.Join(s.Models, ", "), s.Origins, s.Horizon)
	}
	return fmt.Sprintf("%s of %s, %s, %d steps", assets, s.Dataset, s.Model, s.Horizon)
}
