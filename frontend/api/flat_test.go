package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/job"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// flatForecast is what NixtlaClient sends for two series.
const flatForecast = `{"series":{"y":[1,2,3,10,20],"sizes":[3,2],"X":null,"X_future":null,"start_datetime":["2024-01-01","2024-01-02"]},"model":"timegpt-2.1","h":2,
	"freq":"D","clean_ex_first":true,"level":[80],"finetune_steps":0,"finetune_depth":1,"finetune_loss":"default","finetuned_model_id":null,"feature_contributions":false,"multivariate":false}`

// postFlat sends a request in the flat form.
func (s *service) postFlat(operation, body string, pairs ...string) answer {
	s.Helper()
	return s.send("POST", "/nixtla/v2/"+operation, body, append([]string{"Content-Type", "application/json"}, pairs...)...)
}

// naiveWorld answers every job at the queue as long as the test lasts: each asset is forecast to stay at its last value, with an interval of
// one on each side.
func (s *service) naiveWorld() {
	s.Helper()
	s.deliver()
	stop := make(chan struct{})
	var over sync.WaitGroup
	over.Go(func() {
		done := map[string]bool{}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			for _, key := range s.queue.Keys() {
				if !done[key] {
					done[key] = true
					s.queue.End(key, s.naive(s.queue.Message(key).Payload))
				}
			}
		}
	})
	s.Cleanup(func() { close(stop); over.Wait() })
}

func (s *service) naive(payload []byte) message.Result {
	var task job.Task
	if err := json.Unmarshal(payload, &task); err != nil {
		s.Error(err)
		return message.Result{Outcome: message.Failed}
	}
	table, done, err := s.archive.Table(task.Dataset.SHA256)
	if err != nil {
		s.Error(err)
		return message.Result{Outcome: message.Failed}
	}
	defer done()
	a := job.Answer{Job: task.Job, State: job.Done, Time: job.TimeDate}
	for i, name := range table.Names() {
		values := table.Values(i)
		one := job.Asset{Asset: name, Model: "naive", Lo: map[string][]float64{}, Hi: map[string][]float64{}}
		for range task.Spec.Horizon {
			last := values[len(values)-1]
			one.Mean = append(one.Mean, last)
			for _, l := range task.Spec.Levels {
				one.Lo[job.Level(l)], one.Hi[job.Level(l)] = append(one.Lo[job.Level(l)], last-1), append(one.Hi[job.Level(l)], last+1)
			}
		}
		a.Assets = append(a.Assets, one)
	}
	text, err := json.Marshal(a)
	if err != nil {
		s.Error(err)
	}
	return message.Result{Outcome: message.Completed, Result: text}
}

// versionsLeft are the versions of datasets that requests have left.
func (s *service) versionsLeft() int {
	s.Helper()
	all, err := s.store.Requested(s.Context(), 0)
	if err != nil {
		s.Fatal(err)
	}
	return len(all)
}

func TestFlatForecast(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.naiveWorld()
	got := s.postFlat("forecast", flatForecast)
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" {
		t.Fatalf("got %d, %v: %s", got.status, got.header, got.body)
	}
	jobs := s.jobs()
	if len(jobs) != 1 || jobs[0].State != job.Done || jobs[0].Owner != "tester" || !strings.HasPrefix(jobs[0].Dataset.Name, "nixtla-") {
		t.Fatalf("the jobs are %+v", jobs)
	}
	want := `{"mean":[3,3,20,20],"intervals":{"hi-80":[4,4,21,21],"lo-80":[2,2,19,19]},"weights_x":null,"feature_contributions":null,"job_id":"` + string(jobs[0].ID) + `"}`
	if d := cmp.Diff(want, got.body); d != "" {
		t.Error(d)
	}
	servetest.Until(t, "the dataset is gone", func() bool { return s.versionsLeft() == 0 })
	var told []string
	for _, e := range audittest.List(t, s.store.Trail, audit.Filter{}) {
		told = append(told, e.Action+" by "+e.Actor.Name)
	}
	if d := cmp.Diff([]string{"remove-dataset by tester", "create-job by tester", "upload-dataset by tester"}, told); d != "" {
		t.Error(d)
	}
}

func TestFlatOperations(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.naiveWorld()
	const series = `"series":{"y":[1,1,1,1,1,1,1,1,1,9,1,1],"sizes":[12]},"freq":"MS"`
	for operation, c := range map[string]struct{ body, want string }{
		"cross_validation":         {`{` + series + `,"h":2,"n_windows":2,"step_size":1}`, `"mean":[1,1,9,9],"sizes":[4],"idxs":[9,10,10,11]`},
		"historic_forecast":        {`{` + series + `,"level":[90]}`, `"mean":[1,1,1,1,9,1],"sizes":[6],"idxs":[6,7,8,9,10,11]`},
		"anomaly_detection":        {`{` + series + `,"level":99}`, `"anomaly":[false,false,false,true,true,false]`},
		"online_anomaly_detection": {`{` + series + `,"level":99,"h":1,"detection_size":3,"threshold_method":"univariate"}`, `"anomaly":[true,true,false]`},
	} {
		if got := s.postFlat(operation, c.body); got.status != http.StatusOK || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: got %d %s, want %s", operation, got.status, got.body, c.want)
		}
	}
}

