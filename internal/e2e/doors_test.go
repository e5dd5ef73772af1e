package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/tabletest"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// doors compares what the two doors write: mpicalc run, which reads a file, and
// the data service, which stores the answer of mpicalc serve. For each kind of
// time all formats of both have the same bytes, and the rows are those of the JSON.
func (c *cluster) doors(t *testing.T) {
	for kind, text := range doorInputs() {
		t.Run(string(kind), func(t *testing.T) { c.compareDoors(t, kind, text) })
	}
}

// doorInputs are a file for each kind of time. Asset B ends before the others,
// and the last times of the file are on both sides of the turn of a year.
func doorInputs() map[job.TimeKind]string {
	inputs := map[job.TimeKind]string{}
	begin := time.Date(2024, 12, 1, 3, 0, 0, 0, time.UTC)
	for kind, form := range map[job.TimeKind]func(i int) string{
		job.TimeStep:     strconv.Itoa,
		job.TimeDate:     func(i int) string { return begin.AddDate(0, 0, i).Format("2006-01-02") },
		job.TimeDatetime: func(i int) string { return begin.Add(time.Duration(i) * time.Hour).Format("2006-01-02 15:04:05") },
		job.TimeInstant:  func(i int) string { return begin.Add(time.Duration(i) * time.Hour).Format("2006-01-02T15:04:05Z07:00") },
	} {
		var b strings.Builder
		b.WriteString("time,A,B,\"Ä, \"\"C\"\"\"\n")
		for i := range 40 {
			second := strconv.Itoa(50 + i*i%17)
			if i > 37 {
				second = ""
			}
			fmt.Fprintf(&b, "%s,%d,%s,%v\n", form(i), 100+3*i+i*i%5, second, 1/float64(i+3))
		}
		inputs[kind] = b.String()
	}
	return inputs
}

func (c *cluster) compareDoors(t *testing.T, kind job.TimeKind, text string) {
	dataset := "doors-" + string(kind)
	if err := c.upload(t.Context(), dataset, text); err != nil {
		t.Fatal(err)
	}
	var j job.Job
	spec := job.Spec{Dataset: dataset, Assets: []string{"*"}, Model: "ar", Horizon: 4, Levels: []float64{95, 80},
		Quantiles: []float64{0.9, 0.25}, Point: job.PointMedian, Integers: true, Explain: true}
	if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
		t.Fatal(err)
	}
	if got := c.waitJob(t, j.ID, time.Minute); got.State != job.Done {
		t.Fatalf("ended as %s: %v", got.State, got.Error)
	}
	dir := t.TempDir()
	input := filepath.Join(dir, "input.csv")
	if err := os.WriteFile(input, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	served := c.answer(t, j.ID)
	if kind == job.TimeDate {
		c.pageOfResults(t, j.ID)
	}
	if len(served.Assets[0].Parts["level"]) != 4 {
		t.Errorf("the parts of %q are %v", served.Assets[0].Asset, served.Assets[0].Parts)
	}
	rows := answerRows(served)
	if served.Time != kind || len(rows) != 1+4*4 {
		t.Errorf("the answer has times of the kind %q and %d rows, want %s and 17", served.Time, len(rows), kind)
	}
	if newest := served.Assets[0]; !slices.Equal(served.Overall.DS, newest.DS) || slices.Equal(served.Assets[1].DS, newest.DS) {
		t.Errorf("the overall forecast has the times %q, want those of %q, which ends after B: %q", served.Overall.DS, newest.Asset, newest.DS)
	}
	for i, f := range []forecasttable.Format{forecasttable.CSV, forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet} {
		output := filepath.Join(dir, "output."+string(f))
		ran := forecastFile(t, 1+i%2, input, output)
		ignored := cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Job" || p.String() == "Provenance" }, cmp.Ignore())
		if diff := cmp.Diff(served, ran, ignored); diff != "" {
			t.Errorf("JSON (-service +run):\n%s", diff)
		}
		file, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		for door, table := range map[string][]byte{"run": file, "the service": c.result(t, j.ID, f)} {
			got, err := tabletest.Read(f, table)
			if err != nil {
				t.Fatalf("%s of %s: %v", f, door, err)
			}
			if diff := cmp.Diff(rows, got); diff != "" {
				t.Errorf("%s of %s (-JSON +%s):\n%s", f, door, f, diff)
			}
		}
		if !bytes.Equal(file, c.result(t, j.ID, f)) {
			t.Errorf("%s of run has other bytes than that of the service", f)
		}
	}
}

