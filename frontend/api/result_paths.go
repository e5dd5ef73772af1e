package api

import (
	"context"
	"io"

	"foliocast/frontend/store"
	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/formats"
	"foliocast/internal/problem"
)

// tablePaths is the table of the paths of a forecast.
const tablePaths = "paths"

// pathsFormat is the format of the table of paths.
func pathsFormat(j store.Job, in *resultInput) (forecasttable.Format, error) {
	if j.Spec.Paths == 0 {
		return "", problem.Newf(problem.NotFound, "job %s did not ask for paths: submit it again with paths", j.ID)
	}
	format, ok := negotiate(in.Accept, []forecasttable.Format{forecasttable.CSV, forecasttable.ArrowStream, forecasttable.Arrow, forecasttable.Parquet})
	if !ok {
		return "", problem.New(problem.NotAcceptable, "a table of paths can be fetched as CSV, Arrow or Parquet; JSON has the paths in the answer, without ?table=paths")
	}
	return format, nil
}

// writePaths writes a row for each step of each path: of the assets, and last of the portfolio, if its steps have times.
func (s answerSource) writePaths(ctx context.Context, w io.Writer, f forecasttable.Format) error {
	table, err := formats.NewPaths(w, f, s.answer.Time)
	if err != nil {
		return err
	}
	for asset, err := range s.assets(ctx) {
		if err != nil {
			return err
		}
		if f == forecasttable.CSV {
			guardAsset(&asset)
		}
		if err := table.Write(forecasttable.Paths{Asset: asset.Asset, DS: asset.DS, Values: asset.Paths}); err != nil {
			return err
		}
	}
	if whole := s.answer.Overall; whole != nil && whole.DS != nil {
		p := forecasttable.Paths{DS: whole.DS, Values: whole.Paths}
		if f == forecasttable.CSV {
			p.DS = timeCells(p.DS)
		}
		if err := table.Write(p); err != nil {
			return err
		}
	}
	return table.Close()
}
