package forecast

import "slices"

// Ridge penalties, relative to the 1 on the diagonal of a correlation matrix: ridgeUsual for many points, ridgeShort for
// few.
const (
	ridgeUsual = 1e-4
	ridgeShort = 1e-3
)

// lagged is a model that consists of one autoregression. The function chooses the lags for a problem. It reports false when
// it needs a season and the problem has none.
type lagged func(e *Engine, p *problem) (autoregression, bool)

func (l lagged) forecast(e *Engine, p *problem, log bool) fit {
	out := e.newPaths(p)
	if r, ok := l(e, p); ok {
		e.autoregress(p, []lagTask{{r, log, out}})
	}
	return fit{paths: out}
}

// lagTask is an autoregression with the view to fit it to and the rows to fill.
type lagTask struct {
	autoregression
	log bool
	out paths
}

// autoregress fills the rows of several autoregressions of one series. The products of lags are summed once for all
// autoregressions on the same view.
func (e *Engine) autoregress(p *problem, tasks []lagTask) {
	for _, log := range []bool{false, true} {
		var v *view
		for i := range tasks {
			if tasks[i].log == log {
				v = e.view(p, log)
				tasks[i].request(&e.mem, &v.sums)
			}
		}
		if v == nil {
			continue
		}
		v.sums.compute(&e.mem)
		for i := range tasks {
			if tasks[i].log == log {
				e.forecastLags(p, &tasks[i], v)
			}
		}
	}
}

// forecastLags goes from the earliest origin to the latest, as smooth does, and refits by the same rule, problem.sharesFit.
func (e *Engine) forecastLags(p *problem, task *lagTask, v *view) {
	defer e.mem.release(e.mem.mark())
	f := e.newLagFit(&task.autoregression)
	for o, n := range slices.Backward(p.ends) {
		if !p.sharesFit(o, f.points) {
			e.fitLags(&f, &task.autoregression, &v.sums, n)
		}
		if row := task.out.row(o); e.continueLags(&f, v.z[:n], row) {
			v.back(row)
			p.clip(o, row)
		}
	}
}

// recentLags makes the autoregression of an order chosen by AICc:
//
//	z(t) = α + Σ β(i)·z(t-i),  i = 1..p,  p <= 25 and <= n/5
func recentLags(e *Engine, p *problem) (autoregression, bool) {
	r := autoregression{lags: e.lagsTo(min(25, len(p.y)/5)), period: 1, nested: true, ridge: ridgeUsual}
	return r, true
}

// lagsTo returns 1..p.
func (e *Engine) lagsTo(p int) []int {
	lags := e.mem.ints(p)
	for i := range lags {
		lags[i] = i + 1
	}
	return lags
}

// seasonalLags makes one autoregression on the latest values and on those around each season: the lags 1, 2, 3; the
// neighbourhood of one, two and three of the shortest period m; the multiples of m up to the second period; and the
// neighbourhood of each longer period. For hourly data with a day and a week these are 1 2 3, 23 24 25, 47 48 49, 71 72 73,
// 96 120 144, 167 168 169. Its idea is that of a multiplicative seasonal autoregression (Box and Jenkins 1970, chapter 9)
// without the constraints between its coefficients.
func seasonalLags(e *Engine, p *problem) (autoregression, bool) {
	if len(p.seasons) == 0 {
		return autoregression{}, false
	}
	lags := append(e.mem.ints(3 + 9 + 8*len(p.seasons))[:0], 1, 2, 3)
	m := p.seasons[0]
	for j := 1; j <= 3; j++ {
		lags = append(lags, j*m-1, j*m, j*m+1)
	}
	for _, long := range p.lagSeasons()[1:] {
		for j := 4; j*m < long && j <= 8; j++ {
			lags = append(lags, j*m)
		}
		lags = append(lags, long-1, long, long+1)
	}
	lags = sortLags(lags)
	return autoregression{lags: lags, period: 1, minLags: slices.Index(lags, m) + 1, ridge: ridgeUsual}, true
}

