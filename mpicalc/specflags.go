package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/job"
)

// specFlags are the flags that describe a job.
type specFlags struct {
	spec                        job.Spec
	weights, holdings, currency []string
	scenarios                   []string
	combine, onError            string
	resample, missing           string
	point, rates                string
	bandsOver, covariance, risk string
}

func (f *specFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.spec.Model, "model", "auto", "forecasting `model`; mpicalc models lists them")
	flags.IntVar(&f.spec.Horizon, "horizon", 1, "`steps` to forecast, 1 to 1000")
	flags.Float64SliceVar(&f.spec.Levels, "levels", []float64{}, "prediction interval `levels` in percent, like 80,95; none when absent")
	flags.Lookup("levels").DefValue = "" // the help text says it
	flags.Float64SliceVar(&f.spec.Quantiles, "quantiles", nil, "`probabilities` of the quantiles to forecast, like 0.1,0.5,0.9; none when absent")
	flags.Lookup("quantiles").DefValue = "" // likewise
	flags.StringVar(&f.risk, "risk", "", "`levels` in percent of the portfolio's value at risk and expected shortfall, like 95,99, or off (default 95,99 with --levels, --quantiles or --bands)")
	flags.Float64SliceVar(&f.spec.Bands, "bands", nil, "`levels` in percent of simultaneous bands, between which all steps stay together, like 90; none when absent")
	flags.Lookup("bands").DefValue = "" // likewise
	flags.StringVar(&f.bandsOver, "bands-over", "", "what lies inside the band of an asset `together`: the steps of its horizon, or those of all assets (default horizon)")
	flags.StringVar(&f.covariance, "covariance", "", "add the covariance matrices of the assets' errors to the JSON object, by a `method`: auto, constant-correlation or quadratic-inverse; none when absent")
	flags.IntVar(&f.spec.Paths, "paths", 0, "`number` of paths to draw that the assets and the portfolio may take together, to 10000; none when absent")
	flags.IntVar(&f.spec.Seed, "seed", 0, "`number` that the paths are drawn from")
	flags.StringArrayVar(&f.scenarios, "scenario", nil, "`name` and shocks at the next step, like crash:DAX=-0.1,FTSE=-0.05: what they mean for all assets and the portfolio; may be repeated")
	flags.StringVar(&f.spec.Benchmark, "benchmark", "", "`asset` with which the portfolio is compared; with the weight 0 it is no part of it")
	flags.StringVar(&f.point, "point", "", "`kind` of point forecast: median or mean; what the model gives when absent")
	flags.BoolVar(&f.spec.Integers, "integers", false, "round the forecasts of assets whose values are all integers")
	flags.BoolVar(&f.spec.Explain, "explain", false, "name the parts of each forecast in the JSON object, and why members of auto have none; needs --with-assets")
	flags.StringVar(&f.spec.Freq, "freq", "", "`frequency` as pandas writes it (15min, h, D, B, W-FRI, ME, QE-DEC, YE-DEC) or an exchange (XNYS); inferred from the times when absent")
	flags.IntSliceVar(&f.spec.Season, "season", nil, "seasonal `periods` in steps, like 24,168; from the frequency and the data when absent")
	flags.StringSliceVar((*[]string)(&f.spec.Assets), "assets", []string{"*"}, "`names` of the assets, or * for all")
	flags.StringSliceVar(&f.weights, "weights", nil, "`weights` of the assets in the overall forecast, like DAX=0.7,FTSE=0.3; equal when absent")
	flags.StringVar(&f.combine, "combine", "mean", "`way` to combine the assets into the overall forecast: mean (of the values, by weight), value (of the holdings) or return (of buying by weight and holding)")
	flags.StringSliceVar(&f.holdings, "holdings", nil, "`units` held of each asset, like DAX=12.5,FTSE=-3, for --combine value")
	flags.StringSliceVar(&f.currency, "currency", nil, "`currencies` of the assets, like DAX=EUR,FTSE=GBP; the base when absent")
	flags.StringVar(&f.spec.Base, "base", "", "`currency` of the overall forecast")
	flags.StringVar(&f.rates, "rates", "", "the `file` with exchange rates, one pair a series: EURUSD is the price of one EUR in USD")
	flags.StringSliceVar(&f.spec.X, "x", nil, "`columns` of the input that are known in advance, like promo,price; the rows after the last value have their future values")
	flags.StringVar(&f.spec.Stale, "stale", "", "`limit` on how long before the newest value an asset may end: a duration like 14d, a number of steps, or off; from the frequency when absent")
	flags.StringVar(&f.missing, "missing", "", "`policy` for missing values inside a series: forward, linear, drop or fail (default forward)")
	flags.StringVar(&f.resample, "resample", "", "`way` to make one value of a period when --freq is coarser than the data: last, mean, sum or first")
	flags.StringVar(&f.spec.AsOf, "as-of", "", "forecast as if it were this `time`: no later value is read")
	flags.BoolFunc("adjusted", "whether the values are adjusted for splits and dividends; it changes only the remark on an asset whose values jump", func(text string) error {
		adjusted, err := strconv.ParseBool(text)
		f.spec.Adjusted = &adjusted
		return err
	})
	flags.StringVar(&f.spec.From, "from", "", "first `time` to use, inclusive")
	flags.StringVar(&f.spec.To, "to", "", "last `time` to use, inclusive")
	flags.StringVar(&f.onError, "on-error", "skip", "`policy` for an asset that cannot be forecast: skip it, or fail the job")
}

