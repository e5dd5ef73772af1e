package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestColumnsOfPrices forecasts columns of the prices of Apple around its split of 4 for 1 on 2020-08-31. The naive forecast is
// the last value of the column.
func TestColumnsOfPrices(t *testing.T) {
	t.Parallel()
	const split = "(from 499.23 to 129.04, about 1 : 4, at 2020-08-31)"
	input := filepath.Join("..", "internal", "series", "testdata", "apple_split.csv")
	for args, want := range map[string]struct {
		mean float64
		note string
	}{
		"":                                       {131.40, "the values jump as in a split " + split + ": if they are not adjusted"},
		"--value-column close --adjusted":        {131.40, "the values jump as in a split " + split + ", although the job says that they are adjusted"},
		"--value-column CLOSE --adjusted=false":  {131.40, "the values are not adjusted for what looks like a split " + split},
		"--value-column adj_close":               {128.88, ""},
		"--value-column adjclose --adjusted":     {128.88, ""},
		"--value-column open --as-of 2020-08-28": {504.05, ""},
	} {
		out := succeed(t, 0, append([]string{"run", "--input", input, "--model", "naive", "--with-assets"}, strings.Fields(args)...)...)
		asset := parse(t, out.stdout).Assets[0]
		if asset.Mean[0] != want.mean || !strings.HasPrefix(asset.Note, want.note) || want.note == "" && asset.Note != "" {
			t.Errorf("%q: got %v with the note %q, want %v with %q", args, asset.Mean, asset.Note, want.mean, want.note)
		}
	}
	out := succeed(t, 0, "convert", "--input", input)
	for _, want := range []string{"the file does not say whether the column is adjusted", "1 jump that looks like a split", "line 7, asset \"Close\": from 499.23 to 129.04, about 1 : 4, at 2020-08-31"} {
		if !strings.Contains(out.stdout+out.stderr, want) {
			t.Errorf("the audit does not say %q:\n%s%s", want, out.stdout, out.stderr)
		}
	}
	if out := mpirun(t, 0, "run", "--input", input, "--value-column", "bid"); out.code == 0 || !strings.Contains(out.stderr, `no column "bid", only "Date", "Open"`) {
		t.Errorf("a column that is not there: exit code %d, %s", out.code, out.stderr)
	}
	if out := mpirun(t, 0, "run", "--input", input, "--adjusted=perhaps"); out.code == 0 || !strings.Contains(out.stderr, "--adjusted") {
		t.Errorf("adjusted perhaps: exit code %d, %s", out.code, out.stderr)
	}
}
