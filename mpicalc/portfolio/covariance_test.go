package portfolio_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

// garchWorld draws assets that walk in steps of a multivariate Student's t with six degrees of freedom. The correlations are those of one
// factor, and each asset's variance is that of a GARCH(1,1). It returns the values and the true covariance of the next step.
func garchWorld(random *rand.Rand, assets, n int) ([][]float64, *mat.SymDense) {
	chi := distuv.ChiSquared{K: 6, Src: random}
	values := make([][]float64, assets)
	variance, last := make([]float64, assets), make([]float64, assets)
	load := func(i int) float64 { return 0.3 + 0.6*float64(i)/float64(assets) }
	size := func(i int) float64 { return 0.5 + 2*float64((7*i)%assets)/float64(assets) }
	for i := range variance {
		variance[i] = 1
	}
	x := make([]float64, assets)
	for t := range n + 200 {
		market, mixing := random.NormFloat64(), math.Sqrt(4/chi.Rand()) // with the variance 1: 6-2 = 4
		for i := range x {
			variance[i] = 0.04 + 0.1*last[i]*last[i] + 0.86*variance[i]
			last[i] = math.Sqrt(variance[i]) * mixing * (load(i)*market + math.Sqrt(1-load(i)*load(i))*random.NormFloat64())
			if x[i] += size(i) * last[i]; t >= 200 {
				values[i] = append(values[i], 1000+x[i])
			}
		}
	}
	truth := mat.NewSymDense(assets, nil)
	for i := range assets {
		for j := range i + 1 {
			next := func(i int) float64 { return size(i) * math.Sqrt(0.04+0.1*last[i]*last[i]+0.86*variance[i]) }
			rho := load(i) * load(j)
			if i == j {
				rho = 1
			}
			truth.SetSym(i, j, rho*next(i)*next(j))
		}
	}
	return values, truth
}

// The matrix of the answer is nearer to the true covariance of the next step than that of the sample, and positive definite, symmetric to
// the bit, also for more assets than origins.
func TestCovarianceIsNearerToTheTruth(t *testing.T) {
	t.Parallel()
	const rounds = 8
	for _, c := range []struct{ assets, n int }{{30, 700}, {60, 160}, {60, 45}} {
		random := rand.New(rand.NewPCG(uint64(c.n), 3))
		own, sample := 0.0, 0.0
		for range rounds {
			values, truth := garchWorld(random, c.assets, c.n)
			answer, err := compute(t, spec(func(s *job.Spec) {
				s.Assets, s.Model, s.Horizon, s.Covariance = []string{"*"}, "naive", 2, job.CovarianceAuto
			}), read(t, wide(values, c.assets, c.n, 0, 0)))
			if err != nil {
				t.Fatal(err)
			}
			got := answer.Overall.Covariance
			if got == nil || got.Of != "value" || len(got.Steps) != 2 || got.Origins[0] < 2 {
				t.Fatalf("%+v, notes %v", got, answer.Overall.Notes)
			}
			matrix := mat.NewSymDense(c.assets, nil)
			for k, step := range got.Steps {
				for i, a := range got.Assets {
					for j, b := range got.Assets {
						if step[i][j] != step[j][i] {
							t.Fatalf("step %d: the covariances of %s and %s are %v and %v", k+1, a, b, step[i][j], step[j][i])
						}
						matrix.SetSym(number(a), number(b), step[i][j])
					}
				}
				var cholesky mat.Cholesky
				if !cholesky.Factorize(matrix) {
					t.Fatalf("step %d is not positive definite", k+1)
				}
				if k == 0 {
					own += distance(matrix, truth) / rounds
				}
			}
			steps := make([][]float64, c.assets)
			for i, y := range values {
				for k := range y[1:] {
					steps[i] = append(steps[i], y[k+1]-y[k])
				}
			}
			plain := mat.NewSymDense(c.assets, nil)
			for i := range steps {
				for j := range i + 1 {
					plain.SetSym(i, j, stat.Covariance(steps[i], steps[j], nil))
				}
			}
			sample += distance(plain, truth) / rounds
		}
		t.Logf("%d assets, %d values: distance %.2f, that of the sample covariance %.2f", c.assets, c.n, own, sample)
		if own >= sample {
			t.Errorf("%d assets, %d values: the matrix is %.3f from the truth, the sample covariance %.3f", c.assets, c.n, own, sample)
		}
	}
}

