package backtest_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/backtest"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// prices are n days of assets whose logarithms walk with normal steps of 1 %, each correlated with the others by 0.4. change may change them.
func prices(t *testing.T, assets, n int, change func(day, asset int, price float64) string) *series.Table {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	b.WriteString("step")
	for i := range assets {
		fmt.Fprintf(&b, ",A%d", i)
	}
	level := make([]float64, assets)
	for day := range n {
		fmt.Fprintf(&b, "\n%d", day)
		common := r.NormFloat64()
		for i := range level {
			level[i] += 0.01 * (math.Sqrt(0.4)*common + math.Sqrt(0.6)*r.NormFloat64())
			price := 100 * math.Exp(level[i])
			if change == nil {
				fmt.Fprintf(&b, ",%.6f", price)
			} else {
				b.WriteString("," + change(day, i, price))
			}
		}
	}
	return table(t, b.String()+"\n")
}

func riskSpec(change func(*job.Spec)) job.Spec {
	s := job.Spec{Dataset: "d", Assets: []string{"*"}, Kind: job.KindBacktest, Origins: 60, Horizon: 2, Model: "naive", Levels: []float64{90}, Risk: []float64{99, 95}}
	change(&s)
	s = s.Defaulted()
	if faults := s.Validate(); faults != nil {
		panic(fmt.Sprint(faults))
	}
	return s
}

// measuredRisk takes a backtest of risk through a world of ranks.
func measuredRisk(t *testing.T, ranks int, spec job.Spec, table *series.Table) (answer job.Answer, fault error) {
	t.Helper()
	var assets []job.Asset
	plan, fault := backtest.NewRiskPlan(spec, portfolio.Data{Table: table}, func(a job.Asset) error {
		assets = append(assets, a)
		return nil
	})
	if fault != nil {
		return answer, fault
	}
	err := spmd.Local(ranks, func(comm spmd.Comm) error {
		config := spmd.Config{Threads: 1, Host: "here"}
		if comm.Rank() != 0 {
			return spmd.Follow(comm, config)
		}
		leader, err := spmd.Lead(comm, config)
		if err != nil {
			return err
		}
		ended, err := leader.Run(plan)
		if err != nil {
			return err
		}
		if fault = ended[0].Err; fault == nil {
			answer, fault = plan.Answer("", job.Provenance{})
		}
		return leader.Stop()
	})
	if err != nil {
		t.Fatal(err)
	}
	answer.Assets = assets
	return answer, fault
}

// What is compared is what a job would have answered on that day, to the last bit: of an asset and of the portfolio, from an origin in the
// middle. And what came is what the table has.
func TestRiskIsThatOfAJobOfThatDay(t *testing.T) {
	t.Parallel()
	data := prices(t, 3, 700, nil)
	spec := riskSpec(func(s *job.Spec) {
		s.Combine, s.Holdings = job.Value, map[string]float64{"A0": 1, "A1": 2, "A2": 0.5}
	})
	answer, err := measuredRisk(t, 2, spec, data)
	if err != nil {
		t.Fatal(err)
	}
	const at, step = 40, 1       // the origin is 19 others of two days before the last
	day := 699 - 2 - 2*(60-1-at) // the number of its time
	past := job.Spec{Assets: []string{"A0", "A1", "A2"}, Model: "naive", Horizon: 2, Levels: []float64{90}, Quantiles: []float64{0.01, 0.05}, Risk: []float64{95, 99},
		Combine: spec.Combine, Holdings: spec.Holdings, OnError: job.Skip, To: fmt.Sprint(day)}
	var asset forecast.Result
	plan, err := portfolio.New(past, portfolio.Data{Table: data}, func(i int, r *forecast.Result, _ *job.Error) error {
		if i == 1 {
			asset.Lo, asset.Quantiles = [][]float64{append([]float64(nil), r.Lo[0]...)}, [][]float64{append([]float64(nil), r.Quantiles[0]...)}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := answered(t, plan)
	got, own := answer.Backtest.Risk.Overall[step].Record, answer.Assets[1].Risk[step].Record
	y := data.Values(0)[day+2] + 2*data.Values(1)[day+2] + 0.5*data.Values(2)[day+2]
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"lower end", got.Lo["90"][at], want.Overall.Lo["90"][step]}, {"VaR", got.VaR["99"][at], want.Overall.Risk.VaR["99"][step]}, {"ES", got.ES["95"][at], want.Overall.Risk.ES["95"][step]},
		{"base", got.Base[at], want.Overall.Risk.Base}, {"lower end of A1", own.Lo["90"][at], asset.Lo[0][step]},
		{"VaR of A1", own.VaR["99"][at], data.Values(1)[day] - asset.Quantiles[0][step]}, {"A1", own.Y[at], data.Values(1)[day+2]},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v, want %v", c.what, c.got, c.want)
		}
	}
	if math.Abs(got.Y[at]-y) > 1e-9 || got.DS[at] != fmt.Sprint(day+2) || own.DS[at] != got.DS[at] {
		t.Errorf("%v came at %s, want %v at %d", got.Y[at], got.DS[at], y, day+2)
	}
	if hit := got.Base[at]-got.Y[at] > got.VaR["95"][at]; got.Hit["95"][at] != hit {
		t.Errorf("a hit is %v", got.Hit["95"][at])
	}
}

