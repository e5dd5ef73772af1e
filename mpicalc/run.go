package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/formats"
	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/file"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

func runCommand(w *world) *cobra.Command {
	var flags specFlags
	var r run
	cmd := &cobra.Command{
		Use:   "run --input FILE [--output FILE]",
		Short: "Forecast one file",
		Args:  cobra.NoArgs,
		Long: `run forecasts every asset of one file, and the portfolio that they make: the weighted mean
of their values, the value of holdings, or the return of buying and holding (--combine).

The portfolio is added up by date. It begins after the newest value of the assets that
count, and an asset that ends earlier is forecast from its own end. Assets of different
frequencies have no dates in common: name one with --freq, and with --resample how the
finer values become one. Assets in other currencies are converted at the last rates.

Columns that are known in advance (--x), such as prices and promotions, enter the
forecast: the rows after the last value have their future values.

The input is CSV (long or wide), Parquet or Arrow, by its ending. The output has the
columns unique_id, ds, model, mean, for each level lo-80 and hi-80, for each quantile
q-0.1, and for each band band-lo-90 and band-hi-90; its ending says whether it is CSV, Parquet, an Arrow file or an Arrow
stream. It appears whole or not at all. Standard output receives one JSON object: the
overall forecast and what it was made from, and with --with-assets the forecast of each
asset. Without --output and --with-assets the forecasts of the assets are not shown.
--report writes all of it as one page with pictures, and --plot draws the portfolio.`,
		Example: `  mpirun -np 4 --bind-to none mpicalc run --input prices.csv --model auto --horizon 5 --levels 80,95 --output forecasts.csv
  mpicalc run --input sales.csv --horizon 14 --x promo,price --with-assets
  mpicalc run --input prices.csv --horizon 5 --combine value --holdings DAX=12.5,FTSE=40 --currency DAX=EUR,FTSE=GBP --base USD --rates fx.csv`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if r.spec, err = flags.job(); err != nil {
				return err
			}
			if err := errors.Join(checkOutput(cmd, r.output), r.checkPaths(), r.checkPathsOutput(), r.pictures.check(r.input), r.stuck.check()); err != nil {
				return err
			}
			r.rates = flags.rates
			r.stdout = cmd.OutOrStdout()
			r.world = w
			return w.lead(r.stuck.within(r.lead))
		},
	}
	flags.add(cmd)
	addReadFlags(cmd, &r.options)
	r.stuck.add(cmd)
	r.pictures.add(cmd)
	cmd.Flags().StringVar(&r.input, "input", "", "the `file` to forecast: .csv, .parquet or .arrow")
	cmd.Flags().StringVar(&r.output, "output", "", "the `file` to write: .csv, .parquet, .arrow or .arrows")
	cmd.Flags().StringVar(&r.pathsOutput, "paths-output", "", "the `file` to write the paths into, for --paths: .csv, .parquet, .arrow or .arrows")
	cmd.Flags().BoolVar(&r.withAssets, "with-assets", false, "put each asset's forecast into the JSON object")
	return cmd
}

// run is one file to forecast.
type run struct {
	world         *world
	stuck         stuckAfter
	spec          job.Spec
	options       series.Options // how the input is read
	input, output string
	rates         string               // a file, or empty
	format        forecasttable.Format // of the output
	pathsOutput   string               // a file, or empty
	pathsFormat   forecasttable.Format
	withAssets    bool
	pictures      pictures
	stdout        io.Writer
	begun         time.Time
	sha256        string // of the input
	ratesSHA256   string
	audit         *series.Audit
	plan          *portfolio.Plan
	table         forecasttable.Writer // into the output, or nil
	paths         forecasttable.PathWriter
	assets        [][]byte // the members of a JSON array, each with the mark before it
}

func (r *run) checkPaths() error {
	if r.spec.Explain && !r.withAssets {
		return errors.New("--explain needs --with-assets: the parts of a forecast are in the JSON object, and a table has no columns for them")
	}
	if r.input == "" {
		return errors.New("--input must name the file to forecast")
	}
	if r.output == "" {
		return nil
	}
	var err error
	r.format, err = tableFormat("--output", r.input, r.output)
	return err
}

