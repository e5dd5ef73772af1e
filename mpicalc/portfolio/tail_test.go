package portfolio

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The expected shortfall of Student's t at α is f(q)·(ν + q²)/(ν-1)/(1-α) for its quantile q (McNeil, Frey and Embrechts 2015, Quantitative
// Risk Management, 2.25).
func TestTheMeanOfATailIsThatOfStudentsT(t *testing.T) {
	t.Parallel()
	for _, nu := range []float64{2, 3, 5, 30} {
		law := distuv.StudentsT{Sigma: 1, Nu: nu}
		for _, alpha := range []float64{0.9, 0.95, 0.99, 0.999} {
			q := law.Quantile(alpha)
			want := law.Prob(q) * (nu + q*q) / (nu - 1) / (1 - alpha)
			for _, edge := range []float64{0.2, 0.7, 1} {
				got, sum := 0.0, 0.0
				s, weight := tailNodes(edge)
				for i := range s {
					got -= law.Quantile((1-alpha)*s[i]*s[i]) * 2 * s[i] * weight[i]
					sum += weight[i]
				}
				if math.Abs(got/want-1) > 0.002 || math.Abs(sum-1) > 1e-12 {
					t.Errorf("ν = %v, α = %v, edge %v: %v, want %v", nu, alpha, edge, got, want)
				}
			}
		}
	}
}
