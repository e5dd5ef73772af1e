package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/formats"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func (a *API) registerResult(api huma.API) {
	responses := described("The result", resultMedia()...)
	responses["200"].Content[forecasttable.JSON.MediaType()].Schema =
		api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[job.Answer](), true, "Answer")
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs/{id}/result", OperationID: "job-result",
		Summary: "Fetch the result of a job",
		Description: "The header Accept chooses JSON, which is the whole answer, or a table in CSV, Arrow or Parquet with the columns unique_id, ds, model, mean, " +
			"lo-L and hi-L for each level L, q-P for each quantile of probability P, such as q-0.1, band-lo-L and band-hi-L for each band, and, of a job with the model auto, members, what auto combined, as in theta 0.6; ar 0.4. The rows of the portfolio come last and have no unique_id and no model. The column ds has the time of each step, written like the dataset's own times; in Arrow and Parquet it has the type " +
			"for that kind of time. Answers 409 when the job has not ended, 404 when it ended without a result, and 406 to a request for a table when an earlier " +
			"version computed the result, without times. A result is sent with gzip or zstd as Accept-Encoding says, with an entity tag, and in parts by Range. The paths of a job with paths are in JSON, and with ?table=paths they are a table of their own. The result of a backtest can be fetched as JSON, and as a table in CSV, which the parameter table chooses.",
		Responses: responses}, auth.JobsRead, requestTime, a.result)
}

// nullable says in the document that fields whose types have names may be null, which no tag can say.
func nullable(api huma.API) {
	all := api.OpenAPI().Components.Schemas.Map()
	for _, f := range []struct{ schema, field string }{{"Answer", "overall"}, {"AnswerPage", "overall"}, {"Asset", "error"}} {
		field := all[f.schema].Properties[f.field]
		field.OneOf, field.Ref = []*huma.Schema{{Ref: field.Ref}, {Type: "null"}}, ""
	}
}

type resultInput struct {
	JobRef
	ResultHeaders
	Accept string `header:"Accept" doc:"Media types that the client accepts"`
	Table  string `query:"table" enum:"scores,series,paths" doc:"Which table. Of a job with paths: paths has a row for each step of each path, in the columns unique_id, path, ds and value; those of the portfolio come last and have no unique_id. Of a backtest: scores has a line for each model and kind of series, and series, for a job with by_series, one for each forecast; scores when absent"`
}

func (a *API) result(ctx context.Context, b *Backend, in *resultInput) (*huma.StreamResponse, error) {
	format, ok := negotiate(in.Accept, resultFormats())
	if !ok {
		return nil, problem.Newf(problem.NotAcceptable, "a result can be fetched as %s", strings.Join(resultMedia(), " or "))
	}
	source, err := finished(ctx, b, in.id())
	if err != nil {
		return nil, err
	}
	source.table = in.Table
	j, answer := source.job, source.answer
	if format, err = tableFormat(j, in, format); err != nil {
		return nil, err
	}
	if format != forecasttable.JSON && answer.Time == "" && answer.State != job.Failed {
		return nil, problem.Newf(problem.NotAcceptable,
			"job %s was computed by an earlier version, without the times of its steps: fetch it as application/json, or submit it again", j.ID)
	}
	sending, err := newSending(ctx, a.program, source, format, in.ResultHeaders)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		if err := sending.send(hctx); err != nil {
			a.log.Error("sending a result failed", "job_id", j.ID, "err", err)
			panic(http.ErrAbortHandler) // the client must not mistake half a result for a whole one
		}
	}}, nil
}

// noResult says why a job that has ended has no result.
func noResult(j store.Job) error {
	why := "job %s ended as %s, without a result"
	if j.Error != nil {
		return problem.Newf(problem.NotFound, why+": %s", j.ID, j.State, j.Error.Detail)
	}
	return problem.Newf(problem.NotFound, why, j.ID, j.State)
}

// write writes the answer in a format.
func (s answerSource) write(ctx context.Context, w io.Writer, f forecasttable.Format) error {
	switch {
	case f == forecasttable.JSON:
		return s.writeJSON(ctx, w)
	case s.job.Spec.Backtest():
		return s.writeBacktest(ctx, w)
	case s.table == tablePaths:
		return s.writePaths(ctx, w, f)
	}
	return s.writeTable(ctx, w, f)
}

// writeTable writes a row for each step of each asset that has a forecast, and last of the portfolio, if its steps have times.
func (s answerSource) writeTable(ctx context.Context, w io.Writer, f forecasttable.Format) error {
	shape := forecasttable.ShapeOf(s.job.Spec, s.answer.Time)
	table, err := formats.New(w, f, shape)
	if err != nil {
		return err
	}
	for asset, err := range s.assets(ctx) {
		if f == forecasttable.CSV {
			guardAsset(&asset)
		}
		if err != nil {
			return err
		}
		if err := table.Write(shape.Rows(asset)); err != nil {
			return err
		}
	}
	whole := shape.Portfolio(s.answer)
	if f == forecasttable.CSV {
		whole.DS = timeCells(whole.DS)
	}
	if err := table.Write(whole); err != nil {
		return err
	}
	return table.Close()
}

// writeJSON writes the whole answer, with the assets of all parts in one list.
func (s answerSource) writeJSON(ctx context.Context, w io.Writer) error {
	head := s.answer
	head.Assets = nil
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	text = bytes.TrimSuffix(text, []byte("}"))
	if _, err := fmt.Fprintf(w, `%s,"assets":[`, text); err != nil {
		return err
	}
	first := true
	for body, err := range s.bodies(ctx) {
		if err != nil {
			return err
		}
		inner := bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("[")), []byte("]")))
		if len(inner) == 0 || string(inner) == "null" {
			continue
		}
		if !first {
			inner = append([]byte(","), inner...)
		}
		first = false
		if _, err := w.Write(inner); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "]}\n")
	return err
}
