package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func (a *API) registerAnswerPage(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs/{id}/answer", OperationID: "job-answer",
		Summary: "Show the result of a job page by page",
		Description: "The result that GET /v1/jobs/{id}/result has, with a page of its assets in place of all. Answers 409 when the job has not ended, " +
			"and 404 when it ended without a result."}, auth.JobsRead, requestTime, a.answerPage)
}

type answerPageInput struct {
	JobRef
	Asset  []string `query:"asset,explode" maxItems:"100" doc:"Only these assets, by their names"`
	Brief  bool     `query:"brief" doc:"Leave out what an asset has for each step, what a backtest measured of each forecast, and the paths and covariances of the portfolio"`
	Sketch int      `query:"sketch" minimum:"0" maximum:"100" doc:"Add sketches of the assets for small pictures, each with at most so many values before the forecast and so many of its steps"`
	Cursor string   `query:"cursor" pattern:"^([0-9]{1,6}[.][0-9]{1,9})?$" patternDescription:"the field next of a page" doc:"Where to continue: the field next of the page before"`
	Limit  int      `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// finished finds a job that has ended, and its result.
func finished(ctx context.Context, b *Backend, id job.ID) (s answerSource, err error) {
	s.store = b.Store
	if s.job, err = b.Store.Job(ctx, id); err != nil {
		return s, err
	}
	if !s.job.State.Final() {
		return s, problem.Newf(problem.Conflict, "job %s has not ended: wait for it with ?wait=30s", id)
	}
	found := false
	if s.result, found, err = b.Store.Result(ctx, id); err != nil {
		return s, err
	}
	if !found {
		return s, noResult(s.job)
	}
	if s.answer, err = job.ParseAnswer(s.result.Answer); err != nil {
		return s, fmt.Errorf("read the answer of job %s: %w", id, err)
	}
	return s, nil
}

func (a *API) answerPage(ctx context.Context, b *Backend, in *answerPageInput) (*bodied[client.AnswerPage], error) {
	s, err := finished(ctx, b, in.id())
	if err != nil {
		return nil, err
	}
	page := client.AnswerPage{Answer: s.answer}
	page.Assets = []job.Asset{}
	if page.Overall != nil && in.Brief {
		page.Overall.Paths, page.Overall.Covariance = nil, nil
	}
	if err := s.fill(ctx, &page, in); err != nil {
		return nil, err
	}
	if in.Sketch > 0 {
		page.Sketches = sketches(b, s.job, page.Assets, in.Sketch)
	}
	if in.Brief {
		for i, a := range page.Assets {
			page.Assets[i] = shortened(a)
		}
	}
	return &bodied[client.AnswerPage]{page}, nil
}

// fill puts the assets that were asked for on a page. It decodes no others: a part has thousands.
func (s answerSource) fill(ctx context.Context, page *client.AnswerPage, in *answerPageInput) error {
	first, skip := placeOf(in.Cursor)
	parts, err := s.partsWith(ctx, in.Asset)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if part < first {
			continue
		}
		if part > first {
			skip = 0
		}
		at := -1
		for asset, err := range s.assetsOf(ctx, part, skip, in.Asset) {
			if at++; err != nil {
				return err
			}
			if asset == nil || at < skip || len(in.Asset) > 0 && !slices.Contains(in.Asset, asset.Asset) {
				continue
			}
			if len(page.Assets) == in.Limit {
				page.Next = fmt.Sprintf("%d.%d", part, at)
				return nil
			}
			page.Assets = append(page.Assets, *asset)
		}
		if len(in.Asset) > 0 && len(page.Assets) == len(in.Asset) { // names are unique
			break
		}
	}
	return nil
}

// assetsOf yields the assets of a part of the answer, with nil for those before skip and for those that are not one of the names, which
// it need not decode. Without names it yields all.
func (s answerSource) assetsOf(ctx context.Context, part, skip int, names []string) iter.Seq2[*job.Asset, error] {
	return func(yield func(*job.Asset, error) bool) {
		if s.result.Parts == 0 {
			for i := range s.answer.Assets {
				if !yield(&s.answer.Assets[i], nil) {
					return
				}
			}
			return
		}
		body, err := s.store.Part(ctx, s.job.ID, s.result.Run, part)
		if err != nil {
			yield(nil, err)
			return
		}
		lines := json.NewDecoder(bytes.NewReader(body))
		if _, err := lines.Token(); err != nil { // the bracket
			yield(nil, fmt.Errorf("read part %d of job %s: %w", part, s.job.ID, err))
			return
		}
		for i := 0; lines.More(); i++ {
			var raw json.RawMessage
			var asset *job.Asset
			err := lines.Decode(&raw)
			if err == nil && i >= skip && mayBe(raw, names) {
				err = json.Unmarshal(raw, &asset)
			}
			if err != nil {
				err = fmt.Errorf("read part %d of job %s: %w", part, s.job.ID, err)
			}
			if !yield(asset, err) || err != nil {
				return
			}
		}
	}
}

// mayBe reports whether the JSON of an asset may be that of one of the names, or whether there are no names.
func mayBe(raw []byte, names []string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
		text := inJSON(name)
		return text == nil || bytes.Contains(raw, text)
	})
}

// partsWith lists the parts of an answer that may have one of the assets; all of them when no asset is named, or several.
func (s answerSource) partsWith(ctx context.Context, assets []string) ([]int, error) {
	if s.result.Parts > 1 && len(assets) == 1 {
		return s.store.PartsWith(ctx, s.job.ID, s.result.Run, assets[0], inJSON(assets[0]))
	}
	all := make([]int, max(s.result.Parts, 1))
	for i := range all {
		all[i] = i
	}
	return all, nil
}

// inJSON is the name of an asset as JSON has it, or nil when there is more than one way to write one of its characters that programs use.
func inJSON(name string) []byte {
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"\/<>&`, r) }) {
		return nil
	}
	return []byte(`"` + name + `"`)
}

// placeOf reads a cursor: a part, and an asset in it.
func placeOf(cursor string) (part, asset int) {
	before, after, _ := strings.Cut(cursor, ".")
	part, _ = strconv.Atoi(before) // it matches its pattern
	asset, _ = strconv.Atoi(after)
	return part, asset
}

// shortened is an asset without what it has for each step.
func shortened(a job.Asset) job.Asset {
	a.DS, a.Mean, a.Lo, a.Hi, a.Quantiles, a.Parts, a.Measured, a.Band, a.Paths, a.Risk = nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
	return a
}
