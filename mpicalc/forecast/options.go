package forecast

import (
	"errors"
	"fmt"
	"math"
)

// Freq is the interval between two observations: one of the constants below, or "" when it is not known.
type Freq string

// The frequencies whose usual seasons are known.
const (
	Hourly       Freq = "H"
	Daily        Freq = "D"
	BusinessDays Freq = "B"
	Weekly       Freq = "W"
	Monthly      Freq = "M"
	Quarterly    Freq = "Q"
	Yearly       Freq = "Y"
)

// Limits of Options, and of the points that a model looks at.
const (
	MaxHorizon = 1000    // steps
	MaxSeason  = 100_000 // steps in one period
	MaxSeasons = 4       // periods given at once
	MaxLevels  = 16      // prediction intervals
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
	// Freq may be empty: then seasons come from the data alone.
	Freq Freq
	// Seasons are the seasonal periods in steps. nil means: find them from Freq and the data. A period of 1 means no
	// season, so []int{1} turns the search off.
	Seasons []int
	// Levels are the nominal coverages of the prediction intervals, in percent, strictly ascending, each above 0 and below
	// 100. Empty means point forecasts only: no rolling origins are computed for intervals and Result.Skill is NaN. The
	// model "auto" still tries its members on inner origins to weigh them.
	Levels []float64
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
	if !o.Freq.known() {
		fault("Freq", "must be empty or one of H, D, B, W, M, Q, Y, not %q", o.Freq)
	}
	if len(o.Seasons) > MaxSeasons {
		fault("Seasons", "may hold at most %d periods, not %d", MaxSeasons, len(o.Seasons))
	}
	for i, m := range o.Seasons {
		if m < 1 || m > MaxSeason {
			fault("Seasons", "must be 1 to %d steps long, not %d (number %d)", MaxSeason, m, i+1)
		}
	}
	if len(o.Levels) > MaxLevels {
		fault("Levels", "may hold at most %d levels, not %d", MaxLevels, len(o.Levels))
	}
	for i, p := range o.Levels {
		if math.IsNaN(p) || p <= 0 || p >= 100 {
			fault("Levels", "must lie between 0 and 100 percent, not %v (number %d)", p, i+1)
		} else if i > 0 && o.Levels[i-1] >= p {
			fault("Levels", "must ascend, but %v follows %v", p, o.Levels[i-1])
		}
	}
	return errors.Join(faults...)
}

func (f Freq) known() bool {
	switch f {
	case "", Hourly, Daily, BusinessDays, Weekly, Monthly, Quarterly, Yearly:
		return true
	}
	return false
}
