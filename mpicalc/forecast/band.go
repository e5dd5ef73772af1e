package forecast

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// Simultaneous bands hold for a whole path of values, and not only for each step by itself. They are sup-t bands (Montiel Olea and
// Plagborg-Møller 2019, Journal of Applied Econometrics 34, 1-17): the intervals of all steps, at one level that is higher than that of the
// band. With Q the quantile function of step k, an interval is written
//
//	[Q(Φ(-t)), Q(Φ(t))]
//
// so that t is 1.64 for 90 %. The score of a path is the least t whose intervals contain all of it, and the band has the t that is the
// quantile of the scores of past paths: those of the errors at rolling origins, each as large as it would be now.
//
// Past paths of overlapping horizons are worth ν independent ones, see effectiveOverlapping, and the k-th smallest of ν scores is expected
// to lie above a share of only k/(ν+1) (Vovk, Gammerman and Shafer 2005). So the quantile of the level L is the score at the rank
// L·n·(ν+1)/ν of n. Where L is above ν/(ν+1) there is no such rank: then t is that of the level L^(1/m) for m steps, which is enough for
// errors that are normal, whatever their correlations (Šidák 1967, Journal of the American Statistical Association 62, 626-633).

// bandOrigins is at how many origins a model is fitted for bands, and naiveBandOrigins at how many the paths of naive are measured where
// the forecast is as good as that.
const (
	bandOrigins      = 200
	naiveBandOrigins = 500
)

// BandOrigins returns at how many origins, as far apart as the near ones of OriginOffset, the paths of a series of n points are measured
// for bands at horizon h.
func BandOrigins(n, h int) int {
	left := n - h - max(minTraining, n/3)
	if left < 0 {
		return 0
	}
	return min(1+left/originStride(h), bandOrigins)
}

// bandEnds are the training lengths of these origins.
func (p *problem) bandEnds(mem *scratch) []int {
	n, h := len(p.values), p.steps
	ends := mem.ints(BandOrigins(n, h))
	for o := range ends {
		ends[o] = n - h - o*originStride(h)
	}
	return ends
}

// value is the quantile Φ(t) of step k. Beyond the quantiles of the marginals it goes on as between the last two.
func (g *marginals) value(rows [][]float64, k int, t float64) float64 {
	i, found := slices.BinarySearch(g.normal, t)
	if found {
		return rows[i][k]
	}
	i = min(max(i, 1), len(rows)-1)
	below, above := rows[i-1][k], rows[i][k]
	return below + (t-g.normal[i-1])/(g.normal[i]-g.normal[i-1])*(above-below)
}

// score is the least t ≥ 0 for which the value v of step k lies inside, or +Inf.
func (g *marginals) score(rows [][]float64, k int, v float64) float64 {
	reached := sort.Search(len(rows), func(i int) bool { return rows[i][k] >= v })
	exceeded := sort.Search(len(rows), func(i int) bool { return rows[i][k] > v })
	t := 0.0
	if reached > 0 {
		t = max(t, g.between(rows, k, v, min(reached, len(rows)-1), math.Inf(1)))
	}
	if exceeded < len(rows) {
		t = max(t, -g.between(rows, k, v, max(exceeded, 1), math.Inf(-1)))
	}
	return t
}

// between is where v lies on the line through the quantiles i-1 and i, or otherwise where they are the same.
func (g *marginals) between(rows [][]float64, k int, v float64, i int, otherwise float64) float64 {
	below, above := rows[i-1][k], rows[i][k]
	if below == above {
		return otherwise
	}
	return g.normal[i-1] + (v-below)/(above-below)*(g.normal[i]-g.normal[i-1])
}

// scores appends the score of each path of errors around the median to dst. A step without an error is left out; the score of a path
// without any is NaN.
func (g *marginals) scores(dst []float64, rows [][]float64, median []float64, errs *Errors) []float64 {
	for o := range errs.Origins {
		t := math.NaN()
		for k, e := range errs.Row(o) {
			if !math.IsNaN(e) {
				t = worse(t, g.score(rows, k, median[k]+e))
			}
		}
		dst = append(dst, t)
	}
	return dst
}

// worse is the larger of two scores, of which a NaN does not count.
func worse(a, b float64) float64 {
	if a >= b || math.IsNaN(b) {
		return a
	}
	return b
}

// criticals are the t of the bands of ascending levels in percent, for the scores of paths of some steps, of origins a stride apart, of
// which the horizon is h steps. It sorts the scores.
func criticals(dst, scores, levels []float64, stride, h, steps int) []float64 {
	slices.Sort(scores) // those that are NaN come first
	first := sort.Search(len(scores), func(i int) bool { return !math.IsNaN(scores[i]) })
	scores = scores[first:]
	nu := effectiveOverlapping(float64(len(scores)), stride, h)
	last := 0.0
	for _, level := range levels {
		last = max(last, critical(scores, level, nu, steps))
		dst = append(dst, last)
	}
	return dst
}

