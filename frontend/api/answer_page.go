package api

import (
	"context"
	"fmt"
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

// fill puts the assets that were asked for on a page.
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
		all := s.answer.Assets
		if s.result.Parts > 0 {
			p := s.part(ctx, part)
			if p.err != nil {
				return p.err
			}
			all = p.assets
		}
		for i := min(skip, len(all)); i < len(all); i++ {
			if len(in.Asset) > 0 && !slices.Contains(in.Asset, all[i].Asset) {
				continue
			}
			if len(page.Assets) == in.Limit {
				page.Next = fmt.Sprintf("%d.%d", part, i)
				return nil
			}
			page.Assets = append(page.Assets, all[i])
		}
		if len(in.Asset) > 0 && len(page.Assets) == len(in.Asset) { // names are unique
			break
		}
	}
	return nil
}

// partsWith lists the parts of an answer that may have one of the assets; all of them when no asset is named. The one asset of a page may
// be in the last of many parts, and to decode them all would take seconds.
func (s answerSource) partsWith(ctx context.Context, assets []string) ([]int, error) {
	if s.result.Parts > 1 && len(assets) == 1 && !strings.ContainsFunc(assets[0], escapable) {
		return s.store.PartsWith(ctx, s.job.ID, s.result.Run, `"`+assets[0]+`"`)
	}
	all := make([]int, max(s.result.Parts, 1))
	for i := range all {
		all[i] = i
	}
	return all, nil
}

// escapable reports whether there is more than one way to write a character in JSON that programs use.
func escapable(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"\/<>&`, r) }

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
