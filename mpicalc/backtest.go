package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/backtesttable"
	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/backtest"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

func backtestCommand(w *world) *cobra.Command {
	var b backtestRun
	cmd := &cobra.Command{
		Use:   "backtest --input FILE (--actual FILE | --origins N --horizon N)",
		Short: "Measure the accuracy of the models on data whose future is known",
		Args:  cobra.NoArgs,
		Long: `backtest forecasts values that are already known, with every model, and prints the accuracy of each:

  smape, mase   means over the forecasts
  owa           both relative to the benchmark Naive2; below 1 is better than the benchmark
  wql           weighted quantile loss: the quantile loss of --quantiles, relative to the size of the values
  coverage      share of the values inside the prediction interval of each level
  msis          mean scaled interval score of each level: the width, and 2/α times the distance of a value outside
  ms            milliseconds of one core per forecast

With --actual, each asset of the input is forecast as far as the file of actual values goes, and every actual value is
compared with the forecast for its time. Values that are missing from the file are not scored, nor are values that are not
after the end of the input. Integer steps may begin at 0 or 1 again. With --origins, the last values of the input itself
are held out: as many as the horizon for the first origin, twice as many for the second, and so on.

--by prints the same for each kind of series, by any of these classes, or by kind, which is frequency, demand and season:

  frequency     as pandas writes it
  length        n<50, n<200, n<1000, n>=1000 values
  demand        smooth, erratic, intermittent or lumpy, by how rare and how varied values other than zero are
  season        strong or weak

--compare tests whether two of the models differ in their scaled errors: Student's t and Wilcoxon's signed-rank test over the
series, which must not depend on each other, and the Diebold-Mariano test within each series of several origins.

--risk 95,99 measures distributions instead of points, as the job would have been answered on --origins dates, a horizon apart: the coverage
and the score of the intervals beside those of normal ones of exponentially weighted variance, and whether values at risk and expected
shortfalls held, of each asset and of the portfolio that --weights, --combine and --holdings describe. With --bands 90 it counts the paths
that lie inside simultaneous bands, and --report writes all of it as one page with pictures.

It prints a table on a terminal and CSV otherwise. --by-series writes a line for each forecast, with the model that was used.`,
		Example: `  mpirun -np 4 mpicalc backtest --input train.csv --actual test.csv --freq h --season 24
  mpicalc backtest --input prices.csv --origins 20 --horizon 5 --models naive,auto --json
  mpirun -np 2 mpicalc backtest --input prices.csv --origins 500 --horizon 1 --models auto --levels 90 --risk 95,99 --combine return
  mpicalc backtest --input sales.csv --origins 4 --horizon 12 --models auto,theta --by kind --compare auto,theta --by-series lines.csv`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lead, check := b.lead, b.checkAccuracy
			if b.risk != "" && b.risk != "off" {
				lead, check = b.leadRisk, b.checkRisk
			}
			if err := errors.Join(check(cmd.Flags()), b.stuck.check()); err != nil {
				return err
			}
			b.stdout, b.stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
			b.world = w
			return w.lead(b.stuck.within(lead))
		},
	}
	f := cmd.Flags()
	f.StringVar(&b.input, "input", "", "the `file` to train on: .csv, .parquet or .arrow")
	f.StringVar(&b.actual, "actual", "", "the `file` of actual values that follow the input")
	f.IntVar(&b.origins, "origins", 0, "`number` of forecast origins; holds out the end of the input instead")
	f.IntVar(&b.horizon, "horizon", 0, "`steps` to forecast from each origin")
	f.StringSliceVar(&b.models, "models", nil, "`names` of the models to evaluate; all when absent")
	f.IntVar(&b.season, "season", 0, "seasonal `period` of MASE and Naive2; from the frequency when absent. Models find their own seasons")
	f.IntSliceVar(&b.modelSeasons, "model-season", nil, "seasonal `periods` for the models; found by each model when absent")
	f.Float64SliceVar(&b.levels, "levels", []float64{80, 95}, "prediction interval `levels` in percent")
	f.Lookup("levels").DefValue = "80,95" // as it is typed
	f.Float64SliceVar(&b.quantiles, "quantiles", []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9}, "`probabilities` of the quantiles that wql is the loss of")
	f.Lookup("quantiles").DefValue = "0.1,0.2,…,0.9"
	f.StringVar(&b.point, "point", "", "what point forecasts are to be: `median` or mean; what each model gives when absent")
	f.BoolVar(&b.integers, "integers", false, "round the forecasts of series whose values are all integers")
	f.StringSliceVar(&b.by, "by", nil, "`classes` that make the kinds of series: frequency, length, demand, season or kind")
	f.StringSliceVar(&b.compare, "compare", nil, "`names` of two of the models to compare, like auto,theta")
	f.StringVar(&b.bySeries, "by-series", "", "the `file` to write a line for each forecast to, as CSV")
	f.StringVar(&b.freq, "freq", "", "`frequency` as pandas writes it (15min, h, D, B, W-FRI, ME, QE-DEC, YE-DEC) or an exchange (XNYS); inferred from the times when absent")
	f.BoolVar(&b.json, "json", false, "print JSON")
	f.StringVar(&b.asOf, "as-of", "", "train as if it were this `time`: no later value of the input is read")
	f.StringVar(&b.resample, "resample", "", "`way` to make one value of a period when --freq is coarser than the data: last, mean, sum or first")
	f.StringVar(&b.missing, "missing", "", "`policy` for missing values inside a series: forward, linear or drop (default forward)")
	b.addRisk(f)
	f.StringSliceVar(&b.x, "x", nil, "`columns` of the input that are known in advance, like promo,price; with --actual, the rows after the last value have their future values")
	addReadFlags(cmd, &b.options)
	b.stuck.add(cmd)
	return cmd
}

