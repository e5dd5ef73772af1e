package portfolio_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

// step is one step of paths.
func step(paths [][]float64, k int) (out []float64) {
	for _, path := range paths {
		out = append(out, path[k])
	}
	return out
}

// date is a day of a series without gaps.
func date(day int) string {
	return time.Date(2015, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Of the paths of an asset, as many lie below each quantile as it says, up to chance: four standard deviations. Those of the portfolio
// are the sums of its assets' paths, and its quantiles come from its own errors: of normal walks both tell the same, as far as 500 origins do.
func TestPathsAreDistributedAsTheAnswerSays(t *testing.T) {
	t.Parallel()
	const paths = 4000
	s := job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 4, Levels: []float64{}, Quantiles: []float64{0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98}, Paths: paths, Seed: 3,
		Combine: job.Value, Holdings: map[string]float64{"A0": 3, "A1": -1, "A2": 2}, OnError: job.Skip}
	answer, err := compute(t, s, read(t, walksOf(1500, 0.6, 1, 2, 0.5)))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Overall.Origins < 400 {
		t.Errorf("the paths are drawn from %d origins", answer.Overall.Origins)
	}
	below := func(paths [][]float64, k int, q float64) (n float64) {
		for _, v := range step(paths, k) {
			if v < q {
				n++
			}
		}
		return n / float64(len(paths))
	}
	for _, p := range s.Quantiles {
		for k := range s.Horizon {
			name := job.Quantile(p)
			chance := 4 * math.Sqrt(p*(1-p)/paths)
			for _, a := range answer.Assets {
				if got := below(a.Paths, k, a.Quantiles[name][k]); math.Abs(got-p) > chance {
					t.Errorf("%s, step %d: the share %.4f of the paths is below the quantile %v", a.Asset, k+1, got, p)
				}
			}
			// 500 origins that overlap by three quarters of the horizon tell a share p to about √(p(1-p)/300) at one step.
			if got := below(answer.Overall.Paths, k, answer.Overall.Quantiles[name][k]); math.Abs(got-p) > chance+2*math.Sqrt(p*(1-p)/300) {
				t.Errorf("overall, step %d: the share %.4f of the paths is below the quantile %v", k+1, got, p)
			}
		}
	}
}

// Paths of the portfolio are the exact sums of those of the assets, rounded once.
func TestPathsOfThePortfolioCombineThoseOfItsAssets(t *testing.T) {
	t.Parallel()
	table := read(t, walksOf(300, 0.2, 1, 2, 3))
	for combine, change := range map[job.Combine]func(*job.Spec){
		job.Mean:   func(s *job.Spec) { s.Weights = map[string]float64{"A0": 1, "A1": 2, "A2": 5} },
		job.Value:  func(s *job.Spec) { s.Holdings = map[string]float64{"A0": 12.5, "A1": -3, "A2": 0.1} },
		job.Return: func(s *job.Spec) { s.Weights = map[string]float64{"A0": 1, "A1": 2, "A2": 5} },
	} {
		s := job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 3, Levels: []float64{}, Paths: 50, Combine: combine, OnError: job.Skip}
		change(&s)
		answer, err := compute(t, s, table)
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Overall.Paths) != s.Paths {
			t.Fatalf("%s: there are %d paths of the portfolio", combine, len(answer.Overall.Paths))
		}
		for i, path := range answer.Overall.Paths {
			for k, got := range path {
				sum := new(big.Float).SetPrec(500)
				for _, a := range answer.Assets {
					x, last := a.Paths[i][k], a.Mean[0] // naive repeats the last value
					term := s.Weights[a.Asset] / 8 * x
					switch combine {
					case job.Value:
						term = s.Holdings[a.Asset] * x
					case job.Return:
						term = s.Weights[a.Asset] / 8 * ((x - last) / last)
					}
					sum.Add(sum, big.NewFloat(term))
				}
				if want, _ := sum.Float64(); got != want {
					t.Fatalf("%s: path %d is %v at step %d, and those of the assets make %v", combine, i, got, k+1, want)
				}
			}
		}
	}
}

