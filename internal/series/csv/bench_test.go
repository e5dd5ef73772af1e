package csv_test

import (
	"bytes"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// BenchmarkReadCSVLong reads 350,000 rows in memory, about as many as the M4 competition has of hours. MB/s are of the
// file.
func BenchmarkReadCSVLong(b *testing.B) {
	data := seriestest.Written(b, csv.Write, seriestest.Prices(b, 400, 875))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := csv.Read(data, series.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWriteCSV writes the same rows.
func BenchmarkWriteCSV(b *testing.B) {
	t := seriestest.Prices(b, 400, 875)
	for b.Loop() {
		var out bytes.Buffer
		if err := csv.Write(&out, t); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
}
