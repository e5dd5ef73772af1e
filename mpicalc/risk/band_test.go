package risk_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"foliocast/mpicalc/risk"
)

// independentPaths are uniform numbers whose quantile function is the identity.
func independentPaths(r *rand.Rand, scenarios, steps int) risk.Paths {
	x := risk.Paths{Steps: steps, Data: make([]float64, scenarios*steps)}
	for i := range x.Data {
		x.Data[i] = r.Float64()
	}
	return x
}

func identity(_ int, p float64) float64 { return p }

// Independent steps lie inside together with the probability cʰ (Šidák 1967), and steps that are functions of one another with the
// probability c.
func TestBandOfIndependentSteps(t *testing.T) {
	t.Parallel()
	const scenarios, share = 20_000, 0.9
	r := rand.New(rand.NewPCG(9, 10))
	band := risk.NewBand(scenarios)
	band.Add(independentPaths(r, scenarios, 4), identity)
	band.Add(independentPaths(r, scenarios, 3), identity)
	c, ok := band.Level(share, 0)
	// The standard error of c is √(share(1-share)/S)/(7c⁶).
	want := math.Pow(share, 1.0/7)
	near(t, "level of seven independent values", c, want, 4*math.Sqrt(share*(1-share)/scenarios)/7/math.Pow(want, 6))
	near(t, "share inside pointwise intervals", band.Inside(share), math.Pow(share, 7), 0.015)

	one := independentPaths(r, scenarios, 1)
	same := risk.NewBand(scenarios)
	for range 3 {
		same.Add(one, identity)
	}
	c, okSame := same.Level(share, 0)
	near(t, "level of one value seen thrice", c, share, 4*math.Sqrt(share*(1-share)/scenarios))
	if !ok || !okSame {
		t.Error("no level was found")
	}
}

// Bands of any scenarios and quantile functions contain the share that they are asked for, by counting, are the narrowest of the
// family that do, nest in the share, and do not depend on the order of assets and scenarios.
func TestBandsContainTheirShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scenarios, steps := rapid.IntRange(1, 60).Draw(t, "scenarios"), rapid.IntRange(1, 4).Draw(t, "steps")
		assets := make([]risk.Paths, rapid.IntRange(1, 3).Draw(t, "assets"))
		for i := range assets {
			assets[i] = risk.Paths{Steps: steps, Data: lossesOf(scenarios*steps).Draw(t, "values")}
		}
		normal := distuv.Normal{Mu: 0, Sigma: rapid.Float64Range(0.1, 1e6).Draw(t, "sigma")}
		quantile := func(k int, p float64) float64 { return float64(k+1) * normal.Quantile(p) }
		inside := func(s int, c float64) bool {
			for _, x := range assets {
				for k, v := range x.Row(s) {
					if v < quantile(k, (1-c)/2) || v > quantile(k, (1+c)/2) {
						return false
					}
				}
			}
			return true
		}
		count := func(c float64) (n int) {
			for s := range scenarios {
				if inside(s, c) {
					n++
				}
			}
			return n
		}
		band, other := risk.NewBand(scenarios), risk.NewBand(scenarios)
		for i, x := range assets {
			band.Add(x, quantile)
			other.Add(assets[len(assets)-1-i], quantile)
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		c, ok := band.Level(share, 0)
		need := max(int(math.Ceil(share*float64(scenarios+1)-1e-9)), 1)
		if ok != (need <= scenarios) {
			t.Fatalf("found %v, but needs %d of %d", ok, need, scenarios)
		}
		if ok && (count(c) < need || c > 1e-8 && count(c-1e-8) >= need) {
			t.Errorf("level %v contains %d, a lower one %d, and %d are needed", c, count(c), count(c-1e-8), need)
		}
		near(t, "share inside", band.Inside(c), float64(count(c))/float64(scenarios), 0)
		if wider, _ := band.Level(min(1, share+0.1), 0); wider < c {
			t.Errorf("the level falls from %v to %v for a greater share", c, wider)
		}
		if fewer, _ := band.Level(share, 5); fewer < c {
			t.Errorf("the level falls from %v to %v when the scenarios are worth fewer", c, fewer)
		}
		if d, _ := other.Level(share, 0); d != c {
			t.Errorf("in another order of the assets the level is %v, not %v", d, c)
		}
	})
}

func TestBandsThatCannotBe(t *testing.T) {
	t.Parallel()
	uniform := make([]float64, 100)
	for s := range uniform {
		uniform[s] = (float64(s) + 0.5) / 100
	}
	for _, c := range []struct {
		name             string
		x                []float64
		share, effective float64
		level            float64
		ok               bool
	}{
		// |2u-1| takes each of 0.01, 0.03 … 0.99 twice: rank ⌈0.9·101⌉ = 91 is 0.91.
		{"enough", uniform, 0.9, 0, 0.91, true},
		// ⌈0.9·100·(10+1)/10⌉ = 99.
		{"worth ten", uniform, 0.9, 10, 0.99, true},
		{"worth eight", uniform, 0.9, 8, 1, false},
		{"worth more than there are", uniform, 0.9, 1000, 0.91, true},
		{"too few", uniform[:5], 0.9, 0, 1, false},
		{"none", nil, 0.5, 0, 1, false},
		{"none measured", []float64{nan, nan}, 0.5, 0, 1, false},
		{"NaN left out", append([]float64{nan}, uniform...), 0.9, 0, 0.91, true},
		{"beyond the last quantile", []float64{0.5, 0.5, 2, -1}, 0.5, 0, 1, false},
		{"at the last quantile", []float64{0.5, 0, 1}, 0.75, 0, 1, true},
	} {
		band := risk.NewBand(len(c.x))
		band.Add(risk.Paths{Steps: min(1, len(c.x)), Data: slices.Clone(c.x)}, identity)
		level, ok := band.Level(c.share, c.effective)
		near(t, c.name, level, c.level, 1e-8)
		if ok != c.ok {
			t.Errorf("%s: found %v, want %v", c.name, ok, c.ok)
		}
	}
}

// A further scenario lies inside with at least the stated probability, also when there are few: the share of 20 scenarios themselves
// would be too small.
func TestBandsHoldForTheNextScenario(t *testing.T) {
	t.Parallel()
	const rounds, scenarios, steps, share = 4000, 20, 5, 0.8
	r := rand.New(rand.NewPCG(11, 12))
	inside := 0.0
	for range rounds {
		band := risk.NewBand(scenarios)
		band.Add(independentPaths(r, scenarios, steps), identity)
		c, _ := band.Level(share, 0)
		next := risk.NewBand(1)
		next.Add(independentPaths(r, 1, steps), identity)
		inside += next.Inside(c) / rounds
	}
	// The rank ⌈0.8·21⌉ = 17 of 20 holds with the probability 17/21.
	near(t, "coverage of the next scenario", inside, 17.0/21, 4*math.Sqrt(0.16/rounds))
}