// checkPathsOutput checks the file for the paths.
func (r *run) checkPathsOutput() error {
	if r.pathsOutput == "" {
		return nil
	}
	if r.spec.Paths == 0 {
		return errors.New("--paths-output needs --paths, how many to draw")
	}
	if r.pathsOutput == r.output {
		return errors.New("--paths-output is the file of --output: name another one")
	}
	var err error
	r.pathsFormat, err = tableFormat("--paths-output", r.input, r.pathsOutput)
	return err
}

// lead runs at rank 0.
func (r *run) lead(leader *spmd.Leader) error {
	r.begun = time.Now()
	table, file, err := r.load()
	if err != nil {
		return err
	}
	defer table.Close()
	if file != nil {
		if _, err := leader.Map(file); err != nil {
			return &worldError{err}
		}
	}
	rates, err := r.loadRates()
	if err != nil {
		return err
	}
	x, err := readX(r.input, r.options, r.audit, table)
	if err != nil {
		return err
	}
	if r.plan, err = portfolio.New(r.spec, portfolio.Data{Table: table, File: file, Rates: rates, X: x, Form: r.form()}, r.take); err != nil {
		return flagFault(err)
	}
	answer, err := r.write(leader)
	if err != nil {
		return err
	}
	if err := r.draw(answer); err != nil {
		return err
	}
	return r.print(answer)
}

// write forecasts, and writes the outputs that there are.
func (r *run) write(leader *spmd.Leader) (answer job.Answer, err error) {
	var targets []target
	if r.output != "" {
		targets = append(targets, target{"--output", r.output})
	}
	if r.pathsOutput != "" {
		targets = append(targets, target{"--paths-output", r.pathsOutput})
	}
	err = writeAll(targets, func(to []io.Writer) (err error) {
		if r.output != "" {
			if r.table, err = formats.New(to[0], r.format, forecasttable.ShapeOf(r.spec, r.plan.TimeKind())); err != nil {
				return err
			}
		}
		if r.pathsOutput != "" {
			if r.paths, err = formats.NewPaths(to[len(to)-1], r.pathsFormat, r.plan.TimeKind()); err != nil {
				return err
			}
		}
		if answer, err = r.forecast(leader); err != nil {
			return err
		}
		return r.closeTables(answer)
	})
	return answer, err
}

// closeTables ends the tables with the rows of the portfolio.
func (r *run) closeTables(answer job.Answer) error {
	if r.paths != nil {
		if overall := answer.Overall; overall != nil && overall.DS != nil {
			if err := r.paths.Write(forecasttable.Paths{DS: overall.DS, Values: overall.Paths}); err != nil {
				return err
			}
		}
		if err := r.paths.Close(); err != nil {
			return err
		}
	}
	if r.table == nil {
		return nil
	}
	if err := r.table.Write(forecasttable.ShapeOf(r.spec, r.plan.TimeKind()).Portfolio(answer)); err != nil {
		return err
	}
	return r.table.Close()
}

// load reads the input. The file is nil when its values cannot be mapped.
func (r *run) load() (*series.Table, *spmd.File, error) {
	if r.spec.Resample == "" { // otherwise the file has finer values
		r.options.Freq = series.Freq(r.spec.Freq)
	}
	r.options.X = r.spec.X
	table, audit, sum, err := file.ReadSummed(r.input, r.options)
	if err != nil {
		return nil, nil, inputFault(r.input, err)
	}
	r.audit, r.sha256 = audit, sum
	if n := audit.Warnings(); n > 0 {
		slog.Warn("the audit of the input has warnings: mpicalc convert prints them", "input", r.input, "remarks", n)
	}
	if audit.Form != "stored" {
		return table, nil, nil
	}
	return table, &spmd.File{Path: r.input, SHA256: r.sha256}, nil
}

// loadRates reads the exchange rates, if there are any. How the file is written may differ from the input.
func (r *run) loadRates() (*portfolio.Rates, error) {
	if r.rates == "" {
		return nil, nil
	}
	table, _, sum, err := file.ReadSummed(r.rates, series.Options{Timezone: r.options.Timezone})
	if err != nil {
		return nil, inputFault(r.rates, err)
	}
	defer table.Close()
	r.ratesSHA256 = sum
	rates, err := portfolio.ReadRates(r.spec, table)
	if err != nil {
		return nil, flagFault(err)
	}
	return rates, nil
}

