package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

// Two assets on days of which they share three: 2, 3 and 5.
const unlike = "unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-02,2\nA,2024-01-03,4\nA,2024-01-05,8\nB,2024-01-02,10\nB,2024-01-03,30\nB,2024-01-04,40\nB,2024-01-05,20\nB,2024-01-08,60\n"

func TestHistory(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("unlike", unlike)
	c := s.as(auth.Manager)
	days := []string{"2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"} // A's value of the 4th is carried forward
	for name, test := range map[string]struct {
		spec  job.Spec
		asset string
		last  int
		want  client.History
	}{
		"an asset":        {job.Spec{}, "A", 2, client.History{DS: []string{"2024-01-04", "2024-01-05"}, Y: []float64{4, 8}}},
		"the mean":        {job.Spec{}, "", 0, client.History{DS: days, Y: []float64{6, 17, 22, 14}}},
		"the last":        {job.Spec{}, "", 1, client.History{DS: days[3:], Y: []float64{14}}},
		"weights":         {job.Spec{Weights: map[string]float64{"A": 3, "B": 1}}, "", 0, client.History{DS: days, Y: []float64{4, 10.5, 13, 11}}},
		"one that counts": {job.Spec{Weights: map[string]float64{"A": 0, "B": 1}}, "", 2, client.History{DS: []string{"2024-01-05", "2024-01-08"}, Y: []float64{20, 60}}},
		"holdings":        {job.Spec{Combine: job.Value, Holdings: map[string]float64{"A": 2, "B": -1}}, "", 0, client.History{DS: days, Y: []float64{-6, -22, -32, -4}}},
		"a return":        {job.Spec{Combine: job.Return}, "", 0, client.History{DS: days, Y: []float64{-0.625, 0, 0.25, 0}}},
		"as of":           {job.Spec{AsOf: "2024-01-03"}, "", 0, client.History{DS: days[:2], Y: []float64{6, 17}}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := test.spec
			spec.Dataset, spec.Assets, spec.Horizon = "unlike", []string{"A", "B"}, 1
			j, err := c.CreateJob(t.Context(), spec, "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.History(t.Context(), j.ID, test.asset, test.last)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	j, err := c.CreateJob(t.Context(), job.Spec{Dataset: "unlike", Assets: []string{"A", "B"}, Horizon: 1}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.History(t.Context(), j.ID, "C", 0); !problem.Is(err, problem.NotFound) {
		t.Errorf("an asset that does not exist: %v", err)
	}
	answer := `{"job":"` + string(j.ID) + `","state":"partial","assets":[{"asset":"A","skill":null,"error":{"code":"x","detail":"x"}},{"asset":"B","skill":null,"error":null}]}`
	if err := s.store.End(t.Context(), store.Outcome{Job: j.ID, Run: 1, State: job.Partial, Answer: []byte(answer)}); err != nil {
		t.Fatal(err)
	}
	got, err := c.History(t.Context(), j.ID, "", 1)
	if d := cmp.Diff(client.History{DS: []string{"2024-01-08"}, Y: []float64{60}}, got); err != nil || d != "" {
		t.Errorf("without the asset that has no forecast: %v, %s", err, d)
	}
}

// The common times are those of a search that is too slow for more.
func TestHistoryFindsTheCommonTimes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	steps := map[string][]int{"A": {1, 2, 3, 5, 8, 13, 21, 34}, "B": {2, 4, 8, 16, 32, 34}, "C": {1, 2, 8, 20, 34, 50}}
	text := "unique_id,ds,y\n"
	for _, name := range []string{"A", "B", "C"} {
		for _, day := range steps[name] {
			text += fmt.Sprintf("%s,%s,1\n", name, fmt.Sprintf("2024-%02d-%02d", 1+day/28, 1+day%28))
		}
	}
	s.upload("rare", text)
	c := s.as(auth.Manager)
	j, err := c.CreateJob(t.Context(), job.Spec{Dataset: "rare", Assets: []string{"*"}, Horizon: 1, Missing: job.MissingDrop}, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.History(t.Context(), j.ID, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	table, done, err := s.archive.Table(j.Dataset.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var want []string
	for k := range table.Values(0) {
		at := table.At(0, k).String()
		if timesOf(table, 1)[at] && timesOf(table, 2)[at] {
			want = append(want, at)
		}
	}
	if d := cmp.Diff(want, got.DS); d != "" || len(want) == 0 {
		t.Error(d)
	}
}

func timesOf(table *series.Table, i int) map[string]bool {
	all := map[string]bool{}
	for k := range table.Values(i) {
		all[table.At(i, k).String()] = true
	}
	return all
}

func TestNextTimes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	s.upload("steps", "unique_id,ds,y\nA,1,1\nA,2,2\nB,1,1\n")
	c := s.as(auth.Secretary)
	for name, test := range map[string]struct {
		dataset string
		horizon int
		freq    string
		want    client.NextTimes
	}{
		"business days": {"prices", 3, "", client.NextTimes{Last: "2024-01-03", Freq: "B", DS: []string{"2024-01-04", "2024-01-05", "2024-01-08"}}},
		"days":          {"prices", 3, "D", client.NextTimes{Last: "2024-01-03", Freq: "D", DS: []string{"2024-01-04", "2024-01-05", "2024-01-06"}}},
		"steps":         {"steps", 2, "", client.NextTimes{Last: "2", DS: []string{"3", "4"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.NextTimes(t.Context(), test.dataset, 0, test.horizon, test.freq)
			if d := cmp.Diff(test.want, got); err != nil || d != "" {
				t.Errorf("%v, %s", err, d)
			}
		})
	}
	if got := s.send("GET", "/v1/datasets/prices/next?freq=ME", ""); got.status != 422 || !strings.Contains(strings.Join(got.pointers(), " "), "freq") {
		t.Errorf("a frequency that the data contradict: %d, %v", got.status, got.pointers())
	}
}
