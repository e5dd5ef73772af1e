package foliocast

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"foliocast/internal/backtesttable"
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/internal/outfile"
)

func (a *app) jobResult() *cobra.Command {
	var o resultOptions
	c := &cobra.Command{
		Use: "result JOB", Short: "Show the result of a job that has ended",
		Long: `Show the forecast of a job that has ended as a table, or write it in another
format. The ending of --output chooses the format: .csv, .json, .arrow, .arrows
(an Arrow stream), .parquet, or .txt for the table. --format wins over the ending.
-o csv is short for --format csv, and so with the other formats; a file of that name is ./csv.

The table rounds an asset's values so that half the width of its narrowest interval
keeps three digits, or without intervals half the distance of its outermost quantiles;
without either it shows six digits. All other formats have every digit. A backtest
has no .arrow, .arrows and .parquet; --by-series writes a line for each of its
forecasts as CSV, if the job was submitted with --by-series. --paths writes the paths of a
job that was submitted with --paths, as CSV or in the format of a table. The file of --output
appears whole or not at all. A symbolic link stays, and a file that is replaced
keeps its mode.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if slices.Contains(resultFormats(), o.output) {
				if o.format != "" && o.format != o.output {
					return usagef("--output %s and --format %s contradict each other", o.output, o.format)
				}
				o.format, o.output = o.output, ""
			}
			if o.format == string(asWide) {
				o.format = string(forecasttable.Text)
			}
			return a.result(c.Context(), args[0], o)
		},
	}
	c.Flags().StringVar(&o.format, "format", "", "table, json, csv, arrow, arrows or parquet (default by the ending of --output, or table)")
	c.Flags().BoolVar(&o.bySeries, "by-series", false, "write a line for each forecast of a backtest, as CSV")
	c.Flags().BoolVar(&o.paths, "paths", false, "write the paths: a row for each step of each path, those of the portfolio last, as CSV unless the format says otherwise")
	c.Flags().BoolVar(&o.explain, "explain", false, "show the parts that add up to each forecast, and what auto combined and dropped; for a job that was submitted with --explain")
	c.Flags().StringVarP(&o.output, "output", "o", "", "write to this `file` instead of standard output, or in this format")
	return c
}

// resultFormats are the words for formats that --output takes.
func resultFormats() []string {
	return []string{string(asWide), string(forecasttable.Text), string(forecasttable.JSON), string(forecasttable.CSV),
		string(forecasttable.Arrow), string(forecasttable.ArrowStream), string(forecasttable.Parquet)}
}

// resultOptions are the flags of job result.
type resultOptions struct {
	format, output           string
	bySeries, explain, paths bool
}

// result writes the result of a job as o says.
func (a *app) result(ctx context.Context, which string, o resultOptions) error {
	f, err := a.resultFormat(o.format, o.output)
	if err != nil {
		return err
	}
	if o.bySeries && f != forecasttable.CSV && (o.format != "" || o.output != "" || a.json) {
		return usagef("--by-series writes CSV only")
	}
	if o.explain && f != forecasttable.Text && f != forecasttable.JSON {
		return usagef("--explain writes a table; JSON names the parts of a forecast, too")
	}
	if o.paths {
		if f, err = a.pathsFormat(f, o); err != nil {
			return err
		}
	}
	s, err := a.services()
	if err != nil {
		return err
	}
	id, err := jobID(ctx, s.frontend, which)
	if err != nil {
		return err
	}
	return a.write(o.output, func(w io.Writer) error {
		switch {
		case o.paths:
			return s.frontend.PathsResult(ctx, id, f.MediaType(), w)
		case o.bySeries:
			return s.frontend.SeriesResult(ctx, id, w)
		case f != forecasttable.JSON && f != forecasttable.Text:
			return s.frontend.Result(ctx, id, f.MediaType(), w)
		}
		answer, err := s.frontend.Answer(ctx, id)
		if err != nil {
			return err
		}
		b := &app{out: w, json: f == forecasttable.JSON}
		if o.explain && !b.json {
			if !forecasttable.Explained(answer) {
				return usagef("the answer names no parts of forecasts: submit the job with --explain")
			}
			return forecasttable.WriteParts(w, answer)
		}
		return b.show(answer, func(w io.Writer) { printAnswer(w, answer) })
	})
}

// pathsFormat is the format f for paths, or CSV where nothing was said.
func (a *app) pathsFormat(f forecasttable.Format, o resultOptions) (forecasttable.Format, error) {
	switch f {
	case forecasttable.CSV, forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet:
		return f, nil
	}
	if _, named := forecasttable.FormatOf(o.output); a.json || named || o.format != "" {
		return "", usagef("--paths writes csv, arrow, arrows or parquet; the answer as JSON has the paths, without --paths")
	}
	return forecasttable.CSV, nil
}

// printAnswer prints an answer for people. w keeps the error.
func printAnswer(w io.Writer, answer job.Answer) {
	if answer.Backtest != nil {
		_ = backtesttable.WriteText(w, *answer.Backtest, answer.Assets)
	}
	_ = forecasttable.WriteText(w, answer)
}

// resultFormat is the format that --json, --format or the ending of --output
// chooses, in this order.
func (a *app) resultFormat(format, output string) (forecasttable.Format, error) {
	all := []forecasttable.Format{forecasttable.Text, forecasttable.JSON, forecasttable.CSV,
		forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet}
	f := forecasttable.Format(format)
	switch {
	case format != "" && !slices.Contains(all, f):
		return "", usagef("--format must be table, json, csv, arrow, arrows or parquet, is %q", format)
	case a.json && format != "" && f != forecasttable.JSON:
		return "", usagef("--json and --format %s contradict each other", format)
	case a.json:
		return forecasttable.JSON, nil
	case format != "":
		return f, nil
	}
	ending := filepath.Ext(output)
	if info, err := os.Stat(output); ending == "" || err == nil && !info.Mode().IsRegular() {
		return forecasttable.Text, nil // as on standard output
	}
	f, ok := forecasttable.FormatOf(output)
	if !ok {
		return "", usagef("--output %s: no format has the ending %s: use .csv, .json, .arrow, .arrows, .parquet or .txt, or add --format", output, ending)
	}
	return f, nil
}

// write calls do with standard output, or, when path is not empty, with a file
// that is there whole or not at all.
func (a *app) write(path string, do func(io.Writer) error) error {
	return a.writeFlagged("--output", path, do)
}

// writeFlagged is write for the file that a flag names.
func (a *app) writeFlagged(flag, path string, do func(io.Writer) error) error {
	if path == "" {
		return do(a.out)
	}
	f, err := outfile.Create(path)
	if err != nil {
		return usagef("%s %w", flag, err)
	}
	err = f.End(do(f))
	if _, ok := errors.AsType[*outfile.WriteError](err); ok {
		return fmt.Errorf("%s %w", flag, err)
	}
	return err
}

// pathless is the cause of an error about a file that a person knows by
// another name.
func pathless(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
