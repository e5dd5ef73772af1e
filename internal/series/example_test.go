package series_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"foliocast/internal/series"
)

func ExampleReadCSV() {
	text := `symbol,date,price
ACME,2024-01-31,10
ACME,2024-02-29,11
ACME,2024-03-31,
ACME,2024-04-30,13
`
	table, audit, err := series.ReadCSV(strings.NewReader(text), series.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(audit)
	fmt.Println(table.Names(), table.Values(0), table.Next(0, 2))
	// Output:
	// 4 rows (long form), 1 assets, 4 values, 2024-01-31 to 2024-04-30
	// frequency M (months), 1 values carried forward
	// 1 missing values
	//   line 4, asset "ACME": no value
	// [ACME] [10 11 11 13] [2024-05-31 2024-06-30]
}

func ExampleReadCSV_rejected() {
	text := "unique_id,ds,y\nA,1,1.5\nA,2,n. a.\nA,1,1.5\n"
	_, _, err := series.ReadCSV(strings.NewReader(text), series.Options{})
	fmt.Println(err)
	// Output:
	// the file is rejected: line 3, column "y": not a number: "n. a."; line 4, asset "A": 1 stands in line 2 already
}

func ExampleOpenArrow() {
	dir, err := os.MkdirTemp("", "series")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "prices.arrow")

	table, _, err := series.ReadCSV(strings.NewReader("step,DAX,FTSE\n1,1628.75,2443.6\n2,1613.63,2460.2\n"), series.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := os.Create(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := table.WriteArrow(file); err != nil {
		fmt.Println(err)
		return
	}
	if err := file.Close(); err != nil {
		fmt.Println(err)
		return
	}

	mapped, closeFile, err := series.OpenArrow(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer closeFile()
	i, _ := mapped.Index("FTSE")
	fmt.Println(mapped.Values(i), mapped.End(i))
	// Output:
	// [2443.6 2460.2] 2
}

func ExampleTable_Window() {
	table, _, err := series.ReadCSV(strings.NewReader("ds,A\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"), series.Options{})
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
