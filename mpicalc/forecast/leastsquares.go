package forecast

import (
	"math"

	"foliocast/mpicalc/forecast/inorder"
)

// gramOf holds the sums of products of a target and k regressors, and solves their normal equations.
type gramOf struct {
	k        int
	data     []float64 // (k+1) × (k+1): index 0 is the target; then the Cholesky factor
	inverse  []float64 // k × k, 0 for those left out
	kept     int       // regressors that were not left out
	residual float64   // sum of squares
}

func (g *gramOf) at(i, j int) *float64 { return &g.data[i*(g.k+1)+j] }

// sum forms the products over t = from..n-1.
func (g *gramOf) sum(y []float64, x paths, from, n int) {
	row := func(i int) []float64 {
		if i == 0 {
			return y[from:n]
		}
		return x.row(i - 1)[from:n]
	}
	for i := range g.k + 1 {
		for j := range i + 1 {
			*g.at(i, j) = inorder.Dot(row(i), row(j))
		}
	}
}

// solve writes the coefficients of least squares into beta. A regressor of which those before it leave less than the share
// collinear of its size is left out: its coefficient is 0. The residual sum of squares is yᵀy - Σ z(i)² with L·z = Xᵀy.
func (g *gramOf) solve(beta, size []float64) {
	const collinear = 1e-10
	k := g.k
	g.kept, g.residual = 0, *g.at(0, 0)
	for i := 1; i <= k; i++ {
		for j := 0; j <= i; j++ {
			// Column 0 holds z, and the lower triangle L; a row that is left out is 0.
			v := *g.at(i, j)
			for m := 1; m < j; m++ {
				v -= *g.at(i, m) * *g.at(j, m)
			}
			switch {
			case j == 0:
			case j < i:
				if pivot := *g.at(j, j); pivot > 0 {
					v /= pivot
				} else {
					v = 0
				}
			case v > collinear*size[i-1]:
				v = math.Sqrt(v)
			default:
				v = 0
			}
			*g.at(i, j) = v
		}
	}
	for i := 1; i <= k; i++ {
		pivot := *g.at(i, i)
		if pivot == 0 {
			*g.at(i, 0) = 0
			continue
		}
		g.kept++
		z := *g.at(i, 0)
		for m := 1; m < i; m++ {
			z -= *g.at(i, m) * *g.at(m, 0)
		}
		z /= pivot
		*g.at(i, 0) = z
		g.residual -= z * z
	}
	g.residual = max(g.residual, 0)
	g.backward(beta)
	g.invert()
}

// backward writes the solution of Lᵀ·b = z into b, z in column 0.
func (g *gramOf) backward(b []float64) {
	for i := g.k; i >= 1; i-- {
		pivot := *g.at(i, i)
		if pivot == 0 {
			b[i-1] = 0
			continue
		}
		v := *g.at(i, 0)
		for j := i + 1; j <= g.k; j++ {
			v -= *g.at(j, i) * b[j-1]
		}
		b[i-1] = v / pivot
	}
}

// invert writes the inverse of L·Lᵀ, column by column. It overwrites z.
func (g *gramOf) invert() {
	k := g.k
	for c := 1; c <= k; c++ {
		for i := 1; i <= k; i++ {
			z := 0.0
			if i == c {
				z = 1
			}
			for m := 1; m < i; m++ {
				z -= *g.at(i, m) * *g.at(m, 0)
			}
			if pivot := *g.at(i, i); pivot > 0 && *g.at(c, c) > 0 {
				z /= pivot
			} else {
				z = 0
			}
			*g.at(i, 0) = z
		}
		g.backward(g.inverse[(c-1)*k : c*k])
	}
}
