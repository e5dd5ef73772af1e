package arrow_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "series")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "prices.arrow")

	table, _, err := csv.Read([]byte("step,DAX,FTSE\n1,1628.75,2443.6\n2,1613.63,2460.2\n"), series.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var stored bytes.Buffer
	if err := arrow.Write(&stored, table); err != nil {
		fmt.Println(err)
		return
	}
	if err := os.WriteFile(path, stored.Bytes(), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	mapped, err := arrow.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer mapped.Close()
	i, _ := mapped.Index("FTSE")
	fmt.Println(mapped.Values(i), mapped.End(i))
	// Output:
	// [2443.6 2460.2] 2
}
