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

// walksOf writes random walks with normal steps of the given sizes, each correlated with the first by rho.
func walksOf(n int, rho float64, sizes ...float64) string {
	random := rand.New(rand.NewPCG(21, 22))
	var b strings.Builder
	b.WriteString("step")
	for i := range sizes {
		fmt.Fprintf(&b, ",A%d", i)
	}
	level := make([]float64, len(sizes))
	for t := range n {
		fmt.Fprintf(&b, "\n%d", t)
		common := random.NormFloat64()
		for i, size := range sizes {
			step := rho*common + math.Sqrt(1-rho*rho)*random.NormFloat64()
			if i == 0 {
				step = common
			}
			level[i] += size * step
			fmt.Fprintf(&b, ",%v", 1000+level[i])
		}
	}
	return b.String() + "\n"
}

// The truth is normal: the loss after k steps of a portfolio whose value changes by σ in one has the standard deviation σ√k, the value at
// risk 1.645·σ√k at 95 % and 2.326·σ√k at 99 %, and the expected shortfall 2.063·σ√k and 2.665·σ√k. 500 origins tell the tails to about a tenth.
func TestRiskOfNormalWalks(t *testing.T) {
	t.Parallel()
	const rho = 0.6
	sizes, units := []float64{1, 2}, []float64{3, 1}
	answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 4, Levels: []float64{90}, Quantiles: []float64{0.01, 0.05}, Risk: []float64{95, 99},
		Combine: job.Value, Holdings: map[string]float64{"A0": units[0], "A1": units[1]}, OnError: job.Skip}, read(t, walksOf(1500, rho, sizes...)))
	if err != nil {
		t.Fatal(err)
	}
	r, overall := answer.Overall.Risk, answer.Overall
	base := 0.0
	for i, a := range answer.Assets {
		base += units[i] * a.Mean[0]
	}
	if r.Base != base || r.Origins < 400 {
		t.Errorf("the base is %v, want %v; there are %d origins", r.Base, base, r.Origins)
	}
	x, y := units[0]*sizes[0], units[1]*sizes[1]
	sigma := math.Sqrt(x*x + y*y + 2*rho*x*y)
	for k := range 4 {
		size := sigma * math.Sqrt(float64(k+1))
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"volatility", r.Volatility[k], size}, {"VaR 95", r.VaR["95"][k], 1.645 * size}, {"VaR 99", r.VaR["99"][k], 2.326 * size},
			{"ES 95", r.ES["95"][k], 2.063 * size}, {"ES 99", r.ES["99"][k], 2.665 * size},
		} {
			if math.Abs(c.got/c.want-1) > 0.15 {
				t.Errorf("step %d: %s is %.3f, want about %.3f", k+1, c.what, c.got, c.want)
			}
		}
		if math.Abs(r.LossProbability[k]-0.5) > 0.02 {
			t.Errorf("step %d: the probability of a loss is %.3f, want 0.5: the forecast is the last value", k+1, r.LossProbability[k])
		}
		for level, q := range map[string]string{"95": "0.05", "99": "0.01"} {
			if got, want := r.VaR[level][k], base-overall.Quantiles[q][k]; math.Abs(got-want) > 1e-9 {
				t.Errorf("step %d: VaR %s is %v, and the quantile %s says %v", k+1, level, got, q, want)
			}
		}
	}
	// The largest fall within the horizon is at least the loss at its end.
	if r.Drawdown["95"] < r.VaR["95"][3] {
		t.Errorf("the drawdown %v is less than the value at risk %v", r.Drawdown["95"], r.VaR["95"][3])
	}
	// By Euler's rule the first asset has the share (x² + ρxy)/σ² of every risk of a normal portfolio.
	for _, level := range []string{"95", "99"} {
		var ofVaR, ofES float64
		for _, c := range r.Components {
			ofVaR, ofES = ofVaR+c.VaR[level], ofES+c.ES[level]
		}
		if math.Abs(ofVaR/r.VaR[level][3]-1) > 1e-9 || math.Abs(ofES/r.ES[level][3]-1) > 1e-9 {
			t.Errorf("the components at %s add up to %v and %v, and not to %v and %v", level, ofVaR, ofES, r.VaR[level][3], r.ES[level][3])
		}
		if got, want := r.Components["A0"].ES[level]/r.ES[level][3], (x*x+rho*x*y)/(sigma*sigma); math.Abs(got-want) > 0.1 {
			t.Errorf("the first asset has the share %.3f of the expected shortfall at %s, want about %.3f", got, level, want)
		}
	}
	if got, want := *r.Diversification, (x+y)/sigma; math.Abs(got/want-1) > 0.05 {
		t.Errorf("the diversification ratio is %.3f, want about %.3f", got, want)
	}
}

