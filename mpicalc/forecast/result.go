package forecast

import "math"

// Result is the answer for one series. Engine.Forecast overwrites it and reuses its slices: copy what must outlive the
// next call. The zero value is ready to be filled.
type Result struct {
	// Model names the model that made the forecast: the one asked for, with "-log" when it was fitted to logarithms; the
	// only member when "auto" leaves a series to one model, as it leaves random walks to "naive"; or the model that took
	// over.
	Model string
	// Mean holds the point forecasts of the steps 1 to Horizon.
	Mean []float64
	// Point says what Mean holds, Median or Mean. A forecast made on logarithms is a median in levels, and one made in levels
	// by least squares is a mean; where errors are symmetric, it is both. A median lies within every interval. A mean need
	// not: that of mostly zeros lies above their 50 % interval.
	Point string
	// Average holds the means where Mean holds medians of a distribution that the model knows, as that of counts, of which most
	// may be 0. Only means add up. It is empty otherwise.
	Average []float64
	// Lo and Hi hold the ends of the prediction intervals, [level][step], parallel to Options.Levels. They are empty when
	// the series cannot have an interval; Note then says why.
	Lo, Hi [][]float64
	// Quantiles holds the quantiles, [quantile][step], parallel to Options.Quantiles, and is empty where Lo and Hi are.
	Quantiles [][]float64
	// BandLo and BandHi hold the ends of the simultaneous bands, [band][step], parallel to Options.Bands. They are never inside the
	// interval of the same level, nor inside the band of a lower one, and are empty where Lo and Hi are.
	BandLo, BandHi [][]float64
	// Scores are, for Options.Joint, how far out the path of each origin of Errors lies in the forecast: the least t whose intervals contain
	// it, see [JointBands], and NaN where the origin has no errors. Marginals are then many quantiles of each step, from which
	// these can be made wider.
	Scores    []float64
	Marginals [][]float64
	// Floor is the least value that means and intervals may have: a fifth of the smallest value of a series that was never
	// negative, and -Inf for any other or when no levels were asked for. It is that of the values that the model looked at,
	// see MaxPoints.
	Floor float64
	// Skill is the mean absolute rolling-origin error divided by that of the naive forecast at the same origins:
	// below 1 beats "tomorrow equals today". It is NaN when it was not measured: no levels were asked for, the
	// series holds no rolling origin, or naive makes no errors.
	Skill float64
	// Seasons are the seasonal periods that the model was given, ascending; empty when it used none.
	Seasons []int
	// Coefficients are the effects of Series.Regressors, parallel to these. Mean, intervals and quantiles contain what the
	// regressors will do; Errors are those of forecasts with the coefficients that were known at each origin.
	Coefficients []Coefficient
	// Parts are what Mean is the sum of, to rounding: its level, trend and seasons, the effects of regressors, memory and an
	// adjustment, of which those that are 0 at every step are left out, but for the level. The adjustment is what followed after the
	// models: limits, rounding, and a median or mean that was asked for. They are empty without Options.Explain. The page
	// docs/explain.md says how they are found.
	Parts []Part
	// Members says what the model "auto" is made of, and with Options.Explain also which members have no part in it. It is empty for
	// the other models.
	Members []Member
	// Origins is the number of rolling origins of the series, of which Origins(n, h) says more; 0 when no levels were asked
	// for. With fewer than MinOrigins, or when the forecast is no better than naive, intervals and quantiles come from
	// the errors of naive, of which there are more.
	Origins int
	// Errors are the rolling-origin errors, value minus forecast, or those at the origins of Series.Ends; those of a
	// positive series are scaled in proportion to its present level. A series without rolling origins has the in-sample
	// errors of naive instead. It is empty when no levels were asked for.
	Errors Errors
	// Paths holds Options.Paths paths that the series may take, row-major, Paths × Horizon; it is empty where Quantiles would be. Path i of
	// every series of a job begins from the same origin, if they have as many, so that the paths of several series are joint. At each step the
	// paths are distributed as the intervals and quantiles say.
	Paths []float64
	// Fallback says in a few words why the model asked for was not used, or is empty.
	Fallback string
	// Note says in a few words what else is to be known of the answer, such as why there are no intervals, or is empty.
	Note string
}

// Member is one part of a combined forecast.
type Member struct {
	Name   string
	Weight float64 // share in the forecast, on average over its steps; all shares sum to 1
	Skill  float64 // as Result.Skill, at the origins that gave the weights; NaN when not measured
	// Dropped says in a few words why the member has no part in the forecast. Its weight is then 0.
	Dropped string
}

// reset gives every slice its length for what o asks for.
func (r *Result) reset(o *Options) {
	h := o.Horizon
	r.Model, r.Fallback, r.Note, r.Skill, r.Origins = "", "", "", math.NaN(), 0
	r.Point, r.Average = Mean, r.Average[:0]
	r.Floor = math.Inf(-1)
	r.Mean = resize(r.Mean, h)
	r.Lo, r.Hi = resizeRows(r.Lo, len(o.Levels), h), resizeRows(r.Hi, len(o.Levels), h)
	r.Quantiles = resizeRows(r.Quantiles, len(o.Quantiles), h)
	r.BandLo, r.BandHi = resizeRows(r.BandLo, len(o.Bands), h), resizeRows(r.BandHi, len(o.Bands), h)
	r.Seasons = r.Seasons[:0]
	r.Members, r.Parts = r.Members[:0], r.Parts[:0]
	r.Coefficients = r.Coefficients[:0]
	r.Errors.resize(0, h)
	r.Paths, r.Scores, r.Marginals = r.Paths[:0], r.Scores[:0], r.Marginals[:0]
}

// describe takes over the forecast f to p, by the model used.
func (r *Result) describe(p *problem, f fit, used *link) {
	r.Model = used.label(p, f)
	r.Point = used.point(p, f)
	copy(r.Mean, f.row(0))
	r.Members = append(append(r.Members, f.members...), f.dropped...)
	if used.can.has(usesSeasons) {
		r.Seasons = append(r.Seasons, p.seasons...)
	}
}

// resize returns a slice of length n that uses the memory of s where it suffices. Its values are arbitrary.
func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n+n&1)[:n] // aligned as scratch aligns
	}
	return s[:n]
}

// resizeRows returns rows slices of length n each, on the memory of s where it suffices.
func resizeRows(s [][]float64, rows, n int) [][]float64 {
	for len(s) < cap(s) && len(s) < rows {
		s = s[:len(s)+1]
	}
	for len(s) < rows {
		s = append(s, nil)
	}
	s = s[:rows]
	for i := range s {
		s[i] = resize(s[i], n)
	}
	return s
}
