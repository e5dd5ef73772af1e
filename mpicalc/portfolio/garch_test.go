package portfolio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/mpicalc/risk"
)

// garch is a market of prices whose returns are √h·z: z has a multivariate t distribution of six degrees of freedom with variances of 1
// and equal correlations, and the variance of each asset follows its own GARCH(1,1), h' = ω + α·r² + β·h, around 1 % a day.
type garch struct {
	random *rand.Rand
	price  []float64
	h      []float64
}

const (
	garchOmega, garchAlpha, garchBeta = 1e-4 * (1 - 0.97), 0.07, 0.90
	garchCorrelation                  = 0.5
	garchFreedom                      = 6
)

func newGarch(assets int, seed uint64) *garch {
	g := &garch{random: rand.New(rand.NewPCG(seed, 1))}
	for range assets {
		g.price, g.h = append(g.price, 100), append(g.h, 1e-4)
	}
	return g
}

// step goes on by one day.
func (g *garch) step() {
	chi := 0.0
	for range garchFreedom {
		u := g.random.NormFloat64()
		chi += u * u
	}
	mix := math.Sqrt((garchFreedom - 2) / chi) // a normal variable divided by √(χ²/ν) has the variance ν/(ν-2)
	common := g.random.NormFloat64()
	for i := range g.price {
		z := mix * (math.Sqrt(garchCorrelation)*common + math.Sqrt(1-garchCorrelation)*g.random.NormFloat64())
		r := math.Sqrt(g.h[i]) * z
		g.price[i] *= math.Exp(r)
		g.h[i] = garchOmega + garchAlpha*r*r + garchBeta*g.h[i]
	}
}

// The value at risk and the expected shortfall of a portfolio of such prices add up, over many histories, to those of the truth given each
// history's last variances, within 5 %: by its risk, which comes from its errors, and by its paths. The risk contains what is unknown of
// the volatility, which the truth knows: of all four, its expected shortfall shows that most, by 3 to 4 %. A single history of 500 origins
// tells the tail to about a tenth.
func TestRiskOfAGarchMarketWithFatTails(t *testing.T) {
	t.Parallel()
	const assets, days, histories, horizon, level = 3, 1500, 40, 5, 0.95
	var sums, truths [4]float64 // VaR and ES of the risk, and of the paths
	for history := range histories {
		g := newGarch(assets, uint64(history))
		var b strings.Builder
		b.WriteString("step,A,B,C\n")
		for day := range days {
			g.step()
			fmt.Fprintf(&b, "%d,%v,%v,%v\n", day, g.price[0], g.price[1], g.price[2])
		}
		answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: horizon, Levels: []float64{}, Risk: []float64{100 * level}, Paths: 5000,
			Combine: job.Return, OnError: job.Skip}, read(t, b.String()))
		if err != nil {
			t.Fatal(err)
		}
		var truth []float64
		for range 10_000 {
			future := garch{g.random, append([]float64(nil), g.price...), append([]float64(nil), g.h...)}
			for range horizon {
				future.step()
			}
			loss := 0.0
			for i, x := range future.price {
				loss += (1 - x/g.price[i]) / assets
			}
			truth = append(truth, loss)
		}
		var drawn []float64
		for _, path := range answer.Overall.Paths {
			drawn = append(drawn, -path[horizon-1])
		}
		want, paths := risk.NewSample(truth), risk.NewSample(drawn)
		r := answer.Overall.Risk
		for i, v := range []float64{r.VaR["95"][horizon-1], r.ES["95"][horizon-1], paths.VaR(level), paths.ES(level)} {
			sums[i] += v
			truths[i] += []float64{want.VaR(level), want.ES(level)}[i%2]
		}
	}
	for i, what := range []string{"VaR", "ES", "VaR of the paths", "ES of the paths"} {
		ratio := sums[i] / truths[i]
		t.Logf("%s: %.3f of the truth", what, ratio)
		if math.Abs(ratio-1) > 0.05 {
			t.Errorf("the %s is %.3f of the truth on average", what, ratio)
		}
	}
}
