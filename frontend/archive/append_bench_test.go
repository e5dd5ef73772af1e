package archive

import (
	"os"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// BenchmarkAppend appends a day to 10,000 series of 2,000 values: the least time, and which part of the file is stored more.
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
	for b.Loop() {
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
		b.ReportMetric(100*float64(s.Disk)/float64(base.Disk), "%stored")
		b.StopTimer()
		if err := removeTail(a, s); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func removeTail(a *Archive, s Stored) error { return os.Remove(a.tailPath(s.SHA256)) }
