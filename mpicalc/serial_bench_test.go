package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/file"
	"foliocast/internal/series/format"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// serialSeries is how many series a file of the benchmark has.
const serialSeries = 20_000

// BenchmarkSerial reports what rank 0 does alone for each series of a large file: the CPU time of its thread from the first
// byte read to the last one written. The other rank of the world, a goroutine as well, is said to have so many threads that it
// fits nearly all series, so fitting is not in the number, and neither is waiting. What other threads do at the same time for
// rank 0, such as collecting garbage, is not in it either.
func BenchmarkSerial(b *testing.B) {
	for _, ending := range []string{"csv", "arrow", "parquet"} {
		b.Run(ending, func(b *testing.B) {
			input := monthly(b, ending)
			output := filepath.Join(b.TempDir(), "forecasts."+ending)
			var alone time.Duration
			for b.Loop() {
				alone += runSerially(b, input, output)
			}
			b.ReportMetric(float64(alone.Microseconds())/float64(b.N*serialSeries), "serial-µs/series")
		})
	}
}

// runSerially runs one file on a world of two ranks and returns the CPU time of rank 0.
func runSerially(b *testing.B, input, output string) (alone time.Duration) {
	b.Helper()
	runtime.GC()
	err := spmd.Local(2, func(c spmd.Comm) error {
		if c.Rank() > 0 {
			return spmd.Follow(c, spmd.Config{Threads: 1, Open: openStored, Write: portfolio.Write})
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		leader, err := spmd.Lead(c, spmd.Config{Open: openStored, Write: portfolio.Write})
		if err != nil {
			return err
		}
		r := run{world: &world{leader: leader}, input: input, output: output, stdout: io.Discard,
			spec: job.Spec{Assets: []string{"*"}, Model: "mean", Horizon: 12, Levels: []float64{80, 95}}.Defaulted()}
		if err := r.checkPaths(); err != nil {
			return err
		}
		begin := threadTime()
		if err := r.lead(leader); err != nil {
			return err
		}
		alone = threadTime() - begin
		return leader.Stop()
	})
	if err != nil {
		b.Fatal(err)
	}
	return alone
}

// threadTime is the CPU time of the calling thread.
func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// monthly writes a file of series of 120 months, and returns its path.
func monthly(b *testing.B, ending string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "monthly.csv")
	writeTo(b, path, func(w io.Writer) error {
		random := rand.New(rand.NewPCG(1, 2))
		fmt.Fprintln(w, "unique_id,ds,y")
		for i := range serialSeries {
			level, amplitude, x := math.Exp(6+1.5*random.NormFloat64()), 0.2*random.Float64(), 0.0
			for t := range 120 {
				x = 0.7*x + 0.05*random.NormFloat64()
				v := level * math.Exp(amplitude*math.Sin(2*math.Pi*float64(t)/12)+x)
				fmt.Fprintf(w, "M%06d,%04d-%02d-01,%s\n", i+1, 2014+t/12, t%12+1, strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64))
			}
		}
		return nil
	})
	if ending == "csv" {
		return path
	}
	table, _, err := file.Read(path, series.Options{})
	if err != nil {
		b.Fatal(err)
	}
	converted := filepath.Join(b.TempDir(), "monthly."+ending)
	writeTo(b, converted, func(w io.Writer) error { return file.Write(w, table, format.Format(ending)) })
	return converted
}

// writeTo writes a file.
func writeTo(b *testing.B, path string, write func(io.Writer) error) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		b.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}