// take is the sink of the plan.
func (r *run) take(i int, result *forecast.Result, fault *job.Error) error {
	name := r.plan.Name(i)
	r.picture(i, result, fault)
	if fault != nil {
		slog.Warn("asset left out", "asset", name, "code", fault.Code, "reason", fault.Detail)
	}
	if r.withAssets {
		if err := r.addAsset(i, result, fault); err != nil {
			return err
		}
	}
	if fault == nil && r.paths != nil {
		paths := slices.Collect(slices.Chunk(result.Paths, r.spec.Horizon))
		if err := r.paths.Write(forecasttable.Paths{Asset: name, DS: r.plan.Times(i), Values: paths}); err != nil {
			return err
		}
	}
	if fault != nil || r.table == nil {
		return nil
	}
	rows := forecasttable.Rows{Asset: name, Model: result.Model, DS: r.plan.Times(i), Mean: result.Mean, Lo: result.Lo, Hi: result.Hi, Quantiles: result.Quantiles,
		BandLo: result.BandLo, BandHi: result.BandHi, Members: r.plan.Members(result)}
	if r.format == forecasttable.CSV {
		rows.Numbers = r.plan.Numbers()
	}
	return r.table.Write(rows)
}

// form is that of the text which the ranks make of the numbers: for the output, or otherwise for the JSON object.
func (r *run) form() spmd.Form {
	switch {
	case r.format == forecasttable.CSV:
		return portfolio.CSV
	case r.withAssets && r.output == "":
		return portfolio.JSON
	}
	return 0
}

// addAsset adds an asset to the JSON object.
func (r *run) addAsset(i int, result *forecast.Result, fault *job.Error) error {
	mark := []byte(",")
	if r.assets == nil {
		mark = []byte("[")
	}
	text, err := r.plan.AppendAsset(mark, i, result, fault)
	r.assets = append(r.assets, slices.Clip(text)) // apart: one text that grows would be copied, and be twice in memory
	return err
}

// forecast takes the plan through the ranks and returns its answer.
func (r *run) forecast(leader *spmd.Leader) (job.Answer, error) {
	if err := leader.Add(r.plan); err != nil {
		return job.Answer{}, err
	}
	// Garbage from reading is collected now, and not while the ranks fit.
	runtime.GC()
	loaded := time.Since(r.begun).Seconds()
	r.world.logPlacement()
	ended, err := finish(leader)
	if err != nil {
		return job.Answer{}, err
	}
	seconds := ended[0].Seconds
	seconds.Load += loaded
	made := provenance(leader, r.sha256, seconds)
	made.RatesSHA256 = r.ratesSHA256
	return r.plan.Answer("", made)
}

// finish runs the workloads that were added. It returns the error of the first one that failed.
func finish(leader *spmd.Leader) ([]spmd.Outcome, error) {
	ended, err := leader.Run()
	if err != nil {
		return nil, &worldError{err}
	}
	for _, e := range ended {
		if e.Err != nil {
			return nil, &failure{e.Err}
		}
	}
	return ended, nil
}

// flagFault names the flag that a fault of the plan belongs to.
func flagFault(err error) error {
	fault, ok := errors.AsType[*portfolio.Error](err)
	if !ok || fault.Field == "" {
		return err
	}
	return fmt.Errorf("--%s: %w", flagOf(fault.Field), err)
}

func provenance(leader *spmd.Leader, sha256 string, s spmd.Seconds) job.Provenance {
	return job.Provenance{
		DatasetSHA256: sha256,
		Program:       "mpicalc " + cli.Version(),
		Ranks:         leader.Ranks(),
		Hosts:         leader.Hosts(),
		Seconds:       job.Seconds{Load: s.Load, Scatter: s.Scatter, Fit: s.Fit, Gather: s.Gather},
	}
}

// print writes the answer as one line. When the job failed, its error is returned.
func (r *run) print(answer job.Answer) error {
	before, err := answer.AppendJSON(nil, nil)
	var after []byte
	if r.assets != nil {
		before, after, err = answer.AroundAssets()
		after = append([]byte("]"), after...)
	}
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	for _, text := range slices.Concat([][]byte{before}, r.assets, [][]byte{append(after, '\n')}) {
		if _, err := r.stdout.Write(text); err != nil {
			return asFailure(err)
		}
	}
	if answer.State == job.Failed {
		return &failure{errors.New(answer.Error.Detail)}
	}
	return nil
}