// number is that of an asset by its name, as wide gives it.
func number(name string) (n int) {
	fmt.Sscanf(name, "A%d", &n)
	return n
}

func distance(a, b mat.Matrix) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return mat.Norm(&d, 2)
}

// Of normal walks, the covariance after k steps is k times that of one. In returns it is that divided by the prices.
func TestCovarianceOfNormalWalks(t *testing.T) {
	t.Parallel()
	const rho = 0.6
	table := read(t, walksOf(1500, rho, 1, 2))
	names := []string{"A1", "A0"}
	var want string
	for i, ranks := range []int{1, 2, 3} {
		for _, combine := range []job.Combine{job.Mean, job.Return} {
			s := job.Spec{Assets: slices.Clone(names), Model: "naive", Horizon: 4, Levels: []float64{}, Covariance: job.ConstantCorrelation, Combine: combine, OnError: job.Skip}
			if i == 1 {
				slices.Reverse(s.Assets)
			}
			answer, err := computeOn(t, ranks, s, portfolio.Data{Table: table})
			if err != nil {
				t.Fatal(err)
			}
			c := answer.Overall.Covariance
			unit := []float64{1, 1}
			if combine == job.Return {
				for _, a := range answer.Assets {
					unit[number(a.Asset)] = a.Mean[0]
				}
			}
			for k, m := range c.Steps {
				steps := float64(k + 1)
				for _, v := range []struct{ got, want float64 }{{m[0][0] * unit[0] * unit[0], steps}, {m[1][1] * unit[1] * unit[1], 4 * steps},
					{m[0][1] * unit[0] * unit[1], rho * 2 * steps}} {
					if math.Abs(v.got/v.want-1) > 0.3 {
						t.Errorf("%s, step %d: %v, want about %v", combine, k+1, v.got, v.want)
					}
				}
			}
			if !slices.Equal(c.Assets, []string{"A0", "A1"}) || c.Method[0] != job.ConstantCorrelation || c.Shrinkage[0] == nil {
				t.Errorf("assets %v, method %v, shrinkage %v", c.Assets, c.Method, c.Shrinkage)
			}
			if combine == job.Mean {
				got, err := json.Marshal(c)
				if err != nil {
					t.Fatal(err)
				}
				if want == "" {
					want = string(got)
				}
				if string(got) != want {
					t.Errorf("on %d ranks:\n%s\nwant\n%s", ranks, got, want)
				}
			}
		}
	}
}

// An answer without a matrix, or with one of fewer assets, says why.
func TestCovarianceThatCannotBe(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(walksOf(60, 0, 1, 1, 1)), "\n")
	for i, row := range rows[1:50] { // A2 begins with the 50th step
		rows[i+1] = row[:strings.LastIndexByte(row, ',')+1]
	}
	constant := strings.Builder{}
	constant.WriteString("step,A,B\n")
	for k := range 60 {
		fmt.Fprintf(&constant, "%d,%d,5\n", k, k*k%17)
	}
	for name, c := range map[string]struct{ text, note string }{
		"too short":       {"step,A,B\n1,1,1\n2,1,2\n3,1.5,2\n", "there is no covariance: "},
		"one is new":      {strings.Join(rows, "\n"), "leaves out the 1 assets"},
		"one is constant": {constant.String(), `asset "B": they are all the same`},
	} {
		answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 1, Levels: []float64{80}, Covariance: job.CovarianceAuto, Combine: job.Mean,
			OnError: job.Skip}, read(t, c.text))
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(answer.Overall.Notes, "\n"); !strings.Contains(notes, c.note) {
			t.Errorf("%s: the notes are %s", name, notes)
		}
	}
	table := read(t, walksOf(30, 0, 1, 1, 1))
	s := job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 1000, Levels: []float64{}, Covariance: job.CovarianceAuto, Combine: job.Mean, OnError: job.Skip}
	if _, err := compute(t, s, table); err != nil {
		t.Errorf("3 × 3 × 1000 numbers: %v", err)
	}
}
