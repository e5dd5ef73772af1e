package risk_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"foliocast/mpicalc/risk"
)

func ExampleWhole_ES() {
	shares, bonds := []float64{5, -3, 9, 1}, []float64{-1, 1, 3, 0}
	whole := []float64{4, -2, 12, 1}
	w := risk.NewWhole(whole).ES(0.5)
	components := []float64{w.Component(shares), w.Component(bonds)}
	err := risk.Settle(components, risk.NewSample(whole).ES(0.5))
	fmt.Println(components, err)
	// Output: [7 1] <nil>
}

// allocate returns the components of every risk at α, and the risks.
func allocate(rows [][]float64, total []float64, alpha float64) (components map[string][]float64, whole map[string]float64) {
	s := risk.NewSample(total)
	whole = map[string]float64{"VaR": s.VaR(alpha), "ES": s.ES(alpha), "volatility": s.StdDev()}
	components = map[string][]float64{}
	w := risk.NewWhole(total)
	for name, w := range map[string]risk.Weights{"VaR": w.VaR(alpha), "ES": w.ES(alpha), "volatility": w.Volatility()} {
		for _, row := range rows {
			components[name] = append(components[name], w.Component(row))
		}
	}
	return components, whole
}

// Whatever the losses are, also with ties, short positions and a whole that is always 0, the components add up to the whole, and
// another order of the scenarios changes them by no more than rounding.
func TestComponentsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "n")
		alpha := rapid.Float64Range(0, 1).Draw(t, "alpha")
		rows := make([][]float64, rapid.IntRange(1, 5).Draw(t, "assets"))
		for i := range rows {
			rows[i] = lossesOf(n).Draw(t, "losses")
		}
		if len(rows) > 1 && rapid.Bool().Draw(t, "hedged") {
			floats.ScaleTo(rows[1], -1, rows[0])
		}
		total, size := make([]float64, n), 1.0
		for _, row := range rows {
			floats.Add(total, row)
			size += floats.Norm(row, math.Inf(1))
		}
		components, whole := allocate(rows, total, alpha)
		for _, row := range append(rows, total) {
			slices.Reverse(row)
		}
		backwards, _ := allocate(rows, total, alpha)
		for name, c := range components {
			for i := range c {
				near(t, name+" component in another order", backwards[name][i], c[i], 1e-9*size)
			}
			// Cancellation inside a sum of scenarios is rounding too, but not of the components.
			near(t, "sum of "+name+" components", floats.Sum(c), whole[name], 1e-10*size)
			if err := risk.Settle(c, whole[name]); err == nil {
				near(t, "settled sum of "+name+" components", floats.Sum(c), whole[name], 1e-15*floats.Norm(c, 1))
			} else if floats.Norm(c, 1) > 0.1*size {
				t.Error(err)
			}
		}
	})
}

// The components of jointly normal losses are μᵢ + Cov(Lᵢ, L)/Var(L)·(risk - μ), and of volatility Cov(Lᵢ, L)/σ (McNeil, Frey and
// Embrechts 2015, section 8.5). Independent assets are diversified by Σσᵢ/√Σσᵢ².
func TestComponentsOfNormalLosses(t *testing.T) {
	t.Parallel()
	const n, alpha = 100_000, 0.95
	r := rand.New(rand.NewPCG(5, 6))
	mu, sigma := []float64{-1, 0.5, 2}, []float64{1, 2, 4}
	rows, total := make([][]float64, 3), make([]float64, n)
	alone := make([]float64, 3)
	for i := range rows {
		rows[i] = make([]float64, n)
		for s := range n {
			rows[i][s] = mu[i] + sigma[i]*r.NormFloat64()
		}
		floats.Add(total, rows[i])
		alone[i] = risk.NewSample(rows[i]).StdDev()
	}
	all := math.Sqrt(21)
	z := distuv.UnitNormal.Quantile(alpha)
	beyond := distuv.UnitNormal.Prob(z) / (1 - alpha)
	components, whole := allocate(rows, total, alpha)
	for i := range rows {
		beta := sigma[i] * sigma[i] / all
		near(t, fmt.Sprintf("VaR component %d", i), components["VaR"][i], mu[i]+beta*z, 0.1)
		near(t, fmt.Sprintf("ES component %d", i), components["ES"][i], mu[i]+beta*beyond, 0.1)
		near(t, fmt.Sprintf("volatility component %d", i), components["volatility"][i], beta, 0.03)
	}
	near(t, "diversification ratio", risk.DiversificationRatio(alone, whole["volatility"]), 7/all, 0.01)
}

