package portfolio

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/risk"
)

// errorPaths are the errors of one asset, of one unit or of its return, origin by origin, with NaN where a step is left out.
type errorPaths struct {
	name        string
	ends, walks []float64 // at the origins of the measure; walks only of a forecast that is as good as naive
}

// checkSize is the fault of a covariance, or of bands over assets, of too many assets.
func (p *Plan) checkSize() error {
	if faults := p.spec.CovarianceFaults(len(p.overall.counted)); faults != nil {
		return &Error{Code: "covariance", Detail: "the covariance " + faults[0].Detail, Field: "covariance"}
	}
	if faults := p.spec.JointFaults(len(p.assets)); faults != nil {
		return &Error{Code: "bands", Detail: "bands_over " + faults[0].Detail, Field: "bands_over"}
	}
	return nil
}

// keepPaths keeps the errors of a measured asset, which were measured at the given origins and lie at places, for the covariance.
func (p *Plan) keepPaths(a *asset, at *origins, places []int32, r *forecast.Result) {
	if !p.wantsCovariance() {
		return
	}
	m, h := p.overall.measure, p.spec.Horizon
	unit := a.coef / a.weight
	all := make([]float64, len(places))
	for i, place := range places {
		if all[i] = math.NaN(); place >= 0 {
			all[i] = r.Errors.Data[place] * unit
		}
	}
	kept := errorPaths{name: a.name, ends: all}
	if r.Errors.Stride != 0 {
		kept.walks = all
	}
	if at != &m.ends {
		kept.ends = make([]float64, len(m.ends.places)*h)
		for o, end := range at.end {
			if end >= 0 {
				copy(kept.ends[end*h:(end+1)*h], all[o*h:])
			}
		}
	}
	p.sum.paths = append(p.sum.paths, kept)
}

// covariance is the covariance of the assets' errors at each step, as large as volatility lets expect now. It is nil, with a note, where
// they cannot be measured together.
func (p *Plan) covariance() (*job.CovarianceMatrix, string) {
	all, m := p.sum.paths, p.overall.measure
	switch {
	case !p.wantsCovariance():
		return nil, ""
	case m == nil || len(all) == 0:
		return nil, "there is no covariance: the errors of the assets cannot be measured on dates that they have in common"
	}
	slices.SortFunc(all, func(a, b errorPaths) int { return cmp.Compare(a.name, b.name) }) // whatever the order in the job
	at, of := &m.ends, func(a *errorPaths) []float64 { return a.ends }
	if p.sum.onlyWalks() {
		at, of = &m.walks, func(a *errorPaths) []float64 { return a.walks }
	}
	c := &job.CovarianceMatrix{Of: "value"}
	if p.spec.Combine == job.Return {
		c.Of = "return"
	}
	for i := range all {
		c.Assets = append(c.Assets, all[i].name)
	}
	by := map[job.Covariance]risk.Estimator{job.CovarianceAuto: risk.ByShape, job.ConstantCorrelation: risk.ConstantCorrelation,
		job.QuadraticInverse: risk.QuadraticInverse}[p.spec.Covariance]
	h := p.spec.Horizon
	rows := make([][]float64, len(all))
	for k := range h {
		apart := at.apart(k + 1)
		for i := range all {
			rows[i] = rows[i][:0]
			for _, o := range apart {
				rows[i] = append(rows[i], of(&all[i])[o*h+k])
			}
		}
		estimate, err := risk.EstimateCovariance(rows, by)
		if err != nil {
			why := err.Error()
			if fault, ok := errors.AsType[*risk.DataError](err); ok {
				why = fmt.Sprintf("asset %q: %s", all[fault.Asset].name, fault.Reason)
			}
			return nil, fmt.Sprintf("there is no covariance: at step %d, %s", k+1, why)
		}
		c.Origins = append(c.Origins, estimate.Rows)
		addEstimate(c, estimate)
	}
	if left := len(p.overall.counted) - len(all); left > 0 {
		return c, fmt.Sprintf("the covariance leaves out the %d assets that are not measured with the others", left)
	}
	return c, ""
}

// addEstimate adds the matrix of a step.
func addEstimate(c *job.CovarianceMatrix, e *risk.Covariance) {
	method, shrinkage := job.QuadraticInverse, (*float64)(nil)
	if e.Estimator == risk.ConstantCorrelation {
		method, shrinkage = job.ConstantCorrelation, &e.Shrinkage
	}
	c.Method, c.Shrinkage = append(c.Method, method), append(c.Shrinkage, shrinkage)
	matrix := make([][]float64, len(c.Assets))
	for i := range matrix {
		matrix[i] = make([]float64, len(matrix))
		for j := range matrix[i] {
			matrix[i][j] = e.Matrix.At(i, j)
		}
	}
	c.Steps = append(c.Steps, matrix)
}

// apart are those of the origins, the latest first, between which at least so many times lie: their horizons share none.
func (r *origins) apart(steps int) (out []int) {
	last := math.MaxInt
	for o, q := range r.places {
		if last-q >= steps {
			out, last = append(out, o), q
		}
	}
	return out
}
