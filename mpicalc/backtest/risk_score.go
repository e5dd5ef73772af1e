package backtest

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"foliocast/internal/job"
	"foliocast/mpicalc/risk"
)

// judge measures how forecasts held.
type judge struct {
	levels []float64 // of intervals, in percent
	bands  []float64 // of bands, in percent
	risks  []float64 // of risk, in percent
}

const (
	pitBins = 20
	deciles = 10
	// mostDraws bounds what simulating p-values takes, in draws for each step of a series: about 10 ms.
	mostDraws = 500_000
	mostRound = 5000
)

// step measures one step of one series. Its forecasts are an origin apart that no other overlaps, so that hits of right forecasts are
// independent (Christoffersen 1998), and tests need no correction.
func (j *judge) step(k int, all []outcome) job.RiskStep {
	s := job.RiskStep{Step: k + 1, Values: len(all), Intervals: make(map[string]job.IntervalScore), Tails: make(map[string]job.TailScore),
		Record: j.record(all)}
	for l, level := range j.levels {
		s.Intervals[job.Level(level)] = interval(all, k, l, level)
	}
	for l, level := range j.bands {
		if s.Bands == nil {
			s.Bands = make(map[string]job.BandScore)
		}
		s.Bands[job.Level(level)] = band(all, l)
	}
	for r, level := range j.risks {
		s.Tails[job.Level(level)] = j.tail(all, r, level/100)
	}
	u := make([]float64, len(all))
	for i := range all {
		u[i] = all[i].pit
	}
	counts, test := risk.Uniformity(u, pitBins)
	s.PIT, s.PITP = counts, number(test.P)
	return s
}

// interval measures the intervals of step k and of level number l.
func interval(all []outcome, k, l int, level float64) job.IntervalScore {
	var s job.IntervalScore
	inside, volatility := make([]bool, len(all)), make([]float64, len(all))
	z := distuv.UnitNormal.Quantile(0.5 + level/200)
	for i := range all {
		o := &all[i]
		lo, hi := o.lo[l], o.hi[l]
		inside[i], volatility[i] = lo <= o.y && o.y <= hi, o.volatility
		s.Score += winkler(o.y, lo, hi, level) / o.unit
		half := z * o.volatility * o.unit * math.Sqrt(float64(k+1))
		s.EWMAScore += winkler(o.y, o.base-half, o.base+half, level) / o.unit
		s.Coverage += indicator(inside[i])
		s.EWMA += indicator(math.Abs(o.y-o.base) <= half)
	}
	n := float64(len(all))
	s.Coverage, s.Score, s.EWMA, s.EWMAScore = s.Coverage/n, s.Score/n, s.EWMA/n, s.EWMAScore/n
	for _, c := range risk.CoverageBy(volatility, inside, deciles) {
		s.Volatility = append(s.Volatility, job.Decile{Low: number(c.Low), High: number(c.High), Values: c.Count, Inside: c.Inside})
	}
	return s
}

// band counts the paths that lie inside the band of level number l up to a step.
func band(all []outcome, l int) job.BandScore {
	var s job.BandScore
	for i := range all {
		if held := all[i].held; held != nil {
			s.Values++
			s.Inside += int(indicator(held[l]))
		}
	}
	return s
}

// winkler is the interval score (Winkler 1972, Journal of the American Statistical Association 67, 187-191; Gneiting and Raftery 2007,
// ibid. 102, 359-378): the width, and 2/α times the distance of a value outside.
func winkler(y, lo, hi, level float64) float64 {
	return hi - lo + 2/(1-level/100)*(max(lo-y, 0)+max(y-hi, 0))
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// tail tests the risk of a level α.
func (j *judge) tail(all []outcome, r int, alpha float64) job.TailScore {
	losses, vars, shortfalls := make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all))
	for i := range all {
		o := &all[i]
		losses[i], vars[i], shortfalls[i] = (o.base-o.y)/o.unit, o.vars[r]/o.unit, o.es[r]/o.unit
	}
	hits := risk.Exceptions(losses, vars)
	s := job.TailScore{Expected: float64(len(all)) * (1 - alpha)}
	for _, hit := range hits {
		s.Hits += int(indicator(hit))
	}
	test := risk.ShortfallTest{Seed: 1, Rounds: min(mostRound, int(mostDraws/max(s.Expected, 1))), Quantile: func(t int, p float64) float64 {
		return drawn(all[t].tails[r], (p-alpha)/(1-alpha)) / all[t].unit
	}}.Test(losses, vars, shortfalls, alpha)
	s.Kupiec = number(risk.UnconditionalCoverage(hits, alpha).P)
	s.Markov = number(risk.Independence(hits).P)
	s.Both = number(risk.ConditionalCoverage(hits, alpha).P)
	s.Z2, s.Z2P = number(test.Statistic), number(test.P)
	return s
}

