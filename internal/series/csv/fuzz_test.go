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
		"ds,y\n2020-01-01T00:00:00+05:00,1\n9999-12-31T23:59:59Z,2\n",
		"Price,Close,Open\nTicker,A,A\nDate,,\n2024-01-02,1,2\n", "Date,Open,High,Low,Close,Name\n13/02/2024,1,2,3,4,x\n", "sky,A,date\nrain,1,20240102\nsun,2,20240103\n",
		"date;time;A\n45078;09:30;1.234,5\n45079;16:00;1.000\n", "unix;A\n1706464800;1'000\n1706464860;2\n1706464860;2\n", "week,A\n202052,1\n202053,2\n202101,\n",
		"#date,A\n01/02/2024,\"1,000\"\n01/13/2024,0.5\n", "date,A\n2024-W05,1\n2024H2,2\n", "a,b\nc,d\n1,2\n", "ds,A\n-9223372036854775808,1\n9223372036854775807,2\n"} {
		f.Add([]byte(text), "", "", "", "", false)
	}
	f.Add([]byte("date;A;B\n31.12.99;1.000,5;x\n01.01.00;2 000;y\n01.01.00;3;z\n"), "%d.%m.%y", ",", "B", "mean", false)
	f.Add([]byte("A,B\n1,2\n3,4\n"), "", ".", "", "sum", true)
	f.Add([]byte("date,A\n45078.5,1\n45079,2\n"), "excel", "", "", "last", false)
	f.Fuzz(func(t *testing.T, text []byte, times, decimal, drop, duplicates string, number bool) {
		o := series.Options{TimeFormat: times, Decimal: decimal, Duplicates: duplicates, NumberRows: number}
		if drop != "" {
			o.Drop = []string{drop}
		}
		table, _, err := csv.Read(text, o)
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
