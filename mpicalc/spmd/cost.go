package spmd

import (
	"errors"
	"math"
	"slices"

	"foliocast/mpicalc/forecast"
)

// costModel estimates what a series costs, in nanoseconds of one core, before any was measured: a first guess, for chunks of about
// the right size and for the order of workloads. The ranks measure the rest, see costTable.
type costModel struct {
	micros  lengthCosts
	perEnd  lengthCosts // for each origin that is asked for
	smooths bool        // the cost grows with the length of a season
	season  int         // the shortest
	beyond  int         // steps beyond costHorizon, with errors
	banded  int         // steps, when bands are asked for
	many    float64     // how much dearer several seasons are
	all     bool        // the model looks at all values
	paths   float64     // what the paths cost, for a series of any length
}

const (
	// perRegressor is what the coefficients cost for each value of the series and of each regressor, which are two more than there
	// are. With errors, the rolling origins have about two more such fits.
	perRegressor = 200
	// perValue is what each value costs that is looked at once.
	perValue = 10
	// usualSeason is the length of season up to which measuredCosts holds, and seasonPower the power with which models that smooth
	// a season get dearer with its length.
	usualSeason = 24
	seasonPower = 0.75
	// perError is what the intervals cost for each rolling-origin error of a horizon beyond costHorizon.
	perError = 100
	// explained is how much dearer an answer with its parts is: each member is continued once more.
	explained = 1.5
	// perPathStep is what a step of a path costs.
	perPathStep = 100
)

// costModelOf is the model of every series with these options.
func costModelOf(o *forecast.Options) costModel {
	p := costModel{many: 1, all: readsAll(o.Model)}
	costs := measuredCosts(o.Model)
	p.micros = costs[0]
	if wantsErrors(o) {
		// Between the two horizons, the number of origins falls with the horizon.
		share := min(math.Log(float64(o.Horizon))/math.Log(costHorizon), 1)
		for i := range p.micros {
			p.micros[i] = between(costs[1][i], costs[2][i], share)
			p.perEnd[i] = max(costs[1][i]-costs[0][i], 0) / float64(forecast.Origins(math.MaxInt32, 1))
		}
		p.beyond = max(o.Horizon-costHorizon, 0)
		if len(o.Bands) > 0 {
			p.banded = o.Horizon
		}
	}
	seasons := o.Seasons
	if seasons == nil {
		seasons = o.Periods
	}
	if len(seasons) > 0 {
		p.season = slices.Min(seasons)
	}
	switch o.Model {
	case "auto":
		p.smooths, p.many = true, float64(max(len(o.Seasons), 1))
	case "theta", "theta-dynamic", "damped", "holt-winters":
		p.smooths = true
	}
	if o.Explain {
		p.many *= explained
	}
	p.paths = perPathStep * float64(o.Paths*o.Horizon)
	return p
}

// between interpolates two costs geometrically.
func between(a, b, share float64) float64 {
	if a == 0 || b == 0 {
		return a + share*(b-a)
	}
	return a * math.Pow(b/a, share)
}

// readsAll reports whether a model looks at all values of a long series.
func readsAll(model string) bool {
	switch model {
	case "naive", "seasonal-naive", "drift", "mean", "trend":
		return true
	}
	return false
}

// of estimates the cost of a series.
func (p *costModel) of(s *forecast.Series) float64 { return p.plain(len(s.Values)) + p.extra(s) }

// plain estimates the cost of a series of n values alone.
func (p *costModel) plain(n int) float64 {
	cost := 1000 * p.many * p.micros.at(n)
	if p.beyond > 0 {
		cost += perError * float64(p.beyond*forecast.ErrorOrigins(n, costHorizon+p.beyond))
	}
	switch beyond := float64(n) - costLengths()[3]; {
	case beyond <= 0:
	case p.all:
		cost *= float64(n) / costLengths()[3]
	default:
		cost += perValue * beyond
	}
	if p.smooths && p.season > usualSeason && n >= 2*p.season {
		cost *= math.Pow(float64(p.season)/usualSeason, seasonPower)
	}
	return cost + p.paths
}

// extra estimates what else a series asks for.
func (p *costModel) extra(s *forecast.Series) (cost float64) {
	n := len(s.Values)
	if k := len(s.Regressors); k > 0 {
		cost = 3 * perRegressor * float64(min(n, forecast.MaxPoints)*(k+2))
	}
	ends := len(s.Ends)
	if p.banded > 0 {
		ends += forecast.BandOrigins(n, p.banded)
	}
	if ends > 0 {
		cost += 1000 * float64(ends) * p.perEnd.at(n)
	}
	return cost
}

// at interpolates the costs at n values. Beyond the last length they are those there.
func (c *lengthCosts) at(n int) float64 {
	lengths := costLengths()
	x := min(max(float64(n), lengths[0]/4), lengths[3])
	i := 1
	for x > lengths[i] {
		i++
	}
	return between(c[i-1], c[i], math.Log(x/lengths[i-1])/math.Log(lengths[i]/lengths[i-1]))
}

// wantsErrors reports whether an answer needs errors at rolling origins.
func wantsErrors(o *forecast.Options) bool {
	return len(o.Levels)+len(o.Quantiles)+len(o.Bands)+o.Paths > 0 || o.Point != ""
}

// errNoOptions is the error of a series that does not say what is asked.
var errNoOptions = errors.New("a series has no options")

// costMemo keeps what follows from the last options.
type costMemo struct {
	options *forecast.Options
	model   costModel
	family  *family // in the leader's table
}

// guess estimates a task without what was measured.
func (m *costMemo) guess(t *task) float64 {
	if t.options != m.options {
		m.options, m.model = t.options, costModelOf(t.options)
	}
	return m.model.of(&t.series)
}

// kindIn is the kind of a series of n values, whose options are valid.
func (m *costMemo) kindIn(t *costTable, o *forecast.Options, n int) *kind {
	if o != m.options || m.family == nil {
		m.options, m.family = o, t.family(o)
	}
	return &m.family.kinds[lengthClass(n)]
}

// sameKind reports whether two tasks are of one kind, so that they are measured together.
func sameKind(a, b *task) bool {
	return a.options == b.options && lengthClass(len(a.series.Values)) == lengthClass(len(b.series.Values))
}

const (
	partsBeside = 4     // parts of a forecast beside those of seasons and regressors
	numberBytes = 25    // of the longest number as text, with a mark after it
	reasons     = 4_000 // bytes that say why members of auto have no part
)

// resultBytes bounds the encoded answer of a series, except for long texts in it.
func resultBytes(o *forecast.Options, s *Series) int {
	n := len(s.Values)
	size := 256 + 16*len(s.Regressors) + 8*o.Horizon*(2+2*(len(o.Levels)+len(o.Bands))+len(o.Quantiles)+o.Paths)
	if o.Explain {
		size += (partsBeside + forecast.MaxSeasons + len(s.Regressors)) * (16 + 8*o.Horizon)
		size += reasons
	}
	if s.Text.Form > 0 {
		size += numberBytes * s.Text.Steps * (1 + 2*(s.Text.Levels+s.Text.Bands) + s.Text.Quantiles + s.Text.Paths)
	}
	rows := len(s.Ends)
	if s.Ends == nil {
		rows = forecast.ErrorOrigins(n, o.Horizon)
	}
	rows = max(rows, len(s.WalkEnds))
	if o.Joint {
		size += 8 * (rows + o.Horizon*(forecast.Marginals+len(o.Quantiles)+2*len(o.Bands)))
	}
	if s.WantErrors && wantsErrors(o) {
		size += 8 * o.Horizon * rows
	}
	return size
}
