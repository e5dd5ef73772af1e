package series

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// good fails the test when a table is not what a table must be: places within its axes, no value that is not finite.
func good(t *testing.T, table *Table) {
	t.Helper()
	touch(table)
	for i := range table.Names() {
		for k, v := range table.Values(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("value %d of asset %d is %v", k, i, v)
			}
			if k > 0 && table.At(i, k).Compare(table.At(i, k-1)) <= 0 {
				t.Fatalf("the times of asset %d do not ascend", i)
			}
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"unique_id,ds,y\nA,1,1\nA,2,2\n", "ds,A,B\n2020-01-31,1,\n2020-02-29,,2\n2020-05-31,1,2\n",
		"symbol,date,price\n\"A,B\",Jan 1 2000,1e3\n\"A,B\",Feb 1 2000,inf\n", "step,A\n-9007199254740992,1\n9007199254740992,2\n",
		"sep=;\r\ndate;A;\r\n31.12.2019;1,5;\r\n;;\r\n", ",ds,A\n0,2020Q1,-\n1,2020Q2,1\n", "date\tA\n20200131\t1,25\n",
		"ds,y\n2020-01-01T00:00:00+05:00,1\n9999-12-31T23:59:59Z,2\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		table, _, err := ReadCSV(bytes.NewReader(text), Options{})
		if err != nil {
			return
		}
		good(t, table)
		again, _, err := ReadArrow(bytes.NewReader(arrowOf(t, table)), Options{})
		if err != nil {
			t.Fatalf("the stored form of a good table: %v", err)
		}
		equal(t, "stored", show(again), show(table))
	})
}

func FuzzReadArrow(f *testing.F) {
	table, _, err := ReadCSV(bytes.NewReader([]byte(windowText)), Options{})
	if err != nil {
		f.Fatal(err)
	}
	var stored bytes.Buffer
	if err := table.WriteArrow(&stored); err != nil {
		f.Fatal(err)
	}
	f.Add(stored.Bytes())
	for _, data := range foreignSeeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if table, _, err := ReadArrow(bytes.NewReader(data), Options{}); err == nil {
			good(t, table)
		}
		if table, err := openStored(bytes.Clone(data)); err == nil {
			touch(table)
		}
	})
}

func FuzzReadParquet(f *testing.F) {
	f.Add(packed(f, []datedRow{{"A", 1, ptr(1)}, {"A", 2, nil}, {"B", 1, ptr(2)}}))
	f.Add(packed(f, []momentRow{{7, time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC), 1.5, nil}}))
	f.Add(packed(f, []steppedRow{{"A", 1, 1}, {"A", 2, 2}}, parquet.Compression(&parquet.Snappy)))
	f.Add(packed(f, []textRow{{"2020-01-01", "A", 1}}, parquet.Compression(&parquet.Zstd), parquet.DataPageVersion(1)))
	f.Add(packed(f, []wideRow{{1, ptr(1), 2}}, parquet.Compression(&parquet.Gzip)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if table, _, err := readPacked(data); err == nil {
			good(t, table)
		}
	})
}
