package forecast_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"foliocast/mpicalc/forecast"
)

// effect is the coefficient of every regressor of a promotion.
const effect = 4.0

// promoted is a series with a line, a season of 12 steps, autoregressive noise of innovations of variance 1, and promotions:
// each of the regressors is 1 in one step of four, and adds effect.
func promoted(rng *rand.Rand, n, regressors int, phi float64) (y []float64, x [][]float64) {
	x = make([][]float64, regressors)
	u := rng.NormFloat64() / math.Sqrt(1-phi*phi)
	for t := range n {
		season := 3 * math.Sin(2*math.Pi*float64(t)/12)
		v := 60 + float64(t)/10 + season + u
		u = phi*u + rng.NormFloat64()
		for i := range x {
			on := 0.0
			if rng.IntN(4) == 0 {
				on = 1
			}
			x[i] = append(x[i], on)
			v += effect * on
		}
		y = append(y, v)
	}
	return y, x
}

// monthly are options for a monthly series, whose season of 12 steps the models then know.
func monthly(model string, horizon int, levels ...float64) forecast.Options {
	return forecast.Options{Model: model, Horizon: horizon, Levels: levels, Step: 30 * 24 * time.Hour, Periods: []int{12}}
}

// With known errors, 95.4 % of the estimates are within two standard errors. Of 500 replications, 93 to 97.5 % is what three
// standard deviations of chance allow, and one percent more for φ that is estimated.
func TestCoefficientIsWithinTwoStandardErrors(t *testing.T) {
	t.Parallel()
	const n, h, replications = 120, 6, 500
	m := method(t, monthly("naive", h))
	for _, phi := range []float64{0, 0.5, 0.8} {
		rng, engine, answer := rand.New(rand.NewPCG(7, 7)), forecast.New(), forecast.Result{}
		within, squares, variance, bias := 0.0, 0.0, 0.0, 0.0
		for range replications {
			y, x := promoted(rng, n+h, 1, phi)
			if err := engine.Forecast(&answer, forecast.Series{Values: y[:n], Regressors: x}, m); err != nil {
				t.Fatal(err)
			}
			c := answer.Coefficients[0]
			miss := c.Value - effect
			if math.Abs(miss) <= 2*c.StdErr {
				within++
			}
			bias += miss / replications
			squares += miss * miss / replications
			variance += c.StdErr * c.StdErr / replications
		}
		t.Logf("φ = %v: %.1f %% within two standard errors, variance %.4f, mean squared standard error %.4f", phi, 100*within/replications, squares, variance)
		if share := within / replications; share < 0.92 || share > 0.975 {
			t.Errorf("φ = %v: %.1f %% of the coefficients are within two standard errors, want about 95", phi, 100*share)
		}
		if math.Abs(bias) > 3*math.Sqrt(squares/replications) {
			t.Errorf("φ = %v: the coefficients are off by %.3f in the mean", phi, bias)
		}
		// The best linear unbiased estimate for a regressor of variance v that is noise: σ²/(n·v·Σ ψ²), where the filter
		// 1 - φL multiplies its variance by 1 + φ².
		ideal := 1 / (n * 3.0 / 16 * (1 + phi*phi))
		if squares > 1.35*ideal || squares < 0.8*ideal {
			t.Errorf("φ = %v: the variance of the coefficients is %.4f, of the best linear estimate %.4f", phi, squares, ideal)
		}
		if ratio := variance / squares; ratio < 0.8 || ratio > 1.2 {
			t.Errorf("φ = %v: the squared standard errors are %.2f of the variance of the coefficients", phi, ratio)
		}
	}
}

