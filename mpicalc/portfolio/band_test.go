package portfolio_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat/distuv"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

// world is correlated assets: each is φ times its value before, and an error with the correlation ρ to those of the others. The errors are
// normal, or of Student's t with five degrees of freedom and a common variance that clusters as that of a GARCH(1,1) does.
type world struct {
	rho, phi float64
	garch    bool

	x              []float64
	variance, last float64
}

// next returns the values that follow.
func (w *world) next(random *rand.Rand) []float64 {
	draw, size := random.NormFloat64, 1.0
	if w.garch {
		draw = distuv.StudentsT{Sigma: math.Sqrt(3. / 5), Nu: 5, Src: random}.Rand
		w.variance = 0.03 + 0.09*w.last*w.last + 0.88*w.variance
		size = math.Sqrt(w.variance)
	}
	w.last = size * draw()
	for i := range w.x {
		w.x[i] = w.phi*w.x[i] + math.Sqrt(w.rho)*w.last + math.Sqrt(1-w.rho)*size*draw()
	}
	return w.x
}

// run returns n values of each of some assets, after the first.
func (w *world) run(random *rand.Rand, assets, n int) [][]float64 {
	w.x, w.variance, w.last = make([]float64, assets), 1, 0
	all := make([][]float64, assets)
	for t := range n + 100 {
		for i, v := range w.next(random) {
			if t >= 100 {
				all[i] = append(all[i], v)
			}
		}
	}
	return all
}

// future returns h values of each asset that may follow.
func (w *world) future(random *rand.Rand, h int) [][]float64 {
	then := *w
	then.x = slices.Clone(w.x)
	all := make([][]float64, len(w.x))
	for range h {
		for i, v := range then.next(random) {
			all[i] = append(all[i], v)
		}
	}
	return all
}

// Of a portfolio, and of the assets, whole paths lie inside the band as often as it says: of assets that walk together, of ones that revert
// to a mean, and with one that is too short to be measured with the others. Over assets, the paths of all of them lie inside together.
func TestBandsOfAPortfolioContainWholePaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, model string
		world       world
		short       int // values of the first asset; 0 for all
		over        job.BandsOver
		most        float64
	}{
		{"GARCH-t walks", "naive", world{rho: 0.5, phi: 1, garch: true}, 0, job.BandsOverHorizon, 0.93},
		{"AR(1)", "ar", world{rho: 0.5, phi: 0.7}, 0, job.BandsOverHorizon, 0.93},
		{"a short one", "naive", world{rho: 0.5, phi: 1}, 30, job.BandsOverHorizon, 0.97}, // of few values: wide rather than narrow
		{"over assets", "naive", world{rho: 0.5, phi: 1, garch: true}, 0, job.BandsOverAssets, 0.93},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const files, futures, assets, n, h = 80, 30, 4, 600, 10
			random := rand.New(rand.NewPCG(7, 8))
			whole, each, together := 0.0, 0.0, 0.0
			for range files {
				table := read(t, wide(c.world.run(random, assets, n), assets, n, c.short, 0))
				answer, err := compute(t, spec(func(s *job.Spec) {
					s.Assets, s.Horizon, s.Bands, s.BandsOver, s.Model = []string{"*"}, h, []float64{90}, c.over, c.model
				}), table)
				if err != nil {
					t.Fatal(err)
				}
				for range futures {
					path, all := make([]float64, h), 1.0
					for i, x := range c.world.future(random, h) {
						for k := range path {
							path[k] += x[k] / assets
						}
						in := contains(answer.Assets[i].Band, "90", x)
						each += in / files / futures / assets
						all = min(all, in)
					}
					whole += contains(answer.Overall.Band, "90", path) / files / futures
					together += all / files / futures
				}
			}
			t.Logf("%.3f of the portfolio's paths, %.3f of the assets', %.3f of all assets together", whole, each, together)
			if c.over == job.BandsOverAssets {
				each = together
			}
			if whole < 0.87 || whole > c.most || each < 0.87 || each > c.most || c.over != job.BandsOverAssets && together > each-0.1 {
				t.Errorf("the bands contain %.3f of the portfolio's paths, %.3f of the assets', %.3f of all together", whole, each, together)
			}
		})
	}
}

// contains is 1 where the band contains the whole path.
func contains(band *job.Band, level string, path []float64) float64 {
	for k, v := range path {
		if v < band.Lo[level][k] || v > band.Hi[level][k] {
			return 0
		}
	}
	return 1
}

