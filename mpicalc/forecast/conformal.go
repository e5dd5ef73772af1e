package forecast

import "math"

// Intervals returns the prediction intervals around mean that follow from the rolling-origin errors errs: lo and hi
// hold one slice of len(mean) for each level (percent, as Options.Levels). Engine.Forecast does the same for one series;
// Intervals is for errors from elsewhere, such as those of a portfolio: Σ wᵢ·eᵢ at the same origins. An error of NaN was not
// measured. Without any errors lo and hi equal mean. It panics when errs.Horizon is not len(mean).
//
// The ends of level L are the quantiles (1-L)/2 and (1+L)/2, see [Quantiles].
func Intervals(mean []float64, errs *Errors, levels []float64) (lo, hi [][]float64) {
	return NewDistribution(mean, errs).Intervals(levels)
}

// Quantiles returns the quantiles of the values to come that follow from their median and the rolling-origin errors errs: one
// slice of len(median) for each probability (as Options.Quantiles), ascending with it at every step. An error of NaN was not
// measured. It panics when errs.Horizon is not len(median).
//
// The method is that of split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al. 2018, Journal of the
// American Statistical Association 113, 1094-1111): the quantile p at step k is median + z(p)·s(k), where s(k) is the typical
// size of the errors at step k and z the quantile of all errors divided by their sizes, so that a few origins with many
// steps suffice. Errors of overlapping horizons depend on each other, and their effective sample size is smaller than
// their number. What few errors say of the difference between too high and too low is mostly chance, so that z is near that of a
// symmetric distribution unless there are many (see Engine.score).
func Quantiles(median []float64, errs *Errors, probabilities []float64) [][]float64 {
	return NewDistribution(median, errs).Quantiles(probabilities)
}

// Distribution is the predictive distribution behind [Intervals] and [Quantiles], for many questions. It is for one goroutine.
type Distribution struct {
	engine *Engine
	of     *predictive
}

// NewDistribution returns the distribution around median that follows from errs. It keeps median. It panics when errs.Horizon is not
// len(median).
func NewDistribution(median []float64, errs *Errors) *Distribution {
	e := New()
	return &Distribution{e, e.predict(median, errs, 0)}
}

// Intervals returns what the function [Intervals] does.
func (d *Distribution) Intervals(levels []float64) (lo, hi [][]float64) {
	h := len(d.of.median)
	lo, hi = resizeRows(nil, len(levels), h), resizeRows(nil, len(levels), h)
	d.of.intervals(d.engine, lo, hi, levels)
	return lo, hi
}

// Quantiles returns what the function [Quantiles] does.
func (d *Distribution) Quantiles(probabilities []float64) [][]float64 {
	out := resizeRows(nil, len(probabilities), len(d.of.median))
	d.of.quantiles(d.engine, out, probabilities)
	return out
}

// Edge is the probability below which quantiles are extrapolated, as are those above one minus it: the errors support none beyond. Between
// them a quantile runs straight from one error to the next.
func (d *Distribution) Edge() float64 { return 1 / (2 * (d.of.nu + 1)) }

// Bands returns the simultaneous bands of the given levels (percent, as Options.Bands) for paths of errors, which may be those of more
// origins than the distribution follows from: one origin a row, Stride values apart, and NaN where a step was not measured. It panics
// when paths.Horizon is another than that of the distribution.
func (d *Distribution) Bands(paths *Errors, levels []float64) (lo, hi [][]float64) {
	h := len(d.of.median)
	if paths.Origins > 0 && paths.Horizon != h {
		panic("forecast: paths of another horizon than the distribution")
	}
	g := newMarginals(nil, bandProbabilities(levels)...)
	rows := d.Quantiles(g.probabilities)
	stride := paths.Stride
	if stride == 0 {
		stride = originStride(h)
	}
	all := criticals(nil, g.scores(nil, rows, d.of.median, paths), levels, stride, h, h)
	lo, hi = resizeRows(nil, len(levels), h), resizeRows(nil, len(levels), h)
	g.bands(lo, hi, rows, all, math.Inf(-1))
	return lo, hi
}

