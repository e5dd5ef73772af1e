package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

func TestBacktestsWithFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	for name, c := range map[string]struct {
		fields   string
		pointers []string
		detail   string
	}{
		"no origins":        {`"kind":"backtest"`, []string{"/origins"}, "must be 1 to 1000, is 0"},
		"too many for data": {`"kind":"backtest","origins":2`, []string{"/origins"}, "must be at most 1, is 2: the longest series has 3 values, and each origin holds out 1 more after the first 2"},
		"too long a way":    {`"kind":"backtest","origins":1,"to":"2024-01-02"`, []string{"/origins"}, "no series is long enough: 3 values are needed to hold out 1 after the first 2, and the longest has 2"},
		"no such model":     {`"kind":"backtest","origins":1,"models":["auto","magic"]`, []string{"/models/1"}, ""},
		"weights":           {`"kind":"backtest","origins":1,"weights":{"DAX":1,"FTSE":1}`, []string{"/weights"}, ""},
		"another kind":      {`"kind":"guess"`, []string{"/kind"}, ""},
		"of a forecast":     {`"models":["auto"]`, []string{"/models"}, ""},
		"no list":           {`"kind":"backtest","origins":1,"by":"length"`, []string{"/by"}, ""},
	} {
		got := s.send("POST", "/v1/jobs", portfolioJob+c.fields+"}", "Content-Type", "application/json")
		if diff := cmp.Diff(got.pointers(), c.pointers); got.status != http.StatusUnprocessableEntity || diff != "" {
			t.Errorf("%s: status %d, pointers (-got +want)\n%s", name, got.status, diff)
			continue
		}
		if c.detail != "" && got.problem.Faults[0].Detail != c.detail {
			t.Errorf("%s: %s", name, got.problem.Faults[0].Detail)
		}
	}
}

// The number of assets that a star stands for is known to the dataset alone.
func TestABacktestOfAllAssetsIsBounded(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var text strings.Builder
	text.WriteString("unique_id,ds,y\n")
	for i := range 501 {
		fmt.Fprintf(&text, "A%d,2024-01-01,1\n", i)
	}
	s.upload("many", text.String())
	got := s.send("POST", "/v1/jobs", `{"dataset":"many","assets":["*"],"horizon":1,"kind":"backtest","origins":1000,"models":["auto","naive"]}`, "Content-Type", "application/json")
	const want = "must be fewer, or the assets or models: 1000 origins × 501 assets × 2 models make 1002000 forecasts, more than the limit of 1000000"
	if got.status != http.StatusUnprocessableEntity || len(got.problem.Faults) == 0 || got.problem.Faults[0].Detail != want {
		t.Errorf("%d: %s", got.status, got.body)
	}
}

// backtestResult is an answer with two rows of DAX.
func backtestResult(id job.ID) message.Result {
	one, half := 1.0, 0.5
	text, err := json.Marshal(job.Answer{Job: id, State: job.Done, Time: job.TimeDate,
		Backtest: &job.Backtest{Scores: []job.Score{{Model: "naive", Series: 1, Forecasts: 2, SMAPE: &one, MASE: &half, OWA: &one}}},
		Assets: []job.Asset{{Asset: "DAX", Kind: "n<50", Measured: []job.Evaluation{
			{Origin: "2024-01-02", Model: "naive", Used: "naive", Values: 1, SMAPE: &one, MASE: &half, Coverage: map[string]*float64{"80": &one}},
			{Origin: "2024-01-01", Model: "naive", Values: 1, Error: "one value"},
		}}}})
	if err != nil {
		panic(err)
	}
	return message.Result{Outcome: message.Completed, Result: text}
}

