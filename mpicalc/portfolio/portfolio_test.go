package portfolio_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// A is a line with a gap, B another line, C ends half a year before them, D has no value in 2021.
func prices(t *testing.T) *series.Table {
	t.Helper()
	var b strings.Builder
	b.WriteString("date,A,B,C,D\n")
	for k := range 24 {
		a, c, d := fmt.Sprint(10+k), fmt.Sprint(k), fmt.Sprint(k)
		if k == 7 {
			a = ""
		}
		if k >= 18 {
			c = ""
		}
		if k >= 12 {
			d = ""
		}
		fmt.Fprintf(&b, "%d-%02d-01,%s,%d,%s,%s\n", 2020+k/12, 1+k%12, a, 100-2*k, c, d)
	}
	table, _, err := csv.Read([]byte(b.String()), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// compute takes a plan through a world of one rank and returns its answer with the assets.
func compute(t testing.TB, spec job.Spec, table *series.Table) (job.Answer, error) {
	t.Helper()
	return computeOn(t, 1, spec, portfolio.Data{Table: table})
}

// computeOn is compute on a number of ranks.
func computeOn(t testing.TB, ranks int, spec job.Spec, data portfolio.Data) (job.Answer, error) {
	t.Helper()
	var plan *portfolio.Plan
	var assets []job.Asset
	if data.Form == 0 {
		data.Form = portfolio.JSON
	}
	plan, err := portfolio.New(spec, data, func(i int, r *forecast.Result, fault *job.Error) error {
		if i != len(assets) {
			t.Errorf("asset %d came after %d others", i, len(assets))
		}
		assets = append(assets, plan.Asset(i, r, fault))
		sameAsText(t, plan, i, r, fault)
		return nil
	})
	if err != nil {
		return job.Answer{}, err
	}
	if err := run(ranks, plan); err != nil {
		return job.Answer{Assets: assets}, err
	}
	answer, err := plan.Answer("id", job.Provenance{})
	answer.Assets = assets
	return answer, err
}

// run takes a workload through a world of a number of ranks.
func run(ranks int, w spmd.Workload) error {
	c := spmd.Config{Write: portfolio.Write}
	return spmd.Local(ranks, func(comm spmd.Comm) error {
		if comm.Rank() > 0 {
			return spmd.Follow(comm, c)
		}
		leader, err := spmd.Lead(comm, c)
		if err != nil {
			return err
		}
		ended, err := leader.Run(w)
		if err != nil || ended[0].Err != nil {
			return errors.Join(err, ended[0].Err)
		}
		return leader.Stop()
	})
}

func spec(change func(*job.Spec)) job.Spec {
	s := job.Spec{Assets: []string{"A", "B"}, Model: "trend", Horizon: 2, Levels: []float64{}, OnError: job.Skip}
	if change != nil {
		change(&s)
	}
	return s
}

func TestTheOverallForecastIsTheWeightedMean(t *testing.T) {
	t.Parallel()
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Weights = []string{"B"}, map[string]float64{"B": 3}
	}), prices(t))
	if err != nil {
		t.Fatal(err)
	}
	// B is the line 100 - 2k, k = 0..23: its next values are 52 and 50.
	want := []float64{52, 50}
	for k, v := range answer.Overall.Mean {
		if math.Abs(v-want[k]) > 1e-9 {
			t.Errorf("overall %v, want %v", answer.Overall.Mean, want)
		}
	}
	if answer.State != job.Done || answer.Overall.Lo != nil {
		t.Errorf("state %s, lo %v, want done and none", answer.State, answer.Overall.Lo)
	}
}

func TestAnAssetWithoutForecastLeavesItsWeightToTheOthers(t *testing.T) {
	t.Parallel()
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Model = []string{"A", "C", "B"}, "naive"
		s.Weights = map[string]float64{"A": 1, "B": 3, "C": 4}
	}), prices(t))
	if err != nil {
		t.Fatal(err)
	}
	// naive repeats A's 33 and B's 54; C is stale; the weights of the rest are 1/4 and 3/4.
	if want := 33*0.25 + 54*0.75; answer.State != job.Partial || math.Abs(answer.Overall.Mean[0]-want) > 1e-12 {
		t.Errorf("state %s, overall %v, want partial and %v", answer.State, answer.Overall.Mean, want)
	}
	c := answer.Assets[1]
	if c.Error == nil || c.Error.Code != "stale" || !strings.Contains(c.Error.Detail, `"C" ends at 2021-06-01`) {
		t.Errorf("C has the error %+v, want stale with its end", c.Error)
	}
	if got := answer.Assets[0].Filled; got != 1 {
		t.Errorf("A has %d values carried forward, want 1", got)
	}
}

func TestAPortfolioWithoutWeightsLeftSaysSo(t *testing.T) {
	t.Parallel()
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets = []string{"A", "B", "C"} // C is stale
		s.Weights = map[string]float64{"A": 0, "B": 0, "C": 1}
	}), prices(t))
	if err != nil {
		t.Fatal(err)
	}
	if answer.State != job.Partial || answer.Overall != nil || answer.Error == nil || answer.Error.Code != "no-overall" {
		t.Errorf("got %s, overall %v, error %v", answer.State, answer.Overall, answer.Error)
	}
}

