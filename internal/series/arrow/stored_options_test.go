package arrow_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/seriestest"
)

// TestStoredFilesRefuseOptions checks that no option is silently without effect.
func TestStoredFilesRefuseOptions(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, seriestest.Small, series.Options{})
	stored := seriestest.Written(t, arrow.Write, table)
	for field, o := range map[string]series.Options{"id": {ID: "A"}, "time": {Time: "A"}, "value": {Value: "A"}, "asset_name": {AssetName: "A"},
		"columns": {Columns: []string{"A"}}, "drop": {Drop: []string{"A"}}, "number_rows": {NumberRows: true}, "decimal": {Decimal: ","},
		"thousands": {Thousands: "."}, "time_format": {TimeFormat: "epoch"}, "duplicates": {Duplicates: "last"}} {
		if _, _, err := arrow.Read(stored, o); err == nil || !strings.HasPrefix(err.Error(), field+": the file is in the stored form") {
			t.Errorf("%s: got error %v, want that the file is in the stored form", field, err)
		}
	}
}
