package foliocast

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// results is a service with the result of j1. j2 has not ended, and the result
// of j3 breaks off.
func results(t *testing.T) *person {
	t.Helper()
	p := newPerson(t, newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs/j1/result": func(w http.ResponseWriter, r *http.Request) {
			if accept := r.Header.Get("Accept"); accept == "" || strings.Contains(accept, "json") {
				answer(http.StatusOK, done())(w, r)
			} else {
				fmt.Fprint(w, strings.TrimSpace(r.URL.RawQuery+" "+accept))
			}
		},
		"GET /v1/jobs/j4/result": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") == "text/csv" {
				fmt.Fprint(w, r.URL.RawQuery)
				return
			}
			value := 0.5
			answer(http.StatusOK, job.Answer{Job: "j4", State: job.Partial,
				Backtest: &job.Backtest{Scores: []job.Score{{Model: "auto", Series: 1, Forecasts: 2, SMAPE: &value, MASE: &value, OWA: &value, WQL: &value}}},
				Assets:   []job.Asset{{Asset: "B", Error: &job.Error{Code: "too-short", Detail: "asset \"B\" has 3 values"}}}})(w, r)
		},
		"GET /v1/jobs/j5/result": func(w http.ResponseWriter, r *http.Request) {
			explained := done()
			explained.Assets[0].Parts = map[string][]float64{"trend": {1, 2}, "level": {0, 0}}
			explained.Assets[0].Members = []job.Member{{Name: "drift", Weight: 1}, {Name: "ar", Dropped: "needs a season"}}
			answer(http.StatusOK, explained)(w, r)
		},
		"GET /v1/jobs/j2/result": refuse(problem.New(problem.Conflict, "the job has not ended")),
		"GET /v1/jobs/j3/result": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "half")
		},
	}))
	p.signIn()
	return p
}

const doneTable = `ASSET    MODEL  SKILL        DATE  MEAN
DAX      naive         2024-12-31     1
                       2025-01-01     2
overall                2024-12-31     1
                       2025-01-01     2
`

func TestResultShowsDates(t *testing.T) {
	t.Parallel()
	p := results(t)
	r := p.types("", "job", "result", "j1")
	r.check(t, exitOK, "", "")
	if diff := cmp.Diff(doneTable, r.out); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	p.types("", "job", "result", "j2").check(t, exitConflict, "", "has not ended")
}

func TestResultInParts(t *testing.T) {
	t.Parallel()
	p := results(t)
	r := p.types("", "job", "result", "j5", "--explain")
	r.check(t, exitOK, "", "")
	want := `ASSET        DATE  MEAN  LEVEL  TREND
DAX    2024-12-31     1      0      1
       2025-01-01     2      0      2

ASSET  MEMBER  WEIGHT  SKILL  DROPPED
DAX    drift    1.000
       ar                     needs a season
`
	if diff := cmp.Diff(want, r.out); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	p.types("", "job", "result", "j1", "--explain").check(t, exitUsage, "", "submit the job with --explain")
	p.types("", "job", "result", "j5", "--explain", "--format", "csv").check(t, exitUsage, "", "--explain writes a table")
}

func TestResultOfABacktest(t *testing.T) {
	t.Parallel()
	p := results(t)
	const table = `MODEL  SERIES  FORECASTS  SMAPE   MASE    OWA     WQL
auto        1          2  0.500  0.500  0.500  0.5000
B has no forecast: asset "B" has 3 values
`
	r := p.types("", "job", "result", "j4")
	r.check(t, exitOK, "", "")
	if diff := cmp.Diff(table, r.out); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for want, args := range map[string][]string{"": {"--format", "csv"}, "table=series": {"--by-series"}} {
		r := p.types("", append([]string{"job", "result", "j4"}, args...)...)
		r.check(t, exitOK, "", "")
		if r.out != want {
			t.Errorf("%v asked for %q, want %q", args, r.out, want)
		}
	}
}

