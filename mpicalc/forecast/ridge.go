package forecast

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// normalEquations are those of a least-squares fit with k regressors, centred: what intercepts explain is already taken
// out. Index 0 is the target, 1..k are the regressors.
type normalEquations struct {
	k    int
	rows float64   // observations
	gram []float64 // (k+1) × (k+1), row-major, upper triangle: sums of products
}

func (e *Engine) newNormalEquations(k int) normalEquations {
	return normalEquations{k: k, gram: e.mem.floats((k + 1) * (k + 1))}
}

func (q *normalEquations) at(i, j int) *float64 { return &q.gram[i*(q.k+1)+j] }

// ridge solves (R + λI)·γ = r, where R and r are the correlations among the regressors and with the target, and
// writes the coefficients of the unstandardised regressors into beta, of length k. The penalty λ, small against the
// 1 on the diagonal, makes every system regular and shrinks nearly collinear lags together (Hoerl and Kennard 1970,
// Technometrics 12, 55-67). It reports false when the system is not positive definite even so.
//
// With nested set, only the first p regressors are used, p = 0..k chosen by the corrected criterion of Akaike
// (Hurvich and Tsai 1989, Biometrika 76, 297-307); intercepts is then the number of parameters fitted before. One
// factorisation serves all orders: the residual sum of squares of order p is yᵀy - Σ v(i)², i <= p, for the forward
// substitution v.
func (e *Engine) ridge(q *normalEquations, lambda float64, beta []float64, nested bool, intercepts int) bool {
	k := q.k
	if k == 0 {
		return true
	}
	defer e.mem.release(e.mem.mark())
	a, scale := e.mem.floats(k*k), e.mem.floats(k)
	for i := range k {
		scale[i] = 1
		if v := *q.at(i+1, i+1) / q.rows; v > 1e-18 {
			scale[i] = 1 / math.Sqrt(v)
		}
	}
	for i := range k {
		from := q.gram[(i+1)*(k+1)+1:]
		for j := i; j < k; j++ {
			a[i*k+j] = from[j] * scale[i] * scale[j] / q.rows
		}
		a[i*k+i] += lambda
		beta[i] = *q.at(0, i+1) * scale[i] / q.rows
	}
	u, ok := lapack64.Potrf(blas64.Symmetric{N: k, Stride: k, Data: a, Uplo: blas.Upper})
	if !ok {
		return false
	}
	x := blas64.Vector{N: k, Inc: 1, Data: beta}
	blas64.Trsv(blas.Trans, u, x)
	if nested {
		p := bestOrder(*q.at(0, 0)/q.rows, beta, q.rows, intercepts)
		clear(beta[p:])
		u.N, x.N = p, p
	}
	if u.N > 0 {
		blas64.Trsv(blas.NoTrans, u, x)
	}
	for i := range beta {
		beta[i] *= scale[i]
	}
	return true
}

// bestOrder returns the p that minimises AICc = n·ln(σ²) + 2q + 2q(q+1)/(n-q-1), q = p + intercepts + 1. Most orders are seen to be
// no better than the best so far, of variance s², without a logarithm: ln(σ²/s²) >= 1 - s²/σ².
func bestOrder(variance float64, forward []float64, n float64, intercepts int) int {
	best, order := math.Inf(1), 0
	var s2, least float64
	for p := 0; p <= len(forward); p++ {
		if p > 0 {
			variance -= forward[p-1] * forward[p-1]
		}
		q := float64(p + intercepts + 1)
		if n-q-1 <= 0 {
			break
		}
		sigma2, penalty := max(variance, 1e-12), 2*q+2*q*(q+1)/(n-q-1)
		if n*(1-s2/sigma2)+penalty >= least && p > 0 {
			continue
		}
		if c := n*math.Log(sigma2) + penalty; c < best {
			best, order, s2, least = c, p, sigma2, penalty
		}
	}
	return order
}
