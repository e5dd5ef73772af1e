package foliocast

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func TestBatchCommands(t *testing.T) {
	t.Parallel()
	b := job.Batch{ID: "n1", Name: "night", Owner: "ann", Size: 3, CreatedAt: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC), Counts: &job.Counts{Queued: 2, Done: 1}}
	ended, bad := b, b
	ended.Counts, bad.Counts = &job.Counts{Done: 2, Partial: 1}, &job.Counts{Done: 1, Failed: 1, Dead: 1}
	var got client.NewBatch
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/batches": inTurn(drop, func(w http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Error(err)
			}
			answer(http.StatusCreated, b)(w, r)
		}),
		"GET /v1/batches":           answer(http.StatusOK, client.Batches{Items: []job.Batch{b}}),
		"GET /v1/batches/n1":        inTurn(answer(http.StatusOK, b), answer(http.StatusOK, b), answer(http.StatusOK, ended), answer(http.StatusOK, bad)),
		"GET /v1/batches/n1/output": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{\"line\":1}\n")) },
		"GET /v1/batches/n1/errors": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{\"line\":2}\n")) },
		"DELETE /v1/batches/n1":     answer(http.StatusAccepted, b),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types(`{"dataset":"p","assets":["A"],"horizon":2}`+"\r\n\n"+`{"dataset":"p","horizon":3}`, "batch", "submit", "-", "--name", "night").check(t, exitOK, "n1\n", "")
	if got.Name != "night" || len(got.Jobs) != 2 || got.Jobs[1].Horizon != 3 || got.Jobs[1].Assets == nil {
		t.Errorf("the service got %+v", got)
	}
	p.types("", "batch", "list").check(t, exitOK, "n1     night     3  ann", "")
	p.types("", "batch", "show", "n1").check(t, exitOK, "queued   2", "")
	p.types("", "batch", "watch", "n1").check(t, exitOK, "partial  1", "")
	p.types("", "batch", "watch", "n1").check(t, exitJobEnded, "dead     1", "2 of the 3 jobs of batch n1 failed, died or were cancelled")
	p.types("", "batch", "cancel", "n1").check(t, exitOK, "n1", "")
	p.types("", "batch", "output", "n1").check(t, exitOK, "{\"line\":1}\n", "")
	p.types("", "batch", "errors", "n1").check(t, exitOK, "{\"line\":2}\n", "")
	p.types("", "batch", "show", "n2").check(t, exitNotFound, "", "there is no")
	p.types("{}\n{", "batch", "submit", "-").check(t, exitUsage, "", "line 2 of standard input does not hold a job: it ends in the middle of the JSON")
	p.types("\n", "batch", "submit", "-").check(t, exitUsage, "", "standard input does not hold a job: it is empty")
}
