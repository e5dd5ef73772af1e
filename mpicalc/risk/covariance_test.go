package risk_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"foliocast/mpicalc/risk"
)

// structures are correlation matrices of p assets.
func structures() map[string]func(i, j, p int) float64 {
	return map[string]func(i, j, p int) float64{
		"one correlation": func(_, _, _ int) float64 { return 0.4 },
		"one factor":      func(i, j, p int) float64 { return loading(i, p) * loading(j, p) },
		"five industries": func(i, j, _ int) float64 {
			if i%5 == j%5 {
				return 0.6
			}
			return 0.2
		},
		"neighbours alike": func(i, j, _ int) float64 { return math.Pow(0.8, math.Abs(float64(i-j))) },
	}
}

func loading(i, p int) float64 { return 0.2 + 0.7*float64(i)/float64(p) }

func correlations(p int, of func(i, j, p int) float64) *mat.SymDense {
	s := mat.NewSymDense(p, nil)
	for i := range p {
		s.SetSym(i, i, 1)
		for j := range i {
			s.SetSym(i, j, of(i, j, p))
		}
	}
	return s
}

// normalErrors draws n errors for each asset.
func normalErrors(r *rand.Rand, truth *mat.SymDense, n int) [][]float64 {
	p := truth.SymmetricDim()
	var cholesky mat.Cholesky
	if !cholesky.Factorize(truth) {
		panic("the true correlations are not positive definite")
	}
	var lower mat.TriDense
	cholesky.LTo(&lower)
	x := make([][]float64, p)
	for i := range x {
		x[i] = make([]float64, n)
	}
	z := make([]float64, p)
	for t := range n {
		for i := range z {
			z[i] = r.NormFloat64()
		}
		for i := range x {
			for j := range i + 1 {
				x[i][t] += lower.At(i, j) * z[j]
			}
		}
	}
	return x
}

func sampleCovariance(x [][]float64) *mat.SymDense {
	s := mat.NewSymDense(len(x), nil)
	for i := range x {
		for j := range i + 1 {
			s.SetSym(i, j, stat.Covariance(x[i], x[j], nil))
		}
	}
	return s
}

func distance(a, b mat.Matrix) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return mat.Norm(&d, 2)
}

// variance of the portfolio of the least variance according to estimated, and with weights that add up to 1.
func varianceOfLeast(estimated, truth *mat.SymDense) float64 {
	var cholesky mat.Cholesky
	if !cholesky.Factorize(estimated) {
		return math.Inf(1)
	}
	p := truth.SymmetricDim()
	ones, w := mat.NewVecDense(p, nil), mat.NewVecDense(p, nil)
	for i := range p {
		ones.SetVec(i, 1)
	}
	if err := cholesky.SolveVecTo(w, ones); err != nil {
		return math.Inf(1)
	}
	sum := mat.Sum(w)
	return mat.Inner(w, truth, w) / sum / sum
}

// Every estimator is nearer to the truth than the sample covariance, in the Frobenius norm, from few assets to twice as many as origins,
// and makes portfolios of less variance. The log has the figures behind the choice of ByShape.
func TestShrinkageIsNearerToTheTruth(t *testing.T) {
	t.Parallel()
	estimators := []risk.Estimator{risk.ConstantCorrelation, risk.QuadraticInverse}
	for name, of := range structures() {
		r := rand.New(rand.NewPCG(13, 14))
		for _, shape := range [][2]int{{40, 400}, {40, 45}, {40, 41}, {40, 40}, {40, 20}, {8, 30}} {
			const rounds = 10
			truth := correlations(shape[0], of)
			sample, sampleVariance := 0.0, 0.0
			losses, variances := make([]float64, len(estimators)), make([]float64, len(estimators))
			for range rounds {
				x := normalErrors(r, truth, shape[1])
				s := sampleCovariance(x)
				sample += distance(s, truth) / rounds
				sampleVariance += varianceOfLeast(s, truth) / rounds
				for i, by := range estimators {
					c, err := risk.EstimateCovariance(x, by)
					if err != nil {
						t.Fatal(err)
					}
					losses[i] += distance(c.Matrix, truth) / rounds
					variances[i] += varianceOfLeast(c.Matrix, truth) / rounds
				}
			}
			t.Logf("%-16s p/n %3d/%-3d distance: sample %5.2f, constant %5.2f, QIS %5.2f; least variance %7.4f, %.4f, %.4f", name,
				shape[0], shape[1], sample, losses[0], losses[1], sampleVariance, variances[0], variances[1])
			for i := range estimators {
				// Where origins abound and every pair has its own correlation, there is nothing to gain.
				if losses[i] > 1.05*sample || variances[i] > sampleVariance {
					t.Errorf("%s, p/n %v, estimator %d: distance %.3f, sample %.3f; variance %.4f, sample %.4f", name, shape, estimators[i],
						losses[i], sample, variances[i], sampleVariance)
				}
			}
		}
	}
}

