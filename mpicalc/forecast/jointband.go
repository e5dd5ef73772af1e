package forecast

import "math"

// JointBands finds bands that hold for several series together: the values of all steps of all of them lie inside with the probability
// of the level. Their intervals have one t, see [Options.Bands]; the score of an origin is the largest of those of the series.
type JointBands struct {
	worst []float64
	steps int
}

// NewJointBands returns the bands of series whose scores are those of so many origins, the same for all.
func NewJointBands(origins int) *JointBands {
	j := &JointBands{worst: make([]float64, origins)}
	fill(j.worst, math.NaN())
	return j
}

// Add adds a series of so many steps, with the score at each origin. One that is NaN does not count.
func (j *JointBands) Add(scores []float64, steps int) {
	for o, t := range scores {
		j.worst[o] = worse(j.worst[o], t)
	}
	j.steps += steps
}

// Critical returns the t of the bands of the given ascending levels (percent), for origins that are a stride apart and a horizon of h steps.
func (j *JointBands) Critical(levels []float64, stride, h int) []float64 {
	return criticals(nil, append([]float64(nil), j.worst...), levels, stride, h, max(j.steps, 1))
}

// Widen makes the bands of r, an answer to o, at least as wide as the intervals with the given t, one for each of Options.Bands. It
// leaves an answer without Marginals as it is.
func (r *Result) Widen(o *Options, critical []float64) {
	if len(r.Marginals) == 0 {
		return
	}
	lo, hi := resizeRows(nil, len(critical), len(r.Mean)), resizeRows(nil, len(critical), len(r.Mean))
	newMarginals(o.Quantiles, bandProbabilities(o.Bands)...).bands(lo, hi, r.Marginals, critical, r.Floor)
	for i := range critical {
		widen(r.BandLo[i], r.BandHi[i], lo[i], hi[i])
	}
}

// keepMarginals keeps the quantiles of all marginals.
func (r *Result) keepMarginals() {
	r.Marginals = resizeRows(r.Marginals, len(r.Quantiles), len(r.Mean))
	for i, row := range r.Quantiles {
		copy(r.Marginals[i], row)
	}
}
