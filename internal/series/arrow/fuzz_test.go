package arrow

import (
	"bytes"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

func FuzzReadArrow(f *testing.F) {
	table, _ := seriestest.ReadText(f, seriestest.Small, series.Options{})
	f.Add(seriestest.Written(f, Write, table))
	for _, data := range foreignSeeds(f) {
		f.Add(data)
	}
	for name := range programFiles {
		f.Add(programFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if table, _, err := Read(data, series.Options{}); err == nil {
			seriestest.Valid(t, table)
		}
		if table, err := openStored(bytes.Clone(data)); err == nil {
			seriestest.Use(table)
		}
	})
}
