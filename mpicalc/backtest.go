package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

func backtestCommand() *cobra.Command {
	var b backtest
	cmd := &cobra.Command{
		Use:   "backtest --input FILE (--actual FILE | --origins N --horizon N)",
		Short: "Measure the accuracy of the models on data whose future is known",
		Args:  cobra.NoArgs,
		Long: `backtest forecasts values that are already known, with every model, and prints the accuracy of each:

  smape, mase   means over the series
  owa           both relative to the benchmark Naive2; below 1 is better than the benchmark
  coverage      share of the values inside the prediction interval of each level
  ms            milliseconds of one core per series

With --actual, each asset of the input is forecast as far as the file of actual values goes, and every actual value is
compared with the forecast for its time. Values that are missing from the file are not scored, nor are values that are not
after the end of the input. Integer steps may begin at 0 or 1 again. With --origins, the last values of the input itself
are held out: as many as the horizon for the first origin, twice as many for the second, and so on.

It prints a table on a terminal and CSV otherwise.`,
		Example: `  mpirun -np 4 mpicalc backtest --input train.csv --actual test.csv --freq h --season 24
  mpicalc backtest --input prices.csv --origins 20 --horizon 5 --models naive,auto --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := b.check(); err != nil {
				return err
			}
			b.stdout, b.stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return inWorld(0, b.lead)
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
	f.StringVar(&b.freq, "freq", "", "`frequency` as pandas writes it (15min, h, D, B, W-FRI, ME, QE-DEC, YE-DEC) or an exchange (XNYS); inferred from the times when absent")
	f.BoolVar(&b.json, "json", false, "print JSON")
	f.StringVar(&b.asOf, "as-of", "", "train as if it were this `time`: no later value of the input is read")
	f.StringVar(&b.resample, "resample", "", "`way` to make one value of a period when --freq is coarser than the data: last, mean, sum or first")
	f.StringVar(&b.missing, "missing", "", "`policy` for missing values inside a series: forward, linear or drop (default forward)")
	addReadFlags(cmd, &b.options)
	return cmd
}

// backtest holds the flags of the command and what it has left out.
type backtest struct {
	input, actual    string
	origins, horizon int
	models           []string
	season           int
	modelSeasons     []int
	levels           []float64
	freq, resample   string
	asOf, missing    string
	options          series.Options // how the files are read
	json             bool
	stdout, stderr   io.Writer
	omitted          int      // series without a sample
	shortened        int      // series with fewer samples than origins
	notes            []string // what of --actual was left out
}

func (b *backtest) check() error {
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
	need(b.resample == "" || b.freq != "", "--resample needs --freq, the frequency to resample to")
	need(b.missing != string(job.MissingFail), "--missing must be forward, linear or drop, is fail")
	need(b.season >= 0, "--season must be at least 1, is %d", b.season)
	slices.Sort(b.levels)
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
	for _, name := range b.modelNames() {
		o := forecast.Options{Model: name, Horizon: 1, Seasons: b.modelSeasons, Levels: levels}
		if err := o.Validate(); err != nil {
			faults = append(faults, errors.New(flagWords.Replace(err.Error())))
			break
		}
	}
	return errors.Join(faults...)
}

// flagWords replaces the names of options by the names of flags.
var flagWords = strings.NewReplacer("Model ", "--models ", "Seasons ", "--model-season ", "Levels ", "--levels ")

func (b *backtest) modelNames() []string {
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
func (b *backtest) lead(leader *spmd.Leader) error {
	input, err := b.read(b.input, series.Freq(b.freq))
	if err != nil {
		return err
	}
	defer input.Close()
	table, err := b.prepare(input, b.asOf)
	if err != nil {
		return err
	}
	samples, err := b.samples(table)
	if err != nil {
		return err
	}
	if len(samples) == 0 {
		return errors.New("no series is long enough to be evaluated")
	}
	reference := evaluateNaive2(samples)
	var scores []score
	for _, model := range b.modelNames() {
		ev := newEvaluation(model, samples, b)
		if err := leader.Add(ev); err != nil {
			return err
		}
		ended, err := finish(leader)
		if err != nil {
			return err
		}
		scores = append(scores, ev.score(reference, ended[0].Seconds.Fit*float64(leader.Threads())))
	}
	return b.print(append(scores, reference.score("(Naive2)", b.levels)))
}
