package portfolio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"foliocast/internal/job"
)

// draw draws correlated assets: x = φ·x before + e with e = √ρ·common + √(1-ρ)·own.
func draw(random *rand.Rand, assets, n int, rho, phi float64) [][]float64 {
	all := make([][]float64, assets)
	x := make([]float64, assets)
	for t := range n + 100 {
		common := random.NormFloat64()
		for i := range x {
			x[i] = phi*x[i] + math.Sqrt(rho)*common + math.Sqrt(1-rho)*random.NormFloat64()
			if t >= 100 {
				all[i] = append(all[i], x[i])
			}
		}
	}
	return all
}

// wide writes portfolios of so many assets as one wide file of n steps, in which the first asset of each has only its last
// values, as many as short says; 0 stands for all. The last of each ends lag steps before the others.
func wide(all [][]float64, assets, n, short, lag int) string {
	var b strings.Builder
	b.WriteString("step")
	for i := range all {
		fmt.Fprintf(&b, ",A%d", i)
	}
	b.WriteByte('\n')
	for t := range n {
		b.WriteString(strconv.Itoa(t))
		for i := range all {
			b.WriteByte(',')
			if (i%assets > 0 || short == 0 || t >= n-short) && (i%assets < assets-1 || t < n-lag) {
				b.WriteString(strconv.FormatFloat(all[i][t], 'f', 6, 64))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// The intervals of a portfolio cover as many of the values to come as they say, whether its assets move together or not, and
// with one among them that is too short to be measured with the others, and one that ends before them. The standard error of
// the share at 80 % is about 0.7 %.
func TestPortfolioIntervalsCoverWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rho, phi float64 // correlation; autoregression, 1 for random walks
		short    int     // values of the first asset; 0 for all
		lag      int     // steps from the end of the last asset to that of the others
	}{{0.5, 1, 0, 0}, {0, 0.7, 12, 0}, {0.9, 1, 12, 0}, {0.5, 0.7, 12, 0}, {0.6, 1, 0, 10}} {
		t.Run(fmt.Sprintf("rho %v phi %v short %d lag %d", c.rho, c.phi, c.short, c.lag), func(t *testing.T) {
			t.Parallel()
			const files, runs, assets, n, h = 170, 10, 5, 100, 3 // a file for each run would take twice as long
			model := "ar"
			if c.phi == 1 {
				model = "naive"
			}
			random := rand.New(rand.NewPCG(uint64(100*c.rho), uint64(100*c.phi)))
			inside := map[string]float64{}
			for range files {
				var all [][]float64
				for range runs {
					all = append(all, draw(random, assets, n+h, c.rho, c.phi)...)
				}
				table := read(t, wide(all, assets, n, c.short, c.lag))
				for part := range slices.Chunk(table.Names(), assets) {
					answer, err := compute(t, spec(func(s *job.Spec) {
						s.Assets, s.Horizon, s.Levels, s.Model = part, h, []float64{80, 95}, model
					}), table)
					if err != nil {
						t.Fatal(err)
					}
					for k := range h {
						mean := 0.0
						for _, x := range all[:assets] {
							mean += x[n+k] / assets
						}
						for level, lo := range answer.Overall.Lo {
							if lo[k] <= mean && mean <= answer.Overall.Hi[level][k] {
								inside[level] += 1.0 / files / runs / h
							}
						}
					}
					all = all[assets:]
				}
			}
			if math.Abs(inside["80"]-0.8) > 0.02 || math.Abs(inside["95"]-0.95) > 0.015 {
				t.Errorf("the intervals cover %.3f and %.3f, want 0.80 ± 0.02 and 0.95 ± 0.015", inside["80"], inside["95"])
			}
		})
	}
}