// The same bytes come from any order of the assets, and any number of ranks.
func TestPathsDoNotDependOnTheOrderOfAssetsNorOnRanks(t *testing.T) {
	t.Parallel()
	long := strings.Split(strings.TrimSpace(walksOf(300, 0.3, 1, 2, 0.5, 1, 1)), "\n")
	for i, row := range long[1:290] { // the last asset is too short to be measured with the others
		long[i+1] = row[:strings.LastIndexByte(row, ',')+1]
	}
	table := read(t, strings.Join(long, "\n"))
	names := []string{"A0", "A1", "A2", "A3", "A4"}
	want := map[string]string{}
	for i, ranks := range []int{1, 2, 3, 7} {
		s := job.Spec{Assets: slices.Clone(names), Model: "auto", Horizon: 3, Levels: []float64{80}, Paths: 20, Seed: 5, Combine: job.Return, OnError: job.Skip}
		if i > 0 {
			slices.Reverse(s.Assets[i-1:])
		}
		answer, err := computeOn(t, ranks, s, portfolio.Data{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(answer.Overall.Notes, "\n"); !strings.Contains(notes, `the paths of "A4" are drawn by themselves`) {
			t.Errorf("the notes are %s", notes)
		}
		got := map[string]string{}
		for _, a := range answer.Assets {
			text, err := json.Marshal(a)
			if err != nil || len(a.Paths) != s.Paths {
				t.Fatal(err, a)
			}
			got[a.Asset] = string(text)
		}
		text, err := json.Marshal(answer.Overall)
		if err != nil {
			t.Fatal(err)
		}
		got["overall"] = string(text)
		for name, text := range got {
			if i == 0 {
				want[name] = text
			}
			if text != want[name] {
				t.Errorf("%s on %d ranks, as %v:\n%s\nwant\n%s", name, ranks, s.Assets, text, want[name])
			}
		}
	}
}

// An asset and its double that have holidays of their own still go together: their paths are joint by date. By the number of the step
// they would be apart by the days that one of them lacks.
func TestPathsAreJointByDate(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	var b strings.Builder
	b.WriteString("date,A,B\n")
	level := 1000.0
	for day := range 1500 {
		level += random.NormFloat64()
		a, double := fmt.Sprint(level), fmt.Sprint(2*level)
		if day > 0 && day < 1490 {
			switch random.IntN(20) {
			case 0:
				a = ""
			case 1:
				double = ""
			}
		}
		fmt.Fprintf(&b, "%s,%s,%s\n", date(day), a, double)
	}
	for _, missing := range []job.Missing{job.MissingForward, job.MissingDrop} {
		answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 8, Levels: []float64{}, Paths: 2000, Missing: missing, Combine: job.Mean, OnError: job.Skip}, read(t, b.String()))
		if err != nil {
			t.Fatal(err)
		}
		for k := range 8 {
			if r := stat.Correlation(step(answer.Assets[0].Paths, k), step(answer.Assets[1].Paths, k), nil); r < 0.995 {
				t.Errorf("%s: the correlation of step %d is %.4f, want 1", missing, k+1, r)
			}
		}
	}
}

// A walk and a season that miss together do so in their paths, from hundreds of dates, though only walks need no fit for each. So does
// an asset without a weight.
func TestPathsOfAMixedPortfolioAreJoint(t *testing.T) {
	t.Parallel()
	const rho = 0.7
	random := rand.New(rand.NewPCG(9, 10))
	var b strings.Builder
	b.WriteString("step,walk,season,beside\n")
	level := 1000.0
	for k := range 900 {
		u := random.NormFloat64()
		level += u
		fmt.Fprintf(&b, "%d,%v,%v,%v\n", k, level, 100+20*math.Sin(float64(k)*math.Pi/6)+rho*u+math.Sqrt(1-rho*rho)*random.NormFloat64(), 50-level/20)
	}
	answer, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "auto", Horizon: 1, Season: []int{12}, Levels: []float64{80}, Paths: 4000, Combine: job.Mean,
		Weights: map[string]float64{"walk": 1, "season": 1, "beside": 0}, OnError: job.Skip}, read(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Overall.Origins < 200 {
		t.Errorf("the paths are drawn from %d origins", answer.Overall.Origins)
	}
	walk, season, beside := step(answer.Assets[0].Paths, 0), step(answer.Assets[1].Paths, 0), step(answer.Assets[2].Paths, 0)
	if r := stat.Correlation(walk, season, nil); math.Abs(r-rho) > 0.1 {
		t.Errorf("the correlation of the walk and the season is %.3f, want about %v", r, rho)
	}
	if r := stat.Correlation(walk, beside, nil); r > -0.99 {
		t.Errorf("the correlation of the walk and what falls as it rises is %.3f", r)
	}
}

func TestTooManyPaths(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("step")
	for i := range 1001 {
		fmt.Fprintf(&b, ",A%d", i)
	}
	for k := range 3 {
		fmt.Fprintf(&b, "\n%d%s", k, strings.Repeat(",1", 1001))
	}
	_, err := compute(t, job.Spec{Assets: []string{"*"}, Model: "naive", Horizon: 20, Levels: []float64{}, Paths: 10_000, Combine: job.Mean, OnError: job.Skip}, read(t, b.String()+"\n"))
	if err == nil || !strings.Contains(err.Error(), "an answer may have 200000000 numbers") {
		t.Errorf("got %v", err)
	}
}
