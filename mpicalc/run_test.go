package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/tabletest"
	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/file"
)

const portfolioFile = "../docs/data/eustockmarkets.csv"

func parse(t *testing.T, stdout string) job.Answer {
	t.Helper()
	if strings.Count(stdout, "\n") != 1 {
		t.Fatalf("stdout is not one line: %q", stdout)
	}
	var a job.Answer
	if err := json.Unmarshal([]byte(stdout), &a); err != nil {
		t.Fatalf("%v in %q", err, stdout)
	}
	return a
}

// line continues the straight line of least squares by one step, from the normal equations in their textbook form.
func line(y []float64) float64 {
	var n, st, sy, stt, sty float64
	for t, v := range y {
		x := float64(t)
		n, st, sy, stt, sty = n+1, st+x, sy+v, stt+x*x, sty+x*v
	}
	b := (n*sty - st*sy) / (n*stt - st*st)
	return (sy-b*st)/n + b*n
}

func TestEveryNumberOfRanksWritesTheSameBytes(t *testing.T) {
	var first string
	for _, n := range []int{1, 2, 3} {
		output := filepath.Join(t.TempDir(), "forecasts.csv")
		out := succeed(t, n, "run", "--input", portfolioFile, "--model", "trend", "--horizon", "1", "--output", output)
		answer := parse(t, out.stdout)
		if first == "" {
			first = read(t, output)
		}
		if diff := cmp.Diff(read(t, output), first); diff != "" {
			t.Errorf("%d ranks (-got +1 rank)\n%s", n, diff)
		}
		table, _, err := file.Read(portfolioFile, series.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for i := range table.Len() {
			want += line(table.Values(i)) / float64(table.Len())
		}
		if got := answer.Overall.Mean[0]; math.Abs(got-want) > 1e-9*want {
			t.Errorf("%d ranks: overall %v, the closed form gives %v", n, got, want)
		}
		if answer.Provenance.Ranks != n || len(answer.Provenance.Hosts) != 1 || len(answer.Provenance.DatasetSHA256) != 64 {
			t.Errorf("provenance %+v, want %d ranks on one host", answer.Provenance, n)
		}
	}
}

// uneven is a long file of series of unequal length, one of them constant and one of a single value.
func uneven() string {
	random := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for s := range 15 {
		level := 50.0
		for k := range 1 + (s*37)%200 {
			if s != 4 {
				level += random.NormFloat64()
			}
			fmt.Fprintf(&b, "S%d,%d,%v\n", s, k, level+float64(k%12))
		}
	}
	return b.String()
}

func TestMappedStoredAndReadFilesGiveTheSameBytes(t *testing.T) {
	input := write(t, "uneven.csv", uneven())
	stored := filepath.Join(t.TempDir(), "uneven.arrow")
	out := succeed(t, 0, "convert", "--input", input, "--output", stored)
	if !strings.Contains(out.stdout, "15 assets") {
		t.Errorf("the audit is %q", out.stdout)
	}
	var first string
	for _, n := range []int{1, 2, 3, 7} {
		for _, file := range []string{input, stored} {
			output := filepath.Join(t.TempDir(), "forecasts.csv")
			out := succeed(t, n, "run", "--input", file, "--horizon", "6", "--levels", "80,95", "--season", "12", "--output", output, "--with-assets")
			overall, err := json.Marshal(parse(t, out.stdout).Overall)
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, output) + string(overall)
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%d ranks on %s: other bytes than from one rank", n, filepath.Ext(file))
			}
		}
	}
}

// January 2024 began with a Monday. Naive repeats the last value of each asset.
const dated = "date,A,B\n2024-01-17,1,10\n2024-01-18,2,20\n2024-01-19,4,30\n"

func TestForecastsOfDatesAreDated(t *testing.T) {
	output := filepath.Join(t.TempDir(), "forecasts.csv")
	out := succeed(t, 2, "run", "--input", write(t, "dated.csv", dated), "--model", "naive", "--horizon", "2", "--output", output, "--with-assets")
	want := "unique_id,ds,model,mean\nA,2024-01-22,naive,4\nA,2024-01-23,naive,4\nB,2024-01-22,naive,30\nB,2024-01-23,naive,30\n,2024-01-22,,17\n,2024-01-23,,17\n"
	if diff := cmp.Diff(read(t, output), want); diff != "" {
		t.Errorf("the output (-got +want)\n%s", diff)
	}
	answer, days := parse(t, out.stdout), []string{"2024-01-22", "2024-01-23"}
	if answer.Time != job.TimeDate {
		t.Errorf("the times are of the kind %q, want date", answer.Time)
	}
	for name, ds := range map[string][]string{"overall": answer.Overall.DS, "A": answer.Assets[0].DS, "B": answer.Assets[1].DS} {
		if diff := cmp.Diff(ds, days); diff != "" {
			t.Errorf("%s in JSON (-got +want)\n%s", name, diff)
		}
	}
}

