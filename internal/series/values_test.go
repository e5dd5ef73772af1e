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
		"no usual factor":     {[]float64{100, 101, 99, 39, 40, 40}, nil},
		"below zero":          {[]float64{-100, -101, -50, -51}, nil},
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
			_, audit, err := b.Table()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range audit.Splits.First {
				got = append(got, f.Reason)
			}
			seriestest.Equal(t, "splits", got, test.want)
		})
	}
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
