package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// inParts ends a job with an answer whose assets are in parts.
func (s *service) inParts(id job.ID, parts ...[]job.Asset) {
	s.Helper()
	for i, assets := range parts {
		text, err := json.Marshal(assets)
		if err != nil {
			s.Fatal(err)
		}
		var names []string // of every other part, as those of programs from before have none
		for _, a := range assets {
			if i%2 == 0 {
				names = append(names, a.Asset)
			}
		}
		if err := s.store.PutPart(s.Context(), id, 1, i, text, names...); err != nil {
			s.Fatal(err)
		}
	}
	answer, err := json.Marshal(job.Answer{Job: id, State: job.Done, Overall: &job.Forecast{Mean: []float64{1}}})
	if err != nil {
		s.Fatal(err)
	}
	if err := s.store.End(s.Context(), store.Outcome{Job: id, Run: 1, State: job.Done, Answer: answer, Parts: len(parts)}); err != nil {
		s.Fatal(err)
	}
}

func TestAnswerPages(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	j := s.submit()
	c := s.as(auth.Manager)
	if _, err := c.AnswerPage(t.Context(), j.ID, client.AnswerQuery{}); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job that has not ended: got %v", err)
	}
	var parts [][]job.Asset
	var want []string
	for part, n := range []int{3, 0, 1, 4} {
		assets := []job.Asset{}
		for k := range n {
			name := fmt.Sprintf("%d-%d", part, k)
			want = append(want, name)
			assets = append(assets, job.Asset{Asset: name, Model: "naive", DS: []string{"1"}, Mean: []float64{1}})
		}
		parts = append(parts, assets)
	}
	odd := "Æ & \"co\"" // which JSON may write in several ways
	want = append(want, odd)
	parts[3] = append(parts[3], job.Asset{Asset: odd, Model: "naive", DS: []string{"1"}, Mean: []float64{1}})
	s.inParts(j.ID, parts...)
	if got, err := s.store.PartsWith(t.Context(), j.ID, 1, "0-1", []byte(`"0-1"`)); err != nil || !slices.Equal(got, []int{0}) {
		t.Errorf("one part has the asset, by its digest: got %v, %v", got, err)
	}
	if got, err := s.store.PartsWith(t.Context(), j.ID, 1, odd, nil); err != nil || !slices.Equal(got, []int{1, 3}) {
		t.Errorf("the parts without digests may have what is written in several ways: got %v, %v", got, err)
	}
	for _, name := range append(want, "3", "naive", "asset") { // the text is there, but not as a name
		page, err := c.AnswerPage(t.Context(), j.ID, client.AnswerQuery{Assets: []string{name}})
		if found := len(page.Assets) == 1 && page.Assets[0].Asset == name; err != nil || found != slices.Contains(want, name) || page.Next != "" {
			t.Errorf("%q: got %+v, %v", name, page, err)
		}
	}
	for limit := 1; limit <= len(want)+1; limit++ {
		var got []string
		cursor, pages := "", 0
		for more := true; more; more = cursor != "" {
			page, err := c.AnswerPage(t.Context(), j.ID, client.AnswerQuery{Cursor: cursor, Limit: limit})
			if err != nil || page.Overall == nil || len(page.Assets) > limit || page.Next != "" && len(page.Assets) < limit {
				t.Fatalf("limit %d: %+v, %v", limit, page, err)
			}
			for _, a := range page.Assets {
				got = append(got, a.Asset)
			}
			cursor = page.Next
			pages++
		}
		if d := cmp.Diff(want, got); d != "" || pages != (len(want)+limit-1)/limit {
			t.Errorf("limit %d: %d pages, %s", limit, pages, d)
		}
	}
	page, err := c.AnswerPage(t.Context(), j.ID, client.AnswerQuery{Assets: []string{"3-2", "0-0", "nothing"}, Brief: true})
	if err != nil || len(page.Assets) != 2 || page.Assets[0].Asset != "0-0" || page.Assets[1].Mean != nil || page.Assets[1].Model != "naive" || page.Next != "" {
		t.Errorf("got %+v, %v", page, err)
	}
	page, err = c.AnswerPage(t.Context(), j.ID, client.AnswerQuery{Assets: []string{"3-2", "0-0"}, Brief: true, Sketch: 5})
	if d := cmp.Diff([]client.Sketch{{Every: 1, Y: []float64{}, Mean: []float64{1}}, {Every: 1, Y: []float64{}, Mean: []float64{1}}}, page.Sketches); err != nil || d != "" || page.Assets[0].Mean != nil {
		t.Errorf("assets that the dataset does not have: %s, %v", d, err)
	}
	for _, path := range []string{"/answer?cursor=x", "/answer?sketch=101", "/answer?sketch=-1", "/answer?cursor=1", "/answer?limit=1001", "/answer?asset=A&cursor=9.9.9"} {
		if got := s.send("GET", "/v1/jobs/"+string(j.ID)+path, ""); got.status != 422 {
			t.Errorf("%s: got %d", path, got.status)
		}
	}
	if page, err := c.AnswerPage(t.Context(), j.ID, client.AnswerQuery{Cursor: "900000.900000"}); err != nil || len(page.Assets) != 0 {
		t.Errorf("behind the end: %+v, %v", page, err)
	}
}

// A sketch has the last values as the job reads them and the whole forecast, at the same distances.
func TestSketches(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", "unique_id,ds,y\n"+numbered("DAX", 20)+numbered("FTSE", 3))
	j, err := s.as(auth.Manager).CreateJob(t.Context(), job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 7, To: "2024-01-19"}, "")
	if err != nil {
		t.Fatal(err)
	}
	s.inParts(j.ID, []job.Asset{{Asset: "DAX", Mean: []float64{1, 2, 3, 4, 5, 6, 7}}, {Asset: "FTSE", Error: &job.Error{Code: "stale"}}})
	page, err := s.as(auth.Manager).AnswerPage(t.Context(), j.ID, client.AnswerQuery{Sketch: 3})
	want := []client.Sketch{{Every: 3, Y: []float64{13, 16, 19}, Mean: []float64{3, 6}}, {Every: 1, Y: []float64{1, 2, 3}, Mean: []float64{}}}
	if d := cmp.Diff(want, page.Sketches); err != nil || d != "" {
		t.Errorf("%s, %v", d, err)
	}
	assets, err := s.as(auth.Manager).SketchedAssets(t.Context(), "prices", 0, 0, 0, 2)
	if err != nil || len(assets.Items) != 2 || !slices.Equal(assets.Items[0].Last, []float64{19, 20}) || !slices.Equal(assets.Items[1].Last, []float64{2, 3}) {
		t.Errorf("%+v, %v", assets, err)
	}
}

// numbered are lines of an asset whose values count the days of a month.
func numbered(asset string, days int) string {
	var b strings.Builder
	for day := range days {
		fmt.Fprintf(&b, "%s,2024-01-%02d,%d\n", asset, day+1, day+1)
	}
	return b.String()
}
