package formats

import (
	"bytes"
	"testing"

	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/parquet"
	"foliocast/internal/series/seriestest"
)

// TestDamagedParquetIsRefused changes a bit in each byte of a forecast. What is not refused has the same values.
func TestDamagedParquetIsRefused(t *testing.T) {
	t.Parallel()
	file := write(t, forecasttable.Parquet, forecasttable.Shape{Time: job.TimeDate, Levels: []float64{80, 95}}, forecasttable.Rows{
		Asset: "A", Model: "drift", DS: []string{"2020-01-01", "2020-01-02"}, Mean: []float64{1, 2},
		Lo: [][]float64{{0, 1}, {-1, 0}}, Hi: [][]float64{{2, 3}, {3, 4}}})
	means := series.Options{Value: "mean"}
	table, _, err := parquet.Read(file, means)
	if err != nil {
		t.Fatal(err)
	}
	want := seriestest.Show(table)
	data, read := bytes.Clone(file), 0
	for at := range file {
		data[at] ^= 2
		if got, _, err := parquet.Read(data, means); err == nil {
			seriestest.Equal(t, "a file with a changed byte", seriestest.Show(got), want)
			read++
		}
		data[at] = file[at]
	}
	if most := 64; read > most { // the text in front of the checksum
		t.Errorf("%d changed files were read, want %d at most", read, most)
	}
}
