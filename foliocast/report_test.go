package foliocast

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// pictures is a service with a job that has ended, one that runs, one that failed, one whose past is not found for
// a fault of the service, and one whose data are gone.
func pictures(t *testing.T) *person {
	t.Helper()
	failed := jobIn(job.Failed)
	failed.Error = &job.Error{Code: "unknown-asset", Detail: "there is no asset XYZ"}
	lost, gone := jobIn(job.Done), jobIn(job.Done)
	lost.ID, gone.ID = "j4", "j6"
	past := client.History{DS: []string{"2024-12-27", "2024-12-30"}, Y: []float64{3, 2}}
	p := newPerson(t, newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs/j1":         answer(http.StatusOK, jobIn(job.Done)),
		"GET /v1/jobs/j1/result":  answer(http.StatusOK, done()),
		"GET /v1/jobs/j1/history": answer(http.StatusOK, past),
		"GET /v1/jobs/j2":         answer(http.StatusOK, jobIn(job.Running)),
		"GET /v1/jobs/j3":         answer(http.StatusOK, failed),
		"GET /v1/jobs/j4":         answer(http.StatusOK, lost),
		"GET /v1/jobs/j4/result":  answer(http.StatusOK, done()),
		"GET /v1/jobs/j4/history": refuse(problem.New(problem.Internal, "the disk is broken")),
		"GET /v1/jobs/j6":         answer(http.StatusOK, gone),
		"GET /v1/jobs/j6/result":  answer(http.StatusOK, done()),
		"GET /v1/jobs/j6/history": refuse(problem.New(problem.NotFound, "the file of the dataset is gone")),
	}))
	p.signIn()
	return p
}

func TestReport(t *testing.T) {
	t.Parallel()
	p := pictures(t)
	r := p.types("", "job", "report", "j1")
	r.check(t, exitOK, "<!DOCTYPE html>", "")
	for _, want := range []string{"Forecast of p@3", "31 Dec 2024", "observed", "foliocast job submit --wait --file -", "&#34;dataset&#34;:&#34;p@3&#34;"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	file := filepath.Join(t.TempDir(), "report.html")
	p.types("", "job", "report", "j1", "-o", file).check(t, exitOK, "", "")
	if text, err := os.ReadFile(file); err != nil || string(text) != r.out {
		t.Errorf("the file differs from what standard output received: %v", err)
	}
}

func TestReportOfAJobWithoutAForecast(t *testing.T) {
	t.Parallel()
	p := pictures(t)
	for _, command := range []string{"report", "plot"} {
		file := filepath.Join(t.TempDir(), "picture.svg")
		p.types("", "job", command, "j2", "-o", file).check(t, exitConflict, "", "job j2 has not ended, it is running: wait for it with foliocast job watch j2")
		p.types("", "job", command, "j3", "-o", file).check(t, exitJobEnded, "", "there is no asset XYZ")
		p.types("", "job", command, "j4", "-o", file).check(t, exitFailure, "", "the disk is broken")
		p.types("", "job", command, "j5", "-o", file).check(t, exitNotFound, "", "there is no /v1/jobs/j5")
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s left a file", command)
		}
	}
}

// The forecast is shown without what was before it when the data are gone.
func TestReportWithoutItsData(t *testing.T) {
	t.Parallel()
	p := pictures(t)
	p.types("", "job", "report", "j6").check(t, exitOK, "Its past is not shown: the file of the dataset is gone.", "")
	p.types("", "job", "plot", "j6").check(t, exitOK, "Forecast for 1 Jan 2025: 2.", "")
}

func TestPlot(t *testing.T) {
	t.Parallel()
	p := pictures(t)
	r := p.types("", "job", "plot", "j1")
	r.check(t, exitOK, "Forecast of the portfolio\n", "")
	r.check(t, exitOK, "Observed up to 30 Dec 2024: 2.", "")
	if strings.Contains(r.out, "\x1b") {
		t.Error("colours without a terminal")
	}
	p.env["COLUMNS"] = "60"
	for line := range strings.Lines(p.types("", "job", "plot", "j1").out) {
		if n := len([]rune(line)); n > 61 && !strings.HasPrefix(line, "Observed") {
			t.Errorf("%d characters on 60 columns: %q", n, line)
		}
	}
	dir := t.TempDir()
	for file, want := range map[string]string{"a.svg": "<?xml", "a.png": "\x89PNG"} {
		p.types("", "job", "plot", "j1", "--asset", "DAX", "-o", filepath.Join(dir, file)).check(t, exitOK, "", "")
		if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("%s begins with %.10q, %v", file, text, err)
		}
	}
	p.types("", "job", "plot", "j1", "--asset", "XYZ").check(t, exitUsage, "", `the job has no asset "XYZ"; it has DAX`)
	p.types("", "job", "plot", "j1", "-o", "a.gif").check(t, exitUsage, "", "--output must end with .svg or .png")
	p.types("", "job", "plot", "j1", "--theme", "odd").check(t, exitUsage, "", "--theme must be light or dark")
	p.types("", "job", "plot", "j1", "--json").check(t, exitUsage, "", "a picture has no JSON")
}