// backtestRun holds the flags of the command and what it has left out.
type backtestRun struct {
	world            *world
	stuck            stuckAfter
	input, actual    string
	origins, horizon int
	models           []string
	season           int
	modelSeasons     []int
	levels           []float64
	quantiles        []float64
	point            string
	integers         bool
	by, compare      []string
	bySeries         string
	classes          []backtest.Class // of by
	freq, resample   string
	asOf, missing    string
	options          series.Options // how the files are read
	x                []string
	columns          []portfolio.Column // those of x
	json             bool
	riskFlags
	stdout, stderr io.Writer
	omitted        int      // series without a sample
	shortened      int      // series with fewer samples than origins
	notes          []string // what of --actual was left out
}

func (b *backtestRun) check() error {
	var faults []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	need(b.input != "", "--input must name the file to train on")
	need((b.actual != "") != (b.origins != 0), "either --actual or --origins is needed, and not both")
	need(b.origins >= 0, "--origins must be at least 1, is %d", b.origins)
	need(b.origins == 0 || b.horizon >= 1 && b.horizon <= forecast.MaxHorizon, "--horizon must be 1 to %d, is %d", forecast.MaxHorizon, b.horizon)
	need(b.actual == "" || b.horizon == 0, "--horizon belongs to --origins; with --actual, the last actual value is the horizon")
	need(len(b.x) == 0 || b.resample == "", "--x does not go with --resample")
	need(b.resample == "" || b.freq != "", "--resample needs --freq, the frequency to resample to")
	need(b.missing != string(job.MissingFail), "--missing must be forward, linear or drop, is fail")
	need(b.season >= 0, "--season must be at least 1, is %d", b.season)
	var unknown string
	b.classes, unknown = backtest.ParseClasses(b.by)
	need(unknown == "", "--by must be frequency, length, demand, season or kind, is %q", unknown)
	need(len(b.compare) == 0 || len(b.compare) == 2 && b.compare[0] != b.compare[1], "--compare must name two models, like auto,theta, is %q", strings.Join(b.compare, ","))
	for _, name := range b.compare {
		need(slices.Contains(b.modelNames(), name), "--compare must name two of the models that are evaluated, and %q is not one of them", name)
	}
	return errors.Join(append(faults, b.checkOptions()...)...)
}

