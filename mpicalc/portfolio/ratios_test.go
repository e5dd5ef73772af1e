package portfolio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"foliocast/internal/job"
)

// Two assets whose steps are always as large, and which in times of crisis, of 100 days on average, fall and rise together, and are independent in
// others: no asset's own volatility tells, and the portfolio's interval must be wider in crises. Under independence the standard deviation of the mean of two is √½ of
// that of one, in a crisis the same.
func TestPortfolioIntervalsFollowCorrelation(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(31, 32))
	widths := map[bool]float64{}
	for range 30 {
		for _, last := range []bool{false, true} {
			var b strings.Builder
			b.WriteString("step,A,B")
			x, y, crisis := 1000.0, 1000.0, false
			for day := range 700 {
				if random.Float64() < 0.01 {
					crisis = !crisis
				}
				if day >= 640 {
					crisis = last
				}
				common, own := random.NormFloat64(), random.NormFloat64()
				if crisis {
					own = common
				}
				x, y = x+common, y+own
				fmt.Fprintf(&b, "\n%d,%.6f,%.6f", day, x, y)
			}
			answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 1, Levels: []float64{80}, Risk: []float64{95}, Combine: job.Mean, OnError: job.Skip}, read(t, b.String()+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			f := answer.Overall
			widths[last] += (f.Hi["80"][0] - f.Lo["80"][0]) / 30
			// The components of the risk still add up.
			sum := 0.0
			for _, c := range f.Risk.Components {
				sum += c.ES["95"]
			}
			if len(f.Risk.Components) != 2 || math.Abs(sum/f.Risk.ES["95"][0]-1) > 1e-9 {
				t.Errorf("the components %v add up to %v, not to %v", f.Risk.Components, sum, f.Risk.ES["95"][0])
			}
		}
	}
	// The truth is 2.56·0.71 and 2.56; before, both were about 2.2.
	if calm, crisis := widths[false], widths[true]; crisis < 1.12*calm || crisis > 2.8 || calm < 1.6 {
		t.Errorf("the interval is %.3f wide in calm times and %.3f in a crisis, want about 1.8 and 2.6", calm, crisis)
	}
}