func TestEstimatorFollowsTheShape(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(29, 30))
	for _, c := range []struct {
		assets, origins int
		want            risk.Estimator
	}{
		{1, 10, risk.ConstantCorrelation}, {19, 400, risk.ConstantCorrelation}, {20, 400, risk.QuadraticInverse},
		{30, 31, risk.ConstantCorrelation}, {30, 38, risk.ConstantCorrelation}, {30, 25, risk.QuadraticInverse}, {30, 45, risk.QuadraticInverse},
		{30, 3, risk.QuadraticInverse},
	} {
		x := normalErrors(r, correlations(c.assets, structures()["one factor"]), c.origins)
		if got, err := risk.EstimateCovariance(x, risk.ByShape); err != nil || got.Estimator != c.want {
			t.Errorf("%d assets, %d origins: error %v, estimator %d, want %d", c.assets, c.origins, err, got.Estimator, c.want)
		}
	}
}

// Copies and opposites of assets, units of any size, missing errors: the matrix is positive definite, its diagonal the sample's, other
// units change nothing but the units, and another order of the assets changes nothing.
func TestCovarianceIsPositiveDefinite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, n := rapid.IntRange(1, 12).Draw(t, "assets"), rapid.IntRange(3, 30).Draw(t, "origins")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		by := risk.Estimator(rapid.IntRange(int(risk.ByShape), int(risk.QuadraticInverse)).Draw(t, "estimator"))
		x := make([][]float64, p)
		for i := range x {
			x[i] = make([]float64, n)
			for k := range x[i] {
				x[i][k] = r.NormFloat64()
			}
			if i > 0 && rapid.Bool().Draw(t, "copy") {
				floats.ScaleTo(x[i], rapid.SampledFrom([]float64{1, -1, 3}).Draw(t, "by"), x[0])
			}
		}
		c, err := risk.EstimateCovariance(x, by)
		if err != nil {
			t.Fatal(err)
		}
		scaled, gap := make([][]float64, p), make([][]float64, p)
		units := make([]float64, p)
		for i := range x {
			units[i] = math.Ldexp(1, rapid.IntRange(-20, 20).Draw(t, "unit"))
			scaled[p-1-i] = make([]float64, n)
			floats.ScaleTo(scaled[p-1-i], units[i], x[i])
			gap[i] = append([]float64{nan}, x[i]...)
			near(t, "variance", c.Matrix.At(i, i), stat.Variance(x[i], nil), 1e-12*c.Matrix.At(i, i))
		}
		var cholesky mat.Cholesky
		if !cholesky.Factorize(c.Matrix) {
			t.Fatalf("not positive definite: %v", mat.Formatted(c.Matrix))
		}
		other, err := risk.EstimateCovariance(scaled, by)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p {
			for j := range p {
				size := math.Sqrt(c.Matrix.At(i, i) * c.Matrix.At(j, j))
				near(t, "covariance in other units", other.Matrix.At(p-1-i, p-1-j)/units[i]/units[j], c.Matrix.At(i, j), 1e-6*size)
			}
		}
		without, err := risk.EstimateCovariance(gap, by)
		if err != nil || without.Rows != n || !mat.Equal(without.Matrix, c.Matrix) {
			t.Errorf("an origin with NaN changes the matrix, error %v", err)
		}
	})
}

// With ever more origins there is nothing to shrink.
func TestShrinkageFades(t *testing.T) {
	t.Parallel()
	x := normalErrors(rand.New(rand.NewPCG(15, 16)), correlations(5, structures()["neighbours alike"]), 20_000)
	s := sampleCovariance(x)
	for _, by := range []risk.Estimator{risk.ConstantCorrelation, risk.QuadraticInverse} {
		c, err := risk.EstimateCovariance(x, by)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(c.Matrix, s); d > 0.01 {
			t.Errorf("estimator %d is %.3f from the sample covariance", by, d)
		}
	}
}