// lagSeasons are the seasons that make lags: all but a year of hours, of which half the observations would be lost to a lag that
// says little of so slow a change.
func (p *problem) lagSeasons() []int {
	last := len(p.seasons)
	if long := p.seasons[last-1]; last > 1 && p.options.isAnnual(long) && long > daysOfYear {
		last--
	}
	return p.seasons[:last]
}

const daysOfYear = 366

// sortLags sorts lags and drops duplicates and lag 0.
func sortLags(lags []int) []int {
	slices.Sort(lags)
	lags = slices.Compact(lags)
	if lags[0] == 0 {
		lags = lags[1:]
	}
	return lags
}

// seasonalDifferences makes an autoregression of the seasonal differences z(t) - z(t-m), m the longest period that the
// series holds four times.
func seasonalDifferences(e *Engine, p *problem) (autoregression, bool) {
	if len(p.seasons) == 0 {
		return autoregression{}, false
	}
	m := p.seasons[0]
	for _, s := range p.seasons {
		if 4*s <= len(p.y) {
			m = s
		}
	}
	return e.differenceLags(p.lagSeasons(), m), true
}

// differenceLags makes an autoregression of the differences at distance m, on the lags 1, 2 and 3 and those around each
// period.
func (e *Engine) differenceLags(seasons []int, m int) autoregression {
	lags := append(e.mem.ints(6 + len(seasons))[:0], 1, 2, 3)
	for i, s := range seasons {
		lags = append(lags, s)
		if i == 0 {
			lags = append(lags, s-1, s+1, 2*s)
		}
	}
	return autoregression{lags: sortLags(lags), diff: m, period: 1, ridge: ridgeUsual}
}

// nearLags makes the autoregression on 1, 2, m and m+1: the lags of one step, of one season, and of both.
func nearLags(e *Engine, p *problem) (autoregression, bool) {
	m := p.season()
	lags := sortLags(append(e.mem.ints(4)[:0], 1, 2, m, m+1))
	return autoregression{lags: lags, period: 1, minLags: slices.Index(lags, m) + 1, ridge: ridgeShort}, m > 1
}

// phaseLags is seasonalLags with an intercept for each phase of the shortest season.
func phaseLags(e *Engine, p *problem) (autoregression, bool) {
	r, ok := seasonalLags(e, p)
	r.period = p.season()
	return r, ok
}

// recentSeasonalLags is seasonalLags fitted to the recent part of a long series alone.
func recentSeasonalLags(e *Engine, p *problem) (autoregression, bool) {
	r, ok := seasonalLags(e, p)
	if !ok {
		return r, false
	}
	r.window = 3 * r.reach()
	return r, 5*r.reach() <= len(p.y)
}

// firstSeasonDifferences makes the autoregression of the differences at the shortest season.
func firstSeasonDifferences(e *Engine, p *problem) (autoregression, bool) {
	if len(p.seasons) == 0 {
		return autoregression{}, false
	}
	return e.differenceLags(p.lagSeasons(), p.seasons[0]), true
}

// secondSeasonDifferences makes that of the differences at the season after it.
func secondSeasonDifferences(e *Engine, p *problem) (autoregression, bool) {
	if len(p.seasons) < 2 {
		return autoregression{}, false
	}
	return e.differenceLags(p.lagSeasons(), p.seasons[1]), true
}

// differencesAt makes an autoregression of the differences at the distance that a problem says, of up to three lags, as AICc
// chooses.
func differencesAt(distance func(*problem) int) lagged {
	return func(e *Engine, p *problem) (autoregression, bool) {
		return autoregression{lags: e.lagsTo(3), diff: distance(p), period: 1, nested: true, ridge: ridgeShort}, true
	}
}

func oneStep(*problem) int { return 1 }