// The service answers a request for a table with the media type asked for.
func TestResultFormats(t *testing.T) {
	t.Parallel()
	p, dir := results(t), t.TempDir()
	for _, c := range []struct {
		args []string // FILE is replaced by the path of the named file
		file string
		want string
	}{
		{[]string{"--format", "csv"}, "", "text/csv"},
		{[]string{"--format", "arrows"}, "", "application/vnd.apache.arrow.stream"},
		{[]string{"--format", "json"}, "", `"ds": [`},
		{[]string{"--json"}, "", `"ds": [`},
		{[]string{"--json", "--format", "json"}, "", `"ds": [`},
		{[]string{"--format", "table"}, "", doneTable},
		{[]string{"--output", "FILE"}, "r.csv", "text/csv"},
		{[]string{"--output", "FILE"}, "r.CSV", "text/csv"},
		{[]string{"--output", "FILE"}, "r.arrow", "application/vnd.apache.arrow.file"},
		{[]string{"--output", "FILE"}, "r.arrows", "application/vnd.apache.arrow.stream"},
		{[]string{"--output", "FILE"}, "r.parquet", "application/vnd.apache.parquet"},
		{[]string{"--output", "FILE"}, "r.json", `"ds": [`},
		{[]string{"--output", "FILE"}, "r.txt", doneTable},
		{[]string{"--output", "FILE"}, "result", doneTable},
		{[]string{"--output", "FILE", "--format", "csv"}, "r.txt", "text/csv"},
		{[]string{"--output", "FILE", "--format", "csv"}, "r.2024", "text/csv"},
		{[]string{"--output", "FILE", "--json"}, "r.csv", `"ds": [`},
		{[]string{"--paths"}, "", "table=paths text/csv"},
		{[]string{"--paths", "--output", "FILE"}, "r.parquet", "table=paths application/vnd.apache.parquet"},
		{[]string{"--paths", "--output", "FILE", "--format", "arrow"}, "r", "table=paths application/vnd.apache.arrow.file"},
	} {
		path := filepath.Join(dir, c.file)
		args := append([]string{"job", "result", "j1"}, c.args...)
		for i, arg := range args {
			if arg == "FILE" {
				args[i] = path
			}
		}
		r := p.types("", args...)
		r.check(t, exitOK, "", "")
		got := r.out
		if c.file != "" {
			text, err := os.ReadFile(path)
			if err != nil || r.out != "" {
				t.Errorf("%v: %v, and on standard output %q", args, err, r.out)
			}
			got = string(text)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%v wrote %q, want %q", args, got, c.want)
		}
	}
	p.types("", "job", "result", "j1", "--by-series", "--format", "json").check(t, exitUsage, "", "--by-series writes CSV only")
	p.types("", "job", "result", "j1", "--paths", "--format", "json").check(t, exitUsage, "", "JSON has the paths, without --paths")
	p.types("", "job", "result", "j1", "--paths", "--output", filepath.Join(dir, "r.txt")).check(t, exitUsage, "", "--paths writes csv, arrow")
	p.types("", "job", "result", "j1", "--format", "xml").check(t, exitUsage, "", "--format must be")
	p.types("", "job", "result", "j1", "--output", filepath.Join(dir, "r.xlsx")).check(t, exitUsage, "", "no format has the ending .xlsx")
	p.types("", "job", "result", "j1", "--format", "csv", "--json").check(t, exitUsage, "", "--json and --format csv contradict each other")
}

func TestResultIsThereWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	p, dir := results(t), t.TempDir()
	path := filepath.Join(dir, "result.csv")
	p.types("", "job", "result", "j3", "--output", path).check(t, exitUnreachable, "", "read the answer")
	if left, err := os.ReadDir(dir); len(left) != 0 || err != nil {
		t.Errorf("half a result is there: %v, %v", left, err)
	}
	nowhere := filepath.Join(dir, "missing", "x")
	p.types("", "job", "result", "j1", "--output", nowhere).check(t, exitUsage, "", "--output "+nowhere+" cannot be created: no such file")
	p.types("", "job", "result", "j1", "--output", dir).check(t, exitUsage, "", "cannot be created: is a directory")
	// A device is written to, and not replaced.
	device := filepath.Join(dir, "device")
	if err := os.Symlink("/dev/full", device); err != nil {
		t.Fatal(err)
	}
	p.types("", "job", "result", "j1", "--format", "csv", "--output", device).check(t, exitFailure, "", "--output "+device+" cannot be written: no space left on device\n")
	if target, err := os.Readlink(device); err != nil || target != "/dev/full" {
		t.Errorf("the device is now %q, %v", target, err)
	}
}

func TestResultKeepsALinkAndAMode(t *testing.T) {
	t.Parallel()
	p, dir := results(t), t.TempDir()
	target, link := filepath.Join(dir, "target.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	p.types("", "job", "result", "j1", "--output", link).check(t, exitOK, "", "")
	if text, err := os.ReadFile(target); err != nil || string(text) != "text/csv" {
		t.Errorf("the target has %q, %v", text, err)
	}
	if to, err := os.Readlink(link); err != nil || to != target {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v, want 600", info.Mode(), err)
	}
}
