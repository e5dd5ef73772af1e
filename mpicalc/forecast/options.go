package forecast

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Limits of Options, and of the points that a model looks at.
const (
	MaxHorizon = 1000    // steps
	MaxSeason  = 100_000 // steps in one period
	MaxSeasons = 4       // periods given at once
	MaxLevels  = 16      // prediction intervals, and bands
	// MaxQuantiles is how many quantiles can be asked for at once: twice those of a job, since a short position needs the
	// opposite ones as well.
	MaxQuantiles = 198
	MaxPaths     = 10_000
	// MaxPoints is how many of the last points of a long series the fitted models look at. Only the five simple models,
	// naive to trend, use all points. It bounds the time and the memory of one series.
	MaxPoints = 16_384
)

// Options say what to forecast for every series of a job, and how.
type Options struct {
	// Model is one of the names that Models lists. It must not be empty.
	Model string
	// Horizon is the number of steps to forecast, 1 to MaxHorizon.
	Horizon int
	// Step is the typical time between two slots of the calendar, and 0 when there is no calendar.
	Step time.Duration
	// Periods are the seasonal periods that the calendar suggests, in slots and ascending, such as 24 and 168 for hours.
	// The model uses those that the data support. Without Periods and Step, the seasons come from the data alone.
	Periods []int
	// Seasons are the seasonal periods in slots. nil means: find them from Periods and the data. A period of 1 means no
	// season, so []int{1} turns the search off.
	Seasons []int
	// Levels are the nominal coverages of the prediction intervals, in percent, strictly ascending, each above 0 and below
	// 100. Empty means point forecasts only: no rolling origins are computed for intervals and Result.Skill is NaN. The
	// model "auto" still tries its members at the rolling origins to weigh them.
	Levels []float64
	// Quantiles are the probabilities of the quantiles to forecast, strictly ascending, each above 0 and below 1. They need
	// what Levels need.
	Quantiles []float64
	// Bands are the levels of the simultaneous bands, in percent, as for Levels: all values of the horizon lie inside with that
	// probability. They need what Levels need.
	Bands []float64
	// Joint asks for what bands that hold for several series together need: Result.Scores and Result.Marginals. It needs Bands.
	Joint bool
	// Point says what Result.Mean is to be: Median, Mean, or "", which leaves the choice to the model. Where the model gives
	// the other one, it is taken from the predictive distribution, which needs what Levels need.
	Point string
	// Integers rounds the answer where all values of the series are integers: Result.Mean to the nearest one, the ends of
	// intervals outwards, and quantiles away from the median, so that nothing covers less than before.
	Integers bool
	// Explain asks for Result.Parts, and for the members of "auto" that have no part in the forecast. It changes no number of the
	// answer.
	Explain bool
	// Paths is how many paths to draw, and Seed what they are drawn from, see Result.Paths. They need what Levels need.
	Paths int
	Seed  uint64
}

// What a point forecast is. The median has the least absolute error, the mean the least squared one, and only means add up.
const (
	Median = "median"
	Mean   = "mean"
)

// wantsErrors reports whether the answer needs errors at rolling origins.
func (o *Options) wantsErrors() bool {
	return len(o.Levels)+len(o.Quantiles)+len(o.Bands)+o.Paths > 0 || o.Point != ""
}

// FieldError is one fault of an Options value.
type FieldError struct {
	Field  string // the name of the field at fault, e.g. "Horizon"
	Reason string // what is wrong with it, e.g. "must be 1 to 1000, not 0"
}

// Error returns the sentence "Field Reason".
func (e *FieldError) Error() string { return e.Field + " " + e.Reason }

// Validate reports every fault at once, as a joined error of *FieldError values, or nil.
func (o Options) Validate() error {
	var faults []error
	fault := func(field, format string, args ...any) {
		faults = append(faults, &FieldError{field, fmt.Sprintf(format, args...)})
	}
	if _, ok := lookup(registry(), o.Model); !ok {
		fault("Model", "must be one of %s, not %q", modelNames(), o.Model)
	}
	if o.Horizon < 1 || o.Horizon > MaxHorizon {
		fault("Horizon", "must be 1 to %d, not %d", MaxHorizon, o.Horizon)
	}
	if o.Step < 0 {
		fault("Step", "must not be negative, is %v", o.Step)
	}
	checkPeriods := func(field string, periods []int) {
		if len(periods) > MaxSeasons {
			fault(field, "may hold at most %d periods, not %d", MaxSeasons, len(periods))
		}
		for i, m := range periods {
			if m < 1 || m > MaxSeason {
				fault(field, "must be 1 to %d steps long, not %d (number %d)", MaxSeason, m, i+1)
			}
		}
	}
	checkPeriods("Periods", o.Periods)
	checkPeriods("Seasons", o.Seasons)
	checkLevels := func(field string, levels []float64) {
		if len(levels) > MaxLevels {
			fault(field, "may hold at most %d levels, not %d", MaxLevels, len(levels))
		}
		for i, p := range levels {
			if math.IsNaN(p) || p <= 0 || p >= 100 {
				fault(field, "must lie between 0 and 100 percent, not %v (number %d)", p, i+1)
			} else if i > 0 && levels[i-1] >= p {
				fault(field, "must ascend, but %v follows %v", p, levels[i-1])
			}
		}
	}
	checkLevels("Levels", o.Levels)
	checkLevels("Bands", o.Bands)
	if len(o.Quantiles) > MaxQuantiles {
		fault("Quantiles", "may hold at most %d quantiles, not %d", MaxQuantiles, len(o.Quantiles))
	}
	for i, p := range o.Quantiles {
		if math.IsNaN(p) || p <= 0 || p >= 1 {
			fault("Quantiles", "must lie between 0 and 1, not %v (number %d)", p, i+1)
		} else if i > 0 && o.Quantiles[i-1] >= p {
			fault("Quantiles", "must ascend, but %v follows %v", p, o.Quantiles[i-1])
		}
	}
	if o.Point != "" && o.Point != Median && o.Point != Mean {
		fault("Point", "must be %q, %q or empty, not %q", Median, Mean, o.Point)
	}
	if o.Joint && len(o.Bands) == 0 {
		fault("Joint", "needs Bands")
	}
	if o.Paths < 0 || o.Paths > MaxPaths {
		fault("Paths", "must be 0 to %d, not %d", MaxPaths, o.Paths)
	}
	return errors.Join(faults...)
}
