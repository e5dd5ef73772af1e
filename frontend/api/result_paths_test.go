package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/tabletest"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// The paths of the assets, which may come in parts, and last those of the portfolio. A name in CSV is no formula.
func TestPathsAreATableOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	asked := spec()
	asked.Paths, asked.Seed = 2, 7
	for _, parts := range []bool{false, true} {
		j, err := c.CreateJob(t.Context(), asked, "")
		if err != nil || j.Spec.Paths != 2 || j.Spec.Seed != 7 {
			t.Fatal(err, j.Spec)
		}
		answer := answerFor(j.ID)
		answer.Overall.Paths, answer.Overall.Origins = [][]float64{{1, 2}, {3, 4}}, 500
		answer.Assets[0].Asset, answer.Assets[0].Paths = "=DAX", [][]float64{{5, 6.5}, {7, 8}}
		whole := answer
		var bodies []string
		if parts {
			for _, a := range answer.Assets {
				text, err := json.Marshal([]job.Asset{a})
				if err != nil {
					t.Fatal(err)
				}
				bodies = append(bodies, string(text))
			}
			whole.Assets = nil
		}
		text, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		s.end(j.ID, message.Result{Outcome: message.Completed, Result: text}, bodies...)
		if got, err := c.Answer(t.Context(), j.ID); err != nil || cmp.Diff(answer, got) != "" {
			t.Errorf("as JSON: %v %s", err, cmp.Diff(answer, got))
		}
		want := [][]string{
			{"unique_id", "path", "ds", "value"},
			{"=DAX", "0", "2024-01-04", "5"}, {"=DAX", "0", "2024-01-05", "6.5"}, {"=DAX", "1", "2024-01-04", "7"}, {"=DAX", "1", "2024-01-05", "8"},
			{"", "0", "2024-01-04", "1"}, {"", "0", "2024-01-05", "2"}, {"", "1", "2024-01-04", "3"}, {"", "1", "2024-01-05", "4"},
		}
		for _, f := range []forecasttable.Format{forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet, forecasttable.CSV} {
			var body bytes.Buffer
			if err := c.PathsResult(t.Context(), j.ID, f.MediaType(), &body); err != nil {
				t.Fatal(err)
			}
			if f == forecasttable.CSV {
				for _, row := range want[1:5] {
					row[0] = "'=DAX"
				}
			}
			got, err := tabletest.Read(f, body.Bytes())
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%s: %v (-want +got)\n%s", f, err, d)
			}
		}
		path := "/v1/jobs/" + string(j.ID) + "/result?table=paths"
		if got := s.send("GET", path, "", "Accept", "*/*"); got.header.Get("Content-Type") != csvMedia {
			t.Errorf("a client that takes all gets %d %s", got.status, got.header.Get("Content-Type"))
		}
		if got := s.send("GET", path, "", "Accept", "application/json"); got.status != http.StatusNotAcceptable {
			t.Errorf("as JSON: got %d %s", got.status, got.body)
		}
	}
}

func TestPathsThatAJobDoesNotHave(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(doneResult)
	for path, want := range map[string]int{"?table=paths": http.StatusNotFound, "?table=series": http.StatusUnprocessableEntity, "?table=x": http.StatusUnprocessableEntity} {
		if got := s.send("GET", "/v1/jobs/"+string(id)+"/result"+path, "", "Accept", "text/csv"); got.status != want {
			t.Errorf("%s: got %d %s, want %d", path, got.status, got.body, want)
		}
	}
	body := `{"dataset":"prices","assets":["*"],"horizon":1000,"paths":501}`
	if got := s.send("POST", "/v1/jobs", body); got.status != http.StatusUnprocessableEntity {
		t.Errorf("too many paths: got %d %s", got.status, got.body)
	}
}