func TestPortfolioIntervalsComeFromItsOwnErrors(t *testing.T) {
	t.Parallel()
	// Two series that are each other's mirror: their mean is constant, so the portfolio's errors cancel, but for what
	// the model does to bring old errors to the level of today.
	var b strings.Builder
	b.WriteString("step,up,down\n")
	level := 0
	for k := range 60 {
		level += []int{3, -1, 4, -6}[k%4]
		fmt.Fprintf(&b, "%d,%d,%d\n", k, 100+level, 100-level)
	}
	table, _, err := csv.Read([]byte(b.String()), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Levels = []string{"*"}, "naive", []float64{95, 80}
	}), table)
	if err != nil {
		t.Fatal(err)
	}
	width := func(f map[string][]float64, g map[string][]float64) float64 { return g["80"][0] - f["80"][0] }
	overall := width(answer.Overall.Lo, answer.Overall.Hi)
	if diff := cmp.Diff(answer.Overall.Mean, []float64{100, 100}); diff != "" {
		t.Errorf("overall mean (-got +want)\n%s", diff)
	}
	for _, a := range answer.Assets {
		if !(a.Lo["80"][0] < a.Mean[0]) || !(a.Lo["95"][0] <= a.Lo["80"][0]) || a.Skill == nil {
			t.Errorf("%s has mean %v, lo %v, skill %v", a.Asset, a.Mean, a.Lo, a.Skill)
		}
		if own := width(a.Lo, a.Hi); overall > own/10 {
			t.Errorf("the portfolio's interval is %v wide, that of %s %v", overall, a.Asset, own)
		}
	}
}

func TestJobsThatDoNotFitTheTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change      func(*job.Spec)
		code, field string
	}{
		"unknown asset":   {func(s *job.Spec) { s.Assets = []string{"A", "Z"} }, "unknown-asset", "assets"},
		"missing weight":  {func(s *job.Spec) { s.Weights = map[string]float64{"A": 1} }, "weights", "weights"},
		"no data":         {func(s *job.Spec) { s.From = "2030-01-01" }, "empty-range", "from"},
		"no time":         {func(s *job.Spec) { s.To = "soon" }, "empty-range", "to"},
		"hours of dates":  {func(s *job.Spec) { s.Freq = "H" }, "freq", "freq"},
		"fail when stale": {func(s *job.Spec) { s.Assets, s.OnError = []string{"*"}, job.Fail }, "stale", ""},
	} {
		_, err := compute(t, spec(c.change), prices(t))
		fault, ok := errors.AsType[*portfolio.Error](err)
		if !ok || fault.Code != c.code || fault.Field != c.field || fault.Detail == "" {
			t.Errorf("%s: error %#v, want code %s for %s", name, err, c.code, c.field)
		}
	}
}

func TestADateRangeIsForecastFromItsEnd(t *testing.T) {
	t.Parallel()
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Model, s.From, s.To = []string{"B", "D"}, "naive", "2020-11-01", "2021-03-01"
	}), prices(t))
	if err != nil {
		t.Fatal(err)
	}
	// March 2021 is month 14 of B: 100 - 28. D ends in December 2020, three months before, which is not stale yet.
	if b, d := answer.Assets[0], answer.Assets[1]; b.Mean[0] != 72 || d.Error != nil || d.Mean[0] != 11 {
		t.Errorf("B %v, D %v %v, want 72 and 11", b.Mean, d.Mean, d.Error)
	}
	answer, err = compute(t, spec(func(s *job.Spec) { s.Assets, s.From = []string{"D"}, "2021-01-01" }), prices(t))
	if err != nil {
		t.Fatal(err)
	}
	if answer.State != job.Failed || answer.Overall != nil || answer.Error == nil || answer.Error.Code != "no-data" {
		t.Errorf("a job of one asset without data is %s with %+v, want failed with no-data", answer.State, answer.Error)
	}
}

func TestWindowsPointIntoTheStoredSeries(t *testing.T) {
	t.Parallel()
	table := prices(t)
	file := &spmd.File{Path: "prices.arrow"}
	rapid.Check(t, func(t *rapid.T) {
		from, to := rapid.IntRange(0, 23).Draw(t, "from"), rapid.IntRange(0, 23).Draw(t, "to")
		day := func(k int) string { return fmt.Sprintf("%d-%02d-01", 2020+k/12, 1+k%12) }
		plan, err := portfolio.New(spec(func(s *job.Spec) {
			s.Assets, s.From, s.To = []string{"*"}, day(from), day(to)
		}), portfolio.Data{Table: table, File: file}, nil)
		if err != nil {
			return // an empty range
		}
		for i := range plan.Len() {
			s := plan.Series(i)
			stored := table.Values(s.In.Asset)[s.In.From:s.In.To]
			if diff := cmp.Diff(s.Values, stored); diff != "" {
				t.Errorf("series %d (-values +stored)\n%s", i, diff)
			}
		}
	})
}

func TestTheOrderOfAssetsChangesNoForecast(t *testing.T) {
	t.Parallel()
	levels := func(s *job.Spec) { s.Levels, s.Model = []float64{80}, "drift" }
	one, err := compute(t, spec(levels), prices(t))
	if err != nil {
		t.Fatal(err)
	}
	two, err := compute(t, spec(func(s *job.Spec) { levels(s); s.Assets = []string{"B", "A"} }), prices(t))
	if err != nil {
		t.Fatal(err)
	}
	two.Assets[0], two.Assets[1] = two.Assets[1], two.Assets[0]
	if diff := cmp.Diff(two.Assets, one.Assets); diff != "" {
		t.Errorf("assets (-reversed +straight)\n%s", diff)
	}
}
