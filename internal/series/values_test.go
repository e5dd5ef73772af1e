package series_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

func TestSplits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		values []float64
		want   []string
	}{
		"two for one":         {[]float64{100, 101, 99, 50, 51, 50}, []string{"from 99 to 50, about 1 : 2, at 3"}},
		"three for two":       {[]float64{90, 91, 90, 60, 61}, []string{"from 90 to 60, about 1 : 1.5, at 3"}},
		"one for ten":         {[]float64{5, 5.1, 5, 50, 51}, []string{"from 5 to 50, about 10 : 1, at 3"}},
		"at the last value":   {[]float64{100, 101, 99, 49.5}, []string{"from 99 to 49.5, about 1 : 2, at 3"}},
		"at the second value": {[]float64{100, 50, 51, 49}, []string{"from 100 to 50, about 1 : 2, at 1"}},
		"over a missing one":  {[]float64{100, 101, math.NaN(), 50, 51}, []string{"from 101 to 50, about 1 : 2, at 3"}},
		"a spike":             {[]float64{100, 101, 200, 99, 100}, nil},
		"an ordinary fall":    {[]float64{100, 101, 99, 81, 82, 80}, nil},
		"a fall by a third":   {[]float64{100, 101, 99, 69, 70, 71}, nil},
		"seven or eight":      {[]float64{100, 101, 99, 13.3, 13.2}, []string{"from 99 to 13.3, about 1 : 7, at 3"}}, // 7.44, which is 6.3 % above 7, and 7 % below 8
		"no usual factor":     {[]float64{100, 101, 99, 39, 40, 40}, nil},
		"below zero":          {[]float64{-100, -101, -50, -51}, nil},
		"every January":       {[]float64{12, 12, 18, 12, 12.1, 18, 12, 12, 18, 12, 12.2, 18, 12}, nil},
		"too few values":      {[]float64{1, 2}, nil},
		"a wild series":       {[]float64{1, 2, 4, 8, 16, 8, 4, 2, 1, 2, 4, 8}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := series.NewBuilder(series.Named("ds", "A"), series.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for k := range test.values {
				b.AddTime(int64(k)+1, int64(k))
			}
			b.SetValues(test.values)
			table, audit, err := b.Table()
			if err != nil {
				t.Fatal(err)
			}
			var got, ofTable []string
			for _, f := range audit.Splits.First {
				got = append(got, f.Reason)
			}
			seriestest.Equal(t, "splits", got, test.want)
			for _, s := range table.Splits(0) {
				ofTable = append(ofTable, s.String())
			}
			seriestest.Equal(t, "splits of the table", ofTable, test.want)
		})
	}
}

// TestSplitsOfAPart looks for a split of Apple's, 4 for 1 on 2020-08-31 with the closing prices that were quoted then, in
// parts of the table: nothing later may be known.
func TestSplitsOfAPart(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, "symbol,date,close\nAAPL,2020-08-26,506.09\nAAPL,2020-08-27,500.04\nAAPL,2020-08-28,499.23\n"+
		"AAPL,2020-08-31,129.04\nAAPL,2020-09-01,134.18\nAAPL,2020-09-02,131.40\n", series.Options{})
	want := []series.Split{{At: series.Time{Kind: series.Date, N: 18505}, From: 499.23, To: 129.04}} // 18505 days since 1970
	seriestest.Equal(t, "splits", table.Splits(0), want)
	seriestest.Equal(t, "text", want[0].String(), "from 499.23 to 129.04, about 1 : 4, at 2020-08-31")
	for to, part := range map[string][]series.Split{"2020-08-28": nil, "2020-08-31": want} {
		known, err := table.AsOf(to)
		if err != nil {
			t.Fatal(err)
		}
		seriestest.Equal(t, "as of "+to, known.Splits(0), part)
	}
	after, err := table.Window("2020-08-31", "")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "after it", after.Splits(0), nil)
}

func TestSplitHasItsLine(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("ds,A,B\n")
	for k := range 20 {
		b := 100 + k%3
		if k >= 12 {
			b /= 2
		}
		fmt.Fprintf(&text, "%d,%d,%d\n", k, 100+k%3, b)
	}
	_, audit := seriestest.ReadText(t, text.String(), series.Options{})
	// Rows are numbered from 0 and begin in line 2, so row 12 is in line 14; it has 50 after 102.
	seriestest.Equal(t, "splits", audit.Splits, series.Findings{Count: 1, First: []series.Finding{{Line: 14, Asset: "B", Reason: "from 102 to 50, about 1 : 2, at 12"}}})
}
