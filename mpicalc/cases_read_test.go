package main

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What files that people have are read as, or why they are refused. The long form of a table is what convert writes.
func TestConvertedCases(t *testing.T) {
	t.Parallel()
	german := "Datum;Absatz\n02.01.2024;998\n03.01.2024;999\n04.01.2024;1.000\n05.01.2024;1.001\n08.01.2024;1.002\n"
	for name, c := range map[string]struct {
		text, args string
		want       string // the rows as written, between blanks
		refusal    string
	}{
		"thousands":        {german, "--thousands .", "2024-01-02,998 2024-01-03,999 2024-01-04,1000 2024-01-05,1001 2024-01-08,1002", ""},
		"decimals":         {german, "--decimal .", "2024-01-02,998 2024-01-03,999 2024-01-04,1 2024-01-05,1.001 2024-01-08,1.002", ""},
		"which of the two": {german, "", "", `line 4, column "Absatz": "1.000" may have a mark between thousands`},
		"both marks":       {"Datum;Absatz\n02.01.2024;998\n03.01.2024;1.234,5\n04.01.2024;1.000\n", "", "2024-01-02,998 2024-01-03,1234.5 2024-01-04,1000", ""},
		"no times":         {"North,South\n84,11\n65,12\n70,13\n", "", "", "no column of times"},
		"numbered rows":    {"North,South\n84,11\n65,12\n", "--number-rows", "1,84 2,65 1,11 2,12", ""},
		"date second":      {"\"Y\",\"date\"\n284,1956-01-01\n213,1956-04-01\n227,1956-07-01\n", "", "1956-01-01,284 1956-04-01,213 1956-07-01,227", ""},
		"words":            {"date,temp,sky\n2012-01-01,12.8,rain\n2012-01-02,10.6,sun\n", "", "", `column "sky" has words in place of numbers`},
		"words left out":   {"date,temp,sky\n2012-01-01,12.8,rain\n2012-01-02,10.6,sun\n", "--drop sky", "2012-01-01,12.8 2012-01-02,10.6", ""},
		"weeks":            {"date,A\n2024-W05,1\n2024-W06,2\n", "", "2024-01-29,1 2024-02-05,2", ""},
		"offset":           {"date,A\n2024-01-28 00:00:00+0000,1\n2024-01-29 00:00:00+0000,2\n", "", "2024-01-28T00:00:00Z,1 2024-01-29T00:00:00Z,2", ""},
		"no seconds":       {"date,A\n2024-01-28T18:00Z,1\n2024-01-28T19:00Z,2\n", "", "2024-01-28T18:00:00Z,1 2024-01-28T19:00:00Z,2", ""},
		"American":         {"Week,A\n04/30/2021,1\n05/07/2021,2\n", "", "2021-04-30,1 2021-05-07,2", ""},
		"months":           {"date,A\n2024M1,1\n2024M2,2\n", "", "2024-01-01,1 2024-02-01,2", ""},
		"UTC":              {"date,A\n2024-01-28 00:00:00 UTC,1\n2024-01-29 00:00:00 UTC,2\n", "", "2024-01-28T00:00:00Z,1 2024-01-29T00:00:00Z,2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := filepath.Join(t.TempDir(), "out.csv")
			out := mpirun(t, 0, append([]string{"convert", "--input", write(t, "in.csv", c.text), "--output", output}, strings.Fields(c.args)...)...)
			if c.refusal != "" {
				if out.code != 2 || !strings.Contains(out.stderr, c.refusal) {
					t.Errorf("code %d, stderr %q, want 2 and %q", out.code, out.stderr, c.refusal)
				}
				return
			}
			if out.code != 0 {
				t.Fatalf("code %d: %s", out.code, out.stderr)
			}
			var rows []string
			for line := range strings.Lines(read(t, output)) {
				_, row, _ := strings.Cut(strings.TrimSpace(line), ",")
				rows = append(rows, row)
			}
			if got := strings.Join(rows[1:], " "); got != c.want {
				t.Errorf("read as %s, want %s", got, c.want)
			}
		})
	}
}

// On 27 October 2024 the clocks of Europe showed the hour from two to three twice.
func TestClocksThatWentBack(t *testing.T) {
	t.Parallel()
	input := filepath.Join("..", "internal", "series", "testdata", "berlin_fall.csv")
	if out := mpirun(t, 0, "convert", "--input", input); out.code != 2 || !strings.Contains(out.stderr, "--timezone") {
		t.Errorf("without a zone: code %d, stderr %q", out.code, out.stderr)
	}
	out := succeed(t, 0, "convert", "--input", input, "--timezone", "Europe/Berlin")
	if !strings.Contains(out.stdout, "hours") || !strings.Contains(out.stdout, "0 values carried forward") {
		t.Errorf("in its zone: %q", out.stdout)
	}
	rows, _ := forecastOf(t, "berlin_offset.csv", "--model", "naive", "--horizon", "2")
	if got := strings.Join(column(rows, 1), " "); got != "2024-11-02T00:00:00+01:00 2024-11-02T01:00:00+01:00" {
		t.Errorf("forecasts for %s", got)
	}
}

// R's naive says 4.95 [4.09, 5.81] and ets 3.54 [2.66, 4.41] at 80 %. Six differences of 0 and one of 1.65 justify no interval
// of billions.
func TestIntervalAfterOneChange(t *testing.T) {
	t.Parallel()
	output := filepath.Join(t.TempDir(), "out.csv")
	succeed(t, 0, "run", "--input", write(t, "in.csv", "step,A\n1,3.3\n2,3.3\n3,3.3\n4,3.3\n5,3.3\n6,3.3\n7,4.95\n"), "--output", output, "--levels", "80,95")
	row := strings.Split(strings.TrimSpace(strings.Split(read(t, output), "\n")[1]), ",")
	for i, bounds := range [][2]float64{{3.3, 4.95}, {0, 4.95}, {3.3, 10}, {-5, 4.95}, {3.3, 15}} { // mean, lo-80, hi-80, lo-95, hi-95
		v, err := strconv.ParseFloat(row[3+i], 64)
		if err != nil || math.IsNaN(v) || v < bounds[0] || v > bounds[1] {
			t.Errorf("column %d of %v is not within %v", 3+i, row, bounds)
		}
	}
}
