package csv_test

import (
	"fmt"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

func ExampleRead() {
	text := `symbol,date,price
ACME,2024-01-31,10
ACME,2024-02-29,11
ACME,2024-03-31,
ACME,2024-04-30,13
`
	table, audit, err := csv.Read([]byte(text), series.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(audit)
	fmt.Println(table.Names(), table.Values(0), table.Next(0, 2))
	// Output:
	// 4 rows (long form), 1 asset, 4 values, 2024-01-31 to 2024-04-30
	// frequency ME (months, on the last day), 1 value carried forward
	// 1 missing value
	//   line 4, asset "ACME": no value
	// [ACME] [10 11 11 13] [2024-05-31 2024-06-30]
}

func ExampleRead_rejected() {
	text := "unique_id,ds,y\nA,1,1.5\nA,2,n. a.\nA,1,1.6\n"
	_, _, err := csv.Read([]byte(text), series.Options{})
	fmt.Println(err)
	// Output:
	// the file is rejected: line 3, column "y": not a number: "n. a."; line 4, asset "A": line 2 already has the time 1; say with --duplicates which of several values is taken
}
