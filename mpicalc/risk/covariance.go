package risk

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// An Estimator is how the correlations of errors are estimated from fewer errors than would be needed for each by itself.
type Estimator int

const (
	ByShape             Estimator = iota // one of the others, by the number of assets and of origins
	ConstantCorrelation                  // linear shrinkage to the mean correlation
	QuadraticInverse                     // nonlinear shrinkage of the eigenvalues
)

// Covariance is an estimated covariance matrix.
type Covariance struct {
	Matrix    *mat.SymDense
	Estimator Estimator // that was used
	Rows      int       // origins at which all assets have an error
	// Shrinkage is the weight of the target of a linear estimator, and NaN for the other.
	Shrinkage float64
}

// DataError says which asset's errors have no covariance, and why.
type DataError struct {
	Asset  int
	Reason string
}

func (e *DataError) Error() string { return fmt.Sprintf("errors of asset %d: %s", e.Asset, e.Reason) }

// EstimateCovariance estimates the covariance matrix of the assets' errors, one row of errors for each asset, at the same origins. It is
// positive definite. Origins at which an asset has NaN are left out for all. Errors are taken as independent between origins: of
// overlapping horizons hand over every h-th. The mean is subtracted.
//
// Prices differ in size, and shrinkage would be of the largest alone, so every estimator works on errors divided by their standard
// deviations, which are those of the answer: only correlations are shrunk. In these units an eigenvalue is at least 1e-8, which matters
// for assets that are copies of each other. A DataError is returned for an infinite error, for an asset whose errors are all the same,
// and for fewer than three origins. It panics when the rows differ in length.
func EstimateCovariance(errs [][]float64, by Estimator) (*Covariance, error) {
	p := len(errs)
	if p == 0 {
		return &Covariance{Matrix: &mat.SymDense{}, Estimator: by, Shrinkage: math.NaN()}, nil
	}
	x := complete(errs)
	n := len(x[0])
	if n < minRows {
		return nil, &DataError{0, fmt.Sprintf("only %d origins at which all %d assets have an error, and %d are needed", n, p, minRows)}
	}
	sigma := make([]float64, p)
	for i, row := range x {
		mean, deviation := stat.MeanStdDev(row, nil)
		if math.IsInf(mean, 0) || math.IsNaN(deviation) || math.IsInf(deviation, 0) {
			return nil, &DataError{i, "they are infinite, or too large to be squared"}
		}
		if deviation <= 1e-12*floats.Norm(row, math.Inf(1)) {
			return nil, &DataError{i, "they are all the same"}
		}
		floats.AddConst(-mean, row)
		floats.Scale(1/deviation, row)
		sigma[i] = deviation
	}
	if by == ByShape {
		by = estimatorFor(p, n)
	}
	c := &Covariance{Estimator: by, Rows: n, Shrinkage: math.NaN()}
	switch by {
	case ConstantCorrelation:
		c.Matrix, c.Shrinkage = shrinkToConstant(x)
	case QuadraticInverse:
		c.Matrix = shrinkEigenvalues(x)
	default:
		panic("risk: no such estimator")
	}
	c.restore(sigma)
	return c, nil
}

// minRows is the least number of origins: of fewer there is nothing to learn about how much correlations vary.
const minRows = 3

// leastEigenvalue of a correlation matrix, whose mean eigenvalue is 1.
const leastEigenvalue = 1e-8

// estimatorFor chooses by p/n, n one less than the number of origins. In simulations the constant correlation is mostly the nearest in
// the Frobenius norm, and best for few assets; the other finds factors among many, and portfolios of less variance, except where p is
// near n and the least eigenvalues are next to 0.
func estimatorFor(p, rows int) Estimator {
	if c := float64(p) / float64(rows-1); p < 20 || c > 0.75 && c < 1.25 {
		return ConstantCorrelation
	}
	return QuadraticInverse
}

// complete copies the columns without NaN.
func complete(errs [][]float64) [][]float64 {
	out := make([][]float64, len(errs))
	for i, row := range errs {
		if len(row) != len(errs[0]) {
			panic("risk: assets with different numbers of errors")
		}
		out[i] = make([]float64, 0, len(row))
	}
	for t := range errs[0] {
		missing := false
		for _, row := range errs {
			missing = missing || math.IsNaN(row[t])
		}
		if missing {
			continue
		}
		for i, row := range errs {
			out[i] = append(out[i], row[t])
		}
	}
	return out
}

// restore makes the diagonal 1, bounds the eigenvalues, and turns correlations into covariances.
func (c *Covariance) restore(sigma []float64) {
	m := c.Matrix
	p := len(sigma)
	scale := make([]float64, p)
	for i := range scale {
		scale[i] = sigma[i] / math.Sqrt(m.At(i, i))
	}
	for i := range p {
		for j := i; j < p; j++ {
			v := m.At(i, j) * scale[i] * scale[j] * (1 - leastEigenvalue)
			if i == j {
				v = sigma[i] * sigma[i]
			}
			m.SetSym(i, j, v)
		}
	}
}

// sampleCorrelation returns X·Xᵀ/(n-1) of standardised errors.
func sampleCorrelation(x [][]float64) *mat.SymDense {
	p, n := len(x), len(x[0])
	dense := mat.NewDense(p, n, nil)
	for i, row := range x {
		dense.SetRow(i, row)
	}
	s := mat.NewSymDense(p, nil)
	s.SymOuterK(1/float64(n-1), dense)
	return s
}

// shrinkToConstant is δF + (1-δ)S, where all correlations of F are the mean r of those of S (Ledoit and Wolf 2004, Journal of Portfolio
// Management 30(4), 110-119): δ = (π - ρ)/(nγ), from 0 to 1, with γ = ‖F - S‖², n one less than the number of rows, π the sum of the asymptotic variances of the entries of S, and ρ that of
// their covariances with those of F. With variances of 1 the latter are r·AsyCov(s(i,i), s(i,j)) off the diagonal.
func shrinkToConstant(x [][]float64) (*mat.SymDense, float64) {
	s := sampleCorrelation(x)
	p, rows := len(x), len(x[0])
	n := float64(rows - 1)
	mean := (mat.Sum(s) - float64(p)) / float64(max(p*(p-1), 1))
	squares, cubes, plain := mat.NewDense(p, rows, nil), mat.NewDense(p, rows, nil), mat.NewDense(p, rows, nil)
	for i, row := range x {
		plain.SetRow(i, row)
		for t, v := range row {
			squares.Set(i, t, v*v)
			cubes.Set(i, t, v*v*v)
		}
	}
	var fourth, third mat.Dense // Σ xᵢ²xⱼ², Σ xᵢ³xⱼ
	fourth.Mul(squares, squares.T())
	third.Mul(cubes, plain.T())
	target := mat.NewSymDense(p, nil)
	excess := 0.0
	for i := range p {
		target.SetSym(i, i, 1)
		for j := range p {
			if i == j {
				continue // its variance and its covariance with the target's are the same
			}
			target.SetSym(i, j, mean)
			r := s.At(i, j)
			excess += fourth.At(i, j)/n - r*r - mean*(third.At(i, j)/n-r)
		}
	}
	var difference mat.SymDense
	difference.ScaleSym(-1, s)
	difference.AddSym(&difference, target)
	delta := 1.0
	if d := math.Pow(mat.Norm(&difference, 2), 2); d > excess/n {
		delta = max(excess/n/d, 0)
	}
	difference.ScaleSym(delta, &difference)
	s.AddSym(s, &difference)
	return s, delta
}
