package api

import (
	"errors"
	"net/http"
	"os"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

func TestRemoveDatasetsAndJobs(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(doneResult)
	v, err := s.store.Version(t.Context(), "prices", 0)
	if err != nil {
		t.Fatal(err)
	}
	busy := s.submit()
	secretary, manager := s.as(auth.Secretary), s.as(auth.Manager)
	if _, err := secretary.RemoveDataset(t.Context(), "prices", 1, false); !problem.Is(err, problem.Conflict) {
		t.Errorf("while a job uses it: got %v", err)
	}
	if _, err := manager.RemoveJob(t.Context(), busy.ID, false); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job in flight: got %v", err)
	}
	if _, err := manager.CancelJob(t.Context(), busy.ID); err != nil {
		t.Fatal(err)
	}
	servetest.Until(t, "the job has ended, which the queue may have had already", func() bool {
		j, err := s.store.Job(t.Context(), busy.ID)
		return err == nil && j.State.Final()
	})
	file := func() error { _, err := s.archive.File(v.SHA256); return err }
	if r, err := secretary.RemoveDataset(t.Context(), "prices", 0, true); err != nil || !r.DryRun || len(r.Versions) != 1 || r.Bytes != v.Bytes || file() != nil {
		t.Errorf("dry: got %+v, %v, %v", r, err, file())
	}
	if r, err := secretary.RemoveDataset(t.Context(), "prices", 0, false); err != nil || r.DryRun || len(r.Versions) != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	if err := file(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its file: got %v", err)
	}
	if got := s.send("GET", "/v1/datasets/prices", ""); got.status != http.StatusNotFound {
		t.Errorf("got %d", got.status)
	}
	if _, err := manager.Answer(t.Context(), id); err != nil {
		t.Errorf("the result of its job: %v", err)
	}
	if _, err := manager.RetryJob(t.Context(), busy.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job without its data: got %v", err)
	}
	if r, err := manager.RemoveJob(t.Context(), id, true); err != nil || r.Job != id {
		t.Errorf("dry: got %+v, %v", r, err)
	}
	if _, err := manager.RemoveJob(t.Context(), id, false); err != nil {
		t.Error(err)
	}
	if _, err := manager.Job(t.Context(), id); !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v", err)
	}
}
