package parquet

import (
	"testing"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

func FuzzReadParquet(f *testing.F) {
	f.Add(packed(f, []datedRow{{"A", 1, ptr(1)}, {"A", 2, nil}, {"B", 1, ptr(2)}}))
	f.Add(packed(f, []momentRow{{7, time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC), 1.5, nil}}))
	f.Add(packed(f, []steppedRow{{"A", 1, 1}, {"A", 2, 2}}, parquetgo.Compression(&parquetgo.Snappy)))
	f.Add(packed(f, []textRow{{"2020-01-01", "A", 1}}, parquetgo.Compression(&parquetgo.Zstd), parquetgo.DataPageVersion(1)))
	f.Add(packed(f, []wideRow{{1, ptr(1), 2}}, parquetgo.Compression(&parquetgo.Gzip)))
	for _, file := range foreignFiles(f) {
		f.Add(file)
	}
	for _, name := range programFiles {
		f.Add(programFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if table, _, err := Read(data, series.Options{}); err == nil {
			seriestest.Valid(t, table)
		}
	})
}
