package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// batchOf is a batch of good jobs.
func batchOf(n int) client.NewBatch {
	b := client.NewBatch{Name: "night"}
	for range n {
		b.Jobs = append(b.Jobs, spec())
	}
	return b
}

// listed are the ids of a batch's jobs as the list of jobs has them, in the order of the request.
func (s *service) listed(id job.BatchID) []job.ID {
	s.Helper()
	var ids []job.ID
	for j, err := range s.as(auth.Manager).Jobs(s.Context(), client.JobFilter{Batch: id}) {
		if err != nil || j.Batch != id {
			s.Fatal(j.Batch, err)
		}
		ids = append(ids, j.ID)
	}
	slices.Reverse(ids)
	return ids
}

func TestBatch(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	other := s.submit()
	b, err := c.CreateBatch(t.Context(), batchOf(3), "")
	if err != nil || len(b.JobIDs) != 3 || *b.Counts != (job.Counts{Queued: 3}) || b.Size != 3 || b.Owner != "tester" {
		t.Fatalf("got %+v, %v", b, err)
	}
	if got := s.listed(b.ID); !slices.Equal(got, b.JobIDs) {
		t.Errorf("the list has %q, want %q", got, b.JobIDs)
	}
	s.deliver()
	s.sent(b.JobIDs[2])
	s.queue.Lease(string(b.JobIDs[0]), 0.5)
	s.queue.End(string(b.JobIDs[1]), message.Result{Outcome: message.Failed, Error: "bad luck"})
	if _, err := c.WaitJob(t.Context(), b.JobIDs[1], time.Minute); err != nil {
		t.Fatal(err)
	}
	if now, err := c.WaitBatch(t.Context(), b.ID, 0); err != nil || *now.Counts != (job.Counts{Queued: 1, Running: 1, Failed: 1}) {
		t.Errorf("in between: got %+v, %v", now.Counts, err)
	}
	ended := make(chan error, 1)
	go func() {
		now, err := c.WaitBatch(t.Context(), b.ID, time.Minute)
		if err == nil && *now.Counts != (job.Counts{Done: 2, Failed: 1}) {
			err = fmt.Errorf("at the end: got %+v", now.Counts)
		}
		ended <- err
	}()
	for _, i := range []int{0, 2} {
		s.queue.End(string(b.JobIDs[i]), doneResult(b.JobIDs[i]))
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if j, err := c.Job(t.Context(), other.ID); err != nil || j.Batch != "" || j.State.Final() {
		t.Errorf("the other job: %+v, %v", j, err)
	}
}

func TestBatchIsAllOrNone(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute, Quotas: Quotas{Jobs: 4}})
	s.upload("prices", smallCSV)
	none := func(when string) {
		t.Helper()
		for j, err := range s.as(auth.Manager).Jobs(t.Context(), client.JobFilter{}) {
			t.Errorf("%s, there is job %s, %v", when, j.ID, err)
		}
		if page, err := s.as(auth.Manager).BatchesPage(t.Context(), "", "", 0); err != nil || len(page.Items) > 0 {
			t.Errorf("%s, there are %d batches, %v", when, len(page.Items), err)
		}
	}
	good := `{"dataset":"prices","assets":["DAX"],"horizon":2}`
	got := s.send("POST", "/v1/batches", `{"jobs":[`+good+`,{"dataset":"prices","assets":["X"],"horizon":2},{"dataset":"nothing","assets":["DAX"],"horizon":0}]}`, "Content-Type", "application/json")
	pointers := got.pointers()
	slices.Sort(pointers)
	if want := []string{"/jobs/1/assets/0", "/jobs/2/dataset", "/jobs/2/horizon"}; got.status != http.StatusUnprocessableEntity || !slices.Equal(slices.Compact(pointers), want) {
		t.Errorf("got %d %s, want faults of %q", got.status, got.body, want)
	}
	none("after faults")
	for name, body := range map[string]string{"no jobs": `{"jobs":[]}`, "too many": `{"jobs":[` + strings.Repeat(good+",", 50_000) + good + `]}`, "null": `{"jobs":null}`} {
		if got := s.send("POST", "/v1/batches", body, "Content-Type", "application/json"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	if _, err := s.as(auth.Manager).CreateBatch(t.Context(), batchOf(5), ""); !problem.Is(err, problem.TooMany) {
		t.Errorf("more than the quota: %v", err)
	}
	none("after a quota")
	// A job of the batch is refused by the store alone.
	if _, err := s.pool.Exec(t.Context(), "ALTER TABLE job ADD CONSTRAINT job_none_check CHECK (spec->>'horizon' <> '7')"); err != nil {
		t.Fatal(err)
	}
	bad := batchOf(3)
	bad.Jobs[2].Horizon = 7
	if _, err := s.as(auth.Manager).CreateBatch(t.Context(), bad, ""); err == nil {
		t.Error("no error")
	}
	none("after an error")
}

func TestBatchIsRepeated(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	made := make([]job.Batch, 6)
	var group errgroup.Group
	c := s.as(auth.Manager)
	for i := range made {
		group.Go(func() (err error) { made[i], err = c.CreateBatch(t.Context(), batchOf(3), "k"); return err })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, b := range made {
		if b.ID != made[0].ID || !slices.Equal(b.JobIDs, made[0].JobIDs) || len(b.JobIDs) != 3 {
			t.Errorf("got %+v, want %+v", b, made[0])
		}
	}
	s.api.limits.Jobs = 1 // a repetition is no further batch
	if b, err := c.CreateBatch(t.Context(), batchOf(3), "k"); err != nil || b.ID != made[0].ID {
		t.Errorf("beyond the quota: %s, %v", b.ID, err)
	}
	s.api.limits.Jobs = 0
	if _, err := c.CreateBatch(t.Context(), batchOf(2), "k"); !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), string(made[0].ID)) {
		t.Errorf("another batch under the same key: %v", err)
	}
	if _, err := c.RemoveDataset(t.Context(), "prices", 0, false); err == nil {
		t.Error("a dataset in use was removed")
	}
}

