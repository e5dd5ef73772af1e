package archive

import (
	"os"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// BenchmarkAppend appends a day to 10,000 series of 2,000 values, from the file to the disk. It reports the least time, the least
// time of the processor, and which part of the file is stored more.
func BenchmarkAppend(b *testing.B) {
	const assets, values = 10_000, 2_000
	a, err := Open(b.TempDir(), 2)
	if err != nil {
		b.Fatal(err)
	}
	table, _, err := csv.Read(days(assets, 0, values), series.Options{})
	if err != nil {
		b.Fatal(err)
	}
	base, err := a.Put(table)
	if err != nil {
		b.Fatal(err)
	}
	table = nil
	text := days(assets, values, values+1)
	least, busy := time.Hour, time.Hour
	for b.Loop() {
		begin, used := time.Now(), processor(b)
		old, done, err := a.Table(base.SHA256)
		if err != nil {
			b.Fatal(err)
		}
		more, _, err := csv.Read(text, series.Options{Onto: &series.Onto{Table: old}})
		if err != nil {
			b.Fatal(err)
		}
		s, err := a.Append(more, base.SHA256)
		if err != nil {
			b.Fatal(err)
		}
		done()
		least, busy = min(least, time.Since(begin)), min(busy, processor(b)-used)
		b.ReportMetric(least.Seconds(), "least-s")
		b.ReportMetric(busy.Seconds(), "least-cpu-s")
		b.ReportMetric(100*float64(s.Disk)/float64(base.Disk), "%stored")
		b.StopTimer()
		if err := removeTail(a, s); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func removeTail(a *Archive, s Stored) error { return os.Remove(a.tailPath(s.SHA256)) }

// processor is how long the process has used the processor.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