// Errors of independent assets have sample eigenvalues from 0 to several times the true ones, which are all 1. Quadratic-inverse shrinkage
// brings them together, those that are 0 by their number too.
func TestEigenvaluesOfIndependentAssets(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(27, 28))
	for _, shape := range [][2]int{{40, 400}, {80, 120}, {80, 40}, {80, 20}} {
		c, err := risk.EstimateCovariance(normalErrors(r, correlations(shape[0], func(_, _, _ int) float64 { return 0 }), shape[1]), risk.QuadraticInverse)
		if err != nil {
			t.Fatal(err)
		}
		for i := range shape[0] { // correlations again, since variances are not shrunk
			for j := range i {
				c.Matrix.SetSym(i, j, c.Matrix.At(i, j)/math.Sqrt(c.Matrix.At(i, i)*c.Matrix.At(j, j)))
			}
		}
		for i := range shape[0] {
			c.Matrix.SetSym(i, i, 1)
		}
		var eigen mat.EigenSym
		eigen.Factorize(c.Matrix, false)
		if values := eigen.Values(nil); values[0] < 0.4 || values[shape[0]-1] > 2.2 {
			t.Errorf("p/n %v: eigenvalues from %.2f to %.2f", shape, values[0], values[shape[0]-1])
		}
	}
}

// The intensity by the definitions of Ledoit and Wolf (2004), entry by entry and origin by origin.
func TestConstantCorrelationByDefinition(t *testing.T) {
	t.Parallel()
	const p, n = 4, 13
	x := normalErrors(rand.New(rand.NewPCG(17, 18)), correlations(p, structures()["one factor"]), n)
	for _, row := range x {
		mean, deviation := stat.MeanStdDev(row, nil)
		floats.AddConst(-mean, row)
		floats.Scale(1/deviation, row)
	}
	s := sampleCovariance(x)
	mean := (mat.Sum(s) - p) / (p * (p - 1))
	pi, rho, gamma := 0.0, 0.0, 0.0
	for i := range p {
		for j := range p {
			asymptotic := func(k, l int) (sum float64) { // of s(k,l) and s(i,j)
				for t := range n {
					sum += (x[k][t]*x[l][t] - s.At(k, l)) * (x[i][t]*x[j][t] - s.At(i, j)) / (n - 1)
				}
				return sum
			}
			// n rows and n-1 in the denominator: the squares of the means are counted once more than in the paper's form.
			correction := s.At(i, j) * s.At(i, j) / (n - 1)
			pi += asymptotic(i, j) - correction
			if i == j {
				rho += asymptotic(i, i) - correction
			} else {
				rho += mean / 2 * (asymptotic(i, i) + asymptotic(j, j) - 2*s.At(i, j)/(n-1))
				gamma += math.Pow(mean-s.At(i, j), 2)
			}
		}
	}
	c, err := risk.EstimateCovariance(x, risk.ConstantCorrelation)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "shrinkage", c.Shrinkage, min(max((pi-rho)/gamma/(n-1), 0), 1), 1e-10)
	near(t, "covariance", c.Matrix.At(0, 1), c.Shrinkage*mean+(1-c.Shrinkage)*s.At(0, 1), 1e-7)
}

func TestErrorsWithoutCovariance(t *testing.T) {
	t.Parallel()
	good := []float64{1, 2, 4, 3}
	for name, c := range map[string]struct {
		errs  [][]float64
		asset int
	}{
		"constant":        {[][]float64{good, {5, 5, 5, 5}}, 1},
		"nearly constant": {[][]float64{{1e20, 1e20, 1e20, 1e20 + 16384}, good}, 0},
		"infinite":        {[][]float64{good, {1, math.Inf(1), 2, 3}}, 1},
		"too large":       {[][]float64{good, {1e300, -1e300, 1e300, 0}}, 1},
		"too few":         {[][]float64{{1, 2}}, 0},
		"too few common":  {[][]float64{{1, 2, nan, 3}, {nan, 1, 3, 4}}, 0},
		"no origins":      {[][]float64{{}, {}}, 0},
	} {
		_, err := risk.EstimateCovariance(c.errs, risk.ByShape)
		fault, ok := errors.AsType[*risk.DataError](err)
		if !ok || fault.Asset != c.asset {
			t.Errorf("%s: error %v, want a DataError of asset %d", name, err, c.asset)
		}
	}
	if c, err := risk.EstimateCovariance(nil, risk.ByShape); err != nil || !c.Matrix.IsEmpty() {
		t.Errorf("no assets: error %v", err)
	}
}
