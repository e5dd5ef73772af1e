package risk_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"

	"foliocast/mpicalc/risk"
)

// The size of a large answer: drawn paths × steps of a portfolio of so many assets.
const benchScenarios, benchSteps, benchAssets = 10_000, 20, 100

// benchPaths are sums of normal numbers.
func benchPaths() risk.Paths {
	r := rand.New(rand.NewPCG(1, 2))
	x := risk.Paths{Steps: benchSteps, Data: make([]float64, benchScenarios*benchSteps)}
	for s := range benchScenarios {
		row := x.Row(s)
		for k := range row {
			row[k] = 100 + r.NormFloat64()
		}
		floats.CumSum(row, row)
	}
	return x
}

func BenchmarkMeasure(b *testing.B) {
	x := benchPaths()
	for b.Loop() {
		risk.Measure(x, 100, []float64{0.95, 0.99})
	}
}

func BenchmarkDrawdowns(b *testing.B) {
	x := benchPaths()
	for b.Loop() {
		risk.Drawdowns(x, 100, risk.RelativeDrawdown)
	}
}

// Two levels of VaR and ES at every step, from all assets, whose losses are given.
func BenchmarkComponents(b *testing.B) {
	losses := make([][]float64, benchSteps)
	x := benchPaths()
	for k := range losses {
		losses[k] = x.Losses(nil, k, 100)
	}
	for b.Loop() {
		for _, step := range losses {
			whole := risk.NewWhole(step)
			for _, alpha := range []float64{0.95, 0.99} {
				atRisk, es := whole.VaR(alpha), whole.ES(alpha)
				for range benchAssets {
					atRisk.Component(step)
					es.Component(step)
				}
			}
		}
	}
}

func BenchmarkCovariance(b *testing.B) {
	for name, n := range map[string]int{"n=50": 50, "n=1000": 1000} {
		x := normalErrors(rand.New(rand.NewPCG(5, 6)), correlations(benchAssets, structures()["one factor"]), n)
		for by, estimator := range map[string]risk.Estimator{"constant": risk.ConstantCorrelation, "QIS": risk.QuadraticInverse} {
			b.Run(name+"/"+by, func(b *testing.B) {
				for b.Loop() {
					if _, err := risk.EstimateCovariance(x, estimator); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
