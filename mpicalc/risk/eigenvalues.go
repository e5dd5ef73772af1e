package risk

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// shrinkEigenvalues is the quadratic-inverse shrinkage of standardised errors (Ledoit and Wolf 2022, Bernoulli 28, 1519-1547, section 4):
// the eigenvectors u of S stay, and its eigenvalues λ, ascending, become δ. With n one less than the number of rows, for the mean that was
// subtracted, c = p/n and averages over the m = min(p, n) eigenvalues that are not 0 by their number,
//
//	θᵢ = 1/m·Σⱼ lⱼ(lⱼ-lᵢ)/((lⱼ-lᵢ)² + h²lⱼ²),  Hᵢ = 1/m·Σⱼ hlⱼ²/((lⱼ-lᵢ)² + h²lⱼ²),  l = 1/λ,  h = min(c², 1/c²)^0.35/p^0.35
//	1/δᵢ = lᵢ·((1-c)² + 2c(1-c)θᵢ + c²(θᵢ²+Hᵢ²))     for p ≤ n
//	1/δᵢ = lᵢ·(θᵢ²+Hᵢ²),  1/δ₀ = (c-1)·1/m·Σ lⱼ       for p > n, δ₀ for the p-n that are 0
//
// and the δ are multiplied so that their sum stays that of the λ. It is the best of its kind in the Frobenius norm, and for the inverse and
// the least variance too, as p and n grow together. An eigenvalue that should not be 0 but is, as that of copies of an asset, is taken as
// leastEigenvalue.
func shrinkEigenvalues(x [][]float64) *mat.SymDense {
	p, n := len(x), len(x[0])-1
	var eigen mat.EigenSym
	if !eigen.Factorize(sampleCorrelation(x), true) {
		panic("risk: the eigenvalues of a finite symmetric matrix were not found")
	}
	lambda := eigen.Values(nil)
	null := max(p-n, 0)
	clear(lambda[:null])
	l := make([]float64, p-null)
	for i := range l {
		lambda[null+i] = max(lambda[null+i], leastEigenvalue)
		l[i] = 1 / lambda[null+i]
	}
	delta := make([]float64, p)
	c := float64(p) / float64(n)
	for i := range null {
		delta[i] = float64(len(l)) / ((c - 1) * floats.Sum(l))
	}
	h := math.Pow(min(c*c, 1/(c*c))/float64(p), 0.35)
	for i, li := range l {
		theta, hilbert := smoothed(l, li, h)
		inverse := theta*theta + hilbert*hilbert
		if null == 0 {
			inverse = (1-c)*(1-c) + 2*c*(1-c)*theta + c*c*inverse
		}
		delta[null+i] = 1 / (li * inverse)
	}
	floats.Scale(floats.Sum(lambda)/floats.Sum(delta), delta)
	var u, scaled mat.Dense
	eigen.VectorsTo(&u)
	scaled.Apply(func(_, j int, v float64) float64 { return v * math.Sqrt(delta[j]) }, &u)
	s := mat.NewSymDense(p, nil)
	s.SymOuterK(1, &scaled)
	return s
}

// smoothed is the smoothed Stein shrinker θ at the inverse eigenvalue li, and its conjugate.
func smoothed(l []float64, li, h float64) (theta, hilbert float64) {
	for _, lj := range l {
		d := lj - li
		size := d*d + h*h*lj*lj
		theta += lj * d / size
		hilbert += lj * h * lj / size
	}
	m := float64(len(l))
	return theta / m, hilbert / m
}