// checkOptions checks what the models are asked.
func (b *backtestRun) checkOptions() []error {
	var faults []error
	slices.Sort(b.levels)
	slices.Sort(b.quantiles)
	levels := b.levels
	for _, l := range b.levels {
		if fault := job.LevelFault(l); fault != "" {
			faults = append(faults, fmt.Errorf("--levels %s", fault))
			levels = nil // reported already
		}
	}
	if len(b.modelSeasons) == 0 {
		b.modelSeasons = nil
	}
	for i, name := range b.modelNames() {
		if slices.Contains(b.modelNames()[:i], name) {
			faults = append(faults, fmt.Errorf("--models names %s twice", name))
			break
		}
		o := forecast.Options{Model: name, Horizon: 1, Seasons: b.modelSeasons, Levels: levels, Quantiles: b.quantiles, Point: b.point}
		if err := o.Validate(); err != nil {
			faults = append(faults, errors.New(flagWords.Replace(err.Error())))
			break
		}
	}
	return faults
}

// flagWords replaces the names of options by the names of flags.
var flagWords = strings.NewReplacer("Model ", "--models ", "Seasons ", "--model-season ", "Levels ", "--levels ", "Quantiles ", "--quantiles ", "Point ", "--point ")

func (b *backtestRun) modelNames() []string {
	if len(b.models) > 0 {
		return b.models
	}
	var all []string
	for _, m := range forecast.Models() {
		all = append(all, m.Name)
	}
	return all
}

// lead runs on rank 0.
func (b *backtestRun) lead(leader *spmd.Leader) error {
	input, err := b.read(b.input, series.Freq(b.freq))
	if err != nil {
		return err
	}
	defer input.Close()
	table, err := b.prepare(input, b.asOf)
	if err != nil {
		return err
	}
	source := &backtest.Source{Table: table, Season: b.season, By: b.classes, X: b.columns}
	samples, err := b.samples(source)
	if err != nil {
		return err
	}
	if samples.Len() == 0 {
		return errors.New("no series is long enough to be evaluated")
	}
	measured, err := b.evaluate(leader, samples)
	if err != nil {
		return err
	}
	return b.print(measured)
}

// evaluate measures the models, one after the other, so that each has a time of its own.
func (b *backtestRun) evaluate(leader *spmd.Leader, samples backtest.Samples) (measured job.Backtest, err error) {
	config := backtest.Config{Models: b.modelNames(), Levels: b.levels, Quantiles: b.quantiles, Seasons: b.modelSeasons, Point: b.point, Integers: b.integers}
	for _, name := range b.compare {
		config.Compare = append(config.Compare, slices.Index(config.Models, name))
	}
	b.world.logPlacement()
	run := func() error {
		report := backtest.NewReport(config)
		millis := make([]float64, len(config.Models))
		for i := range config.Models {
			if err := leader.Add(backtest.NewEvaluation(report, samples, []int{i}, i == 0)); err != nil {
				return err
			}
			ended, err := finish(leader)
			if err != nil {
				return err
			}
			millis[i] = 1000 * ended[0].Seconds.Fit * float64(leader.Threads()) / float64(samples.Len())
		}
		measured = report.End()
		for i := range millis {
			measured.Scores[i].Millis = &millis[i]
		}
		measured.Omitted, measured.Short, measured.Remarks = b.omitted, b.shortened, b.notes
		return nil
	}
	if b.bySeries == "" {
		return measured, run()
	}
	err = writeFlagged("--by-series", b.bySeries, func(w io.Writer) error {
		lines, err := backtesttable.NewSeriesWriter(w, b.levels)
		if err != nil {
			return err
		}
		config.Row = func(s *backtest.Sample, e job.Evaluation) error { return lines.Write(s.Name, s.Kind, e) }
		return errors.Join(run(), lines.Flush())
	})
	return measured, err
}
