package risk_test

import (
	"encoding/binary"
	"math"
	"testing"

	"foliocast/mpicalc/risk"
)

// FuzzAnyNumbers reads scenarios as the bits of their values, so that every kind of float64 occurs, and asks for everything: nothing
// panics, and what is promised of any numbers holds.
func FuzzAnyNumbers(f *testing.F) {
	for _, x := range [][]float64{
		{}, {1}, {nan}, {math.Inf(1)}, {math.Inf(-1), 1, math.Inf(1), nan}, {0, 0, 0, 0}, {math.Copysign(0, -1), 0},
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {1e308, -1e308, 1e308, -1e308}, {5e-324, 1e-320, -5e-324, 0},
		{1e-300, 1e300, -1e300, 7, nan, 7, 7, 7, 7},
	} {
		for steps := range 3 {
			f.Add(byte(steps), byte(40*steps), 100.0, bits(x))
		}
	}
	f.Fuzz(func(t *testing.T, shape, level byte, base float64, data []byte) {
		steps, alpha := 1+int(shape)%4, float64(level)/255
		all := make([]float64, min(len(data)/8, 400)/steps*steps)
		for i := range all {
			all[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
		x := risk.Paths{Steps: steps, Data: all}
		for _, r := range risk.Measure(x, base, []float64{alpha}) {
			if r.ES[0] < r.VaR[0] || r.LossProbability < 0 || r.LossProbability > 1 || (r.Scenarios == 0) != math.IsNaN(r.VaR[0]) {
				t.Fatalf("risk %+v", r)
			}
		}
		for _, d := range append(risk.Drawdowns(x, base, risk.AbsoluteDrawdown), risk.Drawdowns(x, base, risk.RelativeDrawdown)...) {
			if d < 0 {
				t.Fatalf("drawdown %v", d)
			}
		}
		losses := x.Losses(nil, 0, base)
		whole := risk.NewWhole(losses)
		for _, w := range []risk.Weights{whole.ES(alpha), whole.VaR(alpha), whole.Volatility()} {
			parts := []float64{w.Component(losses), w.Component(x.Losses(nil, steps-1, 0))}
			_ = risk.Settle(parts, parts[0])
		}
		checkBacktest(t, losses, alpha)
		rows := make([][]float64, steps)
		for k := range rows {
			rows[k] = x.Losses(nil, k, 0)
		}
		for _, by := range []risk.Estimator{risk.ByShape, risk.ConstantCorrelation, risk.QuadraticInverse} {
			if c, err := risk.EstimateCovariance(rows, by); err == nil && !(c.Matrix.At(0, 0) >= 0) {
				t.Fatalf("variance %v of %v", c.Matrix.At(0, 0), rows)
			}
		}
	})
}

func checkBacktest(t *testing.T, losses []float64, level float64) {
	t.Helper()
	vars := make([]float64, len(losses))
	hits := risk.Exceptions(losses, vars)
	alpha := min(max(level, 0.01), 0.99)
	counts, uniform := risk.Uniformity(losses, 4)
	total := 0
	for _, c := range counts {
		total += c
	}
	if total != len(risk.NewSample(losses)) {
		t.Fatalf("%d values in bins, of %v", total, losses)
	}
	shortfall := risk.ShortfallTest{Quantile: func(_ int, p float64) float64 { return losses[0] * p }, Rounds: 3}
	for _, test := range []risk.Test{
		uniform, risk.UnconditionalCoverage(hits, alpha), risk.Independence(hits), risk.ConditionalCoverage(hits, alpha),
		shortfall.Test(losses, vars, risk.Drawdowns(risk.Paths{Steps: 1, Data: losses}, 1, risk.AbsoluteDrawdown), alpha),
	} {
		if test.P < 0 || test.P > 1 {
			t.Fatalf("test %+v of %v", test, losses)
		}
	}
	inside := make([]bool, len(losses))
	risk.CoverageBy(losses, inside, 3)
	risk.NewSample(losses).CRPS(1)
}

func bits(x []float64) []byte {
	var b []byte
	for _, v := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}