func TestBatchIsCancelled(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	b, err := c.CreateBatch(t.Context(), batchOf(3), "")
	if err != nil {
		t.Fatal(err)
	}
	s.deliver()
	s.sent(b.JobIDs[2])
	s.queue.End(string(b.JobIDs[0]), doneResult(b.JobIDs[0]))
	if _, err := c.WaitJob(t.Context(), b.JobIDs[0], time.Minute); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second changes nothing
		if _, err = c.CancelBatch(t.Context(), b.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range b.JobIDs[1:] {
		s.queue.End(string(id), message.Result{Outcome: message.Cancelled})
	}
	if now, err := c.WaitBatch(t.Context(), b.ID, time.Minute); err != nil || *now.Counts != (job.Counts{Done: 1, Cancelled: 2}) {
		t.Errorf("got %+v, %v", now.Counts, err)
	}
	if _, err := c.CancelBatch(t.Context(), "00000000-0000-7000-8000-000000000000"); !problem.Is(err, problem.NotFound) {
		t.Errorf("no batch: %v", err)
	}
	// It is removed with the last of its jobs.
	for i, id := range b.JobIDs {
		if _, err := c.WaitBatch(t.Context(), b.ID, 0); err != nil {
			t.Errorf("after %d jobs are removed: %v", i, err)
		}
		if _, err := c.RemoveJob(t.Context(), id, false); err != nil {
			t.Fatal(err)
		}
		if err := s.store.RemoveEmptyBatches(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.WaitBatch(t.Context(), b.ID, 0); !problem.Is(err, problem.NotFound) {
		t.Errorf("after all are removed: %v", err)
	}
}

// The largest batch is stored in one request, and listed in pages.
func TestLargestBatch(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	b, err := c.CreateBatch(t.Context(), batchOf(1000), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.listed(b.ID); !slices.Equal(got, b.JobIDs) {
		t.Errorf("the list has %d jobs in another order, want %d", len(got), len(b.JobIDs))
	}
	small, err := c.CreateBatch(t.Context(), batchOf(1), "")
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.BatchesPage(t.Context(), "tester", "", 1)
	if err != nil || len(first.Items) != 1 || first.Items[0].ID != small.ID || first.Next == "" {
		t.Fatalf("the first page: %+v, %v", first, err)
	}
	second, err := c.BatchesPage(t.Context(), "tester", first.Next, 1)
	if err != nil || len(second.Items) != 1 || second.Items[0].ID != b.ID || second.Next != "" || second.Items[0].Size != 1000 {
		t.Errorf("the second page: %+v, %v", second, err)
	}
	if none, err := c.BatchesPage(t.Context(), "nobody", "", 0); err != nil || len(none.Items) > 0 {
		t.Errorf("of nobody: %+v, %v", none, err)
	}
	begun := time.Now()
	if now, err := c.CancelBatch(t.Context(), b.ID); err != nil || *now.Counts != (job.Counts{Cancelled: 1000}) {
		t.Errorf("cancelled: %+v, %v", now.Counts, err)
	}
	t.Logf("cancelled in %s", time.Since(begun))
}
