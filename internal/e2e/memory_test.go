package e2e

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"foliocast/internal/job"
)

// BenchmarkMemory fits straight lines to 200,000 series of 299 to 302 values in a stored file, on
// one rank and on two, and in turn has testdata/lines.c read the same values with as many
// processes. It prints the fastest of 7 turns and the median, and what share of the speed of C the
// ranks reach in both.
//
//	make bench-mpi
func BenchmarkMemory(b *testing.B) {
	const series, turns = 200_000, 7
	lines := filepath.Join(b.TempDir(), "lines")
	run(b, exec.Command("gcc", "-O3", "-march=native", "-ffast-math", "-o", lines, filepath.Join("testdata", "lines.c")))
	for b.Loop() {
		fmt.Print("\nvalues  ranks  C, s (fastest, median)  fit, s          speed of C\n")
		for points := 299; points <= 302; points++ {
			table, plain := largeInput(b, series, points), plainInput(b, series, points)
			stored := table + ".arrow"
			run(b, exec.Command(program(b, "mpicalc"), "convert", "--input", table, "--output", stored))
			for ranks := 1; ranks <= 2; ranks++ {
				var inC, fit []float64
				for range turns {
					inC = append(inC, timeLines(b, lines, plain, series, points, ranks))
					fit = append(fit, timeTrend(b, stored, ranks))
				}
				slices.Sort(inC)
				slices.Sort(fit)
				share := func(i int) float64 { return 100 * inC[i] / fit[i] }
				fmt.Printf("%6d %6d     %7.4f %7.4f      %7.4f %7.4f  %4.0f and %.0f %%\n", points, ranks,
					inC[0], inC[turns/2], fit[0], fit[turns/2], share(0), share(turns/2))
				b.ReportMetric(share(0), fmt.Sprintf("%%of-C-%d-%d", points, ranks))
			}
			for _, path := range []string{table, stored, plain} {
				if err := os.Remove(path); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// timeTrend is provenance.seconds.fit: the time that the slowest rank fits.
func timeTrend(b *testing.B, input string, ranks int) float64 {
	b.Helper()
	cmd := exec.Command("mpirun", "-np", strconv.Itoa(ranks), "--bind-to", "core", program(b, "mpicalc"), "run", "--input", input,
		"--model", "trend", "--horizon", "5", "--output", input+".forecast.arrow")
	var answer job.Answer
	if err := json.Unmarshal(run(b, cmd), &answer); err != nil {
		b.Fatal(err)
	}
	return answer.Provenance.Seconds.Fit
}

func timeLines(b *testing.B, lines, input string, series, points, processes int) float64 {
	b.Helper()
	out := run(b, exec.Command(lines, input, strconv.Itoa(series), strconv.Itoa(points), strconv.Itoa(processes)))
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return seconds
}

// plainInput writes as many values as largeInput has, for lines.c.
func plainInput(b *testing.B, series, points int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "plain")
	bytes := make([]byte, 0, 8*series*points)
	for i := range series * points {
		bytes = binary.LittleEndian.AppendUint64(bytes, math.Float64bits(float64(1000+i%1000)))
	}
	if err := os.WriteFile(path, bytes, 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}
