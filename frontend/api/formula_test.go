package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
	"foliocast/queue/message"
)

// A spreadsheet that opens an answer as CSV runs no name as a formula (OWASP, CSV Injection); numbers stay numbers, and reading
// the file again gives the names.
func TestNamesAreNoFormulas(t *testing.T) {
	t.Parallel()
	s := newService(t)
	names := []string{`=HYPERLINK("http://x","y")`, "+1", "-2", "@ES", "'=x", "''@y", "'plain", "DAX"}
	id := s.ended(func(id job.ID) message.Result {
		a := answerFor(id)
		a.Assets, a.Overall = nil, nil
		for _, name := range names {
			a.Assets = append(a.Assets, job.Asset{Asset: name, Model: "=1+1", Members: []job.Member{{Name: "=2+2", Weight: 1}}, DS: []string{"=1+2", "-5"}, Mean: []float64{-7, 8}})
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return message.Result{Outcome: message.Completed, Result: text}
	})
	var b bytes.Buffer
	if err := s.as(auth.Manager).Result(t.Context(), id, "text/csv", &b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for _, text := range []string{row[0], row[2], row[len(row)-1]} {
			if strings.ContainsAny(text[:1], "=+-@\t\r") {
				t.Errorf("the cell %q is a formula", text)
			}
		}
		if row[1] != "'=1+2" && row[1] != "-5" {
			t.Errorf("the time is %q", row[1])
		}
		if row[3] != "-7" && row[3] != "8" {
			t.Errorf("the number is %q", row[3])
		}
	}
	dated := strings.NewReplacer("'=1+2", "-6").Replace(b.String())
	table, _ := seriestest.ReadText(t, dated, series.Options{ID: "unique_id", Time: "ds", Value: "mean"})
	guarded := []string{`'=HYPERLINK("http://x","y")`, "'+1", "'-2", "'@ES", "''=x", "'''@y", "'plain", "DAX"}
	if got := table.Names(); !slices.Equal(got, guarded) {
		t.Errorf("read again: got %q, want %q", got, guarded)
	}
	var answer job.Answer
	if answer, err = s.as(auth.Manager).Answer(t.Context(), id); err != nil || answer.Assets[0].Asset != names[0] {
		t.Errorf("JSON: got %q, %v", answer.Assets[0].Asset, err)
	}
}

// Nor is any text in the tables of a backtest, whatever the worker says.
func TestBacktestsHaveNoFormulas(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	spec := spec()
	spec.Kind, spec.Origins, spec.Models, spec.Horizon, spec.BySeries = job.KindBacktest, 1, []string{"naive"}, 1, true
	j, err := s.as(auth.Manager).CreateJob(t.Context(), spec, "")
	if err != nil {
		t.Fatal(err)
	}
	const formula = "=1+1"
	scores, against := []job.Score{{Model: formula}}, job.Comparison{A: formula, B: formula}
	text, err := json.Marshal(job.Answer{Job: j.ID, State: job.Done, Time: job.TimeDate,
		Backtest: &job.Backtest{Scores: scores, Comparison: &against, Kinds: []job.KindScores{{Kind: formula, Scores: scores, Comparison: &against}}},
		Assets: []job.Asset{{Asset: formula, Kind: formula, Measured: []job.Evaluation{
			{Origin: formula, Model: formula, Used: formula, Members: []job.Member{{Name: formula}}, Error: formula}}}}})
	if err != nil {
		t.Fatal(err)
	}
	s.end(j.ID, message.Result{Outcome: message.Completed, Result: text})
	for table, want := range map[string]int{"scores": 5, "series": 7} {
		got := s.send("GET", "/v1/jobs/"+string(j.ID)+"/result?table="+table, "", "Accept", csvMedia)
		if strings.Count(got.body, "'"+formula) != want || strings.Count(got.body, formula) != want {
			t.Errorf("%s: got %d %s", table, got.status, got.body)
		}
	}
}
