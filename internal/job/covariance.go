package job

import "foliocast/internal/problem"

// Covariance is how the covariance matrix of the assets' errors is estimated; none is wanted when it is empty.
type Covariance string

// The estimators of a covariance matrix.
const (
	CovarianceAuto      Covariance = "auto" // by the number of assets and of origins
	ConstantCorrelation Covariance = "constant-correlation"
	QuadraticInverse    Covariance = "quadratic-inverse"
)

// CovarianceMatrix is the covariance matrix of the assets' errors at each step.
type CovarianceMatrix struct {
	Assets []string     `json:"assets" nullable:"false" doc:"The order of rows and columns: the assets that count and are measured together, by name"`
	Of     string       `json:"of" enum:"value,return" doc:"What varies: the value of one unit of each asset in the base currency, or its return from the last common price to the step, as the job's field combine says. Variances are in squares of that"`
	Method []Covariance `json:"method" nullable:"false" doc:"The estimator of each step"`
	// Shrinkage is NaN-free: a step of another estimator has null.
	Shrinkage []*float64    `json:"shrinkage" nullable:"false" doc:"The weight of the mean correlation at each step; null for the other estimator"`
	Origins   []int         `json:"origins" nullable:"false" doc:"From how many errors of each asset the matrix of each step is estimated: those whose horizons do not overlap"`
	Steps     [][][]float64 `json:"steps" nullable:"false" doc:"The matrix of each step, row by row; symmetric and positive definite"`
}

// maxCovariance bounds assets × assets × horizon: some 10 MB of text, which travel in one piece.
const maxCovariance = 500_000

func (s Spec) validateCovariance(f *faults) {
	switch s.Covariance {
	case "", CovarianceAuto, ConstantCorrelation, QuadraticInverse:
	default:
		f.add("/covariance", "must be %s, %s or %s, is %q", CovarianceAuto, ConstantCorrelation, QuadraticInverse, s.Covariance)
	}
}

// CovarianceFaults returns the fault of a job of so many assets whose covariance matrices would be too large, or nil.
func (s Spec) CovarianceFaults(assets int) (f []problem.Fault) {
	if s.Covariance != "" && s.Horizon <= maxHorizon && assets*assets*s.Horizon > maxCovariance {
		f = problem.Addf(f, "/covariance", "is for fewer assets or steps: the matrices may have %d numbers at most, and those of %d assets at %d steps have %d",
			maxCovariance, assets, s.Horizon, assets*assets*s.Horizon)
	}
	return f
}
