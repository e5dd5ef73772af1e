package series_test

import (
	"fmt"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// A format reader feeds a builder: here with the rows of a long file that counts time in days.
func ExampleBuilder() {
	b, err := series.NewBuilder(series.Named("symbol", "date", "close"), series.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	b.Kind = series.Date
	for k, price := range []float64{10, 11, 12} {
		asset, reason := b.Asset([]byte("ACME"))
		if reason != "" {
			b.Unreadable(int64(k)+1, b.ID, reason)
			continue
		}
		b.Add(int64(k)+1, asset, 18262+int64(k), price)
	}
	table, audit, err := b.Table()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Names(), table.Values(0), audit.From, audit.To)
	// Output:
	// [ACME] [10 11 12] 2020-01-01 2020-01-03
}

func ExampleTable_Window() {
	table, _, err := csv.Read([]byte("ds,A\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"), series.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	window, err := table.Window("2024-01-02", "")
	fmt.Println(window.Values(0), err)
	_, err = table.Window("2025-01-01", "")
	fmt.Println(err)
	// Output:
	// [2 3] <nil>
	// from: no value from 2025-01-01: the data go from 2024-01-01 to 2024-01-03
}