func TestFlatBodies(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.naiveWorld()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	var long strings.Builder
	for i := range 40_000 { // of six characters, so that they are packed and no small body
		fmt.Fprintf(&long, ",%d", 10_000+i*7919%89_999)
	}
	body := `{"series":{"y":[` + long.String()[1:] + `],"sizes":[40000]},"freq":"h","h":1}`
	if got := s.postFlat("forecast", string(w.EncodeAll([]byte(body), nil)), "Content-Encoding", "zstd"); got.status != http.StatusOK {
		t.Errorf("zstd: got %d %s", got.status, got.body)
	}
	bomb := w.EncodeAll([]byte(`{"series":{"y":[`+strings.Repeat("0,", 1<<20)+`0],"sizes":[1048577]},"freq":"h","h":1}`), nil)
	for name, c := range map[string]struct {
		body     string
		encoding string
		status   int
	}{
		"a bomb":             {string(bomb), "zstd", http.StatusRequestEntityTooLarge},
		"no zstd":            {body, "zstd", http.StatusBadRequest},
		"another encoding":   {body, "br", http.StatusUnsupportedMediaType},
		"no JSON":            {"{", "", http.StatusBadRequest},
		"no body":            {"", "", http.StatusUnprocessableEntity},
		"a fault":            {`{"series":{"y":[1],"sizes":[1]},"h":0,"freq":"D"}`, "", http.StatusUnprocessableEntity},
		"a fine-tuned model": {`{"finetuned_model_id":"mine"}`, "", http.StatusNotFound},
	} {
		if got := s.postFlat("forecast", c.body, "Content-Encoding", c.encoding); got.status != c.status {
			t.Errorf("%s: got %d %s, want %d", name, got.status, got.body, c.status)
		}
	}
	servetest.Until(t, "nothing is left of them", func() bool { return s.versionsLeft() == 0 })
}

// While nobody computes, a request ends with 503, and what repeats it waits for the same job. When it is not repeated, the job is
// cancelled and its dataset removed.
func TestFlatRequestIsRepeated(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.api.flights.wait, s.api.flights.grace = 200*time.Millisecond, time.Minute
	var first sync.WaitGroup
	for range 3 {
		first.Go(func() {
			if got := s.postFlat("forecast", flatForecast); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") != "1" {
				t.Errorf("got %d %v %s", got.status, got.header, got.body)
			}
		})
	}
	first.Wait()
	if n := len(s.jobs()); n != 1 {
		t.Fatalf("three equal requests made %d jobs", n)
	}
	s.api.flights.grace = 50 * time.Millisecond
	if got := s.postFlat("forecast", flatForecast); got.status != http.StatusServiceUnavailable {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if n := len(s.jobs()); n != 1 {
		t.Errorf("with a repetition there are %d jobs", n)
	}
	servetest.Until(t, "the job is cancelled", func() bool { all := s.jobs(); return all[0].State == job.Cancelled || all[0].Cancelling })
	if got := s.postFlat("forecast", flatForecast); got.status != http.StatusServiceUnavailable || len(s.jobs()) != 2 {
		t.Errorf("after that: got %d %s, and %d jobs, want a new one", got.status, got.body, len(s.jobs()))
	}
}

// A caller who hangs up leaves neither a job nor a dataset.
func TestFlatCallerHangsUp(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.api.flights.grace = 10 * time.Millisecond
	ctx, hangUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", s.url+"/nixtla/v2/forecast", strings.NewReader(flatForecast))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	var asked sync.WaitGroup
	asked.Go(func() {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			t.Error("nobody computes, and there was an answer")
		}
	})
	servetest.Until(t, "there is a job", func() bool { return len(s.jobs()) == 1 })
	hangUp()
	asked.Wait()
	servetest.Until(t, "the job is cancelled and the dataset gone", func() bool {
		all := s.jobs()
		return len(all) == 1 && all[0].State == job.Cancelled && s.versionsLeft() == 0
	})
}

