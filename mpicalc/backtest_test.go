package main

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

func scores(t *testing.T, n int, args ...string) map[string]job.Score {
	t.Helper()
	out := succeed(t, n, append([]string{"backtest", "--json"}, args...)...)
	var answer struct{ Scores []job.Score }
	if err := json.Unmarshal([]byte(out.stdout), &answer); err != nil {
		t.Fatalf("%v in %q", err, out.stdout)
	}
	all := make(map[string]job.Score)
	for _, s := range answer.Scores {
		s.Millis = nil // it differs from run to run
		all[s.Model] = s
	}
	return all
}

func near(got *float64, want float64) bool { return got != nil && math.Abs(*got-want) < 1e-9 }

func TestBacktestAgainstActualValues(t *testing.T) {
	train := write(t, "train.csv", "series_id,step,value\nA,1,10\nA,2,11\nA,3,12\nA,4,13\nA,5,14\nA,6,15\nA,7,16\n")
	actual := write(t, "test.csv", "series_id,step,value\nA,8,17\nA,9,18\n")
	got := scores(t, 2, "--input", train, "--actual", actual, "--models", "naive,trend")
	// naive says 16 twice: sMAPE is the mean of 200/33 and 400/34; the mean step is 1, so MASE is the mean of 1 and 2.
	// Naive2 without a season is naive.
	if s := got["naive"]; !near(s.SMAPE, (200.0/33+400.0/34)/2) || !near(s.MASE, 1.5) || !near(s.OWA, 1) || s.Series != 1 {
		t.Errorf("naive: sMAPE %v, MASE %v, OWA %v of %d series", *s.SMAPE, *s.MASE, *s.OWA, s.Series)
	}
	// The line goes through all points.
	if s := got["trend"]; !near(s.SMAPE, 0) || !near(s.OWA, 0) {
		t.Errorf("trend: sMAPE %v, OWA %v, want 0", *s.SMAPE, *s.OWA)
	}
}

func TestBacktestHoldsOutTheEnd(t *testing.T) {
	args := []string{"--input", portfolioFile, "--origins", "6", "--horizon", "5", "--models", "naive,trend,auto"}
	one := scores(t, 1, args...)
	if diff := cmp.Diff(scores(t, 3, args...), one); diff != "" {
		t.Errorf("(-3 ranks +1 rank)\n%s", diff)
	}
	for model, s := range one {
		if s.Series != 4 || s.Forecasts != 24 {
			t.Errorf("%s: %d forecasts of %d series, want 6 origins of 4 assets", model, s.Forecasts, s.Series)
		}
	}
	// On daily prices a straight line is far worse than naive, and auto must notice.
	if *one["trend"].OWA < 3 || *one["auto"].OWA > 1.1 {
		t.Errorf("OWA of trend %v, of auto %v", *one["trend"].OWA, *one["auto"].OWA)
	}
}

func TestBacktestRefusesBadArguments(t *testing.T) {
	train := write(t, "train.csv", "date,A\n2020-01-01,10\n2020-01-02,11\n2020-01-03,10\n")
	later := write(t, "later.csv", "date,A\n2020-01-03,10\n2020-01-04,10\n")
	other := write(t, "other.csv", "date,B\n2020-01-04,10\n2020-01-05,10\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no actual values": {[]string{"--input", train}, "either --actual or --origins"},
		"no horizon":       {[]string{"--input", train, "--origins", "2"}, "--horizon must be 1 to 1000, is 0"},
		"a proportion":     {[]string{"--input", train, "--actual", later, "--levels", "80,0.95"}, "--levels must be a percentage above 1 and below 100, is 0.95: did you mean 95?"},
		"unknown class":    {[]string{"--input", train, "--actual", later, "--by", "size"}, `--by must be frequency, length, demand, season or kind, is "size"`},
		"one to compare":   {[]string{"--input", train, "--actual", later, "--compare", "auto"}, `--compare must name two models, like auto,theta, is "auto"`},
		"not evaluated":    {[]string{"--input", train, "--actual", later, "--models", "naive", "--compare", "naive,theta"}, `"theta" is not one of them`},
		"a model twice":    {[]string{"--input", train, "--actual", later, "--models", "naive,naive"}, "--models names naive twice"},
		"a quantile of 1":  {[]string{"--input", train, "--actual", later, "--quantiles", "0.5,1"}, "--quantiles must lie between 0 and 1, not 1"},
		"no such point":    {[]string{"--input", train, "--actual", later, "--point", "mode"}, `--point must be "median", "mean" or empty, not "mode"`},
		"no folder":        {[]string{"--input", train, "--actual", write(t, "next.csv", "date,A\n2020-01-06,10\n2020-01-07,10\n"), "--by-series", "no/such/x.csv"}, "--by-series no/such/x.csv cannot be created"},
		"unknown model":    {[]string{"--input", train, "--actual", later, "--models", "magic"}, "--models must be one of"},
		"another asset":    {[]string{"--input", train, "--actual", other}, "no asset of --actual has values in --input: B"},
		"too many origins": {[]string{"--input", portfolioFile, "--origins", "100000", "--horizon", "5"}, "--origins: must be at most 371, is 100000"},
		"too short":        {[]string{"--input", train, "--origins", "1", "--horizon", "3"}, "no series is long enough"},
	} {
		out := mpirun(t, 0, append([]string{"backtest"}, c.args...)...)
		if out.code != 2 || out.stdout != "" || !strings.Contains(out.stderr, c.want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q, want 2 and %q", name, out.code, out.stdout, out.stderr, c.want)
		}
	}
}

