package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

const line = `{"dataset":"prices","assets":["DAX"],"horizon":2}`

// A batch of JSON Lines is the batch of its jobs, under one key.
func TestBatchOfLines(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	body := "\uFEFF" + line + "\r\n\n" + strings.Replace(line, "DAX", "FTSE", 1)
	var first job.Batch
	for k, media := range []string{"application/x-ndjson", "application/jsonl", "application/x-jsonlines; charset=utf-8"} {
		got := s.send("POST", "/v1/batches?name=night", body, "Content-Type", media, "Idempotency-Key", "monday")
		var b job.Batch
		if err := json.Unmarshal([]byte(got.body), &b); err != nil || len(b.JobIDs) != 2 || b.Name != "night" {
			t.Fatalf("%s: got %d, %s, %v", media, got.status, got.body, err)
		}
		if k == 0 {
			first = b
		}
		if want := map[bool]int{true: http.StatusCreated, false: http.StatusOK}[k == 0]; got.status != want || b.ID != first.ID {
			t.Errorf("%s: got %d and batch %s, want %d and %s", media, got.status, b.ID, want, first.ID)
		}
	}
	if got := s.send("POST", "/v1/batches", `{"name":"night","jobs":[`+line+`,`+strings.Replace(line, "DAX", "FTSE", 1)+`]}`, "Content-Type", "application/json", "Idempotency-Key", "monday"); got.status != http.StatusOK {
		t.Errorf("the same as an object: got %d, %s", got.status, got.body)
	}
}

// All lines are accepted or none, and every fault is told.
func TestLinesWithFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	for name, c := range map[string]struct {
		body     string
		status   int
		pointers []string
	}{
		"two wrong jobs":        {line + "\n" + strings.Replace(line, "DAX", "X", 1) + "\n" + strings.Replace(line, ":2", ":0", 1), 422, []string{"/jobs/2/horizon", "/jobs/1/assets/0"}},
		"an unknown field":      {strings.Replace(line, "horizon", "steps", 1), 422, []string{"/jobs/0/horizon", "/jobs/0/steps"}},
		"not JSON":              {line + "\n\n{\"dataset\":\n\"prices\"}\n" + line, 400, []string{"line 3", "line 4"}},
		"half a job":            {"{\"dataset\":\"prices\"\n,\"horizon\":2}", 400, []string{"line 1", "line 2"}},
		"two jobs on a line":    {line + line, 400, []string{"line 1"}},
		"a list":                {"[" + line + "]", 422, []string{"/jobs/0"}},
		"nothing":               {"\n \n", 422, []string{"/jobs"}},
		"more than it may have": {strings.Repeat("1\n", 50_001), 422, nil},
	} {
		got := s.send("POST", "/v1/batches", c.body, "Content-Type", "application/x-ndjson")
		if got.status != c.status {
			t.Errorf("%s: got %d, %.500s, want %d", name, got.status, got.body, c.status)
		}
		for _, p := range c.pointers {
			if !strings.Contains(got.body, `"pointer":"`+p+`"`) {
				t.Errorf("%s: nothing points to %s in %.500s", name, p, got.body)
			}
		}
	}
	if got := s.send("POST", "/v1/batches", strings.Repeat(" ", maxJob+1), "Content-Type", "application/x-ndjson"); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: got %d", got.status)
	}
	if page, err := s.as(auth.Manager).BatchesPage(t.Context(), "", "", 0); err != nil || len(page.Items) > 0 {
		t.Errorf("there are %d batches, %v", len(page.Items), err)
	}
}

