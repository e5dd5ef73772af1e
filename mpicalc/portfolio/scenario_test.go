package portfolio_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

func shocks(name string, of map[string]float64) []job.Scenario {
	return []job.Scenario{{Name: name, Shocks: of}}
}

// Of normal walks with the correlation ρ, a shock s of the first moves the second by ρ·(σ₂/σ₁)·s and leaves it the variance σ₂²(1 - ρ²), to
// which each further step adds σ₂². All that was moved stays. 500 origins tell ρ to about 0.04.
func TestScenarioOfNormalWalks(t *testing.T) {
	t.Parallel()
	const rho, horizon = 0.6, 4
	sizes, units := []float64{1, 2}, []float64{3, 1}
	answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: horizon, Levels: []float64{}, Scenarios: shocks("crash", map[string]float64{"A0": -0.005}),
		Combine: job.Value, Holdings: map[string]float64{"A0": units[0], "A1": units[1]}, OnError: job.Skip}, read(t, walksOf(1500, rho, sizes...)))
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Overall.Scenarios) != 1 {
		t.Fatal(answer.Overall.Notes)
	}
	c := answer.Overall.Scenarios[0]
	last := []float64{answer.Assets[0].Mean[0], answer.Assets[1].Mean[0]}
	shock := -0.005 * last[0]
	if got := c.Assets["A0"].Change[0]; math.Abs(got+0.005) > 1e-12 || c.Assets["A0"].Volatility[0] != 0 || c.Name != "crash" || c.Origins < 400 {
		t.Errorf("the shocked asset is at %v, %v, from %d origins", got, c.Assets["A0"].Volatility[0], c.Origins)
	}
	base := units[0]*last[0] + units[1]*last[1]
	cov := units[0]*sizes[0]*sizes[0] + units[1]*rho*sizes[0]*sizes[1] // of the portfolio with A0
	variance := units[0]*units[0]*sizes[0]*sizes[0] + units[1]*units[1]*sizes[1]*sizes[1] + 2*units[0]*units[1]*rho*sizes[0]*sizes[1]
	for k := range horizon {
		if got, want := c.Assets["A0"].Mean[k]-last[0], shock; math.Abs(got/want-1) > 0.2 {
			t.Errorf("step %d: the shocked asset has moved by %.3f, want about %.3f", k+1, got, want)
		}
		if got, want := c.Assets["A1"].Mean[k]-last[1], rho*sizes[1]/sizes[0]*shock; math.Abs(got/want-1) > 0.2 {
			t.Errorf("step %d: the other asset has moved by %.3f, want about %.3f", k+1, got, want)
		}
		if got, want := c.Assets["A1"].Volatility[k]*last[1], sizes[1]*math.Sqrt(float64(k+1)-rho*rho); math.Abs(got/want-1) > 0.12 {
			t.Errorf("step %d: the other asset is left with %.3f, want about %.3f", k+1, got, want)
		}
		if got, want := c.Overall.Volatility[k]*base, math.Sqrt(variance*float64(k+1)-cov*cov/sizes[0]/sizes[0]); math.Abs(got/want-1) > 0.12 {
			t.Errorf("step %d: the portfolio is left with %.3f, want about %.3f", k+1, got, want)
		}
		sum := units[0]*c.Assets["A0"].Mean[k] + units[1]*c.Assets["A1"].Mean[k]
		if got := c.Overall.Mean[k]; math.Abs(got-sum) > 1e-9*base || math.Abs(c.Overall.Change[k]-(sum-base)/base) > 1e-12 {
			t.Errorf("step %d: the portfolio is at %v (%v), and its assets make %v", k+1, got, c.Overall.Change[k], sum)
		}
	}
}

// What moves noise around a level is gone at the next step.
func TestAShockOfNoiseDoesNotLast(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(13, 14))
	var b strings.Builder
	b.WriteString("step,A,B\n")
	for k := range 800 {
		u := random.NormFloat64()
		fmt.Fprintf(&b, "%d,%v,%v\n", k, 100+u, 50-u+0.5*random.NormFloat64())
	}
	answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "mean", Horizon: 3, Levels: []float64{80}, Scenarios: shocks("up", map[string]float64{"A": 0.05}), Combine: job.Mean, OnError: job.Skip}, read(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	c := answer.Overall.Scenarios[0]
	if a := c.Assets["A"]; math.Abs(a.Change[0]-0.05) > 1e-12 || math.Abs(a.Mean[1]-100) > 0.5 || math.Abs(a.Mean[2]-100) > 0.5 {
		t.Errorf("the shocked asset goes %v", a.Mean)
	}
	if got, want := c.Assets["B"].Mean[0]-answer.Assets[1].Mean[0], -(c.Assets["A"].Mean[0] - answer.Assets[0].Mean[0]); math.Abs(got/want-1) > 0.15 {
		t.Errorf("the other asset moves by %v, want about %v", got, want)
	}
}

