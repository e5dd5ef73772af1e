package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/tabletest"
)

// prices is a file of prices that rise and fall together.
func prices(assets, days int) string {
	random := rand.New(rand.NewPCG(11, 12))
	var b strings.Builder
	b.WriteString("step")
	level := make([]float64, assets)
	for i := range level {
		level[i] = 100
		fmt.Fprintf(&b, ",A%d", i)
	}
	for day := range days {
		fmt.Fprintf(&b, "\n%d", day)
		market := random.NormFloat64()
		for i := range level {
			level[i] *= math.Exp(0.01 * (0.6*market + 0.8*random.NormFloat64()))
			fmt.Fprintf(&b, ",%.4f", level[i])
		}
	}
	return b.String() + "\n"
}

// A hundred assets with a thousand paths of twenty steps, two million numbers: any number of ranks writes the same bytes, as JSON and as
// a table.
func TestPathsAreTheSameFromEveryNumberOfRanks(t *testing.T) {
	input := write(t, "prices.csv", prices(100, 1500))
	var first [3]string
	for _, n := range []int{1, 2, 3, 7} {
		dir := t.TempDir()
		output, paths := filepath.Join(dir, "forecasts.csv"), filepath.Join(dir, "paths.csv")
		out := succeed(t, n, "run", "--input", input, "--horizon", "20", "--paths", "1000", "--seed", "7", "--output", output, "--paths-output", paths)
		answer := parse(t, out.stdout)
		if answer.Overall.Origins < 100 || len(answer.Overall.Paths) != 1000 || len(answer.Overall.Paths[999]) != 20 {
			t.Fatalf("%d paths from %d origins", len(answer.Overall.Paths), answer.Overall.Origins)
		}
		overall, err := json.Marshal(answer.Overall)
		if err != nil {
			t.Fatal(err)
		}
		got := [3]string{string(overall), read(t, output), read(t, paths)}
		if first[0] == "" {
			first = got
		}
		if got != first {
			t.Errorf("%d ranks give other bytes than one", n)
		}
		if lines := strings.Count(got[2], "\n"); lines != 1+101*1000*20 {
			t.Errorf("the table of paths has %d lines", lines)
		}
	}
}

// asMeter is the environment variable that makes the test binary run a command and print how much memory it took: a rank that the test
// itself began would count what the test holds as its own.
const asMeter = "FOLIOCAST_TEST_METER"

const mostResident = "most resident kilobytes: "

// metered runs a command as the rank that it is.
func metered(command []string) int {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintf(os.Stderr, "%s%d\n", mostResident, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	return 0
}

// On two ranks no process takes 200 MB for the same paths, whether they become a table or JSON.
func TestPathsTakeLittleMemory(t *testing.T) {
	input := write(t, "prices.csv", prices(100, 1500))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asMeter, "yes")
	for _, to := range [][]string{{"--paths-output", filepath.Join(t.TempDir(), "paths.parquet")}, {"--with-assets"}} {
		command := []string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", "2", self, program, "run", "--input", input, "--horizon", "20", "--paths", "1000"}
		out := outcomeOf(t, append(command, to...))
		if found := strings.Count(out.stderr, mostResident); out.code != 0 || found != 2 {
			t.Fatalf("%v ended with %d: %s", to, out.code, out.stderr)
		}
		for line := range strings.Lines(out.stderr) {
			text, found := strings.CutPrefix(strings.TrimSpace(line), mostResident)
			if kilobytes, _ := strconv.Atoi(text); found && kilobytes > 200_000 {
				t.Errorf("%v: a process took %d MB", to, kilobytes/1000)
			}
		}
	}
}

// The table has in every format what the JSON object has, the portfolio's last.
func TestTablesOfPaths(t *testing.T) {
	input, dir := write(t, "prices.csv", prices(2, 100)), t.TempDir()
	var want [][]string
	for _, f := range []forecasttable.Format{forecasttable.CSV, forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet} {
		path := filepath.Join(dir, "paths."+string(f))
		answer := parse(t, succeed(t, 2, "run", "--input", input, "--model", "naive", "--horizon", "2", "--paths", "3", "--with-assets", "--paths-output", path).stdout)
		want = [][]string{forecasttable.PathColumns()}
		add := func(name string, ds []string, paths [][]float64) {
			for i, values := range paths {
				for k, v := range values {
					want = append(want, []string{name, fmt.Sprint(i), ds[k], fmt.Sprint(v)})
				}
			}
		}
		for _, a := range answer.Assets {
			add(a.Asset, a.DS, a.Paths)
		}
		add("", answer.Overall.DS, answer.Overall.Paths)
		got, err := tabletest.Read(f, []byte(read(t, path)))
		if diff := cmp.Diff(want, got); diff != "" || err != nil || len(got) != 1+3*3*2 {
			t.Errorf("%s: %v (-want +got)\n%s", f, err, diff)
		}
	}
	for text, args := range map[string][]string{
		"--paths-output needs --paths":             {"--paths-output", "x.csv"},
		"--paths-output is the file of --output":   {"--paths", "1", "--paths-output", "x.csv", "--output", "x.csv"},
		"must end in .csv, .parquet, .arrow":       {"--paths", "1", "--paths-output", "x.json"},
		"which would be lost: name another file":   {"--paths", "1", "--paths-output", input},
		"--paths must be at most 500 for 1000":     {"--paths", "501", "--horizon", "1000"},
		"--paths-output no/such/x.csv cannot be c": {"--paths", "1", "--paths-output", "no/such/x.csv", "--output", filepath.Join(dir, "left.csv")},
	} {
		if out := mpirun(t, 2, append([]string{"run", "--input", input}, args...)...); out.code != 2 || !strings.Contains(out.stderr, text) {
			t.Errorf("%v ended with %d: %s", args, out.code, out.stderr)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*left*")); len(left) > 0 {
		t.Errorf("%v is left of a run that could not begin", left)
	}
}