// The results and the errors of a batch are two files, whose lines name those of the request.
func TestFilesOfABatch(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	b, err := c.CreateBatch(t.Context(), batchOf(5), "")
	if err != nil {
		t.Fatal(err)
	}
	s.deliver()
	s.sent(b.JobIDs[4])
	s.queue.End(string(b.JobIDs[0]), doneResult(b.JobIDs[0]))
	s.queue.End(string(b.JobIDs[1]), message.Result{Outcome: message.Failed, Error: "bad luck"})
	s.queue.End(string(b.JobIDs[3]), doneResult(b.JobIDs[3]))
	for _, i := range []int{0, 1, 3} {
		if _, err := c.WaitJob(t.Context(), b.JobIDs[i], time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.CancelJob(t.Context(), b.JobIDs[4]); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WaitJob(t.Context(), b.JobIDs[4], time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RemoveJob(t.Context(), b.JobIDs[0], false); err != nil { // the others keep their lines
		t.Fatal(err)
	}
	output, errs := s.linesOf(b.ID, "output"), s.linesOf(b.ID, "errors")
	if diff := cmp.Diff([]string{"4 done"}, output.told); diff != "" {
		t.Errorf("output: %s", diff)
	}
	if diff := cmp.Diff([]string{"2 failed bad luck", "5 cancelled"}, errs.told); diff != "" {
		t.Errorf("errors: %s", diff)
	}
	result := s.send("GET", "/v1/jobs/"+string(b.JobIDs[3])+"/result", "", "Accept", "application/json")
	if got := string(output.results[0]); got != strings.TrimSpace(result.body) {
		t.Errorf("the result is %s, want %s", got, result.body)
	}
	if got := s.send("GET", "/v1/batches/00000000-0000-7000-8000-000000000000/output", ""); got.status != http.StatusNotFound {
		t.Errorf("without a batch: got %d", got.status)
	}
	if got := s.send("HEAD", "/v1/batches/"+string(b.ID)+"/output", ""); got.status != http.StatusOK || got.header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("HEAD: got %d, %v", got.status, got.header)
	}
}

// batchFileLines is what a file of a batch tells.
type batchFileLines struct {
	told    []string
	results []json.RawMessage
}

// linesOf reads a file of a batch.
func (s *service) linesOf(id job.BatchID, what string) (out batchFileLines) {
	s.Helper()
	var text bytes.Buffer
	if err := s.as(auth.Manager).BatchFile(s.Context(), id, what, &text); err != nil {
		s.Fatal(err)
	}
	for l := range strings.Lines(text.String()) {
		var one struct {
			Line   int             `json:"line"`
			Job    job.ID          `json:"job_id"`
			State  job.State       `json:"state"`
			Error  *job.Error      `json:"error"`
			Result json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal([]byte(l), &one); err != nil || one.Job == "" {
			s.Fatalf("the line %q: %v", l, err)
		}
		told := fmt.Sprint(one.Line, " ", one.State)
		if one.Error != nil {
			told += " " + one.Error.Detail
		}
		out.told = append(out.told, told)
		if one.Result != nil {
			out.results = append(out.results, one.Result)
		}
	}
	return out
}

// A large batch is accepted, counted beyond what the queue may be asked at once, and told in full.
func TestLargeBatch(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	const jobs = 2_500
	begin := time.Now()
	b, err := c.CreateBatch(t.Context(), batchOf(jobs), "large")
	if err != nil || len(b.JobIDs) != jobs {
		t.Fatal(len(b.JobIDs), err)
	}
	t.Logf("%d jobs took %v", jobs, time.Since(begin))
	s.deliver()
	s.sent(b.JobIDs[jobs-1])
	s.queue.Lease(string(b.JobIDs[jobs-1]), 0.5)
	if now, err := c.WaitBatch(t.Context(), b.ID, 10*time.Millisecond); err != nil || *now.Counts != (job.Counts{Queued: jobs - 1, Running: 1}) {
		t.Errorf("got %+v, %v", now.Counts, err)
	}
	if again, err := c.CreateBatch(t.Context(), batchOf(jobs), "large"); err != nil || again.ID != b.ID {
		t.Errorf("again: got %s, %v", again.ID, err)
	}
}