// critical is the t of the band of a level in percent, at least that of an interval, for the ascending scores of paths of some steps that
// are worth nu independent ones.
func critical(scores []float64, level, nu float64, steps int) float64 {
	p := level / 100
	least := normalOf(level)
	n := float64(len(scores))
	if rank := p * n * (nu + 1) / nu; rank <= n && n > 0 {
		if t := scoreAt(scores, rank); !math.IsInf(t, 1) {
			return max(t, least)
		}
	}
	return max(distuv.UnitNormal.Quantile((1+math.Pow(p, 1/float64(steps)))/2), least)
}

// scoreAt is the score at a rank from 1 to their number, interpolated linearly.
func scoreAt(scores []float64, rank float64) float64 {
	below := max(int(rank), 1)
	if below >= len(scores) {
		return scores[len(scores)-1]
	}
	return scores[below-1] + max(rank-float64(below), 0)*(scores[below]-scores[below-1])
}

// normalOf is the t of an interval of a level in percent.
func normalOf(level float64) float64 { return distuv.UnitNormal.Quantile((100 + level) / 200) }

// bandProbabilities are those of the ends of intervals of the given levels, which are among the marginals of bands.
func bandProbabilities(levels []float64) (all []float64) {
	for _, level := range levels {
		all = append(all, (100-level)/200, (100+level)/200)
	}
	return all
}

// setCritical finds the t of each band that was asked for from the rows of the marginals in dst, and the paths around the median out.
func (p *problem) setCritical(e *Engine, dst *Result, out paths) {
	e.mem.critical = e.mem.critical[:0]
	if len(p.options.Bands) == 0 || len(dst.Quantiles) == 0 {
		return
	}
	defer e.mem.release(e.mem.mark())
	errs := &e.mem.banded
	p.bandErrors(e, errs, out)
	scores := p.marginals.scores(e.mem.floats(errs.Origins)[:0], dst.Quantiles, out.row(0), errs)
	if dst.Origins < MinOrigins {
		scores = nil // the quantiles are those of other errors
	}
	e.mem.critical = criticals(e.mem.critical, scores, p.options.Bands, errs.Stride, p.steps, p.steps)
}

// bandErrors writes the paths of errors that bands rest on into dst, as large as they would be around the median: those of naive at
// hundreds of origins where the forecast is as good as that, and otherwise those of the model.
func (p *problem) bandErrors(e *Engine, dst *Errors, out paths) {
	n, h, stride, median := len(p.values), p.steps, originStride(p.steps), out.row(0)
	if w := p.walk; w != nil {
		count := min(naiveBandOrigins, (n-h)/2/stride)
		if w.volatility != nil { // further back it is not known
			count = min(count, (n-h-w.volatility.unread-w.volatility.lags())/stride)
		}
		ends := e.mem.ints(max(count, 0))
		for o := range ends {
			ends[o] = n - h - o*stride
		}
		w.errors(dst, p, median, ends, 0)
		dst.Stride = stride
		return
	}
	dst.resize(len(p.banded), h)
	dst.Stride = stride
	for i, o := range p.banded {
		row, scale := dst.Row(i), p.levelRatio(o)
		for k, y := range p.values[p.known[o] : p.known[o]+h] {
			f := out.row(o)[k]
			if p.relative {
				u := min(relativeError(y, f), p.mostAbove(y-f)/median[k])
				row[k] = afterRelativeError(median[k], u) - median[k]
			} else {
				row[k] = p.toPresent(y-f, scale)
			}
		}
	}
}

// band writes the bands that were asked for, whose t are known.
func (e *Engine) band(dst *Result, m *Method) {
	if len(dst.Quantiles) == 0 {
		dst.BandLo, dst.BandHi = dst.BandLo[:0], dst.BandHi[:0]
		return
	}
	m.drawn.bands(dst.BandLo, dst.BandHi, dst.Quantiles, e.mem.critical, dst.Floor)
	for i, band := range m.options.Bands {
		for j, level := range m.options.Levels {
			if level <= band {
				widen(dst.BandLo[i], dst.BandHi[i], dst.Lo[j], dst.Hi[j])
			}
		}
	}
}

// bands writes the bands with the given t, ascending, into lo and hi. None has a value below least.
func (g *marginals) bands(lo, hi, rows [][]float64, critical []float64, least float64) {
	for i, t := range critical {
		for k := range lo[i] {
			lo[i][k] = max(clampFinite(g.value(rows, k, -t), rows[0][k]), least)
			hi[i][k] = clampFinite(g.value(rows, k, t), rows[len(rows)-1][k])
		}
		if i > 0 {
			widen(lo[i], hi[i], lo[i-1], hi[i-1])
		}
	}
}

// widen makes a band contain another one, up to which rounding may have left it.
func widen(lo, hi, otherLo, otherHi []float64) {
	for k := range lo {
		lo[k], hi[k] = min(lo[k], otherLo[k]), max(hi[k], otherHi[k])
	}
}