func TestBacktestPrintsCSVIntoAFile(t *testing.T) {
	out := succeed(t, 1, "backtest", "--input", portfolioFile, "--origins", "1", "--horizon", "3", "--models", "drift", "--levels", "80")
	lines := strings.Split(strings.TrimSpace(out.stdout), "\n")
	if len(lines) != 3 || strings.TrimSpace(lines[0]) != "model,series,forecasts,smape,mase,owa,wql,coverage-80,msis-80,ms" || !strings.HasPrefix(lines[1], "drift,4,4,") {
		t.Errorf("stdout is %q", out.stdout)
	}
}

func TestBacktestReportsWhatItLeavesOut(t *testing.T) {
	input := write(t, "input.csv", "asset,step,value\nA,1,1\nA,2,2\nA,3,3\nA,4,5\nA,5,4\nB,1,1\nB,2,2\nB,3,3\nC,1,1\nC,2,2\n")
	out := succeed(t, 1, "backtest", "--input", input, "--origins", "3", "--horizon", "1", "--models", "naive")
	// A has 3 origins after its first two values, B has 1, and C has 0.
	for _, want := range []string{"1 series were not evaluated", "1 series are too short for all origins"} {
		if !strings.Contains(out.stderr, want) {
			t.Errorf("stderr %q lacks %q", out.stderr, want)
		}
	}
}

func TestBacktestComparesModelsByKind(t *testing.T) {
	t.Parallel()
	// Two straight lines and a series with zeros: drift is exact on the lines, naive on the last values of the other.
	text := "asset,step,value\n"
	for k := range 12 {
		text += fmt.Sprintf("A,%d,%d\nB,%d,%d\nC,%d,%d\n", k, 10+k, k, 50-2*k, k, []int{4, 0, 0}[k%3])
	}
	lines := filepath.Join(t.TempDir(), "lines.csv")
	out := succeed(t, 2, "backtest", "--json", "--input", write(t, "in.csv", text), "--origins", "2", "--horizon", "2", "--models", "naive,drift",
		"--by", "demand", "--compare", "drift,naive", "--by-series", lines)
	var got job.Backtest
	if err := json.Unmarshal([]byte(out.stdout), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Kinds) != 2 || got.Kinds[0].Kind != "intermittent demand" || got.Kinds[1].Kind != "smooth demand" {
		t.Fatalf("kinds %+v", got.Kinds)
	}
	// naive is off by 1 and 2 steps of the line, at each origin.
	if s := got.Kinds[1].Scores; !near(s[0].MASE, 1.5) || !near(s[1].MASE, 0) || s[0].Series != 2 || s[0].Forecasts != 4 {
		t.Errorf("smooth: %+v", s)
	}
	c := got.Kinds[1].Comparison
	if c == nil || c.A != "drift" || c.B != "naive" || c.Series != 2 || c.Better != 2 || c.Worse != 0 || !near(c.Difference, -1.5) || !near(c.MedianRatio, 0) {
		t.Errorf("smooth: %+v", c)
	}
	if got.Comparison == nil || got.Comparison.Series != 3 {
		t.Errorf("all: %+v", got.Comparison)
	}
	rows := strings.Split(strings.TrimSpace(read(t, lines)), "\n")
	if len(rows) != 1+3*2*2 || !strings.HasPrefix(rows[1], "A,smooth demand,9,naive,naive,,2,") || !strings.HasPrefix(rows[2], "A,smooth demand,7,naive,naive,,2,") {
		t.Errorf("%d rows: %q", len(rows), rows)
	}
}

