package job

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func backtestOf(change func(*Spec)) []string {
	s := Spec{Dataset: "d", Assets: []string{"A"}, Horizon: 5, Kind: KindBacktest, Origins: 3}
	change(&s)
	var got []string
	for _, f := range s.Defaulted().Validate() {
		got = append(got, f.Pointer+" "+f.Detail)
	}
	return got
}

func TestBacktestDefaults(t *testing.T) {
	t.Parallel()
	s := Spec{Kind: KindBacktest}.Defaulted()
	if diff := cmp.Diff(s.Models, []string{"auto"}); diff != "" || len(s.Quantiles) != 9 {
		t.Errorf("models (-got +want)\n%s\nquantiles %v", diff, s.Quantiles)
	}
	if s := (Spec{Kind: KindBacktest, Compare: []string{"ar", "theta"}}).Defaulted(); !cmp.Equal(s.Models, []string{"ar", "theta"}) {
		t.Errorf("models of compare: %v", s.Models)
	}
	if s := (Spec{Kind: KindBacktest, Risk: []float64{99}}).Defaulted(); s.Quantiles != nil || !cmp.Equal(s.Models, []string{"auto"}) {
		t.Errorf("with risk: models %v, quantiles %v", s.Models, s.Quantiles)
	}
	if s := (Spec{}).Defaulted(); s.Models != nil || s.Quantiles != nil || s.Kind != "" {
		t.Errorf("a forecast got %+v", s)
	}
}

func TestBacktestFaults(t *testing.T) {
	t.Parallel()
	names := make([]string, 100_000)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	const alone = "does not belong to a backtest without risk, which measures each asset by itself"
	const points = "does not belong to a backtest with risk, which measures distributions and not points"
	risky := func(change func(*Spec)) func(*Spec) {
		return func(s *Spec) {
			s.Risk = []float64{95, 99}
			change(s)
		}
	}
	for name, c := range map[string]struct {
		change func(*Spec)
		want   []string
	}{
		"valid":       {func(*Spec) {}, nil},
		"no origins":  {func(s *Spec) { s.Origins = 0 }, []string{"/origins must be 1 to 1000, is 0"}},
		"a portfolio": {func(s *Spec) { s.Weights, s.Stale = map[string]float64{"A": 1}, "off" }, []string{"/weights " + alone, "/stale does not belong to a backtest"}},
		"a portfolio with risk": {risky(func(s *Spec) {
			s.Assets, s.Combine, s.Holdings = []string{"A", "B"}, Value, map[string]float64{"A": 1, "B": -2}
		}), nil},
		"risk of points": {risky(func(s *Spec) {
			s.Compare, s.Quantiles, s.Integers = []string{"ar", "theta"}, []float64{0.5}, true
		}), []string{"/compare " + points, "/quantiles " + points, "/integers " + points, "/models must name one model where risk is measured, names 2"}},
		"bands with risk": {risky(func(s *Spec) { s.Bands, s.BandsOver = []float64{90}, BandsOverHorizon }), nil},
		"bands over assets": {risky(func(s *Spec) { s.Bands, s.BandsOver = []float64{90}, BandsOverAssets }),
			[]string{"/bands_over must be horizon in a backtest, which measures the bands of each asset by itself"}},
		"bands alone":              {func(s *Spec) { s.Bands = []float64{90} }, []string{"/bands " + alone}},
		"risk in another currency": {risky(func(s *Spec) { s.Stale = "5" }), []string{"/stale does not belong to a backtest"}},
		"risk, at the limit":       {risky(func(s *Spec) { s.Origins, s.Horizon, s.Assets = 1000, 2, names[:99] }), nil},
		"risk of many assets": {risky(func(s *Spec) { s.Origins, s.Horizon, s.Assets = 1000, 2, names[:100] }),
			[]string{"/origins must be fewer, or the assets or horizon: 1000 origins × 2 steps of 100 assets and their portfolio make 202000 forecasts to keep for the risk, more than the limit of 200000"}},
		"risk of many steps": {risky(func(s *Spec) { s.Origins, s.Horizon, s.Levels = 1000, 40, []float64{90} }),
			[]string{"/origins must be fewer, or the horizon or the levels: 1000 origins × 40 steps × 13 numbers make 520000 of each series to report, more than the limit of 500000"}},
		"parts":         {func(s *Spec) { s.Explain = true }, []string{"/explain does not belong to a backtest, which shows errors and no forecasts"}},
		"another model": {func(s *Spec) { s.Model, s.Models = "ar", []string{"theta"} }, []string{`/model must be one of models, or absent, is "ar"`}},
		"one of them":   {func(s *Spec) { s.Model, s.Models = "ar", []string{"theta", "ar"} }, nil},
		"not measured":  {func(s *Spec) { s.Models, s.Compare = []string{"ar"}, []string{"ar", "theta"} }, []string{`/compare/1 must be one of models, is "theta"`}},
		"a forecast":    {func(s *Spec) { s.Kind = KindForecast }, []string{"/origins belongs to the kind backtest, and the job is of the kind forecast"}},
		"at the limit":  {func(s *Spec) { s.Origins, s.Horizon, s.Assets = 10, 20, names }, nil},
		"many columns": {func(s *Spec) {
			s.Origins, s.Horizon, s.Assets = 1, 200, names
			for i := range 99 {
				s.Quantiles = append(s.Quantiles, float64(i+1)/100)
			}
			s.Levels = []float64{10, 20, 30, 40, 50, 60, 70, 80, 90, 95}
		}, nil},
		"many forecasts": {func(s *Spec) { s.Origins, s.Horizon, s.Assets = 11, 1, names }, []string{"/origins must be fewer, or the assets or models: 11 origins × 100000 assets × 1 models make 1100000 forecasts, more than the limit of 1000000"}},
		"many steps":     {func(s *Spec) { s.Origins, s.Horizon, s.Assets = 10, 21, names }, []string{"/origins must be fewer, or the assets, models or horizon: 10 origins × 100000 assets × 1 models × 21 steps make 21000000, more than the limit of 20000000"}},
		"many rows": {func(s *Spec) {
			s.BySeries, s.Origins, s.Models = true, 1000, []string{"ar", "theta", "naive", "drift", "mean"}
		}, nil},
		"more rows": {func(s *Spec) {
			s.BySeries, s.Origins, s.Models = true, 1000, []string{"ar", "theta", "naive", "drift", "mean", "auto"}
		}, []string{"/by_series must be false, or the origins or models fewer: 1000 origins × 6 models make 6000 forecasts of each series to report, more than the limit of 5000"}},
		"assets not known": {func(s *Spec) { s.Origins, s.Assets = 1000, []string{"*"} }, nil},
	} {
		if diff := cmp.Diff(backtestOf(c.change), c.want); diff != "" {
			t.Errorf("%s (-got +want)\n%s", name, diff)
		}
	}
	all := Spec{Assets: []string{"*"}, Kind: KindBacktest, Origins: 1000, Horizon: 1, Models: []string{"auto"}}
	if len(all.BacktestFaults(1001)) != 1 || all.BacktestFaults(1000) != nil {
		t.Errorf("of 1001 assets: %v, of 1000: %v", all.BacktestFaults(1001), all.BacktestFaults(1000))
	}
}