// Without the regressor its effect is noise of variance effect²·p·(1-p) = 3 beside the errors' 1, so with it a regression on line
// and season has a quarter of the mean squared error, but for the error of the coefficient: (1 + 1/n·…) of it. For errors of
// any kind and any model, what remains is the error of a forecast that knows the effect.
func TestErrorFallsAsTheoryTells(t *testing.T) {
	t.Parallel()
	const n, h = 120, 6
	for _, c := range []struct {
		model        string
		phi, level   float64 // a series with negative values is not forecast in logarithms
		replications int
		lo, hi       float64 // of the mean squared error without regressor
	}{
		{"trend-season", 0, -100, 400, 0.22, 0.28},
		{"auto", 0, 60, 25, 0.1, 0.45},
		{"auto", 0.8, 60, 25, 0, 0.7},
	} {
		rng, engine, answer := rand.New(rand.NewPCG(8, 8)), forecast.New(), forecast.Result{}
		m := method(t, monthly(c.model, h))
		var without, with, known float64
		squares := func(s forecast.Series, actual []float64) (sum float64) {
			if err := engine.Forecast(&answer, s, m); err != nil {
				t.Fatal(err)
			}
			for k, v := range answer.Mean {
				sum += (actual[k] - v) * (actual[k] - v)
			}
			return sum
		}
		for range c.replications {
			y, x := promoted(rng, n+h, 1, c.phi)
			floats.AddConst(c.level-60, y)
			without += squares(forecast.Series{Values: y[:n]}, y[n:])
			with += squares(forecast.Series{Values: y[:n], Regressors: x}, y[n:])
			for t, on := range x[0] {
				y[t] -= effect * on
			}
			known += squares(forecast.Series{Values: y[:n]}, y[n:])
		}
		t.Logf("%s, φ = %v: mean squared error %.3f of that without the regressor, %.3f of that with the effect known", c.model, c.phi, with/without, with/known)
		if ratio := with / without; ratio < c.lo || ratio > c.hi {
			t.Errorf("%s, φ = %v: the mean squared error is %.3f of that without the regressor, want %v to %v", c.model, c.phi, ratio, c.lo, c.hi)
		}
		if ratio := with / known; ratio > 1.06 {
			t.Errorf("%s, φ = %v: the mean squared error is %.3f of that with the effect known", c.model, c.phi, ratio)
		}
	}
}

// Adding c·(x - x̄) to a series, x̄ the mean over its values, adds c to the coefficient and c·(x - x̄) to the forecast, its intervals
// and its quantiles, whatever the model.
func TestRegressorsWorkWithEveryModel(t *testing.T) {
	t.Parallel()
	const n, h, c = 90, 8, -2.5
	y, x := promoted(rand.New(rand.NewPCG(9, 9)), n+h, 2, 0.5)
	floats.AddConst(-100, y) // no logarithms
	mean, moved := stat.Mean(x[1][:n], nil), make([]float64, n+h)
	for t := range moved {
		moved[t] = y[t] + c*(x[1][t]-mean)
	}
	engine := forecast.New()
	for _, info := range forecast.Models() {
		m := method(t, forecast.Options{Model: info.Name, Horizon: h, Seasons: []int{12}, Levels: []float64{80}, Quantiles: []float64{0.1, 0.7}})
		var a, b forecast.Result
		for _, s := range []struct {
			dst *forecast.Result
			y   []float64
		}{{&a, y[:n]}, {&b, moved[:n]}} {
			if err := engine.Forecast(s.dst, forecast.Series{Values: s.y, Regressors: x, Skips: []forecast.Skip{{At: 20, Count: 1}}}, m); err != nil {
				t.Fatal(err)
			}
		}
		near := func(what string, got, want float64) {
			if !(math.Abs(got-want) < 1e-6*math.Abs(want)+1e-6) {
				t.Errorf("%s: %s is %v, want %v", info.Name, what, got, want)
			}
		}
		near("coefficient 1", b.Coefficients[0].Value, a.Coefficients[0].Value)
		near("coefficient 2", b.Coefficients[1].Value, a.Coefficients[1].Value+c)
		near("standard error", b.Coefficients[1].StdErr, a.Coefficients[1].StdErr)
		for k := range h {
			near("mean", b.Mean[k], a.Mean[k]+moved[n+k]-y[n+k])
			near("lower end", b.Lo[0][k], a.Lo[0][k]+moved[n+k]-y[n+k])
			near("upper end", b.Hi[0][k], a.Hi[0][k]+moved[n+k]-y[n+k])
			near("quantile", b.Quantiles[1][k], a.Quantiles[1][k]+moved[n+k]-y[n+k])
		}
		for i, v := range a.Errors.Data {
			near("error", b.Errors.Data[i], v)
		}
	}
}

