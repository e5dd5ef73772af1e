package foliocast

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"foliocast/internal/job"
)

func readFlags(base job.Spec, stdin string, args ...string) (job.Spec, error) {
	var f specFlags
	set := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.register(set)
	if err := set.Parse(args); err != nil {
		return job.Spec{}, err
	}
	return f.read(base, strings.NewReader(stdin))
}

func TestSpecFlags(t *testing.T) {
	t.Parallel()
	got, err := readFlags(job.Spec{Model: "ar", Priority: 5}, "", "--dataset", "p@2", "--assets", "DAX,FTSE", "--assets", `"A,B"`,
		"--weights", "DAX=0.7,FTSE=0.3,A=B=1", "--horizon", "5", "--freq", "D", "--season", "5,20", "--levels", "80, 99.5", "--quantiles", "0.9, 0.1", "--risk", "off", "--bands", "90, 50", "--bands-over", "assets", "--covariance", "auto", "--point", "median", "--integers", "--explain",
		"--paths", "100", "--seed", "7", "--scenario", "crash:DAX=-0.1,A=B=0.5", "--scenario", "up:DAX=1", "--benchmark", "FTSE",
		"--from", "1991-01-01", "--to", "1992-01-01", "--on-error", "fail", "--priority", "-3",
		"--combine", "value", "--holdings", "DAX=12.5,FTSE=-3", "--currency", "DAX=EUR,FTSE=GBP", "--base", "USD", "--rates", "fx@2",
		"--stale", "14d", "--missing", "drop", "--resample", "last", "--as-of", "1991-12-01", "--column", "adj_close", "--adjusted")
	if err != nil {
		t.Fatal(err)
	}
	want := job.Spec{Dataset: "p@2", Assets: []string{"DAX", "FTSE", "A,B"}, Weights: map[string]float64{"DAX": 0.7, "FTSE": 0.3, "A=B": 1},
		Model: "ar", Horizon: 5, Freq: "D", Season: []int{5, 20}, Levels: []float64{80, 99.5}, Quantiles: []float64{0.9, 0.1}, Risk: []float64{}, Bands: []float64{90, 50}, BandsOver: job.BandsOverAssets, Covariance: job.CovarianceAuto, Point: job.PointMedian, Integers: true, Explain: true,
		Paths: 100, Seed: 7, Scenarios: []job.Scenario{{Name: "crash", Shocks: map[string]float64{"DAX": -0.1, "A=B": 0.5}}, {Name: "up", Shocks: map[string]float64{"DAX": 1}}}, Benchmark: "FTSE",
		From: "1991-01-01", To: "1992-01-01", OnError: job.Fail, Priority: -3,
		Combine: job.Value, Holdings: map[string]float64{"DAX": 12.5, "FTSE": -3}, Currency: map[string]string{"DAX": "EUR", "FTSE": "GBP"},
		Base: "USD", Rates: "fx@2", Stale: "14d", Missing: job.MissingDrop, Resample: job.ResampleLast, AsOf: "1991-12-01", Column: "adj_close", Adjusted: new(true)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSpecFlagsOfABacktest(t *testing.T) {
	t.Parallel()
	got, err := readFlags(job.Spec{}, "", "--dataset", "p", "--assets", "*", "--horizon", "5", "--kind", "backtest", "--origins", "12",
		"--models", "auto,naive", "--compare", "auto,naive", "--by", "kind,length", "--by-series")
	want := job.Spec{Dataset: "p", Assets: []string{"*"}, Horizon: 5, Kind: job.KindBacktest, Origins: 12, Models: []string{"auto", "naive"},
		Compare: []string{"auto", "naive"}, By: []string{"kind", "length"}, BySeries: true}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if text := specText(got.Brief()); text != "backtest on all assets of p, auto, naive, 12 origins of 5 steps" {
		t.Errorf("it reads %q", text)
	}
}

func TestSpecFileAndFlags(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "job.json")
	if err := os.WriteFile(path, []byte("\uFEFF"+`{"dataset":"p","assets":["*"],"horizon":3,"levels":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	want := job.Spec{Dataset: "p", Assets: []string{"*"}, Horizon: 7, Levels: []float64{}}
	got, err := readFlags(job.Spec{Model: "ar"}, "", "--file", path, "--horizon", "7")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	want.Quantiles = []float64{}
	got, err = readFlags(job.Spec{}, `{"dataset":"p","assets":["*"],"horizon":7,"levels":[],"quantiles":[0.5]}`, "--file", "-", "--quantiles", "none")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	want.Quantiles = nil
	got, err = readFlags(job.Spec{}, `{"dataset":"p","assets":["*"],"horizon":7}`, "--file", "-", "--levels", "none")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestSpecWithoutAssetsIsAnEmptyList(t *testing.T) {
	t.Parallel()
	if got, err := readFlags(job.Spec{}, "", "--dataset", "p"); err != nil || got.Assets == nil {
		t.Errorf("got assets %#v, %v, want an empty list", got.Assets, err)
	}
}

func TestSpecFlagsOfAChain(t *testing.T) {
	t.Parallel()
	got, err := readFlags(job.Spec{}, "", "--after", "a,b", "--after-any", "c")
	if diff := cmp.Diff(job.Spec{Assets: []string{}, After: []job.ID{"a", "b"}, AfterAny: []job.ID{"c"}}, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if got, err = readFlags(got, "", "--after", ""); err != nil || len(got.After) > 0 || len(got.AfterAny) != 1 {
		t.Errorf("no longer after any: %+v, %v", got, err)
	}
}

func TestNotBefore(t *testing.T) {
	t.Parallel()
	got, err := readFlags(job.Spec{}, "", "--not-before", "2030-01-31T18:00:00+01:00")
	if want := time.Date(2030, 1, 31, 17, 0, 0, 0, time.UTC); err != nil || !got.NotBefore.Equal(want) {
		t.Errorf("got %v, %v, want %v", got.NotBefore, err, want)
	}
	if got, err = readFlags(got, "", "--not-before", "now"); err != nil || !got.NotBefore.IsZero() {
		t.Errorf("now: got %v, %v, want no time", got.NotBefore, err)
	}
	before := time.Now()
	got, err = readFlags(job.Spec{}, "", "--not-before", "90m")
	if late := got.NotBefore.Sub(before.Add(90 * time.Minute)); err != nil || late < -time.Second || late > time.Minute {
		t.Errorf("in 90 minutes: got %v, %v", got.NotBefore, err)
	}
}

func TestSpecFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stdin string
		args  []string
		want  string
	}{
		{"", []string{"--weights", "DAX"}, `"DAX" is not like DAX=0.7`},
		{"", []string{"--weights", "=1"}, "is not like DAX=0.7"},
		{"", []string{"--weights", "DAX=much"}, "DAX has \"much\", which is not a finite number"},
		{"", []string{"--weights", "DAX=1,DAX=2"}, "names DAX twice"},
		{"", []string{"--holdings", "DAX=ten"}, `--holdings: DAX has "ten", which is not a finite number`},
		{"", []string{"--holdings", "DAX"}, `"DAX" is not like DAX=12.5`},
		{"", []string{"--currency", "DAX"}, `--currency: "DAX" is not like DAX=EUR`},
		{"", []string{"--currency", "DAX=EUR,DAX=USD"}, "--currency names DAX twice"},
		{"", []string{"--levels", "80,many"}, `but has "many"`},
		{"", []string{"--levels", "NaN"}, `but has "NaN"`},
		{"", []string{"--quantiles", "0.1;0.9"}, `--quantiles must be probabilities separated by commas, as in 0.1,0.9, or none, but has "0.1;0.9"`},
		{"", []string{"--quantiles", "NaN"}, `but has "NaN"`},
		{"", []string{"--weights", "DAX=inf"}, "DAX has \"inf\""},
		{`{"dataset":"p","horizon":1,"horizon":2}`, []string{"--file", "-"}, "it has horizon twice"},
		{`{"horizon":1,"Horizon":2}`, []string{"--file", "-"}, "it has horizon twice"},
		{`{"weights":{"A":1,"A":2}}`, []string{"--file", "-"}, "it has weights/A twice"},
		{`{"horizon":"5"}`, []string{"--file", "-"}, "horizon must not be a JSON string"},
		{`{"horizon":5`, []string{"--file", "-"}, "ends in the middle of the JSON"},
		{`{"horizon":5}}`, []string{"--file", "-"}, "there is more after the job"},
		{`horizon: 5`, []string{"--file", "-"}, "standard input does not hold a job: it is not JSON from byte 1 on"},
		{"", []string{"--file", filepath.Join(t.TempDir(), "missing.json")}, "no such file"},
		{"[]", []string{"--file", "-"}, "it is a JSON array, but must be an object"},
		{`{"datasett":"p"}`, []string{"--file", "-"}, `unknown field "datasett"`},
		{`{} {}`, []string{"--file", "-"}, "there is more after the job"},
		{"", []string{"--not-before", "-5m"}, "--not-before must be a time with its zone"},
		{"", []string{"--not-before", "2030-01-31 18:00"}, "--not-before must be a time with its zone"},
		{"", []string{"--file", "-"}, "standard input does not hold a job: it is empty"},
	} {
		_, err := readFlags(job.Spec{}, c.stdin, c.args...)
		if _, ok := errors.AsType[*usageError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v", c.args, err)
		}
	}
}

func FuzzReadNumbers(f *testing.F) {
	for _, seed := range []string{"DAX=0.7", "=", "a==1", "a=NaN", "a=1e999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pair string) {
		weights, err := readNumbers("weights", "DAX=0.7", []string{pair})
		if err == nil && len(weights) != 1 {
			t.Errorf("%q: %v", pair, weights)
		}
	})
}