func TestResultOfABacktest(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	spec := spec()
	spec.Kind, spec.Origins, spec.Models, spec.Horizon, spec.Levels = job.KindBacktest, 1, []string{"naive"}, 1, []float64{80}
	var ids []job.ID
	for _, rows := range []bool{true, false} {
		spec.BySeries = rows
		j, err := s.as(auth.Manager).CreateJob(t.Context(), spec, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(j.Spec.Quantiles) != 9 {
			t.Errorf("the quantiles of the job are %v, want the deciles", j.Spec.Quantiles)
		}
		s.end(j.ID, backtestResult(j.ID))
		ids = append(ids, j.ID)
	}
	path := "/v1/jobs/" + string(ids[0]) + "/result"
	const scores = "model,series,forecasts,smape,mase,owa,wql\nnaive,1,2,1,0.5,1,\n"
	const rows = "unique_id,kind,origin,model,used,members,values,smape,mase,wql,coverage-80,msis-80,error\n" +
		"DAX,n<50,2024-01-02,naive,naive,,1,1,0.5,,1,,\nDAX,n<50,2024-01-01,naive,,,1,,,,,,one value\n"
	for _, c := range []struct {
		path, accept, want string
		status             int
	}{
		{path, csvMedia, scores, 200},
		{path + "?table=scores", csvMedia, scores, 200},
		{path + "?table=series", csvMedia, rows, 200},
		{path, parquetMedia, "", 406},
		{path, parquetMedia + ", text/csv;q=0.5", scores, 200},
		{path + "?table=all", csvMedia, "", 422},
		{"/v1/jobs/" + string(ids[1]) + "/result?table=series", csvMedia, "", 404},
	} {
		got := s.send("GET", c.path, "", "Accept", c.accept)
		if got.status != c.status || c.status == 200 && got.body != c.want {
			t.Errorf("%s as %s: %d with %q", c.path, c.accept, got.status, got.body)
		}
	}
	answer, err := s.as(auth.Manager).Answer(t.Context(), ids[0])
	if err != nil || answer.Backtest == nil || len(answer.Backtest.Scores) != 1 || len(answer.Assets[0].Measured) != 2 || answer.Overall != nil {
		t.Errorf("%v, %+v", err, answer)
	}

	other := s.submit()
	s.end(other.ID, doneResult(other.ID))
	got := s.send("GET", "/v1/jobs/"+string(other.ID)+"/result?table=scores", "", "Accept", csvMedia)
	if diff := cmp.Diff(got.pointers(), []string{"table"}); got.status != 422 || diff != "" {
		t.Errorf("the table of a forecast: %d, %s", got.status, got.body)
	}
}

// The table of a backtest of risk has the lines of the portfolio, of all assets and of each.
func TestResultOfABacktestOfRisk(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	spec := spec()
	spec.Kind, spec.Origins, spec.Models, spec.Horizon, spec.Levels, spec.Risk = job.KindBacktest, 1, []string{"naive"}, 1, []float64{80}, []float64{95}
	j, err := s.as(auth.Manager).CreateJob(t.Context(), spec, "")
	if err != nil {
		t.Fatal(err)
	}
	steps := []job.RiskStep{{Step: 1, Values: 1, Tails: map[string]job.TailScore{"95": {Hits: 1, Expected: 0.05}}, PIT: []int{}}}
	text, err := json.Marshal(job.Answer{Job: j.ID, State: job.Done, Time: job.TimeDate, Backtest: &job.Backtest{Scores: []job.Score{}, Risk: &job.BacktestRisk{Model: "naive", Origins: 1, Assets: steps, Passed: []job.RiskTests{}}},
		Assets: []job.Asset{{Asset: "=DAX", Risk: steps}}})
	if err != nil {
		t.Fatal(err)
	}
	s.end(j.ID, message.Result{Outcome: message.Completed, Result: text})
	got := s.send("GET", "/v1/jobs/"+string(j.ID)+"/result", "", "Accept", csvMedia)
	_, lines, _ := strings.Cut(got.body, "\n")
	if want := "(all assets),1,risk,95,1,,,,,,1,0.05,,,,,,\n'=DAX,1,risk,95,1,,,,,,1,0.05,,,,,,\n"; got.status != http.StatusOK || lines != want {
		t.Errorf("%d with %q, want the lines %q", got.status, got.body, want)
	}
	answer, err := s.as(auth.Manager).Answer(t.Context(), j.ID)
	if err != nil || answer.Backtest.Risk == nil || len(answer.Assets[0].Risk) != 1 {
		t.Errorf("%v: %+v", err, answer)
	}
}