// A regressor that says nothing of its own has no coefficient, and the forecast is that without it.
func TestRegressorsThatCannotBeEstimated(t *testing.T) {
	t.Parallel()
	const n, h = 72, 4
	y, x := promoted(rand.New(rand.NewPCG(1, 1)), n+h, 1, 0)
	column := func(f func(t int) float64) []float64 {
		c := make([]float64, n+h)
		for t := range c {
			c[t] = f(t)
		}
		return c
	}
	for _, c := range []struct {
		name  string
		other []float64
	}{
		{"zero", column(func(int) float64 { return 0 })},
		{"constant", column(func(int) float64 { return 1e300 })},
		{"only in the future", column(func(t int) float64 { return float64(t / n) })},
		{"line", column(func(t int) float64 { return 1e6 - 3*float64(t) })},
		{"season", column(func(t int) float64 { return float64(t % 12 / 11) })},
		{"the one before it", column(func(t int) float64 { return 5 - 2*x[0][t] })},
	} {
		m := method(t, monthly("theta", h, 80))
		var with, alone forecast.Result
		engine := forecast.New()
		if err := engine.Forecast(&alone, forecast.Series{Values: y[:n], Regressors: x}, m); err != nil {
			t.Fatal(err)
		}
		if err := engine.Forecast(&with, forecast.Series{Values: y[:n], Regressors: [][]float64{x[0], c.other}}, m); err != nil {
			t.Fatal(err)
		}
		if got := with.Coefficients[1]; got.Value != 0 || !math.IsNaN(got.StdErr) {
			t.Errorf("%s: the coefficient is %+v, want 0 and NaN", c.name, got)
		}
		for k, v := range alone.Mean {
			if math.Abs(with.Mean[k]-v) > 1e-9*math.Abs(v) {
				t.Errorf("%s: the forecast at step %d is %v, want %v as without it", c.name, k+1, with.Mean[k], v)
			}
		}
	}
}

// With ten regressors for 60 values, errors of forecasts with coefficients that know what is to come would be too small.
func TestIntervalsCoverWithManyRegressors(t *testing.T) {
	t.Parallel()
	const n, h, replications = 60, 3, 150
	rng, engine, answer := rand.New(rand.NewPCG(5, 5)), forecast.New(), forecast.Result{}
	m := method(t, forecast.Options{Model: "mean", Horizon: h, Seasons: []int{1}, Levels: []float64{80}})
	inside := 0.0
	for range replications {
		y, x := promoted(rng, n+h, 10, 0)
		for t := range y {
			y[t] -= float64(t)/10 + 3*math.Sin(2*math.Pi*float64(t)/12)
		}
		if err := engine.Forecast(&answer, forecast.Series{Values: y[:n], Regressors: x}, m); err != nil {
			t.Fatal(err)
		}
		inside += forecast.Coverage(y[n:], answer.Lo[0], answer.Hi[0]) / replications
	}
	if inside < 0.77 || inside > 0.88 {
		t.Errorf("the 80 %% interval covers %.1f %%", 100*inside)
	}
}

// One value that is far off moves a least-squares coefficient by 200·(1-p)/(n·p·(1-p)) = 200/30 at a promotion.
func TestOutlierDoesNotMoveTheCoefficient(t *testing.T) {
	t.Parallel()
	const n, h = 120, 1
	y, x := promoted(rand.New(rand.NewPCG(3, 3)), n+h, 1, 0)
	for t := 50; ; t++ {
		if x[0][t] == 1 {
			y[t] += 200
			break
		}
	}
	var answer forecast.Result
	if err := forecast.New().Forecast(&answer, forecast.Series{Values: y[:n], Regressors: x}, method(t, monthly("naive", h))); err != nil {
		t.Fatal(err)
	}
	if c := answer.Coefficients[0]; math.Abs(c.Value-effect) > 3 {
		t.Errorf("the coefficient is %+v, want about %v", c, effect)
	}
}

