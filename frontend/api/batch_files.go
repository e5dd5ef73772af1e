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

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series/format"
	"foliocast/internal/serve"
)

func (a *API) registerBatchFiles(api huma.API) {
	const soFar = " Lines are in the order of the request; what has not ended yet has none: wait for the batch first. The answer is sent with gzip or zstd as Accept-Encoding says."
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/batches/{id}/output", OperationID: "batch-output",
		Summary:     "Fetch the results of a batch as JSON Lines",
		Description: "A line for each job that has a result, which is as in /v1/jobs/{id}/result, with the line of the request, from 1, the job's id and its state." + soFar,
		Responses:   described("The results", format.JSONLines)}, auth.JobsRead, requestTime, a.batchOutput)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/batches/{id}/errors", OperationID: "batch-errors",
		Summary:     "Fetch the errors of a batch as JSON Lines",
		Description: "A line for each job that ended without a result, with the line of the request, from 1, the job's id, its state and its error." + soFar,
		Responses:   described("The errors", format.JSONLines)}, auth.JobsRead, requestTime, a.batchErrors)
}

type batchFileInput struct {
	BatchRef
	AcceptEncoding string `header:"Accept-Encoding" doc:"gzip and zstd are possible"`
}

// batchLine is what the lines of both files begin with.
type batchLine struct {
	Line  int        `json:"line"`
	Job   job.ID     `json:"job_id"`
	State job.State  `json:"state"`
	Error *job.Error `json:"error,omitempty"`
}

// hasResult reports whether a job in the state has a result.
func hasResult(s job.State) bool { return s == job.Done || s == job.Partial }

func (a *API) batchOutput(ctx context.Context, b *Backend, in *batchFileInput) (*huma.StreamResponse, error) {
	return a.batchFile(ctx, b, in, "output", func(ctx context.Context, m store.Member, out *bufio.Writer) error {
		if !hasResult(m.State) {
			return nil
		}
		source, err := finished(ctx, b, m.ID)
		if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Conflict) {
			return nil // it was removed or retried meanwhile
		}
		if err != nil {
			return err
		}
		head, err := json.Marshal(batchLine{Line: m.Line, Job: m.ID, State: source.job.State})
		if err != nil {
			return fmt.Errorf("encode a line: %w", err)
		}
		if _, err := fmt.Fprintf(out, `%s,"result":`, bytes.TrimSuffix(head, []byte("}"))); err != nil {
			return err
		}
		if err := source.writeJSON(ctx, oneLine{out}); err != nil {
			return err
		}
		_, err = out.WriteString("}\n")
		return err
	})
}

func (a *API) batchErrors(ctx context.Context, b *Backend, in *batchFileInput) (*huma.StreamResponse, error) {
	return a.batchFile(ctx, b, in, "errors", func(_ context.Context, m store.Member, out *bufio.Writer) error {
		if hasResult(m.State) || !m.State.Final() {
			return nil
		}
		text, err := json.Marshal(batchLine{m.Line, m.ID, m.State, m.Error})
		if err != nil {
			return fmt.Errorf("encode a line: %w", err)
		}
		_, err = out.Write(append(text, '\n'))
		return err
	})
}

// batchFile answers with the lines that write makes of the jobs of a batch.
func (a *API) batchFile(ctx context.Context, b *Backend, in *batchFileInput, what string, write func(context.Context, store.Member, *bufio.Writer) error) (*huma.StreamResponse, error) {
	batch, members, err := b.Store.Batch(ctx, in.id())
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		g := humagin.Unwrap(hctx)
		h := g.Writer.Header()
		h.Set("Content-Type", format.JSONLines)
		h.Set("Content-Disposition", serve.Attachment("batch-"+string(batch.ID)+"-"+what+".jsonl"))
		var failed error
		packed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				return
			}
			out := bufio.NewWriterSize(w, 64<<10)
			for _, m := range members {
				if failed = errors.Join(hctx.Context().Err(), failed); failed != nil {
					return
				}
				failed = write(hctx.Context(), m, out)
			}
			failed = errors.Join(failed, out.Flush())
		})).ServeHTTP(g.Writer, g.Request)
		if failed != nil {
			a.log.Error("sending a file of a batch failed", "batch_id", batch.ID, "err", failed)
			panic(http.ErrAbortHandler) // the client must not mistake a part of it for the whole
		}
	}}, nil
}

// oneLine writes JSON without its line breaks, which no text in JSON has.
type oneLine struct{ out io.Writer }

func (o oneLine) Write(p []byte) (int, error) {
	for part := range bytes.SplitSeq(p, []byte("\n")) {
		if _, err := o.out.Write(part); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
