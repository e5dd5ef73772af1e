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
	"foliocast/internal/series/file"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

func backtestCommand() *cobra.Command {
	var b backtest
	cmd := &cobra.Command{
		Use:   "backtest --input FILE (--actual FILE | --origins N --horizon N)",
		Short: "Judge the models on data whose future is known",
		Args:  cobra.NoArgs,
		Long: `backtest forecasts with every model what is known already, and prints how well each did:

  smape, mase   means over the series; owa compares both with the benchmark Naive2, 1 is as good as it
  coverage      share of the values inside the prediction interval of each level
  ms            milliseconds of one core a series

With --actual, each asset of the input is forecast as far as the file of actual values goes. With --origins, the last
values of the input itself are held back: as many as the horizon, then as many more, and so on for each origin.

It prints a table on a terminal and CSV otherwise.`,
		Example: `  mpirun -np 4 mpicalc backtest --input train.csv --actual test.csv --freq H --season 24
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
	f.StringVar(&b.input, "input", "", "the `file` to learn from: .csv, .parquet or .arrow")
	f.StringVar(&b.actual, "actual", "", "the `file` of what came then")
	f.IntVar(&b.origins, "origins", 0, "how many `times` to hold back the end of the input instead")
	f.IntVar(&b.horizon, "horizon", 0, "`steps` to hold back each time")
	f.StringSliceVar(&b.models, "models", nil, "`names` of the models to judge; all when absent")
	f.IntVar(&b.season, "season", 0, "`period` of MASE and Naive2; from the frequency when absent. The models find theirs by themselves")
	f.IntSliceVar(&b.modelSeasons, "model-season", nil, "`periods` that the models are to use instead of those they find")
	f.Float64SliceVar(&b.levels, "levels", []float64{80, 95}, "prediction interval `levels` in percent")
	f.Lookup("levels").DefValue = "80,95" // as it is typed
	f.StringVar(&b.freq, "freq", "", "`frequency` H, D, B, W, M, Q or Y; inferred from the times when absent")
	f.BoolVar(&b.json, "json", false, "print JSON")
	return cmd
}

// backtest is one evaluation.
type backtest struct {
	input, actual    string
	origins, horizon int
	models           []string
	season           int
	modelSeasons     []int
	levels           []float64
	freq             string
	json             bool
	stdout, stderr   io.Writer
	omitted          int // series without a case
	shortened        int // series with fewer cases than origins
}

func (b *backtest) check() error {
	var faults []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	need(b.input != "", "--input must name the file to learn from")
	need((b.actual != "") != (b.origins != 0), "either --actual or --origins must say what came then")
	need(b.origins >= 0, "--origins must be at least 1, is %d", b.origins)
	need(b.origins == 0 || b.horizon >= 1 && b.horizon <= forecast.MaxHorizon, "--horizon must be 1 to %d, is %d", forecast.MaxHorizon, b.horizon)
	need(b.actual == "" || b.horizon == 0, "--horizon is of no use with --actual, whose length says it")
	need(b.season >= 0, "--season must be at least 1, is %d", b.season)
	slices.Sort(b.levels)
	levels := b.levels
	for _, l := range b.levels {
		if fault := job.LevelFault(l); fault != "" {
			faults = append(faults, fmt.Errorf("--levels %s", fault))
			levels = nil // said already
		}
	}
	if len(b.modelSeasons) == 0 {
		b.modelSeasons = nil
	}
	for _, name := range b.modelNames() {
		o := forecast.Options{Model: name, Horizon: 1, Freq: forecast.Freq(b.freq), Seasons: b.modelSeasons, Levels: levels}
		if err := o.Validate(); err != nil {
			faults = append(faults, errors.New(flagWords.Replace(err.Error())))
			break
		}
	}
	return errors.Join(faults...)
}

// flagWords turns the names of options into those of flags.
var flagWords = strings.NewReplacer("Model ", "--models ", "Freq ", "--freq ", "Seasons ", "--model-season ", "Levels ", "--levels ")

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

// lead is the evaluation at rank 0.
func (b *backtest) lead(leader *spmd.Leader) error {
	table, err := b.read(b.input)
	if err != nil {
		return err
	}
	defer table.Close()
	cases, err := b.cases(table)
	if err != nil {
		return err
	}
	if len(cases) == 0 {
		return errors.New("no series is long enough to be judged")
	}
	reference := judgeNaive2(cases)
	var scores []score
	for _, model := range b.modelNames() {
		t := newTrial(model, cases, b)
		if err := leader.Add(t); err != nil {
			return err
		}
		ended, err := finish(leader)
		if err != nil {
			return err
		}
		scores = append(scores, t.score(reference, ended[0].Seconds.Fit*float64(leader.Threads())))
	}
	return b.print(append(scores, reference.score(b.levels)))
}

func (b *backtest) read(path string) (*series.Table, error) {
	table, _, err := file.Read(path, series.Options{Freq: series.Freq(b.freq)})
	if err != nil {
		return nil, inputFault(path, err)
	}
	return table, nil
}