// The same bytes come from any order of the assets and any number of ranks. An asset without a weight moves the others, and moves with
// them; one that never moves stands still.
func TestScenariosDoNotDependOnTheOrderOfAssetsNorOnRanks(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(walksOf(400, 0.5, 1, 2, 0.5, 1)), "\n")
	rows[0] += ",still"
	for i := range rows[1:] {
		rows[i+1] += ",7"
	}
	table := read(t, strings.Join(rows, "\n"))
	names := []string{"A0", "A1", "A2", "A3", "still"}
	var want string
	for i, ranks := range []int{1, 2, 3} {
		s := job.Spec{Assets: slices.Clone(names), Model: "naive", Horizon: 3, Levels: []float64{80}, Combine: job.Return, OnError: job.Skip, Benchmark: "A3",
			Weights:   map[string]float64{"A0": 1, "A1": 1, "A2": 1, "A3": 0, "still": 1},
			Scenarios: shocks("both", map[string]float64{"A3": 0.01, "A0": -0.02})}
		if i > 0 {
			slices.Reverse(s.Assets[i-1:])
		}
		answer, err := computeOn(t, ranks, s, portfolio.Data{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(answer.Overall)
		if err != nil || len(answer.Overall.Scenarios) == 0 {
			t.Fatal(err, answer.Overall.Notes)
		}
		if want == "" {
			want = string(text)
		}
		if string(text) != want {
			t.Errorf("on %d ranks:\n%s\nwant\n%s", ranks, text, want)
		}
		c := answer.Overall.Scenarios[0]
		if a := c.Assets["A3"].Change[0]; math.Abs(a-0.01) > 1e-12 || c.Assets["still"].Change[0] != 0 || len(c.Assets) != 5 {
			t.Errorf("the assets change by %+v", c.Assets)
		}
		if diff := c.Overall.Change[1] - c.Overall.Mean[1]; diff != 0 {
			t.Errorf("the return %v is a change by %v", c.Overall.Mean[1], c.Overall.Change[1])
		}
	}
}

func TestScenariosThatCannotBe(t *testing.T) {
	t.Parallel()
	long := strings.Split(strings.TrimSpace(walksOf(300, 0, 1, 1, 1)), "\n")
	long[0] += ",copy,still"
	for i, row := range long[1:] {
		cells := strings.Split(row, ",")
		if i < 290 {
			cells[3] = "" // A2 is too short
		}
		long[i+1] = strings.Join(append(cells, cells[1], "1"), ",")
	}
	table := read(t, strings.Join(long, "\n"))
	for name, c := range map[string]struct {
		assets []string
		shocks map[string]float64
		want   string
	}{
		"one is too short": {[]string{"A0", "A1", "A2"}, map[string]float64{"A0": 1}, "there are no scenarios: not all assets can be measured together"},
		"it never moved":   {[]string{"A0", "still"}, map[string]float64{"still": 1}, `there are no scenarios: scenario "x" moves asset "still", which has never moved`},
	} {
		answer, err := compute(t, job.Spec{Assets: c.assets, Model: "naive", Horizon: 1, Levels: []float64{}, Scenarios: shocks("x", c.shocks), Combine: job.Mean, OnError: job.Skip}, table)
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(answer.Overall.Notes, "\n"); answer.Overall.Scenarios != nil || !strings.Contains(notes, c.want) {
			t.Errorf("%s: the notes are %s", name, notes)
		}
	}
	for want, change := range map[string]func(*job.Spec){
		"names an asset that is not in assets": func(s *job.Spec) { s.Scenarios = shocks("x", map[string]float64{"nobody": 1}) },
		"must be one of the assets, is":        func(s *job.Spec) { s.Benchmark = "nobody" },
	} {
		s := job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 1, Levels: []float64{}, Combine: job.Mean, OnError: job.Skip}
		change(&s)
		if _, err := compute(t, s, table); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The returns of a portfolio of normal walks and of its benchmark are normal: beta is their covariance divided by the variance of the
// benchmark, and the value at risk at 95 % is 1.645 tracking errors.
func TestBenchmarkOfNormalWalks(t *testing.T) {
	t.Parallel()
	const rho = 0.5
	table := read(t, walksOf(1500, rho, 1, 2))
	s := job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 2, Levels: []float64{}, Benchmark: "A0", Risk: []float64{95, 99}, OnError: job.Skip,
		Combine: job.Value, Holdings: map[string]float64{"A0": 1, "A1": 3}}
	answer, err := compute(t, s, table)
	if err != nil {
		t.Fatal(err)
	}
	r := answer.Overall.Relative
	x, y := answer.Assets[0].Mean[0], answer.Assets[1].Mean[0]
	base := x + 3*y
	for k := range 2 {
		n := float64(k + 1)
		variance, cov := n/x/x, n*(1+3*rho*2)/base/x
		own := n * (1 + 36 + 2*3*rho*2) / base / base
		size := math.Sqrt(own + variance - 2*cov)
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"beta", *r.Beta[k], cov / variance}, {"correlation", *r.Correlation[k], cov / math.Sqrt(variance*own)}, {"tracking error", r.TrackingError[k], size},
			{"VaR 95", r.VaR["95"][k], 1.645 * size}, {"ES 99", r.ES["99"][k], 2.665 * size}, {"probability", r.Underperformance[k], 0.5},
		} {
			if math.Abs(c.got/c.want-1) > 0.15 {
				t.Errorf("step %d: %s is %.4f, want about %.4f", k+1, c.what, c.got, c.want)
			}
		}
	}
	if r.Origins < 400 || r.Benchmark != "A0" || math.Abs(r.Mean[1]) > 1e-12 {
		t.Errorf("got %+v", r)
	}
	s.Holdings["A1"] = 0 // it is the benchmark
	if answer, err = compute(t, s, table); err != nil {
		t.Fatal(err)
	}
	if r := answer.Overall.Relative; math.Abs(*r.Beta[1]-1) > 1e-9 || r.TrackingError[1] > 1e-12 || math.Abs(r.VaR["95"][1]) > 1e-12 {
		t.Errorf("a portfolio that is its benchmark has %+v", r)
	}
	s.Holdings = map[string]float64{"A0": 1, "A1": -1}
	s.Holdings["A1"] = -2
	if answer, err = compute(t, s, table); err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(answer.Overall.Notes, "\n"); answer.Overall.Relative != nil || !strings.Contains(notes, "the portfolio has no positive value") {
		t.Errorf("a short portfolio: %s", notes)
	}
}
