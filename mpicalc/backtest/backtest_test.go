package backtest_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/mpicalc/backtest"
	"foliocast/mpicalc/spmd"
)

func table(t *testing.T, text string) *series.Table {
	t.Helper()
	table, _, err := csv.Read([]byte(text), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// three are a line, a line with a value missing, and an alternating series, all of 20 months; the last is shorter by 16.
func three(t *testing.T) *series.Table {
	t.Helper()
	var b strings.Builder
	b.WriteString("date,A,B,C\n")
	for k := range 20 {
		second, third := fmt.Sprint(100-2*k), ""
		if k == 18 {
			second = ""
		}
		if k >= 16 {
			third = fmt.Sprint(k % 2)
		}
		fmt.Fprintf(&b, "%d-%02d-01,%d,%s,%s\n", 2020+k/12, 1+k%12, 10+k, second, third)
	}
	return table(t, b.String())
}

// evaluated takes samples through a world of ranks, all models together.
func evaluated(t *testing.T, ranks int, samples backtest.Samples, c backtest.Config) (measured job.Backtest) {
	t.Helper()
	report := backtest.NewReport(c)
	all := make([]int, len(c.Models))
	for i := range all {
		all[i] = i
	}
	err := spmd.Local(ranks, func(comm spmd.Comm) error {
		config := spmd.Config{Threads: 1, Host: "here"}
		if comm.Rank() != 0 {
			return spmd.Follow(comm, config)
		}
		leader, err := spmd.Lead(comm, config)
		if err != nil {
			return err
		}
		ended, err := leader.Run(backtest.NewEvaluation(report, samples, all, true))
		if err != nil {
			return err
		}
		if ended[0].Err != nil {
			return ended[0].Err
		}
		return leader.Stop()
	})
	if err != nil {
		t.Fatal(err)
	}
	return report.End()
}

func near(got *float64, want float64) bool { return got != nil && math.Abs(*got-want) < 1e-9 }

func TestHeldOutSamples(t *testing.T) {
	t.Parallel()
	held, err := backtest.HoldOut(&backtest.Source{Table: three(t)}, []int{0, 1, 2}, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range held.Len() {
		s := held.Sample(i)
		got = append(got, fmt.Sprintf("%s %s %d %v %v %v", s.Name, s.Origin, len(s.Train), s.At, s.Actual, s.Scale))
	}
	want := []string{
		"A 2021-06-01 18 [] [28 29] 12", // 12 months apart
		"A 2021-04-01 16 [] [26 27] 12",
		"A 2021-02-01 14 [] [24 25] 12",
		"B 2021-06-01 18 [1] [62] 24", // the value that is missing is not scored
		"B 2021-04-01 16 [0 1] [68 66] 24",
		"B 2021-02-01 14 [0 1] [72 70] 24",
		"C 2021-06-01 2 [] [0 1] NaN",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("samples (-got +want)\n%s", diff)
	}
	if held.Omitted != 0 || held.Short != 1 {
		t.Errorf("%d omitted, %d short", held.Omitted, held.Short)
	}
	// With a horizon of one, the second origin of B holds out the missing value alone.
	if held, err = backtest.HoldOut(&backtest.Source{Table: three(t)}, []int{1}, 3, 1); err != nil || held.Len() != 2 || held.Sample(1).Actual[0] != 66 {
		t.Errorf("%v, %d samples of B", err, held.Len())
	}
	if _, err := backtest.HoldOut(&backtest.Source{Table: three(t)}, []int{0, 1, 2}, 10, 2); err == nil || err.Error() != "must be at most 9, is 10: the longest series has 20 values, and each origin holds out 2 more after the first 2" {
		t.Errorf("10 origins: %v", err)
	}
}

func TestMeasuresByHand(t *testing.T) {
	t.Parallel()
	source := &backtest.Source{Table: three(t), Season: 1, By: []backtest.Class{backtest.Length, backtest.Demand}}
	held, err := backtest.HoldOut(source, []int{0, 1}, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	c := backtest.Config{Models: []string{"naive", "drift"}, Levels: []float64{80}, Quantiles: []float64{0.5}, Compare: []int{1, 0},
		Row: func(s *backtest.Sample, e job.Evaluation) error {
			rows = append(rows, fmt.Sprintf("%s %s %s %s %d %.2f", s.Name, e.Origin, e.Model, e.Used, e.Values, *e.MASE))
			return nil
		}}
	b := evaluated(t, 1, held, c)
	// A grows by 1 a step and B falls by 2: naive is off by 1 and 2 steps, and at the last origin of B by 2 alone.
	want := []string{
		"A 2021-06-01 naive naive 2 1.50",
		"A 2021-04-01 naive naive 2 1.50",
		"A 2021-06-01 drift drift 2 0.00",
		"A 2021-04-01 drift drift 2 0.00",
		"B 2021-06-01 naive naive 1 2.00",
		"B 2021-04-01 naive naive 2 1.50",
		"B 2021-06-01 drift drift 1 0.00",
		"B 2021-04-01 drift drift 2 0.00",
	}
	if diff := cmp.Diff(rows, want); diff != "" {
		t.Errorf("rows (-got +want)\n%s", diff)
	}
	naive, drift := b.Scores[0], b.Scores[1]
	if naive.Series != 2 || naive.Forecasts != 4 || !near(naive.MASE, 6.5/4) || !near(naive.OWA, 1) || !near(drift.MASE, 0) || !near(drift.OWA, 0) {
		t.Errorf("naive %+v, drift %+v", naive, drift)
	}
	// drift has no errors, so its interval covers, and has next to no width.
	if !near(drift.Coverage["80"], 1) || *drift.MSIS["80"] > 0.01 || !near(drift.WQL, 0) {
		t.Errorf("drift: coverage %v, MSIS %v, WQL %v", *drift.Coverage["80"], *drift.MSIS["80"], *drift.WQL)
	}
	// The median is the forecast: 2·½·(1+2+1+2 + 4+2+4) over 28+29+26+27 + 62+68+66.
	if !near(naive.WQL, 16.0/306) {
		t.Errorf("naive: WQL %v, want %v", *naive.WQL, 16.0/306)
	}
	if s := b.Scores[2]; s.Model != backtest.Benchmark || !near(s.OWA, 1) || s.Coverage != nil {
		t.Errorf("benchmark %+v", s)
	}
	if len(b.Kinds) != 1 || b.Kinds[0].Kind != "n<50, smooth demand" || !near(b.Kinds[0].Scores[0].MASE, 6.5/4) {
		t.Errorf("kinds %+v", b.Kinds)
	}
	// -1.5 and -1.75: mean -1.625, standard error .125, t(1) = 13; p = 2/π·arctan(1/13).
	p := b.Comparison
	if p.A != "drift" || p.Series != 2 || p.Better != 2 || p.Worse != 0 || !near(p.Difference, -1.625) || !near(p.MedianRatio, 0) ||
		!near(p.P, 2/math.Pi*math.Atan(1.0/13)) || !near(p.PSignedRank, 0.5) || p.DM == nil || p.DM.Series != 2 || p.DM.P != nil {
		text, _ := json.Marshal(p)
		t.Errorf("comparison %s", text)
	}
}

func TestRanksChangeNothing(t *testing.T) {
	t.Parallel()
	source := &backtest.Source{Table: three(t), By: []backtest.Class{backtest.Frequency, backtest.SeasonStrength}}
	held, err := backtest.HoldOut(source, []int{2, 0, 1}, 4, 2)
	if err != nil {
		t.Fatal(err)
	}
	c := backtest.Config{Models: []string{"auto", "theta", "naive"}, Levels: []float64{50, 90}, Quantiles: []float64{0.1, 0.9}, Compare: []int{0, 1}}
	one := evaluated(t, 1, held, c)
	if diff := cmp.Diff(evaluated(t, 3, held, c), one); diff != "" {
		t.Errorf("(-3 ranks +1 rank)\n%s", diff)
	}
	if one.Scores[0].Forecasts != 9 { // 4, 4 and 1
		t.Errorf("%d forecasts", one.Scores[0].Forecasts)
	}
}