// answered forecasts a plan on this goroutine.
func answered(t *testing.T, plan *portfolio.Plan) job.Answer {
	t.Helper()
	e := forecast.New()
	for i := range plan.Len() {
		s := plan.Series(i)
		m, err := forecast.NewMethod(*s.Options)
		if err != nil {
			t.Fatal(err)
		}
		var r forecast.Result
		if err := e.Forecast(&r, s.Series, m); err != nil {
			t.Fatal(err)
		}
		if err := plan.Take(i, &r, nil); err != nil {
			t.Fatal(err)
		}
	}
	a, err := plan.Answer("", job.Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The intervals and the risk of normal walks hold, and any number of ranks says the same.
func TestRiskOfWalksHolds(t *testing.T) {
	t.Parallel()
	data := prices(t, 4, 1300, nil)
	spec := riskSpec(func(s *job.Spec) { s.Origins, s.Horizon, s.Combine = 500, 1, job.Return })
	var first []byte
	for _, ranks := range []int{1, 3} {
		answer, err := measuredRisk(t, ranks, spec, data)
		if err != nil {
			t.Fatal(err)
		}
		answer.Provenance = job.Provenance{}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if string(text) != string(first) {
			t.Errorf("%d ranks give another answer", ranks)
		}
		r := answer.Backtest.Risk
		all, whole := r.Assets[0], r.Overall[0]
		if all.Values != 2000 || whole.Values != 500 || r.Origins != 500 || len(answer.Assets) != 4 || answer.Assets[3].Risk[0].Values != 500 {
			t.Errorf("%d values of the assets, %d of the portfolio, %d origins", all.Values, whole.Values, r.Origins)
		}
		for name, s := range map[string]job.RiskStep{"assets": all, "portfolio": whole} {
			i := s.Intervals["90"]
			if math.Abs(i.Coverage-0.9) > 0.03 || i.Score > 1.05*i.EWMAScore {
				t.Errorf("%s: coverage %v, score %v, EWMA %v", name, i.Coverage, i.Score, i.EWMAScore)
			}
			sum := 0
			for _, d := range i.Volatility {
				sum += d.Values
			}
			if sum != s.Values {
				t.Errorf("%s: the deciles have %d of %d values", name, sum, s.Values)
			}
		}
		for _, c := range r.Passed {
			if c.Assets != 4 || c.Kupiec < 3 || c.Markov < 3 {
				t.Errorf("%+v", c)
			}
		}
		if *whole.Tails["99"].Kupiec < 0.01 || *whole.Tails["99"].Z2P < 0.01 {
			t.Errorf("portfolio: %+v", whole.Tails["99"])
		}
	}
}

// What comes after an origin has no part in its forecast: other values at the end change no forecast before them.
func TestRiskDoesNotLookAhead(t *testing.T) {
	t.Parallel()
	spec := riskSpec(func(s *job.Spec) { s.Origins, s.Model = 10, "auto" })
	var records [2]job.RiskRecord
	for round := range records {
		data := prices(t, 2, 400, func(day, _ int, price float64) string {
			if round == 1 && day >= 390 {
				price *= 1.5
			}
			return fmt.Sprintf("%.6f", price)
		})
		answer, err := measuredRisk(t, 1, spec, data)
		if err != nil {
			t.Fatal(err)
		}
		records[round] = *answer.Backtest.Risk.Overall[1].Record
	}
	// The targets of the second step are the days 381, 383 … 399, and the origins two days before.
	for i := range 10 {
		same := records[0].Lo["90"][i] == records[1].Lo["90"][i] && records[0].ES["99"][i] == records[1].ES["99"][i] && records[0].Volatility[i] == records[1].Volatility[i]
		if want := 379+2*i < 390; same != want {
			t.Errorf("origin %d: the same forecast is %v, want %v", i, same, want)
		}
	}
}

// A day that one asset lacks is no step of the portfolio, and an asset without values is left out.
func TestRiskOnCommonDates(t *testing.T) {
	t.Parallel()
	data := prices(t, 3, 300, func(day, asset int, price float64) string {
		if asset == 2 || asset == 1 && day == 298 {
			return ""
		}
		return fmt.Sprintf("%.6f", price)
	})
	answer, err := measuredRisk(t, 1, riskSpec(func(s *job.Spec) { s.Origins = 3 }), data)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range []*job.RiskRecord{answer.Backtest.Risk.Overall[0].Record, answer.Backtest.Risk.Overall[1].Record, answer.Assets[0].Risk[0].Record, answer.Assets[1].Risk[0].Record} {
		got = append(got, strings.Join(s.DS, " "))
	}
	if diff := cmp.Diff(got, []string{"294 296", "295 297 299", "294 296 298", "294 296"}); diff != "" {
		t.Errorf("times (-got +want)\n%s", diff)
	}
	if e := answer.Assets[2].Error; answer.State != job.Partial || answer.Backtest.Omitted != 1 || e == nil || e.Code != "no-data" {
		t.Errorf("state %s, %d omitted, %+v", answer.State, answer.Backtest.Omitted, e)
	}
}

func TestRiskThatCannotBeMeasured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		table  *series.Table
		change func(*job.Spec)
		want   string
	}{
		"too many origins": {prices(t, 2, 50, nil), func(*job.Spec) {},
			"must be at most 24, is 60: the assets have 50 dates in common, and each origin needs 2 more after the first 2; leave out assets that begin late or end early"},
		"own steps": {table(t, "unique_id,step,y\nA,1,1\nA,2,2\nA,3,3\nB,1,1\nB,2,2\nB,3,3\n"), func(s *job.Spec) { s.Origins, s.Horizon = 1, 1 },
			"each asset counts its own steps, and risk is measured on dates that the assets have in common"},
		"unknown": {prices(t, 1, 50, nil), func(s *job.Spec) { s.Assets = []string{"B"} }, `the dataset has no asset "B"`},
	} {
		if _, err := measuredRisk(t, 1, riskSpec(c.change), c.table); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of the paths of random walks a 90 % band contains about nine of ten entirely, and more up to an earlier step; intervals of that level
// contain fewer, 75 of 100. A path with a value that nobody knows is left out from there on.
func TestBandsContainWholePaths(t *testing.T) {
	t.Parallel()
	const origins, steps, assets = 120, 4, 3
	data := prices(t, assets, 800, func(day, asset int, price float64) string {
		if day == 798 && asset == 1 { // the third step from the last origin
			return ""
		}
		return fmt.Sprintf("%.6f", price)
	})
	answer, err := measuredRisk(t, 2, riskSpec(func(s *job.Spec) { s.Origins, s.Horizon, s.Bands = origins, steps, []float64{90, 50} }), data)
	if err != nil {
		t.Fatal(err)
	}
	r := answer.Backtest.Risk
	for name, of := range map[string]struct {
		steps []job.RiskStep
		paths int
	}{"assets": {r.Assets, assets * origins}, "overall": {r.Overall, origins}} {
		last := math.MaxInt
		for k, s := range of.steps {
			band, wide := s.Bands["50"], s.Bands["90"]
			known := of.paths
			if k >= 2 {
				known--
			}
			if wide.Values != known || band.Values != known || wide.Inside > last || band.Inside > wide.Inside {
				t.Errorf("%s, step %d: %+v and %+v of %d, after %d inside", name, k+1, band, wide, known, last)
			}
			last = wide.Inside
		}
		if share := float64(last) / float64(of.paths); math.Abs(share-0.9) > 0.08 {
			t.Errorf("%s: %.3f of the paths lie inside", name, share)
		}
	}
	if one := answer.Assets[1].Risk[steps-1].Bands["90"].Values; one != origins-1 {
		t.Errorf("%d paths of the asset without a value, want %d", one, origins-1)
	}
}
