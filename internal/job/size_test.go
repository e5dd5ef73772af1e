package job

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An answer has 1 + 2·levels + quantiles numbers for each step of each asset, and with its parts at most 8 more and one for each column
// that is known in advance.
func TestAnAnswerMayNotBeTooLarge(t *testing.T) {
	t.Parallel()
	names := make([]string, 100_000)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	many := func(n int, from float64) (all []float64) {
		for i := range n {
			all = append(all, from*float64(i+1))
		}
		return all
	}
	for name, c := range map[string]struct {
		assets, horizon, levels, quantiles int
		explain                            bool
		want                               []string
	}{
		"400 steps, two levels":   {100_000, 400, 2, 0, false, nil},
		"one step more":           {100_000, 401, 2, 0, false, []string{"/assets"}},
		"ten levels":              {9_523, 1000, 10, 0, false, nil}, // × 21 is 199,983,000
		"as many quantiles":       {9_523, 1000, 0, 20, false, nil},
		"one more":                {9_523, 1000, 0, 21, false, []string{"/quantiles"}},
		"beside levels":           {9_523, 1000, 9, 3, false, []string{"/quantiles"}},
		"all quantiles":           {1_667, 1000, 10, 99, false, []string{"/quantiles"}}, // × 120 is 200,040,000
		"all, few assets":         {1_666, 1000, 10, 99, false, nil},
		"six levels with parts":   {9_523, 1000, 6, 0, true, nil},
		"seven levels with parts": {9_523, 1000, 7, 0, true, []string{"/explain"}},
		"a fault of its own":      {100_000, 1001, 10, 99, false, []string{"/horizon"}},
	} {
		s := Spec{Dataset: "d", Assets: names[:c.assets], Horizon: c.horizon, Levels: append([]float64{}, many(c.levels, 1.5)...), Quantiles: many(c.quantiles, 0.01), Explain: c.explain}
		var got []string
		for _, f := range s.Defaulted().Validate() {
			got = append(got, f.Pointer)
		}
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("%s (-got +want)\n%s", name, diff)
		}
	}
	bands := Spec{Dataset: "d", Assets: names[:9_523], Horizon: 1000, Levels: []float64{}, Bands: many(10, 1.5)} // as ten levels
	if faults := bands.SizeFaults(9_523); faults != nil {
		t.Errorf("ten bands: %v", faults)
	}
	if faults := bands.SizeFaults(9_524); len(faults) != 1 || faults[0].Pointer != "/bands" {
		t.Errorf("ten bands of one asset more: %v", faults)
	}
	all := Spec{Assets: []string{"*"}, Horizon: 1000, Levels: many(10, 1.5)}
	faults := all.SizeFaults(100_000)
	if len(faults) != 1 || faults[0].Pointer != "/assets" || !strings.Contains(faults[0].Detail, "may have 200000000 numbers") || all.SizeFaults(9_523) != nil {
		t.Errorf("got %v", faults)
	}
}

// 100 × 100 assets at 50 steps are 500,000 numbers, and 500 assets of 100 steps 50,000 steps.
func TestLimitsOfMatricesAndOfBandsOverAssets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spec   Spec
		assets int
		want   string
	}{
		"matrices that fit":    {Spec{Horizon: 50, Covariance: CovarianceAuto}, 100, ""},
		"one asset more":       {Spec{Horizon: 50, Covariance: CovarianceAuto}, 101, "/covariance"},
		"no matrices":          {Spec{Horizon: 50}, 10_000, ""},
		"bands that fit":       {Spec{Horizon: 100, Bands: []float64{90}, BandsOver: BandsOverAssets}, 500, ""},
		"one more":             {Spec{Horizon: 100, Bands: []float64{90}, BandsOver: BandsOverAssets}, 501, "/bands_over"},
		"bands over a horizon": {Spec{Horizon: 100, Bands: []float64{90}, BandsOver: BandsOverHorizon}, 501, ""},
	} {
		got := ""
		if faults := c.spec.SizeFaults(c.assets); len(faults) > 0 {
			got = faults[0].Pointer
		}
		if got != c.want {
			t.Errorf("%s: a fault of %q, want %q", name, got, c.want)
		}
	}
}

// The paths of an asset have 500,000 numbers at most, and count like quantiles in an answer.
func TestPathsMayNotBeTooMany(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		paths, horizon, assets int
		want                   string
	}{
		"as many as there may be": {10_000, 50, 399, ""},
		"too long":                {10_000, 51, 1, "/paths must be at most 9803 for 51 steps, is 10000: the paths of an asset may have 500000 numbers"},
		"a long horizon":          {500, 1000, 399, ""},
		"many assets":             {10_000, 20, 1001, "/paths must be fewer, or the horizon shorter: an answer may have 200000000 numbers at most, and 1001 assets of 20 steps with a mean, 0 levels, 0 quantiles, 0 bands, 10000 paths and 0 parts make 200220020"},
	} {
		s := Spec{Dataset: "d", Horizon: c.horizon, Levels: []float64{}, Paths: c.paths}
		for i := range c.assets {
			s.Assets = append(s.Assets, strconv.Itoa(i))
		}
		got := ""
		for _, f := range s.Defaulted().Validate() {
			got += f.Pointer + " " + f.Detail
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	for field, s := range map[string]Spec{
		"/seed":  {Dataset: "d", Assets: []string{"A"}, Horizon: 1, Seed: 1},
		"/paths": {Dataset: "d", Assets: []string{"A"}, Horizon: 1, Paths: 1, Kind: KindBacktest, Origins: 1},
	} {
		if got := s.Defaulted().Validate(); len(got) != 1 || got[0].Pointer != field {
			t.Errorf("got %v, want a fault of %s", got, field)
		}
	}
}