// pageOfResults runs docs/results.md line by line on a job: the files that it fetches are the results.
func (c *cluster) pageOfResults(t *testing.T, id job.ID) {
	page, err := os.ReadFile("../../docs/results.md")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-e", "-c", strings.ReplaceAll(codeBlocks(string(page), "sh"), "http://127.0.0.1:8080", c.run.url("frontend")))
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "JOB="+string(id), "TOKEN="+c.token)
	text, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "Content-Type: text/csv") {
		t.Fatalf("%v: %s", err, text)
	}
	for _, f := range []forecasttable.Format{forecasttable.JSON, forecasttable.CSV, forecasttable.Parquet} {
		if got, err := os.ReadFile(filepath.Join(cmd.Dir, "forecast."+string(f))); err != nil || !bytes.Equal(got, c.result(t, id, f)) {
			t.Errorf("the page fetches other %s: %d bytes, %v", f, len(got), err)
		}
	}
}

// answerRows are the rows that a table of the answer must have.
func answerRows(a job.Answer) [][]string {
	exact := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	rows := [][]string{{"unique_id", "ds", "model", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "q-0.25", "q-0.9"}}
	for _, asset := range a.Assets {
		for k, when := range asset.DS {
			rows = append(rows, []string{asset.Asset, when, asset.Model, exact(asset.Mean[k]),
				exact(asset.Lo["80"][k]), exact(asset.Hi["80"][k]), exact(asset.Lo["95"][k]), exact(asset.Hi["95"][k]),
				exact(asset.Quantiles["0.25"][k]), exact(asset.Quantiles["0.9"][k])})
		}
	}
	for k, when := range a.Overall.DS {
		rows = append(rows, []string{"", when, "", exact(a.Overall.Mean[k]), exact(a.Overall.Lo["80"][k]), exact(a.Overall.Hi["80"][k]),
			exact(a.Overall.Lo["95"][k]), exact(a.Overall.Hi["95"][k]), exact(a.Overall.Quantiles["0.25"][k]), exact(a.Overall.Quantiles["0.9"][k])})
	}
	return rows
}

// forecastFile runs mpicalc run on np ranks with the specification of the job,
// and returns the answer that it prints.
func forecastFile(t *testing.T, np int, input, output string) job.Answer {
	t.Helper()
	cmd := exec.Command("mpirun", "-np", strconv.Itoa(np), "--oversubscribe", "--bind-to", "none", program(t, "mpicalc"), "run", "--input", input,
		"--model", "ar", "--horizon", "4", "--levels", "95,80", "--quantiles", "0.9,0.25", "--point", "median", "--integers", "--explain", "--with-assets", "--output", output)
	cmd.Env = append(os.Environ(), openMPI()...)
	var errText strings.Builder
	cmd.Stderr = &errText
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("mpicalc run: %v\n%s", err, errText.String())
	}
	var a job.Answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// answer fetches the result of a job as JSON.
func (c *cluster) answer(t *testing.T, id job.ID) job.Answer {
	t.Helper()
	var a job.Answer
	if err := json.Unmarshal(c.result(t, id, forecasttable.JSON), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// result fetches the result of a job in a format.
func (c *cluster) result(t *testing.T, id job.ID, f forecasttable.Format) []byte {
	t.Helper()
	var b strings.Builder
	header := http.Header{"Authorization": {"Bearer " + c.token}, "Accept": {f.MediaType()}}
	call := problem.Call{Method: "GET", URL: c.run.url("frontend") + "/v1/jobs/" + string(id) + "/result", Header: header, Into: &b}
	if _, err := call.Do(t.Context(), c.http); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// dates sees that the client shows the dates of a forecast, and that it writes
// the table of the service, by the ending of the output. The user is signed in.
func (c *cluster) dates(t *testing.T) {
	var a job.Answer
	text := c.foliocast(t, "job", "submit", "--dataset", "prices", "--assets", "A,B", "--horizon", "2", "--model", "drift", "--levels", "", "--wait", "--json")
	if err := json.Unmarshal([]byte(text), &a); err != nil || a.Job == "" {
		t.Fatalf("%v in %s", err, text)
	}
	// A rises and B falls by one a day until 2020-04-29.
	want := `ASSET    MODEL  SKILL        DATE  MEAN
A        drift         2020-04-30   220
                       2020-05-01   221
B        drift         2020-04-30    80
                       2020-05-01    79
overall                2020-04-30   150
                       2020-05-01   150
`
	if diff := cmp.Diff(want, c.foliocast(t, "job", "result", string(a.Job))); diff != "" {
		t.Errorf("job result (-want +got):\n%s", diff)
	}
	for _, ending := range []forecasttable.Format{forecasttable.CSV, forecasttable.Parquet} {
		output := filepath.Join(t.TempDir(), "r."+string(ending))
		c.foliocast(t, "job", "result", string(a.Job), "--output", output)
		if got, err := os.ReadFile(output); err != nil || !bytes.Equal(got, c.result(t, a.Job, ending)) {
			t.Errorf("job result --output r.%s: %d bytes, %v, not those of the service", ending, len(got), err)
		}
	}
}
