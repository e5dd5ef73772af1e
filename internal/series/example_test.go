package series_test

import (
	"fmt"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

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
