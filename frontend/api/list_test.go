package api

import (
	"encoding/base64"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/serve/servetest"
)

func TestJobPages(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	var want []job.ID
	for range 5 {
		want = append([]job.ID{s.submit().ID}, want...)
	}
	c := s.as(auth.Manager)
	var got []job.ID
	for cursor := ""; ; {
		page, err := c.JobsPage(t.Context(), client.JobFilter{Dataset: "prices", Owner: "tester", States: []job.State{job.Queued, job.Running}}, cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Items {
			got = append(got, j.ID)
		}
		s.submit() // new ones arrive all the time
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	n := 0
	for _, err := range c.Jobs(t.Context(), client.JobFilter{States: []job.State{job.Done}}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 0 {
		t.Errorf("%d jobs are done", n)
	}
	for _, q := range []string{"cursor=x", "cursor=%00", "cursor=" + base64.RawURLEncoding.EncodeToString([]byte("99999999999999999,x")),
		"cursor=" + base64.RawURLEncoding.EncodeToString([]byte("-1,00000000-0000-7000-8000-000000000000")),
		"sort=x", "sort=-submitted,ended", "sort=duration&owner=tester", "sort=-duration&dataset=prices", "sort=ended&batch=00000000-0000-7000-8000-000000000000", "sort=ended&id=019a",
		"sort=ended&cursor=" + cursorOf(store.Cursor{ID: "00000000-0000-7000-8000-000000000000"}, job.ByNewest), "sort=dataset&cursor=" + cursorOf(store.Cursor{ID: "00000000-0000-7000-8000-000000000000"}, job.ByDataset),
		"limit=0", "limit=501", "limit=x", "state=gone", "state=queued,running", "owner=%00", "owner=%ff", "dataset=%00", "dataset=A",
		"id=019", "id=019x", "id=019a1b2c3", "id=019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b0", "id=%00%00%00%00", "id=019a&owner=tester", "id=019a&state=done"} {
		if got := s.send("GET", "/v1/jobs?"+q, ""); got.status != http.StatusUnprocessableEntity || len(got.pointers()) == 0 {
			t.Errorf("%s: got %d: %s", q, got.status, got.body)
		}
	}
}

// Ids begin with the time: what was submitted together begins alike.
func TestListsByTheBeginningOfAnID(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	batch, err := c.CreateBatch(t.Context(), batchOf(2), "")
	if err != nil {
		t.Fatal(err)
	}
	first := string(batch.JobIDs[0])
	for _, same := range []string{first, strings.ToUpper(first), first[:len(first)-1]} {
		if got, err := c.JobsByID(t.Context(), same, 9); err != nil || len(got) != 1 || string(got[0].ID) != first || got[0].Batch != batch.ID {
			t.Errorf("%s: got %v, %v", same, got, err)
		}
	}
	for limit, want := range map[int]int{1: 1, 9: 2} {
		if got, err := c.JobsByID(t.Context(), first[:4], limit); err != nil || len(got) != want || got[0].ID != batch.JobIDs[1] {
			t.Errorf("%d: got %v, %v", limit, got, err)
		}
	}
	if got, err := c.BatchesByID(t.Context(), string(batch.ID[:20]), 9); err != nil || len(got) != 1 || got[0].ID != batch.ID {
		t.Errorf("got %v, %v", got, err)
	}
	for _, list := range []string{"jobs", "batches"} {
		if got := s.send("GET", "/v1/"+list+"?id=ffff", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"items":[]`) {
			t.Errorf("%s: got %d: %s", list, got.status, got.body)
		}
	}
	if got := s.send("GET", "/v1/batches?id=ffff&owner=tester", ""); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "must stand alone") {
		t.Errorf("got %d: %s", got.status, got.body)
	}
}

func TestRunningJobIsFoundByItsState(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	waiting, running := s.submit(), s.submit()
	s.sent(waiting.ID)
	s.sent(running.ID)
	s.queue.Lease(string(running.ID), 0.5)
	for state, want := range map[job.State]job.ID{job.Queued: waiting.ID, job.Running: running.ID} {
		page, err := s.as(auth.Manager).JobsPage(t.Context(), client.JobFilter{States: []job.State{state}}, "", 0)
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != want || page.Items[0].State != state {
			t.Errorf("%s: got %+v, %v", state, page.Items, err)
		}
	}
}

func TestWaitForTheEnd(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	j := s.submit()
	s.sent(j.ID)
	c := s.as(auth.Manager)
	if got, err := c.WaitJob(t.Context(), j.ID, 20*time.Millisecond); err != nil || got.State != job.Queued {
		t.Errorf("after a wait without an end: got %s, %v", got.State, err)
	}
	type outcome struct {
		client.Snapshot
		error
	}
	came := make(chan outcome, 3)
	for range cap(came) {
		go func() {
			got, err := c.WaitJob(t.Context(), j.ID, time.Minute)
			came <- outcome{got, err}
		}()
	}
	hub := s.api.backend.Load().Events
	servetest.Until(t, "they wait", func() bool { return hub.Waiting(j.ID) == cap(came) })
	begin := time.Now()
	s.queue.End(string(j.ID), doneResult(j.ID))
	for range cap(came) {
		if got := <-came; got.error != nil || got.State != job.Done {
			t.Errorf("got %s, %v", got.State, got.error)
		}
	}
	if took := time.Since(begin); took > pollEvery {
		t.Errorf("they were answered after %v: nothing woke them", took)
	}
	if n := hub.Waiting(j.ID); n > 0 {
		t.Errorf("%d still wait for a job that has ended", n)
	}
}

func TestWaits(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	j := s.submit()
	for _, wait := range []string{"x", "-1s", "61s", "30", "1h"} {
		if got := s.send("GET", "/v1/jobs/"+string(j.ID)+"?wait="+wait, ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("wait=%s: got %d", wait, got.status)
		}
	}
	if got := s.send("GET", "/v1/jobs/00000000-0000-7000-8000-000000000000?wait=30s", ""); got.status != http.StatusNotFound {
		t.Errorf("an unknown job: got %d", got.status)
	}
	for _, id := range []string{"x", "%7B00000000-0000-7000-8000-000000000000%7D", "%00", "00000000-0000-7000-8000-00000000000%ff"} {
		if got := s.send("GET", "/v1/jobs/"+id, ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d: %s", id, got.status, got.body)
		}
	}
	if got := s.send("GET", "/v1/jobs/"+strings.ToUpper(string(j.ID)), ""); got.status != http.StatusOK {
		t.Errorf("capitals: got %d", got.status)
	}
}

// Each order goes on where a page ended, and has the jobs that have a place in it.
func TestJobsInOrder(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	s.upload("a", smallCSV)
	var ids []job.ID
	for n, dataset := range []string{"prices", "a", "prices", "prices"} {
		j, err := s.as(auth.Manager).CreateJob(t.Context(), job.Spec{Dataset: dataset, Assets: []string{"*"}, Horizon: 1}, "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, j.ID)
		if n == 3 {
			continue // it waits
		}
		end := time.Date(2026, 1, 2, 3, 30-n, 0, 0, time.UTC) // the first submitted is the last to end
		begin := end.Add(-time.Duration(1+n%2) * time.Second)
		if err := s.store.End(t.Context(), store.Outcome{Job: j.ID, Run: 1, State: job.Failed, StartedAt: &begin, EndedAt: &end}); err != nil {
			t.Fatal(err)
		}
	}
	for order, want := range map[job.Order][]int{job.BySubmission: {0, 1, 2, 3}, "-submitted": {3, 2, 1, 0}, job.ByEnd: {2, 1, 0}, "-ended": {0, 1, 2}, job.ByDataset: {1, 0, 2, 3}, "-dataset": {3, 2, 0, 1}, job.ByDuration: {0, 2, 1}, "-duration": {1, 2, 0}} {
		var got []int
		cursor := ""
		for more := true; more; more = cursor != "" {
			page, err := s.as(auth.Manager).JobsPage(t.Context(), client.JobFilter{Order: order}, cursor, 1)
			if err != nil {
				t.Fatal(order, err)
			}
			for _, j := range page.Items {
				got = append(got, slices.Index(ids, j.ID))
			}
			cursor = page.Next
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", order, d)
		}
	}
}

func TestFilterAcceptsEveryOrder(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[jobsInput]().FieldByName("Sort")
	var orders []string
	for _, o := range job.Orders() {
		orders = append(orders, string(o))
	}
	if got, want := field.Tag.Get("enum"), strings.Join(orders, ","); got != want || field.Tag.Get("default") != string(job.ByNewest) {
		t.Errorf("the list takes %s, want %s", got, want)
	}
}

func TestFilterAcceptsEveryState(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[jobsInput]().FieldByName("State")
	var states []string
	for _, s := range job.States() {
		states = append(states, string(s))
	}
	if got, want := field.Tag.Get("enum"), strings.Join(states, ","); got != want {
		t.Errorf("the filter takes %s, want %s", got, want)
	}
	if got, want := field.Tag.Get("maxItems"), strconv.Itoa(len(states)); got != want {
		t.Errorf("the filter takes %s states at once, want %s", got, want)
	}
}