func TestFlatFailure(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	var got answer
	var asked sync.WaitGroup
	asked.Go(func() { got = s.postFlat("forecast", flatForecast) })
	servetest.Until(t, "there is a job", func() bool { return len(s.jobs()) == 1 })
	id := s.jobs()[0].ID
	text, err := json.Marshal(job.Answer{Job: id, State: job.Failed, Error: &job.Error{Code: "invalid", Detail: `asset "2.5.0.2": is hopeless, and on_error is fail`}})
	if err != nil {
		t.Fatal(err)
	}
	s.end(id, message.Result{Outcome: message.Completed, Result: text})
	asked.Wait()
	if got.status != http.StatusUnprocessableEntity || !strings.HasSuffix(got.problem.Detail, "failed: series 2: is hopeless") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestFlatJobs(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	var submitted struct {
		ID     job.ID `json:"job_id"`
		Status string
		Result json.RawMessage
	}
	into := func(a answer, status int) {
		t.Helper()
		if err := json.Unmarshal([]byte(a.body), &submitted); err != nil || a.status != status {
			t.Fatalf("got %d %s, %v", a.status, a.body, err)
		}
	}
	into(s.postFlat("forecast/async", flatForecast), http.StatusAccepted)
	path := "/nixtla/v2/forecast/jobs/" + string(submitted.ID)
	if into(s.send("GET", path, ""), http.StatusOK); submitted.Status != "pending" || string(submitted.Result) != "null" {
		t.Errorf("at first it is %+v", submitted)
	}
	s.naiveWorld()
	servetest.Until(t, "it has succeeded", func() bool {
		into(s.send("GET", path, ""), http.StatusOK)
		return submitted.Status == "succeeded"
	})
	if !strings.Contains(string(submitted.Result), `"mean":[3,3,20,20]`) || s.versionsLeft() != 0 {
		t.Errorf("the result is %s, and %d datasets are left", submitted.Result, s.versionsLeft())
	}
	if into(s.send("POST", "/nixtla/v2/async/jobs/"+string(submitted.ID)+"/cancel", ""), http.StatusOK); submitted.Status != "succeeded" {
		t.Errorf("cancelled after its end it is %+v", submitted)
	}
	other := s.submit().ID
	for _, address := range []string{"GET /nixtla/v2/forecast/jobs/" + string(other), "POST /nixtla/v2/async/jobs/" + string(other) + "/cancel", "GET /nixtla/v2/forecast/jobs/01890a5d-ac96-774b-bcce-b302099a8057"} {
		method, path, _ := strings.Cut(address, " ")
		if got := s.send(method, path, ""); got.status != http.StatusNotFound {
			t.Errorf("%s: got %d %s", address, got.status, got.body)
		}
	}
}

func TestFlatJobIsCancelled(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got := s.postFlat("cross_validation/async", `{"series":{"y":[1,2,3],"sizes":[3]},"h":1,"n_windows":1,"freq":"MS"}`)
	var submitted struct {
		ID job.ID `json:"job_id"`
	}
	if err := json.Unmarshal([]byte(got.body), &submitted); err != nil || got.status != http.StatusAccepted {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if got = s.send("POST", "/nixtla/v2/async/jobs/"+string(submitted.ID)+"/cancel", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"cancelled"`) {
		t.Errorf("got %d %s", got.status, got.body)
	}
	got = s.send("GET", "/nixtla/v2/cross_validation/jobs/"+string(submitted.ID), "")
	if got.status != http.StatusOK || !strings.Contains(got.body, `"status":"cancelled","result":null,"error":"job `) || s.versionsLeft() != 0 {
		t.Errorf("got %d %s, and %d datasets are left", got.status, got.body, s.versionsLeft())
	}
}

// All that the clients ask is answered in JSON.
func TestFlatFacts(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, c := range []struct {
		method, path, want string
		status             int
		pairs              []string
	}{
		{"GET", "/nixtla/model_params?model=timegpt-2.1&freq=D", `{"detail":{"input_size":100000,"horizon":1000}}`, 200, nil},
		{"GET", "/nixtla/model_params?model=timegpt-1&freq=D", `{"detail":{"input_size":64,"horizon":1}}`, 200, []string{"User-Agent", "nixtlar"}},
		{"GET", "/nixtla/validate_api_key", `{"detail":"the token of tester is valid"}`, 200, nil},
		{"GET", "/nixtla/validate_token", `{"detail":"the token of tester is valid"}`, 200, nil},
		{"GET", "/nixtla/validate_api_key", `"detail":"`, 401, []string{"Authorization", "Bearer nonsense"}},
		{"GET", "/nixtla/usage", `{"jobs":{"used":0,"limit":0},"bytes":{"used":0,"limit":0}}`, 200, nil},
		{"POST", "/nixtla/v2/finetune", `"detail":"`, 404, nil},
		{"GET", "/nixtla/v2/finetuned_models", `"detail":"`, 404, nil},
		{"DELETE", "/nixtla/v2/finetuned_models/mine", `"detail":"`, 404, nil},
		{"GET", "/nixtla/v2/forecast", `"detail":"`, 405, nil},
		{"GET", "/nixtla/", `"detail":"`, 404, nil},
	} {
		got := s.send(c.method, c.path, "", c.pairs...)
		if got.status != c.status || !strings.Contains(got.body, c.want) || !json.Valid([]byte(got.body)) {
			t.Errorf("%s %s: got %d %s, want %d %s", c.method, c.path, got.status, got.body, c.status, c.want)
		}
	}
}
