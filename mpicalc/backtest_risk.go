package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"foliocast/internal/backtesttable"
	"foliocast/internal/job"
	"foliocast/internal/report"
	"foliocast/internal/series"
	"foliocast/mpicalc/backtest"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// riskFlags are the flags of a backtest of risk.
type riskFlags struct {
	risk              string
	assets            []string
	weights, holdings []string
	combine           string
	bands             []float64
	report            string   // the page to write
	spec              job.Spec // what they describe
}

func (r *riskFlags) addRisk(f *pflag.FlagSet) {
	f.StringVar(&r.risk, "risk", "", "`levels` in percent, like 95,99: measure intervals, values at risk and expected shortfalls instead of accuracy")
	f.StringSliceVar(&r.assets, "assets", []string{"*"}, "with --risk: `names` of the assets, or * for all")
	f.StringSliceVar(&r.weights, "weights", nil, "with --risk: `weights` of the assets in the portfolio, like DAX=0.7,FTSE=0.3; equal when absent")
	f.Float64SliceVar(&r.bands, "bands", nil, "with --risk: `levels` in percent of simultaneous bands, like 90: measure how many paths stay inside; none when absent")
	f.Lookup("bands").DefValue = ""
	f.StringVar(&r.report, "report", "", "with --risk: write the answer as one page with pictures to this `file`, as in report.html")
	f.StringVar(&r.combine, "combine", "mean", "with --risk: `way` to combine the assets into the portfolio: mean, value or return")
	f.StringSliceVar(&r.holdings, "holdings", nil, "with --risk: `units` held of each asset, like DAX=12.5,FTSE=-3, for --combine value")
}

// checkAccuracy checks the flags of a backtest of accuracy.
func (b *backtestRun) checkAccuracy(set *pflag.FlagSet) error {
	faults := []error{b.check()}
	for _, name := range []string{"assets", "weights", "combine", "holdings", "bands", "report"} {
		if set.Changed(name) {
			faults = append(faults, fmt.Errorf("--%s needs --risk: accuracy is measured of each asset by itself", name))
		}
	}
	return errors.Join(faults...)
}

// checkRisk checks the flags of a backtest of risk, and makes the job that they describe.
func (b *backtestRun) checkRisk(set *pflag.FlagSet) error {
	var faults []error
	if b.input == "" {
		faults = append(faults, errors.New("--input must name the file to measure on"))
	}
	if b.report != "" {
		faults = append(faults, checkOther("--report", b.input, b.report))
	}
	for _, name := range []string{"actual", "by", "compare", "by-series", "quantiles", "integers", "season"} {
		if set.Changed(name) {
			faults = append(faults, fmt.Errorf("--%s does not go with --risk, which measures distributions from many origins", name))
		}
	}
	flags := specFlags{combine: b.combine, onError: string(job.Skip), weights: b.weights, holdings: b.holdings, resample: b.resample, missing: b.missing, point: b.point, risk: b.risk}
	flags.spec = job.Spec{Kind: job.KindBacktest, Assets: b.assets, Origins: b.origins, Horizon: b.horizon, Models: b.models, Model: "auto", Levels: b.levels, Bands: b.bands,
		Season: b.modelSeasons, Freq: b.freq, AsOf: b.asOf, X: b.x}
	if len(b.models) == 0 {
		flags.spec.Models = []string{"auto"}
	}
	spec, err := flags.job()
	b.spec = spec
	return errors.Join(append(faults, err)...)
}

// leadRisk runs on rank 0.
func (b *backtestRun) leadRisk(leader *spmd.Leader) error {
	input, err := b.read(b.input, series.Freq(b.freq))
	if err != nil {
		return err
	}
	defer input.Close()
	var assets []job.Asset
	plan, err := backtest.NewRiskPlan(b.spec, portfolio.Data{Table: input}, func(a job.Asset) error {
		assets = append(assets, a)
		return nil
	})
	if err != nil {
		return flagFault(err)
	}
	b.world.logPlacement()
	if err := leader.Add(plan); err != nil {
		return err
	}
	ended, err := finish(leader)
	if err != nil {
		return err
	}
	answer, err := plan.Answer("", provenance(leader, "", ended[0].Seconds))
	if err != nil {
		return err
	}
	if answer.Backtest == nil {
		return &failure{errors.New(answer.Error.Detail)}
	}
	answer.Assets = assets
	if b.report != "" {
		page := report.Report{Job: job.Job{Spec: b.spec}, Answer: answer, Source: filepath.Base(b.input), Command: commandLine()}
		if err := writeFlagged("--report", b.report, page.Write); err != nil {
			return err
		}
	}
	return asFailure(b.printRisk(answer))
}

// printRisk writes what was measured, as the JSON of an answer, as tables for a person, or as CSV.
func (b *backtestRun) printRisk(answer job.Answer) error {
	switch {
	case b.json:
		return json.NewEncoder(b.stdout).Encode(answer)
	case onTerminal():
		return backtesttable.WriteText(b.stdout, *answer.Backtest, answer.Assets)
	}
	lines, err := backtesttable.NewRiskWriter(b.stdout, *answer.Backtest.Risk)
	if err != nil {
		return err
	}
	for _, a := range answer.Assets {
		if err := lines.Write(a.Asset, a.Risk); err != nil {
			return err
		}
	}
	fmt.Fprint(b.stderr, strings.Join(append(backtesttable.Sentences(*answer.Backtest), ""), "\n")) // the table is for a program
	return lines.Flush()
}