// record is all outcomes as an answer has them.
func (j *judge) record(all []outcome) *job.RiskRecord {
	r := &job.RiskRecord{DS: []string{}, Y: []float64{}, Base: []float64{}, Volatility: []float64{}, PIT: []float64{}, Lo: map[string][]float64{}, Hi: map[string][]float64{},
		VaR: map[string][]float64{}, ES: map[string][]float64{}, Hit: map[string][]bool{}}
	for i := range all {
		o := &all[i]
		r.DS, r.Y, r.Base = append(r.DS, o.at.String()), append(r.Y, o.y), append(r.Base, o.base)
		r.Volatility, r.PIT = append(r.Volatility, o.volatility), append(r.PIT, o.pit)
		for l, level := range j.levels {
			name := job.Level(level)
			r.Lo[name], r.Hi[name] = append(r.Lo[name], o.lo[l]), append(r.Hi[name], o.hi[l])
		}
		for k, level := range j.risks {
			name := job.Level(level)
			r.VaR[name], r.ES[name] = append(r.VaR[name], o.vars[k]), append(r.ES[name], o.es[k])
			r.Hit[name] = append(r.Hit[name], o.base-o.y > o.vars[k])
		}
	}
	return r
}

// together is the same step of several series: counts are sums, and scores means over all values.
func together(all []job.RiskStep) job.RiskStep {
	out := job.RiskStep{Step: all[0].Step, Intervals: make(map[string]job.IntervalScore), Tails: make(map[string]job.TailScore), PIT: make([]int, pitBins)}
	for _, s := range all {
		out.Values += s.Values
		for i, n := range s.PIT {
			out.PIT[i] += n
		}
		for level, own := range s.Intervals {
			sum, n := out.Intervals[level], float64(s.Values)
			sum.Coverage, sum.Score = sum.Coverage+n*own.Coverage, sum.Score+n*own.Score
			sum.EWMA, sum.EWMAScore = sum.EWMA+n*own.EWMA, sum.EWMAScore+n*own.EWMAScore
			if sum.Volatility == nil {
				sum.Volatility = make([]job.Decile, deciles)
			}
			for i, d := range own.Volatility {
				sum.Volatility[i].Values += d.Values
				sum.Volatility[i].Inside += d.Inside
			}
			out.Intervals[level] = sum
		}
		for level, own := range s.Bands {
			if out.Bands == nil {
				out.Bands = make(map[string]job.BandScore)
			}
			sum := out.Bands[level]
			out.Bands[level] = job.BandScore{Values: sum.Values + own.Values, Inside: sum.Inside + own.Inside}
		}
		for level, own := range s.Tails {
			sum := out.Tails[level]
			sum.Hits, sum.Expected = sum.Hits+own.Hits, sum.Expected+own.Expected
			out.Tails[level] = sum
		}
	}
	n := float64(out.Values)
	for level, sum := range out.Intervals {
		sum.Coverage, sum.Score, sum.EWMA, sum.EWMAScore = sum.Coverage/n, sum.Score/n, sum.EWMA/n, sum.EWMAScore/n
		out.Intervals[level] = sum
	}
	return out
}

// passed counts the series that pass the tests of a step and a level at 5 %.
func passed(all []job.RiskStep, level string) job.RiskTests {
	const size = 0.05
	t := job.RiskTests{Step: all[0].Step, Level: level, Assets: len(all)}
	for _, s := range all {
		tail := s.Tails[level]
		for _, c := range []struct {
			p  *float64
			to *int
		}{{tail.Kupiec, &t.Kupiec}, {tail.Markov, &t.Markov}, {tail.Both, &t.Both}, {tail.Z2P, &t.Z2}} {
			if c.p != nil && *c.p > size {
				*c.to++
			}
		}
	}
	return t
}