// job checks the flags and returns the job that they describe.
func (f *specFlags) job() (job.Spec, error) {
	spec := f.spec
	spec.Dataset = "input" // a job has one; a run has a file
	if f.rates != "" {
		spec.Rates = "rates" // likewise
	}
	spec.OnError, spec.Combine = job.OnError(f.onError), job.Combine(f.combine)
	spec.Missing, spec.Resample = job.Missing(f.missing), job.Resample(f.resample)
	spec.Point = job.Point(f.point)
	spec.BandsOver, spec.Covariance = job.BandsOver(f.bandsOver), job.Covariance(f.covariance)
	var err error
	if spec.Risk, err = readRisk(f.risk); err != nil {
		return spec, err
	}
	spec = spec.DefaultedRisk()
	if spec.Weights, err = readNumbers("weights", "DAX=0.7,FTSE=0.3", f.weights); err != nil {
		return spec, err
	}
	if spec.Holdings, err = readNumbers("holdings", "DAX=12.5,FTSE=3", f.holdings); err != nil {
		return spec, err
	}
	if spec.Currency, err = readPairs("currency", "DAX=EUR,FTSE=GBP", f.currency); err != nil {
		return spec, err
	}
	if spec.Scenarios, err = readScenarios(f.scenarios); err != nil {
		return spec, err
	}
	if len(spec.X) == 0 {
		spec.X = nil
	}
	if len(spec.Season) == 0 {
		spec.Season = nil
	}
	var faults []error
	for _, f := range spec.Validate() {
		field, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if rest != "" && (field == "weights" || field == "holdings" || field == "currency") {
			field += " of " + strconv.Quote(rest)
		}
		faults = append(faults, fmt.Errorf("--%s %s", flagOf(field), f.Detail))
	}
	return spec, errors.Join(faults...)
}

// readRisk reads the levels of --risk: none for the word off, and nil when it is absent.
func readRisk(text string) ([]float64, error) {
	if text == "" {
		return nil, nil
	}
	levels := []float64{}
	if text == "off" {
		return levels, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		level, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil, fmt.Errorf("--risk must be percentages separated by commas, like 95,99, or off, and has %q", part)
		}
		levels = append(levels, level)
	}
	return levels, nil
}

// flagOf is the flag of a field of a job.
func flagOf(field string) string {
	if field == "scenarios" { // each has a flag of its own
		return "scenario"
	}
	return strings.ReplaceAll(field, "_", "-")
}
