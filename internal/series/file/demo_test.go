package file

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// TestDemonstrationInput reads the table of stock indices in docs/data. The expected numbers are those of R:
// EuStockMarkets[1, ] and EuStockMarkets[1860, ], and nrow(EuStockMarkets).
func TestDemonstrationInput(t *testing.T) {
	t.Parallel()
	table, audit, err := Read("../../../docs/data/eustockmarkets.csv", series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "names", table.Names(), []string{"DAX", "SMI", "CAC", "FTSE"})
	seriestest.Equal(t, "rows", audit.Rows, 1860)
	seriestest.Equal(t, "warnings", audit.Warnings(), 0)
	first := []float64{1628.75, 1678.1, 1772.8, 2443.6}
	last := []float64{5473.72, 7676.3, 3995, 5455}
	for i := range first {
		y := table.Values(i)
		if diff := cmp.Diff([]float64{y[0], y[len(y)-1]}, []float64{first[i], last[i]}); diff != "" {
			t.Errorf("asset %d: %s", i, diff)
		}
	}
	seriestest.Equal(t, "next", table.Next(0, 1)[0].String(), "1861")
	stale, err := table.Stale(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "stale", len(stale), 0)
}