// The quantiles of small counts are worth more than an effect that explains little.
func TestSmallCountsStayCounts(t *testing.T) {
	t.Parallel()
	const n, h = 120, 5
	rng := rand.New(rand.NewPCG(6, 6))
	var y []float64
	x := [][]float64{nil, nil}
	for range n + h {
		for i := range x {
			x[i] = append(x[i], float64(rng.IntN(2)))
		}
		y = append(y, float64(rng.IntN(3)))
	}
	strong := make([]float64, n)
	for t := range strong {
		strong[t] = y[t] + 5*x[0][t]
	}
	m := method(t, forecast.Options{Model: "auto", Horizon: h, Quantiles: []float64{0.1, 0.9}, Explain: true})
	var alone, weak, used forecast.Result
	engine := forecast.New()
	for _, c := range []struct {
		dst *forecast.Result
		s   forecast.Series
	}{{&alone, forecast.Series{Values: y[:n]}}, {&weak, forecast.Series{Values: y[:n], Regressors: x}}, {&used, forecast.Series{Values: strong, Regressors: x}}} {
		if err := engine.Forecast(c.dst, c.s, m); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(alone.Quantiles, weak.Quantiles); diff != "" || weak.Note == "" || weak.Coefficients[0].Value == 0 {
		t.Errorf("with regressors that explain nothing, note %q, coefficients %v: %s", weak.Note, weak.Coefficients, diff)
	}
	for _, part := range weak.Parts {
		if strings.HasPrefix(part.Name, "x") {
			t.Errorf("%s has the part %v of a forecast without it", part.Name, part.Values)
		}
	}
	for k, on := range x[0][n:] {
		if used.Note != "" || math.Abs(used.Mean[k]-1-5*on) > 1.5 {
			t.Errorf("step %d is %v, want about %v; the note is %q", k+1, used.Mean[k], 1+5*on, used.Note)
		}
	}
}

// A regressor far beyond what was seen makes the forecast less certain.
func TestUnusualRegressorWidensTheInterval(t *testing.T) {
	t.Parallel()
	const n = 80
	y, x := promoted(rand.New(rand.NewPCG(4, 4)), n+2, 1, 0)
	x[0][n], x[0][n+1] = 1, 30
	var answer forecast.Result
	if err := forecast.New().Forecast(&answer, forecast.Series{Values: y[:n], Regressors: x}, method(t, monthly("naive", 2, 95))); err != nil {
		t.Fatal(err)
	}
	half := func(k int) float64 { return (answer.Hi[0][k] - answer.Lo[0][k]) / 2 }
	if want := 25 * 1.96 * answer.Coefficients[0].StdErr; half(1) < want || half(0) > want {
		t.Errorf("the half widths are %.1f and %.1f, want only the second above %.1f", half(0), half(1), want)
	}
}

func TestRegressorFaults(t *testing.T) {
	t.Parallel()
	m := method(t, forecast.Options{Model: "naive", Horizon: 1})
	var answer forecast.Result
	var fault *forecast.DataError
	s := forecast.Series{Values: []float64{1, 2}, Regressors: [][]float64{{1, 2, 3}, {1, 2, math.Inf(1)}}}
	if err := forecast.New().Forecast(&answer, s, m); !errors.As(err, &fault) || fault.Regressor != 2 || fault.Index != 2 {
		t.Errorf("the error is %v, want one that names value 2 of regressor 2", err)
	}
	for name, x := range map[string][][]float64{"short": {{1, 2}}, "too many": make([][]float64, forecast.MaxRegressors+1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			_ = forecast.New().Forecast(&answer, forecast.Series{Values: []float64{1, 2}, Regressors: x}, m)
		}()
	}
}

// Numbers whose squares overflow or underflow are regressors like others, and the coefficient is in the units of both.
func TestRegressorsOfAnyUnit(t *testing.T) {
	t.Parallel()
	const n, h = 60, 3
	y, x := promoted(rand.New(rand.NewPCG(2, 2)), n+h, 1, 0)
	var want, got forecast.Result
	m := method(t, monthly("drift", h, 80))
	if err := forecast.New().Forecast(&want, forecast.Series{Values: y[:n], Regressors: x}, m); err != nil {
		t.Fatal(err)
	}
	big, small := make([]float64, n), make([]float64, n+h)
	for t := range small {
		small[t] = math.Ldexp(x[0][t], -600)
		if t < n {
			big[t] = math.Ldexp(y[t], 400)
		}
	}
	if err := forecast.New().Forecast(&got, forecast.Series{Values: big, Regressors: [][]float64{small}}, m); err != nil {
		t.Fatal(err)
	}
	if v := math.Ldexp(got.Coefficients[0].Value, -1000); math.Abs(v-want.Coefficients[0].Value) > 1e-9 {
		t.Errorf("the coefficient is %v·2^1000, want %v", v, want.Coefficients[0].Value)
	}
	for k, v := range want.Hi[0] {
		if g := math.Ldexp(got.Hi[0][k], -400); math.Abs(g-v) > 1e-9*v {
			t.Errorf("the upper end at step %d is %v·2^400, want %v", k+1, g, v)
		}
	}
}
