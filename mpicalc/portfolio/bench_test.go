package portfolio_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"foliocast/internal/job"
)

// BenchmarkSmall measures a job of four assets and five steps on one rank, with and without the risk: most jobs of a service are small.
func BenchmarkSmall(b *testing.B) {
	for _, file := range []struct{ name, text string }{{"noise", noise(4, 300)}, {"walks", walksOf(1500, 0.5, 1, 2, 3, 4)}} {
		table := read(b, file.text)
		for _, model := range []string{"trend", "auto"} {
			for _, risk := range [][]float64{{}, {95, 99}} {
				b.Run(fmt.Sprintf("%s/%s/risk%v", file.name, model, risk), func(b *testing.B) {
					for b.Loop() {
						if _, err := compute(b, job.Spec{Assets: []string{"*"}, Model: model, Horizon: 5, Levels: []float64{80, 95}, Risk: risk}, table); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// noise writes assets of independent noise around levels of their own.
func noise(assets, n int) string {
	random := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	b.WriteString("step")
	for i := range assets {
		fmt.Fprintf(&b, ",A%d", i)
	}
	for t := range n {
		fmt.Fprintf(&b, "\n%d", t)
		for i := range assets {
			fmt.Fprintf(&b, ",%.2f", float64(100+i)+5*random.NormFloat64())
		}
	}
	return b.String() + "\n"
}
