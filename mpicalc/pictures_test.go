package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestRunDraws(t *testing.T) {
	dir := t.TempDir()
	page, picture := filepath.Join(dir, "it's.html"), filepath.Join(dir, "forecast.svg")
	for _, n := range []int{1, 2} {
		succeed(t, n, "run", "--input", portfolioFile, "--model", "naive", "--horizon", "3", "--levels", "80", "--report", page, "--plot", picture)
		text := read(t, page)
		for _, want := range []string{"Forecast of eustockmarkets.csv", "Forecast of DAX", "observed", "1863", `it&#39;\&#39;&#39;s.html`} {
			if !strings.Contains(text, want) {
				t.Errorf("%d ranks: the page lacks %q", n, want)
			}
		}
		// The last values of the indices are 5473.72, 7676.3, 3995 and 5455 (docs/data), and their mean 5650.0.
		if svg := read(t, picture); !strings.Contains(svg, "Observed up to 1860: 5,650") {
			t.Errorf("%d ranks: the picture does not say what was observed last: %.600s", n, svg)
		}
	}
	out := mpirun(t, 1, "run", "--input", portfolioFile, "--plot", filepath.Join(dir, "a.gif"))
	if out.code != 2 || !strings.Contains(out.stderr, "--plot must end with .svg or .png") {
		t.Errorf("exit code %d: %s", out.code, out.stderr)
	}
}