// predictive is the predictive distribution of the values to come.
type predictive struct {
	median   []float64
	spread           // of the errors
	relative bool    // errors are ratios, see relativeError
	step     float64 // by which the values of the series change on average; 0 when that is not known
}

// leastWidth is the least distance of a quantile of a series that is not constant from the median, in mean steps of the series
// and for a probability of 0 or 1: what never missed so far is not certain.
const leastWidth = 1e-3

// predict is the distribution around the median that follows from errs, for a series whose values change by step on average. It
// lives in memory of e.
func (e *Engine) predict(median []float64, errs *Errors, step float64) *predictive {
	if errs.Origins > 0 && errs.Horizon != len(median) {
		panic("forecast: errors of another horizon than the mean")
	}
	d := &e.mem.predictive
	*d = predictive{median: median, spread: e.spread(errs, len(median), step), step: step}
	return d
}

// predictRelativeOr is the same for relative errors where they are preferred and the series is not mostly constant, else for absolute
// ones.
func (e *Engine) predictRelativeOr(median []float64, relative, absolute *Errors, prefer bool, step float64) *predictive {
	if prefer {
		if d := e.predict(median, relative, 0); !d.isFlat() {
			d.step, d.relative = step, true
			return d
		}
	}
	return e.predict(median, absolute, step)
}

// intervals writes the ends of the intervals of the given levels in percent.
func (d *predictive) intervals(e *Engine, lo, hi [][]float64, levels []float64) {
	for i, level := range levels {
		d.quantile(e, lo[i], (100-level)/200)
		d.quantile(e, hi[i], (100+level)/200)
	}
}

// quantiles writes the quantiles of the given probabilities.
func (d *predictive) quantiles(e *Engine, out [][]float64, probabilities []float64) {
	for i, p := range probabilities {
		d.quantile(e, out[i], p)
	}
}

// quantile writes the quantile p of every step. On either side of the median it has at least the distance that leastWidth
// asks for.
func (d *predictive) quantile(e *Engine, out []float64, p float64) {
	z := d.score(e, p)
	least := (2*p - 1) * leastWidth * d.step
	for k, median := range d.median {
		q := d.at(k, z)
		if p > 0.5 {
			q = max(q, median+least)
		} else {
			q = min(q, median+least)
		}
		out[k] = clampFinite(q, median)
	}
}

// at is the value that lies z sizes of an error from the median of step k.
func (d *predictive) at(k int, z float64) float64 {
	if d.relative {
		return afterRelativeError(d.median[k], z*d.size[k])
	}
	return d.median[k] + z*d.size[k]
}

const (
	fewErrors       = 4  // independent errors say nothing of asymmetry
	symmetricErrors = 50 // are worth the assumption that those to come are as often too high as too low, and as far
)

// score returns the quantile of the scores at p, for the effective sample size ν. Above the median it is
//
//	z(p) = w·max(q(p), 0) + (1-w)·a(2p-1),  w = (ν - fewErrors)₊ / (ν + symmetricErrors)
//
// where q is the quantile of the scores and a that of their absolute values, and likewise below. At ½ it is 0: the forecast is the
// median.
func (d *predictive) score(e *Engine, p float64) float64 {
	w := max(d.nu-fewErrors, 0) / (d.nu + symmetricErrors)
	if len(d.signed) == 0 {
		w = 0
	}
	symmetric := (1 - w) * e.scoreQuantile(d.scores, math.Abs(2*p-1), d.nu)
	switch {
	case p < 0.5:
		return w*min(e.signedQuantile(d.signed, p, d.nu), 0) - symmetric
	case p > 0.5:
		return w*max(e.signedQuantile(d.signed, p, d.nu), 0) + symmetric
	}
	return 0
}