// --risk prints the answer of a job, the same on any number of ranks, and CSV into a file.
func TestBacktestOfRisk(t *testing.T) {
	args := []string{"backtest", "--input", portfolioFile, "--origins", "40", "--horizon", "2", "--models", "naive", "--levels", "90", "--risk", "95,99", "--bands", "80", "--combine", "return"}
	var one string
	for _, ranks := range []int{1, 3} {
		var answer job.Answer
		out := succeed(t, ranks, append(args, "--json")...)
		if err := json.Unmarshal([]byte(out.stdout), &answer); err != nil {
			t.Fatalf("%v in %q", err, out.stdout)
		}
		r := answer.Backtest.Risk
		if r.Model != "naive" || r.Origins != 40 || r.Assets[1].Values != 160 || r.Overall[0].Values != 40 || len(answer.Assets) != 4 || len(answer.Assets[3].Risk[1].Record.Hit["99"]) != 40 {
			t.Errorf("%d ranks: %+v of %d assets", ranks, r, len(answer.Assets))
		}
		if b := r.Assets[1].Bands["80"]; b.Values != 160 || b.Inside < 110 || b.Inside > 150 {
			t.Errorf("bands: %+v", b)
		}
		if c := r.Assets[0].Intervals["90"].Coverage; c < 0.8 || c > 0.98 {
			t.Errorf("coverage %v", c)
		}
		answer.Provenance = job.Provenance{}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if one == "" {
			one = string(text)
		}
		if string(text) != one {
			t.Errorf("%d ranks give another answer", ranks)
		}
	}
	page := filepath.Join(t.TempDir(), "risk.html")
	lines := strings.Split(succeed(t, 2, append(args, "--report", page)...).stdout, "\n")
	text := read(t, page)
	for _, want := range []string{"40 origins", "Intervals of the portfolio", "Bands of all assets together", "--bands 80", "eustockmarkets.csv", "<svg"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	// A header; the portfolio, all assets and four assets, of two steps with four lines each; an empty end.
	if len(lines) != 1+6*2*4+1 || !strings.HasPrefix(lines[1], "(overall),1,interval,90,40,") || !strings.HasPrefix(lines[2], "(overall),1,band,80,40,") || !strings.HasPrefix(lines[48], "FTSE,2,risk,99,40,,,,,,") {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"the input":        {[]string{"--report", portfolioFile}, "--report " + portfolioFile + " is the input itself"},
		"two models":       {[]string{"--models", "drift"}, "--models must name one model where risk is measured, names 2"},
		"actual values":    {[]string{"--actual", portfolioFile}, "--actual does not go with --risk"},
		"kinds":            {[]string{"--by", "length"}, "--by does not go with --risk"},
		"no weight":        {[]string{"--combine", "mean", "--weights", "DAX=1"}, `the weights do not fit the assets: weights has no weight for asset "SMI"`},
		"too many origins": {[]string{"--origins", "1000"}, "--origins: must be at most 929, is 1000"},
	} {
		out := mpirun(t, 0, append(args, c.args...)...)
		if out.code != 2 || out.stdout != "" || !strings.Contains(out.stderr, c.want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q, want 2 and %q", name, out.code, out.stdout, out.stderr, c.want)
		}
	}
	if out := mpirun(t, 0, "backtest", "--input", portfolioFile, "--origins", "1", "--horizon", "1", "--weights", "DAX=1", "--bands", "90", "--report", page); out.code != 2 || !strings.Contains(out.stderr, "--weights needs --risk") || !strings.Contains(out.stderr, "--bands needs --risk") || !strings.Contains(out.stderr, "--report needs --risk") {
		t.Errorf("weights without risk: code %d, %q", out.code, out.stderr)
	}
}
