package csv_test

import (
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"unique_id,ds,y\nA,1,1\nA,2,2\n", "ds,A,B\n2020-01-31,1,\n2020-02-29,,2\n2020-05-31,1,2\n",
		"symbol,date,price\n\"A,B\",Jan 1 2000,1e3\n\"A,B\",Feb 1 2000,inf\n", "step,A\n-9007199254740992,1\n9007199254740992,2\n",
		"sep=;\r\ndate;A;\r\n31.12.2019;1,5;\r\n;;\r\n", ",ds,A\n0,2020Q1,-\n1,2020Q2,1\n", "date\tA\n20200131\t1,25\n",
		"ds,y\n2020-01-01T00:00:00+05:00,1\n9999-12-31T23:59:59Z,2\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		table, _, err := csv.Read(text, series.Options{})
		if err != nil {
			return
		}
		seriestest.Valid(t, table)
		again, _, err := arrow.Read(seriestest.Written(t, arrow.Write, table), series.Options{})
		if err != nil {
			t.Fatalf("the stored form of a good table: %v", err)
		}
		seriestest.Equal(t, "stored", seriestest.Show(again), seriestest.Show(table))
	})
}