// Bands change nothing else in an answer; they contain the intervals, do not depend on the order of the assets nor on the ranks, and stay
// at or above 0 where prices do.
func TestBandsOfAPortfolioAreNested(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	all := (&world{rho: 0.3, phi: 1, garch: true}).run(random, 4, 300)
	for i := range all {
		for k, v := range all[i] {
			all[i][k] = 100 * math.Exp(v/20)
		}
	}
	for name, c := range map[string]struct {
		short, lag int
		spec       job.Spec
	}{
		"mean":                 {0, 0, job.Spec{Combine: job.Mean}},
		"return":               {0, 0, job.Spec{Combine: job.Return}},
		"short":                {0, 0, job.Spec{Combine: job.Value, Holdings: map[string]float64{"A0": -1, "A1": 2, "A2": 1, "A3": 1}}},
		"new":                  {20, 0, job.Spec{Combine: job.Mean}},
		"one ends earlier":     {0, 2, job.Spec{Combine: job.Mean}},
		"over":                 {0, 0, job.Spec{Combine: job.Mean, BandsOver: job.BandsOverAssets}},
		"over, with a new one": {20, 2, job.Spec{Combine: job.Mean, BandsOver: job.BandsOverAssets}},
	} {
		table := read(t, wide(all, 4, 300, c.short, c.lag))
		names := table.Names()
		var want string
		for i, ranks := range []int{1, 2, 3} {
			s := c.spec
			s.Assets, s.Model, s.Horizon, s.OnError = slices.Clone(names), "auto", 15, job.Skip
			s.Levels, s.Quantiles, s.Bands, s.Risk = []float64{90, 50}, []float64{0.2}, []float64{90, 60}, []float64{95}
			if i > 0 {
				slices.Reverse(s.Assets[i:])
			}
			answer, err := computeOn(t, ranks, s, portfolio.Data{Table: table})
			if err != nil {
				t.Fatal(err)
			}
			checkBands(t, name+", overall", answer.Overall.Lo, answer.Overall.Hi, answer.Overall.Band, name != "return" && name != "short")
			for _, a := range answer.Assets {
				checkBands(t, name+", "+a.Asset, a.Lo, a.Hi, a.Band, true)
			}
			slices.SortFunc(answer.Assets, func(a, b job.Asset) int { return strings.Compare(a.Asset, b.Asset) })
			got, err := json.Marshal(answer)
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				if want = string(got); c.lag > 0 {
					continue // models share parameters with those fitted for bands: last digits of the portfolio's change
				}
				s.Bands, s.BandsOver = nil, ""
				without, err := computeOn(t, ranks, s, portfolio.Data{Table: table})
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(answer, without, cmpopts.EquateNaNs(), cmpopts.IgnoreFields(job.Forecast{}, "Band"), cmpopts.IgnoreFields(job.Asset{}, "Band", "Note")); d != "" {
					t.Errorf("%s: bands change the answer (-with +without):\n%s", name, d)
				}
			}
			if string(got) != want {
				t.Errorf("%s: on %d ranks in another order:\n%s\nwant\n%s", name, ranks, got, want)
			}
		}
	}
}

func checkBands(t *testing.T, name string, lo, hi map[string][]float64, band *job.Band, positive bool) {
	t.Helper()
	for _, c := range []struct {
		what             string
		lo, hi           []float64
		innerLo, innerHi []float64
	}{
		{"the interval", band.Lo["90"], band.Hi["90"], lo["90"], hi["90"]},
		{"the interval of a lower level", band.Lo["60"], band.Hi["60"], lo["50"], hi["50"]},
		{"the band of a lower level", band.Lo["90"], band.Hi["90"], band.Lo["60"], band.Hi["60"]},
	} {
		for k := range c.lo {
			if !(c.lo[k] <= c.innerLo[k] && c.innerHi[k] <= c.hi[k]) || positive && c.lo[k] < 0 {
				t.Errorf("%s, step %d: [%v, %v] does not contain %s, [%v, %v], or falls below 0", name, k+1, c.lo[k], c.hi[k], c.what, c.innerLo[k], c.innerHi[k])
			}
		}
	}
}

// A job may fail with an asset while others wait for the bands over all of them, or leave it out.
func TestBandsOverAssetsWithBadAssets(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("date,A,B,EMPTY\n")
	for k := range 40 {
		fmt.Fprintf(&b, "%d-%02d-01,%d,%d,\n", 2020+k/12, 1+k%12, 10+k%7, 100-k%5)
	}
	table := read(t, b.String())
	s := spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Bands, s.BandsOver = []string{"EMPTY", "A", "B"}, "naive", []float64{90}, job.BandsOverAssets
	})
	answer, err := compute(t, s, table)
	if err != nil {
		t.Fatal(err)
	}
	if answer.State != job.Partial || answer.Assets[0].Error == nil || answer.Assets[1].Band == nil || answer.Assets[2].Asset != "B" || answer.Overall.Band == nil {
		t.Errorf("got %+v", answer)
	}
	s.OnError = job.Fail
	if _, err := compute(t, s, table); err == nil {
		t.Error("the job did not fail")
	}
	s.Assets, s.Horizon = []string{"*"}, 1000
	if _, err := compute(t, s, table); err == nil {
		t.Log("fewer steps than the limit") // three assets are far below it
	}
}
