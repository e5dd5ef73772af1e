package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// jsonMedia is the media type of an answer as it is.
const jsonMedia = "application/json"

// resultMedia lists what a result can be written as, the default first.
func resultMedia() []string {
	return []string{jsonMedia, csvMedia, arrowStreamMedia, arrowFileMedia}
}

func (a *API) registerResult(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs/{id}/result", OperationID: "job-result",
		Summary: "Fetch the result of a job",
		Description: "As JSON, or as a table with the columns unique_id, ds, model, mean and lo-L, hi-L for each level L, by the header Accept. " +
			"A job that has not ended is 409, one that ended without a result 404.",
		Responses: described("The result", resultMedia()...)}, auth.JobsRead, requestTime, a.result)
}

type resultInput struct {
	JobRef
	Accept string `header:"Accept" doc:"Media types"`
}

func (a *API) result(ctx context.Context, b *Backend, in *resultInput) (*huma.StreamResponse, error) {
	media := negotiate(in.Accept, resultMedia())
	if media == "" {
		return nil, problem.Newf(problem.NotAccepted, "a result is written as %s", strings.Join(resultMedia(), " or "))
	}
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return nil, err
	}
	if !j.State.Final() {
		return nil, problem.Newf(problem.Conflict, "job %s has not ended: wait for it with ?wait=30s", j.ID)
	}
	r, found, err := b.Store.Result(ctx, j.ID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, noResult(j)
	}
	answer, err := job.ParseAnswer(r.Answer)
	if err != nil {
		return nil, fmt.Errorf("read the answer of job %s: %w", j.ID, err)
	}
	write := writeJSON
	if media != jsonMedia {
		// What cannot be opened is said before the first byte.
		table, err := openTable(b, j)
		if err != nil {
			return nil, err
		}
		write = table.as(media)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		hctx.SetHeader("Content-Type", media)
		w := newSteady(humagin.Unwrap(hctx).Writer)
		defer w.end()
		out := bufio.NewWriterSize(w, 64<<10)
		source := answerSource{b.Store, j, r, answer}
		if err := errors.Join(write(hctx.Context(), out, source), out.Flush()); err != nil {
			a.log.Error("a result broke off", "job_id", j.ID, "err", err)
			panic(http.ErrAbortHandler) // the client must not take half a result for a whole one
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

// writeJSON writes the whole answer, with the assets of all parts in one list.
func writeJSON(ctx context.Context, w io.Writer, s answerSource) error {
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