func TestRiskDoesNotDependOnTheOrderOfAssetsNorOnRanks(t *testing.T) {
	t.Parallel()
	table := read(t, walksOf(400, 0.3, 1, 2, 0.5, 1, 1))
	names := []string{"A0", "A1", "A2", "A3", "A4"}
	var want string
	for i, ranks := range []int{1, 2, 3} {
		s := job.Spec{Assets: slices.Clone(names), Model: "auto", Horizon: 3, Levels: []float64{}, Risk: []float64{95}, Combine: job.Return, OnError: job.Skip}
		if i > 0 {
			slices.Reverse(s.Assets[i:])
		}
		answer, err := computeOn(t, ranks, s, portfolio.Data{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(answer.Overall)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = string(got)
		}
		if string(got) != want || answer.Overall.Risk == nil || answer.Overall.Risk.Base != 0 || answer.Overall.Lo != nil {
			t.Errorf("on %d ranks:\n%s\nwant\n%s", ranks, got, want)
		}
	}
}

// One asset is a portfolio, too.
func TestRiskOfOneAsset(t *testing.T) {
	t.Parallel()
	answer, err := compute(t, job.Spec{Assets: []string{"A0"}, Model: "naive", Horizon: 1, Levels: []float64{80}, Risk: []float64{90}, Combine: job.Mean, OnError: job.Skip},
		read(t, walksOf(600, 0, 2)))
	if err != nil {
		t.Fatal(err)
	}
	r := answer.Overall.Risk
	if got, want := r.VaR["90"][0], r.Base-answer.Overall.Lo["80"][0]; math.Abs(got/want-1) > 0.1 {
		t.Errorf("the value at risk is %v, the lower end of the interval lies %v below the base", got, want)
	}
	if c := r.Components["A0"]; math.Abs(c.VaR["90"]-r.VaR["90"][0]) > 1e-9 {
		t.Errorf("the only component is %v of %v", c.VaR["90"], r.VaR["90"][0])
	}
}

func TestAPortfolioWithoutRiskSaysSo(t *testing.T) {
	t.Parallel()
	long := walksOf(60, 0, 1, 1)
	rows := strings.Split(strings.TrimSpace(long), "\n")
	for i, row := range rows[1:56] { // A1 begins with the 56th step
		at := strings.LastIndexByte(row, ',')
		rows[i+1] = row[:at+1]
	}
	for name, text := range map[string]string{
		"too short":  "step,A,B\n1,1,1\n2,1,2\n3,1.5,2\n",
		"one is new": strings.Join(rows, "\n"),
	} {
		answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 1, Levels: []float64{80}, Risk: []float64{95}, Combine: job.Mean, OnError: job.Skip}, read(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(answer.Overall.Notes, "\n"); answer.Overall.Risk != nil || !strings.Contains(notes, "there is no risk: ") {
			t.Errorf("%s: the risk is %+v, and the notes are %s", name, answer.Overall.Risk, notes)
		}
	}
}

// Prices that may lose everything within the horizon lose no more than that, as their interval has it.
func TestRiskOfPricesIsAtMostAllTheyAreWorth(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 5))
	var b strings.Builder
	b.WriteString("step,A,B\n")
	x, y := 100.0, 100.0
	for k := range 300 {
		x, y = max(x+40*random.NormFloat64(), 1), max(y+40*random.NormFloat64(), 1)
		fmt.Fprintf(&b, "%d,%v,%v\n", k, x, y)
	}
	answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 20, Levels: []float64{98}, Risk: []float64{99}, Combine: job.Mean, OnError: job.Skip}, read(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	r := answer.Overall.Risk
	for k, lo := range answer.Overall.Lo["98"] {
		if math.Abs(r.VaR["99"][k]-(r.Base-lo)) > 1e-9 || r.ES["99"][k] > r.Base || lo < 0 {
			t.Errorf("step %d: VaR %v, ES %v, the base is %v and the lower end %v", k+1, r.VaR["99"][k], r.ES["99"][k], r.Base, lo)
		}
	}
}

// Assets that count steps of their own have a risk where they have intervals, by default too, and its components add up.
func TestRiskOfAssetsThatShareNoDates(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(15, 16))
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for i, n := range []int{80, 120, 100} {
		level := 50.0
		for k := range n {
			level += random.NormFloat64()
			fmt.Fprintf(&b, "A%d,%d,%v\n", i, k, level)
		}
	}
	answer, err := compute(t, job.Spec{Dataset: "d", Assets: []string{"*"}, Horizon: 4}.Defaulted(), read(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	r, overall := answer.Overall.Risk, answer.Overall
	if r == nil || overall.DS != nil {
		t.Fatalf("the risk is %+v at %v, notes %v", r, overall.DS, overall.Notes)
	}
	// The lower end of the interval of 95 % is the quantile 2.5 %: the value at risk at 95 % is less, that at 99 % more.
	if lo := r.Base - overall.Lo["95"][3]; r.VaR["95"][3] >= lo || r.VaR["99"][3] <= lo {
		t.Errorf("values at risk %v and %v, the interval says %v", r.VaR["95"][3], r.VaR["99"][3], lo)
	}
	for _, level := range []string{"95", "99"} {
		ofVaR, ofES := 0.0, 0.0
		for _, c := range r.Components {
			ofVaR, ofES = ofVaR+c.VaR[level], ofES+c.ES[level]
		}
		if len(r.Components) != 3 || math.Abs(ofVaR/r.VaR[level][3]-1) > 1e-9 || math.Abs(ofES/r.ES[level][3]-1) > 1e-9 {
			t.Errorf("at %s the components add up to %v and %v, and not to %v and %v", level, ofVaR, ofES, r.VaR[level][3], r.ES[level][3])
		}
	}
}