// The local line is nearer to the truth than a local mean that is scaled to add up (Tasche 2009, with a normal kernel and
// Silverman's bandwidth). The losses are Lᵢ = βᵢ(F-1) + σᵢεᵢ with F exponential; given the whole, F is a normal variable cut off at 0.
func TestVaRComponentsOfSkewedLosses(t *testing.T) {
	t.Parallel()
	const n, rounds, alpha = 1000, 100, 0.95
	r := rand.New(rand.NewPCG(7, 8))
	beta, sigma := []float64{1, 0.5, -0.5, 1.2, 0.2}, []float64{1, 2, 0.5, 1.5, 1}
	b, v := floats.Sum(beta), floats.Dot(sigma, sigma)
	line, mean := 0.0, 0.0
	for range rounds {
		rows, total := make([][]float64, len(beta)), make([]float64, n)
		for i := range rows {
			rows[i] = make([]float64, n)
		}
		for s := range n {
			f := r.ExpFloat64() - 1
			for i := range rows {
				rows[i][s] = beta[i]*f + sigma[i]*r.NormFloat64()
				total[s] += rows[i][s]
			}
		}
		q := risk.NewSample(total).VaR(alpha)
		centre, scale := (q+b)/b-v/(b*b), math.Sqrt(v)/b
		f := centre + scale*distuv.UnitNormal.Prob(-centre/scale)/distuv.UnitNormal.Survival(-centre/scale) - 1
		w := risk.NewWhole(total).VaR(alpha)
		for i, row := range rows {
			truth := beta[i]*f + sigma[i]*sigma[i]/v*(q-b*f)
			line += math.Pow(w.Component(row)-truth, 2)
			mean += math.Pow(scaledMean(row, total, q)-truth, 2)
		}
	}
	t.Logf("root mean squared errors: %.3f, and of a scaled local mean %.3f", math.Sqrt(line/rounds/5), math.Sqrt(mean/rounds/5))
	if line > mean {
		t.Errorf("squared error %.3f, of a scaled local mean %.3f", line/rounds/5, mean/rounds/5)
	}
}

func scaledMean(row, total []float64, q float64) float64 {
	width := 1.06 * risk.NewSample(total).StdDev() * math.Pow(float64(len(total)), -0.2)
	of, all := 0.0, 0.0
	for s, x := range total {
		k := distuv.UnitNormal.Prob((x - q) / width)
		of += k * row[s]
		all += k * x
	}
	return q * of / all
}

// The weights of the volatility add up to 0, however large the losses are against their differences: an asset that always loses the same
// has no part in it.
func TestLevelsHaveNoVolatility(t *testing.T) {
	t.Parallel()
	const level = 1e9
	whole := []float64{level + 0.1, level + 0.2, level + 0.4, level + 0.3, level + 0.6}
	constant := []float64{level, level, level, level, level}
	near(t, "component of a constant", risk.NewWhole(whole).Volatility().Component(constant), 0, 1e-15*level)
}

func TestSettleRefusesOtherWholes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		components []float64
		whole      float64
	}{{[]float64{1, 2}, 3.1}, {nil, 1}, {[]float64{nan}, 1}, {[]float64{1}, nan}, {[]float64{0, 0}, 1e-300}} {
		if err := risk.Settle(c.components, c.whole); err == nil {
			t.Errorf("%v are taken for parts of %v", c.components, c.whole)
		}
	}
	c := []float64{0.25, 0.5, -1} // what is left goes to the third
	if err := risk.Settle(c, -0.25+0x1p-40); err != nil || c[0] != 0.25 || c[1] != 0.5 || c[2] != -1+0x1p-40 {
		t.Errorf("settled to %v, error %v", c, err)
	}
	if err := risk.Settle(nil, 0); err != nil {
		t.Errorf("nothing of nothing: %v", err)
	}
}

func TestScenariosThatWereNotMeasured(t *testing.T) {
	t.Parallel()
	total, row := []float64{1, nan, 5, 2}, []float64{1, nan, 2, 1}
	without, short := []float64{1, 5, 2}, []float64{1, 2, 1}
	for name, of := range map[string]func(*risk.Whole) risk.Weights{
		"VaR":        func(w *risk.Whole) risk.Weights { return w.VaR(0.9) },
		"ES":         func(w *risk.Whole) risk.Weights { return w.ES(0.4) },
		"volatility": (*risk.Whole).Volatility,
	} {
		near(t, name, of(risk.NewWhole(total)).Component(row), of(risk.NewWhole(without)).Component(short), 0)
		near(t, name+" of nothing", of(risk.NewWhole([]float64{nan})).Component([]float64{1}), nan, 0)
		near(t, name+" of no scenarios", of(risk.NewWhole(nil)).Component(nil), nan, 0)
	}
}
