package parquet

import (
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// BenchmarkReadParquet reads 350,000 rows in memory, about as many as the M4 competition has of hours. MB/s are of the
// file.
func BenchmarkReadParquet(b *testing.B) {
	data := seriestest.Written(b, Write, seriestest.Prices(b, 400, 875))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := Read(data, series.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
