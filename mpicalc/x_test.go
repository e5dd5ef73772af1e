package main

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/internal/job"
)

// sales is a long file of two assets whose values are level + 10·promo + 2·price, with four days of the future.
func sales() string {
	var b strings.Builder
	b.WriteString("unique_id,ds,y,promo,price\n")
	for i, asset := range []string{"north", "south"} {
		for k := range 64 {
			promo, price := k*k%11/6, float64(k*k%13)/4
			value := ""
			if k < 60 {
				value = fmt.Sprint(float64(100*(i+1)+10*promo) + 2*price)
			}
			fmt.Fprintf(&b, "%s,%d,%s,%d,%v\n", asset, k+1, value, promo, price)
		}
	}
	return b.String()
}

func TestColumnsOfTheFutureEnterTheForecast(t *testing.T) {
	input := write(t, "sales.csv", sales())
	var first string
	for _, n := range []int{1, 2, 3} {
		output := filepath.Join(t.TempDir(), "forecasts.csv")
		out := succeed(t, n, "run", "--input", input, "--value-column", "y", "--x", "promo,price", "--horizon", "4", "--levels", "80", "--output", output, "--with-assets")
		answer := parse(t, out.stdout)
		if got := read(t, output); first == "" {
			first = got
		} else if got != first {
			t.Errorf("%d ranks: other bytes than from one rank", n)
		}
		for i, a := range answer.Assets {
			if math.Abs(a.X["promo"].Value-10) > 1e-6 || math.Abs(a.X["price"].Value-2) > 1e-6 {
				t.Errorf("the effects on %s are %+v, want 10 and 2", a.Asset, a.X)
			}
			for k, got := range a.Mean {
				k += 60
				want := float64(100*(i+1)+10*(k*k%11/6)) + float64(k*k%13)/2
				if math.Abs(got-want) > 1e-6 {
					t.Errorf("%s at step %d is %v, want %v", a.Asset, k-59, got, want)
				}
			}
		}
	}
}

func TestBacktestKnowsColumnsOfTheFuture(t *testing.T) {
	input := write(t, "sales.csv", sales())
	args := []string{"backtest", "--input", input, "--value-column", "y", "--origins", "3", "--horizon", "4", "--models", "naive", "--json"}
	mase := func(more ...string) float64 {
		var measured job.Backtest
		if err := json.Unmarshal([]byte(succeed(t, 2, append(args, more...)...).stdout), &measured); err != nil || measured.Scores[0].MASE == nil {
			t.Fatalf("%v: %+v", err, measured)
		}
		return *measured.Scores[0].MASE
	}
	if with, without := mase("--x", "promo,price"), mase("--drop", "promo,price"); with > 1e-6 || without < 0.5 {
		t.Errorf("the scaled error is %v with the columns and %v without, want 0 and more than 0.5", with, without)
	}
	if out := mpirun(t, 0, append(args, "--x", "promo,price", "--freq", "W", "--resample", "sum")...); out.code != 2 || !strings.Contains(out.stderr, "--x does not go with --resample") {
		t.Errorf("code %d and %q", out.code, out.stderr)
	}
}

// With --actual, the input has the columns' values after its own.
func TestActualValuesAreForecastWithColumnsOfTheFuture(t *testing.T) {
	input := write(t, "sales.csv", sales())
	actual := func(days int) string {
		var b strings.Builder
		b.WriteString("unique_id,ds,y\n")
		for k := 60; k < 60+days; k++ {
			fmt.Fprintf(&b, "south,%d,%v\n", k+1, float64(200+10*(k*k%11/6))+float64(k*k%13)/2)
		}
		return write(t, "actual.csv", b.String())
	}
	args := []string{"--input", input, "--value-column", "y", "--models", "ar"}
	with, without := scores(t, 2, append(args, "--actual", actual(4), "--x", "promo,price")...), scores(t, 2, append(args, "--actual", actual(4))...)
	if *with["ar"].MASE > 1e-6 || *without["ar"].MASE < 0.1 {
		t.Errorf("the scaled error is %v with the columns and %v without", *with["ar"].MASE, *without["ar"].MASE)
	}
	out := mpirun(t, 0, append([]string{"backtest"}, append(args, "--actual", actual(5), "--x", "promo")...)...)
	if out.code != 2 || !strings.Contains(out.stderr, `--x: column "promo" has no value for asset "south" at 65, but only to 64`) {
		t.Errorf("code %d, %q", out.code, out.stderr)
	}
}

func TestColumnsOfTheFutureThatAreNotThere(t *testing.T) {
	input := write(t, "sales.csv", sales())
	stored := filepath.Join(t.TempDir(), "sales.arrow")
	succeed(t, 0, "convert", "--input", input, "--value-column", "y", "--output", stored)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--input", input, "--value-column", "y", "--x", "promotion"}, `--x: the file has no column "promotion", only "unique_id", "ds", "y", "promo", "price"`},
		{[]string{"--input", input, "--value-column", "y", "--x", "promo", "--horizon", "6"},
			`--x: column "promo" has no value for asset "north" at 65, but only to 64: the forecast needs its future values, and this is that of step 5; it lacks values for 1 more asset`},
		{[]string{"--input", input, "--value-column", "y", "--x", "y"}, `--x: column "y" is the value`},
		{[]string{"--input", input, "--value-column", "y", "--x", "promo,promo"}, `--x names "promo" twice`},
		{[]string{"--input", stored, "--x", "promo"}, `--x: the file is in the stored form`},
		{[]string{"--input", input, "--value-column", "y", "--x", "promo", "--freq", "W", "--resample", "sum"}, `--x cannot be resampled`},
	} {
		out := mpirun(t, 0, append([]string{"run"}, c.args...)...)
		if out.code != 2 || out.stdout != "" || !strings.Contains(out.stderr, c.want) {
			t.Errorf("%q: code %d and %q, want 2 and %s", c.args, out.code, out.stderr, c.want)
		}
	}
}
