package forecast

import "slices"

// Penalties in units of a variance, for ridge: small where points are many, ten times that where they are few.
const (
	ridgeUsual = 1e-4
	ridgeShort = 1e-3
)

// lagModel is an autoregression with the view it works on and the rows it fills.
type lagModel struct {
	autoregression
	log bool
	out paths
}

// autoregress fills the rows of several autoregressions of one series. Each pair of a view and a distance of lags is
// multiplied out once for all of them.
func (e *Engine) autoregress(t *task, models []lagModel) {
	for _, log := range []bool{false, true} {
		if log && !t.positive() {
			continue
		}
		var v *view
		for i := range models {
			if models[i].log == log {
				v = e.view(t, log)
				models[i].want(&e.mem, &v.sums)
			}
		}
		if v == nil {
			continue
		}
		v.sums.compute(&e.mem)
		for i := range models {
			if m := &models[i]; m.log == log {
				e.extendAll(t, m, v)
			}
		}
	}
}

// autoregressOne fills the rows of a single autoregression, on logarithms where all values are positive.
func (e *Engine) autoregressOne(t *task, r autoregression, out paths) {
	e.pool.lags = append(e.pool.lags[:0], lagModel{r, t.positive(), out})
	e.autoregress(t, e.pool.lags)
}

// extendAll goes from the earliest origin to the latest, as smooth does, and with the same rule fits anew.
func (e *Engine) extendAll(t *task, m *lagModel, v *view) {
	mark := e.mem.mark()
	defer e.mem.release(mark)
	f := e.newLagFit(&m.autoregression)
	for o := len(t.ends) - 1; o >= 0; o-- {
		n, row := t.ends[o], m.out.row(o)
		if !t.keeps(o, f.points) {
			e.fitLags(&f, &m.autoregression, &v.sums, n)
		}
		if e.continueSeries(&f, v.z[:n], row) {
			v.back(row)
			t.clip(o, row)
		}
	}
}

// ar is the autoregression of an order chosen by AICc, on logarithms where all values are positive:
//
//	z(t) = α + Σ β(i)·z(t-i),  i = 1..p,  p <= 25 and <= n/5
func ar(e *Engine, t *task, out paths) {
	e.autoregressOne(t, e.recentLags(len(t.y)), out)
}

// recentLags returns 1..p for ar, as AICc decides.
func (e *Engine) recentLags(n int) autoregression {
	return autoregression{lags: e.firstLags(min(25, n/5)), period: 1, nested: true, ridge: ridgeUsual}
}

// firstLags returns 1..p.
func (e *Engine) firstLags(p int) []int {
	start := len(e.lags)
	for lag := 1; lag <= p; lag++ {
		e.lags = append(e.lags, lag)
	}
	return e.lags[start:len(e.lags):len(e.lags)]
}

// arSeason is the autoregression on the last values and on those around each season, all at once, on logarithms
// where all values are positive. For hourly data with a day and a week the lags are 1 2 3, 23 24 25, 47 48 49,
// 71 72 73, 96 120 144, 167 168 169. Its idea is that of a multiplicative seasonal autoregression (Box and Jenkins
// 1970, chapter 9) without the constraints between its coefficients.
func arSeason(e *Engine, t *task, out paths) {
	if len(t.seasons) > 0 {
		e.autoregressOne(t, e.seasonLags(t.seasons), out)
	}
}

// seasonLags returns 1, 2, 3; the neighbourhood of one, two and three of the shortest period m; the multiples of m
// up to the second period; and the neighbourhood of each longer period.
func (e *Engine) seasonLags(seasons []int) autoregression {
	start := len(e.lags)
	e.lags = append(e.lags, 1, 2, 3)
	m := seasons[0]
	for j := 1; j <= 3; j++ {
		e.lags = append(e.lags, j*m-1, j*m, j*m+1)
	}
	for _, long := range seasons[1:] {
		for j := 4; j*m < long && j <= 8; j++ {
			e.lags = append(e.lags, j*m)
		}
		e.lags = append(e.lags, long-1, long, long+1)
	}
	lags := e.sortLags(start)
	return autoregression{lags: lags, period: 1, least: slices.Index(lags, m) + 1, ridge: ridgeUsual}
}

// sortLags sorts what was appended to e.lags from start on, drops duplicates and lag 0, and returns it.
func (e *Engine) sortLags(start int) []int {
	lags := e.lags[start:]
	slices.Sort(lags)
	lags = slices.Compact(lags)
	if lags[0] == 0 {
		lags = lags[1:]
	}
	return lags[:len(lags):len(lags)]
}

// arDifference is an autoregression of the seasonal differences z(t) - z(t-m), m the longest period that the series
// holds four times, on logarithms where all values are positive.
func arDifference(e *Engine, t *task, out paths) {
	if len(t.seasons) == 0 {
		return
	}
	m := t.seasons[0]
	for _, s := range t.seasons {
		if 4*s <= len(t.y) {
			m = s
		}
	}
	e.autoregressOne(t, e.differenceLags(t.seasons, m), out)
}

// differenceLags returns 1, 2, 3 and the neighbourhood of the periods for differences at distance m.
func (e *Engine) differenceLags(seasons []int, m int) autoregression {
	start := len(e.lags)
	e.lags = append(e.lags, 1, 2, 3)
	for i, s := range seasons {
		e.lags = append(e.lags, s)
		if i == 0 {
			e.lags = append(e.lags, s-1, s+1, 2*s)
		}
	}
	return autoregression{lags: e.sortLags(start), diff: m, period: 1, ridge: ridgeUsual}
}

// nearLags returns 1, 2, m and m+1: the lags of one step and one season, and of both.
func (e *Engine) nearLags(m int) autoregression {
	start := len(e.lags)
	e.lags = append(e.lags, 1, 2, m, m+1)
	lags := e.sortLags(start)
	return autoregression{lags: lags, period: 1, least: slices.Index(lags, m) + 1, ridge: ridgeShort}
}

// shortDifferenceLags returns up to three lags, as AICc decides, for differences at distance m.
func (e *Engine) shortDifferenceLags(m int) autoregression {
	r := e.stepLags()
	r.diff = m
	return r
}

// stepLags returns up to three lags, as AICc decides, for the steps of the series.
func (e *Engine) stepLags() autoregression {
	return autoregression{lags: e.firstLags(3), diff: 1, period: 1, nested: true, ridge: ridgeShort}
}
