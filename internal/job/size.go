package job

import (
	"fmt"
	"slices"

	"foliocast/internal/problem"
)

// maxNumbers bounds the numbers in an answer: those of 100,000 assets with 400 steps and
// two levels. As text they take up to 5 GB.
const maxNumbers = 200_000_000

// maxPathNumbers bounds the numbers in the paths of one asset: they cross the queue in one piece, as text of some 10 MB.
const maxPathNumbers = 500_000

// A forecast has up to so many parts for its seasons, and beside those and the ones of columns that are known in advance.
const (
	maxSeasons  = 4
	partsBeside = 4
)

// SizeFaults returns the fault of a job of so many assets whose answer would be too
// large, or nil. Validate calls it when the job names its assets.
func (s Spec) SizeFaults(assets int) []problem.Fault {
	columns := 1 + 2*len(s.Levels) + len(s.Quantiles) + 2*len(s.Bands) + s.Paths
	parts := 0
	if s.Explain {
		parts = partsBeside + maxSeasons + len(s.X)
	}
	columns += parts
	if s.Backtest() {
		return nil // its answer has no steps
	}
	if faults := slices.Concat(s.CovarianceFaults(assets), s.JointFaults(assets)); faults != nil {
		return faults
	}
	if s.Horizon < 1 || s.Horizon > maxHorizon || len(s.Levels) > maxLevels || len(s.Quantiles) > maxQuantiles || len(s.Bands) > maxLevels || s.Paths < 0 || s.Paths > maxPaths {
		return nil // a fault of its own
	}
	numbers := assets * s.Horizon * columns
	if s.Covariance != "" {
		numbers += assets * assets * s.Horizon
	}
	if numbers <= maxNumbers {
		return nil
	}
	pointer := "/assets"
	switch {
	case s.Paths > 0:
		pointer = "/paths"
	case len(s.Quantiles) > 0:
		pointer = "/quantiles"
	case s.Explain:
		pointer = "/explain"
	case len(s.Bands) > 0:
		pointer = "/bands"
	}
	return []problem.Fault{{Pointer: pointer, Detail: fmt.Sprintf(
		"must be fewer, or the horizon shorter: an answer may have %d numbers at most, and %d assets of %d steps with a mean, %d levels, %d quantiles, %d bands, %d paths and %d parts make %d",
		maxNumbers, assets, s.Horizon, len(s.Levels), len(s.Quantiles), len(s.Bands), s.Paths, parts, numbers)}}
}
