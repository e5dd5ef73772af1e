package report

import (
	"fmt"
	"slices"

	"foliocast/internal/job"
)

// checkShape reports an answer whose parts do not fit together, as one of a service that is broken: what follows counts on it.
func checkShape(a job.Answer) error {
	s := &shapes{}
	if f := a.Overall; f != nil {
		s.steps = len(f.Mean)
		s.forecast("overall", f.DS, f.Lo, f.Hi, f.Quantiles)
		s.overall(f)
	}
	for _, asset := range a.Assets {
		if asset.Error != nil {
			continue
		}
		s.steps = len(asset.Mean)
		s.forecast(asset.Asset, asset.DS, asset.Lo, asset.Hi, asset.Quantiles)
		if asset.Band != nil {
			s.pairs(asset.Asset, "the band", asset.Band.Lo, asset.Band.Hi)
		}
	}
	if b := a.Backtest; b != nil && b.Risk != nil {
		for _, step := range slices.Concat(b.Risk.Overall, b.Risk.Assets) {
			if step.Record != nil {
				s.record("overall", step.Record)
			}
		}
	}
	return s.fault
}

// shapes looks at rows that must have a value for each step. It keeps the first fault.
type shapes struct {
	steps int
	fault error
}

func (s *shapes) want(ok bool, of, what string) {
	if !ok && s.fault == nil {
		s.fault = fmt.Errorf("the answer is broken: %s of %q does not fit its %d steps", what, of, s.steps)
	}
}

func (s *shapes) rows(of, what string, rows map[string][]float64) {
	for _, row := range rows {
		s.want(len(row) == s.steps, of, what)
	}
}

// pairs are rows by level that belong together.
func (s *shapes) pairs(of, what string, a, b map[string][]float64) {
	s.rows(of, what, a)
	s.rows(of, what, b)
	s.want(len(a) == len(b), of, what)
	for key := range a {
		_, both := b[key]
		s.want(both, of, what)
	}
}

func (s *shapes) forecast(of string, ds []string, lo, hi, quantiles map[string][]float64) {
	s.want(len(ds) == 0 || len(ds) == s.steps, of, "ds")
	s.pairs(of, "an interval", lo, hi)
	s.rows(of, "a quantile", quantiles)
}

// overall looks at what only the portfolio has.
func (s *shapes) overall(f *job.Forecast) {
	const of = "overall"
	if r := f.Risk; r != nil {
		s.want(len(r.Volatility) == s.steps && len(r.LossProbability) == s.steps && len(r.VaR) > 0, of, "the risk")
		s.pairs(of, "the risk", r.VaR, r.ES)
	}
	for _, path := range f.Paths {
		s.want(len(path) == s.steps, of, "a path")
	}
	for _, o := range f.Scenarios {
		s.change(o.Name, o.Overall)
		for _, c := range o.Assets {
			s.change(o.Name, c)
		}
	}
	if r := f.Relative; r != nil {
		s.want(len(r.Mean) == s.steps && len(r.Beta) == s.steps && len(r.Correlation) == s.steps && len(r.TrackingError) == s.steps && len(r.Underperformance) == s.steps, of, "the benchmark")
		s.pairs(of, "the benchmark", r.VaR, r.ES)
	}
	if f.Band != nil {
		s.pairs(of, "the band", f.Band.Lo, f.Band.Hi)
	}
	if c := f.Covariance; c != nil {
		s.covariance(of, c)
	}
}

// change looks at what a scenario expects.
func (s *shapes) change(of string, c job.Change) {
	s.want(len(c.Volatility) == s.steps && (len(c.Change) == 0 || len(c.Change) == s.steps), of, "a change")
}

// covariance looks at the matrices.
func (s *shapes) covariance(of string, c *job.CovarianceMatrix) {
	n := len(c.Assets)
	s.want(len(c.Method) == len(c.Steps) && len(c.Origins) == len(c.Steps), of, "the covariance")
	for _, matrix := range c.Steps {
		s.want(len(matrix) == n, of, "the covariance")
		for _, row := range matrix {
			s.want(len(row) == n, of, "the covariance")
		}
	}
}

// record looks at what was forecast and what came.
func (s *shapes) record(of string, r *job.RiskRecord) {
	s.steps = len(r.Y)
	s.want(len(r.DS) == s.steps && len(r.Base) == s.steps, of, "the record")
	s.rows(of, "the record", r.VaR)
}
