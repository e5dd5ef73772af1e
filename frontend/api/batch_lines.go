package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/internal/problem"
	"foliocast/internal/series/format"
)

// linesMedia are the media types of JSON Lines. The first is documented.
func linesMedia() []string {
	return []string{format.JSONLines, "application/jsonl", "application/x-jsonlines"}
}

// jsonLines lets a body of JSON Lines, with a job on each, be the list jobs of the body that the operation takes.
func jsonLines(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		media, _, _ := mime.ParseMediaType(ctx.Header("Content-Type"))
		if !slices.Contains(linesMedia(), media) {
			next(ctx)
			return
		}
		g := humagin.Unwrap(ctx)
		_ = ctx.SetReadDeadline(time.Now().Add(requestTime))
		body, err := io.ReadAll(io.LimitReader(g.Request.Body, maxJob+1))
		switch {
		case err != nil:
			err = problem.New(problem.Malformed, "the body did not arrive whole").Because(err)
		case len(body) > maxJob:
			err = problem.Newf(problem.TooLarge, "the body may have at most %d bytes", maxJob)
		default:
			body, err = listOf(body)
		}
		if err != nil {
			refuse(api, ctx, err)
			return
		}
		g.Request.Body, g.Request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		g.Request.Header.Set("Content-Type", "application/json")
		g.Request.Header.Set("Content-Length", strconv.Itoa(len(body)))
		next(ctx)
	}
}

// refuse answers with a problem.
func refuse(api huma.API, ctx huma.Context, err error) {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		huma.WriteErr(api, ctx, p.Status, p.Detail, reported{p})
		return
	}
	huma.WriteErr(api, ctx, http.StatusInternalServerError, "", err)
}

// listOf makes a list of lines. It skips those without anything, and returns a problem for those that are not JSON.
func listOf(lines []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(lines)+16), `{"jobs":[`...)
	var faults []problem.Fault
	number, some := 0, false
	for line := range bytes.Lines(bytes.TrimPrefix(lines, []byte("\uFEFF"))) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if !json.Valid(line) {
			faults = append(faults, problem.Fault{Pointer: fmt.Sprintf("line %d", number), Detail: "is not JSON: each line has a job, and ends at its line break"})
		}
		if some {
			out = append(out, ',')
		}
		out, some = append(out, line...), true
	}
	if len(faults) > 0 {
		return nil, problem.New(problem.Malformed, "the body is not JSON Lines", faults...)
	}
	return append(out, `]}`...), nil
}

// documentLines adds JSON Lines to the document of the operation.
func documentLines(api huma.API) {
	op := api.OpenAPI().Paths["/v1/batches"].Post
	op.RequestBody.Content[format.JSONLines] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "A job on each line"}}
}
