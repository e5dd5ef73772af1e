package spmd

import (
	"errors"
	"time"

	"foliocast/mpicalc/forecast"
)

// costModel estimates what one series costs, in nanoseconds of one core. Only the proportions have to be right: ranks get
// shares of equal cost, and a chunk ends at a given total. The constants come from benchmarks of the models on series of
// 20 to 3,000 values, when every origin had a fit of its own. Now that neighbouring origins share fits, they are too high:
// by a factor of 1 to 11 for auto, and of about 30 for autoregressions with levels at a horizon of a few steps.
type costModel struct {
	fixed     float64 // per series
	perPoint  float64 // per value
	points    int     // values beyond this many are free: the models use the recent past
	perOrigin float64 // cost of each further origin, as a share of the first
	errors    bool    // the answer needs those at rolling origins
	horizon   int
}

// perRegressor is what the coefficients cost for each value of the series and of each regressor, which are two more than there
// are. With errors, the rolling origins have about two more such fits.
const perRegressor = 200

// perError is what the intervals cost for each rolling-origin error.
const perError = 100

// costModelOf is the model of every series with these options.
func costModelOf(o *forecast.Options) costModel {
	p := costModel{fixed: 2_000, perPoint: 100, points: 1000, perOrigin: 0.4}
	switch o.Model {
	case "naive", "seasonal-naive", "drift", "mean":
		p = costModel{fixed: 200, perPoint: 0.5, points: 1 << 30, perOrigin: 1}
	case "trend":
		p = costModel{fixed: 100, perPoint: 0.5, points: 1 << 30, perOrigin: 6}
	case "damped", "holt-winters":
		p = costModel{fixed: 5_000, perPoint: 500, points: 400, perOrigin: 0.4}
	case "level-shape":
		p = costModel{fixed: 3_000, perPoint: 60, points: 2_000, perOrigin: 0.8}
	case "harmonic":
		p = costModel{fixed: 3_000, perPoint: 200, points: 1000, perOrigin: 0.2}
	case "empirical":
		p = costModel{fixed: 10_000, perPoint: 200, points: forecast.MaxPoints, perOrigin: 0.04}
	case "croston-sba", "tsb":
		p = costModel{fixed: 200, perPoint: 20, points: forecast.MaxPoints, perOrigin: 0.8}
	case "auto":
		p = costModel{fixed: 30_000, perPoint: 3_000, points: 500, perOrigin: 0.06}
		if o.Step > 0 && o.Step < time.Hour {
			p.perPoint, p.points = 2_500, forecast.MaxPoints // a day has so many steps that the models look at all points
		}
	}
	if o.Explain {
		p.fixed *= 2 // each member is continued once more
		p.perPoint *= 1.5
	}
	p.errors, p.horizon = wantsErrors(o), o.Horizon
	return p
}

// wantsErrors reports whether an answer needs errors at rolling origins.
func wantsErrors(o *forecast.Options) bool {
	return len(o.Levels)+len(o.Quantiles) > 0 || o.Point != ""
}

// of estimates the cost of a series.
func (p costModel) of(s *forecast.Series) float64 {
	n := len(s.Values)
	first := p.perPoint * float64(min(n, p.points))
	coefficients := 0.0
	if k := len(s.Regressors); k > 0 {
		coefficients = perRegressor * float64(min(n, forecast.MaxPoints)*(k+2))
	}
	if !p.errors {
		return p.fixed + first + coefficients
	}
	origins := forecast.Origins(n, p.horizon)
	errors := p.horizon * origins
	if origins == 0 {
		errors = p.horizon * min(n, 64) // a guess
	}
	origins += len(s.Ends) // at most: many are rolling origins as well
	return p.fixed + first*(1+p.perOrigin*float64(origins)) + 3*coefficients + perError*float64(errors)
}

// costMemo keeps the cost model of the last options.
type costMemo struct {
	options *forecast.Options
	model   costModel
}

func (m *costMemo) of(o *forecast.Options) (costModel, error) {
	if o == m.options && o != nil {
		return m.model, nil
	}
	if o == nil {
		return costModel{}, errors.New("a series has no options")
	}
	if err := o.Validate(); err != nil {
		return costModel{}, err
	}
	m.options, m.model = o, costModelOf(o)
	return m.model, nil
}

const (
	partsBeside = 4     // parts of a forecast beside those of seasons and regressors
	reasons     = 4_000 // bytes that say why members of auto have no part
)

// resultBytes bounds the encoded answer of a series, except for long texts in it.
func resultBytes(o *forecast.Options, s *Series) int {
	n := len(s.Values)
	size := 256 + 16*len(s.Regressors) + 8*o.Horizon*(2+2*len(o.Levels)+len(o.Quantiles))
	if o.Explain {
		size += (partsBeside + forecast.MaxSeasons + len(s.Regressors)) * (16 + 8*o.Horizon)
		size += reasons
	}
	if s.WantErrors && wantsErrors(o) {
		size += 8 * o.Horizon * max(forecast.Origins(n, o.Horizon), min(n, 64), len(s.Ends), len(s.WalkEnds))
	}
	return size
}

// split divides costs into one contiguous share for each capacity, in proportion to it, and returns where each share
// ends. A series goes to the share in which its middle falls.
func split(costs []float64, capacity []float64) []int {
	var total, room float64
	for _, c := range costs {
		total += c
	}
	for _, c := range capacity {
		room += c
	}
	ends := make([]int, len(capacity))
	next, spent, allowed := 0, 0.0, 0.0
	for r, c := range capacity {
		allowed += c
		limit := total * allowed / room
		for next < len(costs) && (spent+costs[next]/2 < limit || r == len(capacity)-1) {
			spent += costs[next]
			next++
		}
		ends[r] = next
	}
	return ends
}