func TestPartsAreInTheJSON(t *testing.T) {
	out := succeed(t, 2, "run", "--input", write(t, "dated.csv", dated), "--model", "naive", "--explain", "--with-assets")
	for i, level := range []float64{4, 30} {
		got := parse(t, out.stdout).Assets[i].Parts
		if diff := cmp.Diff(got, map[string][]float64{"level": {level}}); diff != "" {
			t.Errorf("asset %d (-got +want)\n%s", i, diff)
		}
	}
}

// The euro is at 1.5 dollars on the last day of the file; naive repeats 4 and 30.
func TestAPortfolioInAnotherCurrency(t *testing.T) {
	rates := write(t, "rates.csv", "date,EURUSD\n2024-01-18,1.4\n2024-01-19,1.5\n2024-01-22,9\n")
	out := succeed(t, 2, "run", "--input", write(t, "dated.csv", dated), "--model", "naive", "--combine", "value", "--holdings", "A=10,B=-1",
		"--currency", "A=EUR", "--base", "USD", "--rates", rates)
	answer := parse(t, out.stdout)
	if answer.Overall == nil || answer.Overall.Mean[0] != 10*4*1.5-30 || len(answer.Overall.Notes) != 1 || len(answer.Provenance.RatesSHA256) != 64 {
		t.Errorf("got %+v with rates %s", answer.Overall, answer.Provenance.RatesSHA256)
	}
}

func TestAnOutputKeepsItsLinkAndItsMode(t *testing.T) {
	t.Parallel()
	dir, input := t.TempDir(), write(t, "dated.csv", dated)
	target, link := filepath.Join(dir, "target.csv"), filepath.Join(dir, "link.csv")
	if err := errors.Join(os.WriteFile(target, nil, 0o600), os.Chmod(target, 0o664), os.Symlink("target.csv", link)); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{"run": "unique_id,ds,model,mean,members\n", "convert": "unique_id,ds,y\n"} {
		succeed(t, 0, command, "--input", input, "--output", link)
		if got := read(t, target); !strings.HasPrefix(got, want) {
			t.Errorf("%s wrote %q into the target of the link, want the header %q", command, got, want)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode().Type() != os.ModeSymlink {
			t.Errorf("%s replaced the link: %v, %v", command, info, err)
		}
		if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o664 {
			t.Errorf("%s changed the mode to %v, %v, want 664", command, info.Mode(), err)
		}
	}
}

func TestOutputsOfAllFormatsHoldTheSame(t *testing.T) {
	var want [][]string
	for _, f := range []forecasttable.Format{forecasttable.CSV, forecasttable.Parquet, forecasttable.Arrow, forecasttable.ArrowStream} {
		output := filepath.Join(t.TempDir(), "forecasts."+string(f))
		succeed(t, 0, "run", "--input", portfolioFile, "--horizon", "3", "--levels", "95,80", "--quantiles", "0.9,0.1", "--output", output,
			"--assets", "DAX,FTSE", "--weights", "DAX=0.7,FTSE=0.3", "--from", "100", "--to", "900")
		got, err := tabletest.Read(f, []byte(read(t, output)))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +CSV)\n%s", f, diff)
		}
	}
	if header := strings.Join(want[0], ","); header != "unique_id,ds,model,mean,lo-80,hi-80,lo-95,hi-95,q-0.1,q-0.9,members" || len(want) != 1+9 {
		t.Fatalf("%d rows of %s", len(want)-1, header)
	}
	for i, name := range []string{"DAX", "FTSE", ""} { // the portfolio comes last
		if row := want[1+3*i]; row[0] != name || row[1] != "901" || (row[10] == "") != (name == "") {
			t.Errorf("the first row of %q is %v", name, row)
		}
	}
}
