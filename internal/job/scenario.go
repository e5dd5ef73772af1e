package job

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"foliocast/internal/problem"
)

// Limits of scenarios.
const (
	maxScenarios    = 20
	maxShocks       = 20
	maxScenarioName = 64   // characters
	largestShock    = 1000 // times the last value
	// maxScenarioSteps bounds scenarios × assets × steps: three numbers of each are in the head of an answer.
	maxScenarioSteps = 200_000
)

// Scenario is what may happen to some assets at the next step.
type Scenario struct {
	Name   string             `json:"name"`
	Shocks map[string]float64 `json:"shocks" doc:"By how much of its last value each asset changes to the first step: -0.1 is a fall by 10 %" example:"{\"DAX\":-0.1}"`
}

// Outcome is what a scenario means for the portfolio and all of its assets, by what their errors at the same dates say.
type Outcome struct {
	Name    string             `json:"name"`
	Shocks  map[string]float64 `json:"shocks"`
	Origins int                `json:"origins" doc:"How many rolling origins tell how the assets move together"`
	Overall Change             `json:"overall" doc:"Of the portfolio. Where combine is return, the change is the return itself"`
	Assets  map[string]Change  `json:"assets" doc:"Of each asset that is measured with the others, by name"`
}

// Change is what is expected in a scenario. Each slice has one value for each step.
type Change struct {
	Mean       []float64 `json:"mean" doc:"The expected value"`
	Change     []float64 `json:"change,omitzero" nullable:"false" doc:"The same as a share of the last value: -0.1 is 10 % less. Absent where that is 0, and then volatility is in units of mean"`
	Volatility []float64 `json:"volatility" doc:"Standard deviation of what the scenario leaves open, as a share of the last value: 0 where a shock says all"`
}

// Relative is what the portfolio does compared with its benchmark. Each slice has one value for each step, which is about the returns of
// both from the origin to that step.
type Relative struct {
	Benchmark        string               `json:"benchmark"`
	Origins          int                  `json:"origins" doc:"How many rolling origins tell how the two move together"`
	Mean             []float64            `json:"mean" doc:"By how much more the portfolio is forecast to return"`
	Beta             []*float64           `json:"beta" doc:"By how much more the portfolio returns when the benchmark returns 1 more; null where the benchmark never moved"`
	Correlation      []*float64           `json:"correlation" doc:"Of the returns; null where one of them never moved"`
	TrackingError    []float64            `json:"tracking_error" doc:"Standard deviation of the difference of the returns"`
	VaR              map[string][]float64 `json:"var" doc:"By level in percent: by how much less the portfolio returns, which is not exceeded with this probability. At the levels of risk, or at 95"`
	ES               map[string][]float64 `json:"es" doc:"Likewise the mean of the differences in the worst cases"`
	Underperformance []float64            `json:"underperformance" doc:"Probability that the portfolio returns less than the benchmark"`
}

// refuseJoint refuses in a backtest what is drawn and asked of assets together.
func (s Spec) refuseJoint(f *faults) {
	for _, field := range []struct {
		name string
		has  bool
	}{{"paths", s.Paths != 0}, {"seed", s.Seed != 0}, {"scenarios", s.Scenarios != nil}, {"benchmark", s.Benchmark != ""}} {
		if field.has {
			f.add("/"+field.name, "does not belong to a backtest, which measures forecasts of what is known")
		}
	}
}

// validateScenarios checks what does not depend on the dataset.
func (s Spec) validateScenarios(f *faults) {
	names := make(map[string]bool, len(s.Scenarios))
	for i, c := range s.Scenarios {
		pointer := fmt.Sprintf("/scenarios/%d", i)
		switch n := utf8.RuneCountInString(c.Name); {
		case c.Name == "":
			f.add(pointer+"/name", "must not be empty")
		case n > maxScenarioName:
			f.add(pointer+"/name", "must have at most %d characters, has %d", maxScenarioName, n)
		case names[c.Name]:
			f.add(pointer+"/name", "names %q twice", c.Name)
		}
		names[c.Name] = true
		if n := len(c.Shocks); n == 0 || n > maxShocks {
			f.add(pointer+"/shocks", "must name 1 to %d assets, names %d", maxShocks, n)
			continue
		}
		for _, asset := range slices.Sorted(maps.Keys(c.Shocks)) {
			if v := c.Shocks[asset]; !(math.Abs(v) <= largestShock) {
				f.add(pointer+"/shocks/"+problem.Escape(asset), "must be -%d to %d, is %v: -0.1 is a fall by 10 %%", largestShock, largestShock, v)
			}
		}
	}
	if !s.All() {
		f.addAll(s.ScenarioFaults(s.Assets))
	}
}

// ScenarioFaults returns the faults of scenarios and of a benchmark in a job of the given assets: those of which these lack one, and
// of too many. Validate calls it when the job names its assets.
func (s Spec) ScenarioFaults(assets []string) []problem.Fault {
	if len(s.Scenarios) == 0 && s.Benchmark == "" || len(s.Scenarios) > maxScenarios || s.Horizon > maxHorizon {
		return nil
	}
	var f faults
	for i, c := range s.Scenarios {
		if len(c.Shocks) <= maxShocks {
			f.addAll(unknown(fmt.Sprintf("/scenarios/%d/shocks", i), maps.Keys(c.Shocks), assets))
		}
	}
	if s.Benchmark != "" && !slices.Contains(assets, s.Benchmark) {
		f.add("/benchmark", "must be one of the assets, is %q: one with the weight 0, or 0 units, is no part of the portfolio", s.Benchmark)
	}
	if n := len(s.Scenarios) * len(assets) * s.Horizon; n > maxScenarioSteps {
		f.add("/scenarios", "must be fewer, or the assets or the horizon: %d scenarios × %d assets × %d steps make %d, more than the limit of %d",
			len(s.Scenarios), len(assets), s.Horizon, n, maxScenarioSteps)
	}
	return f
}
