package api

import (
	"context"
	"io"
	"slices"

	"foliocast/frontend/store"
	"foliocast/internal/backtesttable"
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// tableSeries is the table with a line for each forecast of a backtest.
const tableSeries = "series"

// tableFormat is the format of the table that is asked for. For the forecasts of a job it is the one given.
func tableFormat(j store.Job, in *resultInput, format forecasttable.Format) (forecasttable.Format, error) {
	misfit := func(detail string) error {
		return problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "table", Detail: detail})
	}
	switch {
	case j.Spec.Backtest() && in.Table == tablePaths:
		return "", misfit("belongs to the result of a forecast, and the job is a backtest")
	case j.Spec.Backtest():
		return backtestFormat(j, in)
	case in.Table == tablePaths:
		return pathsFormat(j, in)
	case in.Table != "":
		return "", misfit("belongs to the result of a backtest, and the job is a forecast")
	}
	return format, nil
}

// backtestFormat is the format of the result of a backtest, which fewer formats can hold than a forecast.
func backtestFormat(j store.Job, in *resultInput) (forecasttable.Format, error) {
	format, ok := negotiate(in.Accept, []forecasttable.Format{forecasttable.JSON, forecasttable.CSV})
	if !ok {
		return "", problem.New(problem.NotAcceptable, "the result of a backtest can be fetched as application/json or text/csv")
	}
	if in.Table == tableSeries && !j.Spec.BySeries {
		return "", problem.Newf(problem.NotFound, "job %s did not ask to report each forecast: submit it again with by_series", j.ID)
	}
	return format, nil
}

// writeBacktest writes a table of a backtest as CSV.
func (s answerSource) writeBacktest(ctx context.Context, w io.Writer) error {
	if s.answer.Backtest != nil && s.answer.Backtest.Risk != nil {
		return s.writeBacktestRisk(ctx, w, *s.answer.Backtest.Risk)
	}
	if s.table != tableSeries {
		measured := job.Backtest{}
		if s.answer.Backtest != nil { // the job did not fail
			measured = *s.answer.Backtest
			guardBacktest(&measured)
		}
		return backtesttable.WriteCSV(w, measured)
	}
	lines, err := backtesttable.NewSeriesWriter(w, slices.Sorted(slices.Values(s.job.Spec.Levels)))
	if err != nil {
		return err
	}
	for asset, err := range s.assets(ctx) {
		if err != nil {
			return err
		}
		for _, e := range asset.Measured {
			guardEvaluation(&e)
			if err := lines.Write(forecasttable.Cell(asset.Asset), forecasttable.Cell(asset.Kind), e); err != nil {
				return err
			}
		}
	}
	return lines.Flush()
}

// writeBacktestRisk writes how intervals and risk held, with the lines of each asset.
func (s answerSource) writeBacktestRisk(ctx context.Context, w io.Writer, risk job.BacktestRisk) error {
	lines, err := backtesttable.NewRiskWriter(w, risk)
	if err != nil {
		return err
	}
	for asset, err := range s.assets(ctx) {
		if err != nil {
			return err
		}
		if err := lines.Write(forecasttable.Cell(asset.Asset), asset.Risk); err != nil {
			return err
		}
	}
	return lines.Flush()
}
