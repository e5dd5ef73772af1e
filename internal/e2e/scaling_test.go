package e2e

import (
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
	"time"

	"foliocast/internal/job"
)

// BenchmarkScaling runs auto on hourly series with one core a rank, on one rank
// and on two in turn, and prints medians: strong scaling (as many series for
// both), weak scaling (as many series a rank), and a projection from them.
//
//	make bench-mpi
func BenchmarkScaling(b *testing.B) {
	const series, repeats = 400, 7
	whole, double := hourly(b, series), hourly(b, 2*series)
	for b.Loop() {
		var one, two, weak []timing
		for range repeats {
			one = append(one, timeRun(b, 1, whole))
			two = append(two, timeRun(b, 2, whole))
			weak = append(weak, timeRun(b, 2, double))
		}
		t1, t2, w2 := middle(one), middle(two), middle(weak)
		b.ReportMetric(100*t1.fit/(2*t2.fit), "%strong")
		b.ReportMetric(100*t1.fit/w2.fit, "%weak")
		fmt.Printf("\n%d series of 700 hours, auto with intervals: fit %.3f s on 1 rank, %.3f s on 2; %d series on 2: %.3f s\n"+
			"whole process: %.3f s, %.3f s, %.3f s\n", series, t1.fit, t2.fit, 2*series, w2.fit, t1.wall, t2.wall, w2.wall)
		latency, bandwidth := pingPong(b)
		m := machine{series: 100_000, fit: t1.fit / series, serial: t1.serial() / series, latency: latency, bandwidth: bandwidth}
		fmt.Print(m.table())
	}
}

// timing is one run in seconds.
type timing struct{ wall, load, fit, gather float64 }

// serial is what rank 0 does alone.
func (t timing) serial() float64 { return t.load + t.gather }

// middle is the run with the median fit.
func middle(t []timing) timing {
	slices.SortFunc(t, func(a, b timing) int { return int(math.Copysign(1, a.fit-b.fit)) })
	return t[len(t)/2]
}

func timeRun(b *testing.B, np int, input string) timing {
	b.Helper()
	cmd := exec.Command("mpirun", "-np", strconv.Itoa(np), "--bind-to", "core", program(b, "mpicalc"), "run", "--input", input,
		"--horizon", "48", "--levels", "80,95", "--output", input+".forecast.csv")
	begin := time.Now()
	var answer job.Answer
	if err := json.Unmarshal(run(b, cmd), &answer); err != nil {
		b.Fatal(err)
	}
	s := answer.Provenance.Seconds
	return timing{wall: time.Since(begin).Seconds(), load: s.Load, fit: s.Fit, gather: s.Gather}
}

// hourly writes series with a daily and a weekly season and noise, and returns
// the file in the form that ranks map.
func hourly(b *testing.B, n int) string {
	b.Helper()
	var text strings.Builder
	text.WriteString("unique_id,ds,y\n")
	seed, start := uint64(1), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for s := range n {
		for t := range 700 {
			seed = seed*6364136223846793005 + 1442695040888963407
			noise := float64(seed>>40)/(1<<24) - 0.5
			day, week := 2*math.Pi*float64(t)/24, 2*math.Pi*float64(t)/168
			fmt.Fprintf(&text, "s%d,%s,%.4f\n", s, start.Add(time.Duration(t)*time.Hour).Format(time.RFC3339), 100+20*math.Sin(day+float64(s))+10*math.Sin(week)+5*noise)
		}
	}
	csv, arrow := filepath.Join(b.TempDir(), "hourly.csv"), filepath.Join(b.TempDir(), "hourly.arrow")
	if err := os.WriteFile(csv, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	run(b, exec.Command(program(b, "mpicalc"), "convert", "--input", csv, "--output", arrow))
	return arrow
}

// pingPong measures the binding between two ranks of this machine: seconds of
// the shortest message, and bytes a second of one of 4 MiB.
func pingPong(b *testing.B) (latency, bandwidth float64) {
	b.Helper()
	out := string(run(b, exec.Command("mpirun", "-np", "2", "--bind-to", "core", program(b, "mpibench"), "-pattern", "PingPong")))
	micro := func(size string) float64 {
		for line := range strings.Lines(out) {
			if rest, found := strings.CutPrefix(line, "| PingPong | "+size+" | "); found {
				if fields := strings.Split(rest, " | "); len(fields) == 3 {
					if v, err := strconv.ParseFloat(fields[1], 64); err == nil {
						return v * 1e-6
					}
				}
			}
		}
		b.Fatalf("no row %q in\n%s", size, out)
		return 0
	}
	return micro("8 B"), (4 << 20) / micro("4 MiB")
}

// machine is the model of the projection: everything in seconds.
//
//	T(p) = N·serial + N·fit/p + chunks·2·latency·⌈log₂ p⌉ + bytes/bandwidth
//
// N series; rank 0 reads and writes alone; every chunk, of a quarter of a
// second of work a rank, costs a broadcast and a gather of ⌈log₂ p⌉ steps; an
// answer is 2 kB. It leaves out slower networks, stragglers and the file system.
type machine struct {
	series                          float64
	fit, serial, latency, bandwidth float64
}

const answerBytes = 2048

func (m machine) seconds(p int) float64 {
	work := m.series * m.fit / float64(p)
	chunks := math.Max(1, math.Ceil(work/0.25))
	steps := math.Ceil(math.Log2(float64(p)))
	return m.series*m.serial + work + chunks*2*m.latency*steps + m.series*answerBytes/m.bandwidth
}

func (m machine) table() string {
	var text strings.Builder
	fmt.Fprintf(&text, "projection, not measured: %.0f series, fit %.2f ms and serial part %.3f ms a series, latency %.2f µs, bandwidth %.1f GB/s\n"+
		"  ranks  seconds  efficiency\n", m.series, m.fit*1e3, m.serial*1e3, m.latency*1e6, m.bandwidth/1e9)
	for p := 1; p <= 1024; p *= 4 {
		fmt.Fprintf(&text, "%7d %8.2f %10.0f%%\n", p, m.seconds(p), 100*m.seconds(1)/(float64(p)*m.seconds(p)))
	}
	return text.String()
}

// The model agrees with what it is made of: one rank takes the sum of all
// parts, and infinitely many still take the serial part.
func TestProjection(t *testing.T) {
	t.Parallel()
	m := machine{series: 1000, fit: 1e-3, serial: 1e-5, latency: 1e-6, bandwidth: 1e12}
	if got := m.seconds(1); math.Abs(got-1.01) > 1e-4 {
		t.Errorf("one rank takes %v s, want 1.01", got)
	}
	if got := m.seconds(1 << 20); got < 0.01 || got > 0.012 {
		t.Errorf("very many ranks take %v s, want little more than 0.01", got)
	}
}
