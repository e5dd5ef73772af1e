package csv_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// TestMarksInNumbers reads numbers whose marks the file or the options tell.
func TestMarksInNumbers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		options series.Options
		want    []float64
		dialect string
	}{
		"German":                       {"Datum;A\n02.01.2024;998,5\n03.01.2024;1.000\n04.01.2024;1.001,25\n", series.Options{}, []float64{998.5, 1000, 1001.25}, "separated by semicolons, with decimal commas and points between thousands"},
		"German, late":                 {"step;A\n1;998\n2;1.000\n3;1.234.567\n", series.Options{}, []float64{998, 1000, 1234567}, "separated by semicolons, with decimal commas and points between thousands"},
		"German, shown elsewhere":      {"step;B;A\n1;0,5;1.000\n2;0,75;2.000\n", series.Options{Columns: []string{"A", "B"}}, []float64{1000, 2000}, "separated by semicolons, with decimal commas and points between thousands"},
		"American, quoted":             {"step,A\n1,998.5\n2,\"1,000\"\n3,\"1,001.25\"\n", series.Options{}, []float64{998.5, 1000, 1001.25}, "with decimal points and commas between thousands"},
		"American, tabs":               {"step\tA\n1\t0.5\n2\t1,000\n", series.Options{}, []float64{0.5, 1000}, "separated by tabs, with decimal points and commas between thousands"},
		"American, quoted millions":    {"step,A\n1,\"1,234,567\"\n2,\"1,000\"\n", series.Options{}, []float64{1234567, 1000}, "with decimal points and commas between thousands"},
		"decimal commas, quoted":       {"step,A\n1,\"1,5\"\n2,\"2,25\"\n", series.Options{}, []float64{1.5, 2.25}, "with decimal commas"},
		"three decimals and another":   {"step;A\n1;1.085\n2;1.0855\n", series.Options{}, []float64{1.085, 1.0855}, "separated by semicolons"},
		"three decimals below one":     {"step;A\n1;1.085\n2;0.985\n", series.Options{}, []float64{1.085, .985}, "separated by semicolons"},
		"three decimals, usual file":   {"step,A\n1,1.085\n2,1.086\n", series.Options{}, []float64{1.085, 1.086}, ""},
		"three decimals behind 1000":   {"step;A\n1;1.085\n2;1234.567\n", series.Options{}, []float64{1.085, 1234.567}, "separated by semicolons"},
		"as asked, decimal point":      {"step;A\n1;998\n2;1.000\n", series.Options{Decimal: "."}, []float64{998, 1}, "separated by semicolons, with decimal points and commas between thousands"},
		"as asked, decimal comma":      {"step;A\n1;998\n2;1.000\n", series.Options{Decimal: ","}, []float64{998, 1000}, "separated by semicolons, with decimal commas and points between thousands"},
		"as asked, thousands":          {"step;A\n1;998\n2;1.000\n", series.Options{Thousands: "."}, []float64{998, 1000}, "separated by semicolons, with decimal commas and points between thousands"},
		"as asked, no thousands":       {"step;A\n1;998\n2;1.000\n", series.Options{Thousands: "none"}, []float64{998, 1}, "separated by semicolons"},
		"as asked, commas of decimals": {"step;A\n1;998\n2;1,000\n", series.Options{Thousands: "none"}, []float64{998, 1}, "separated by semicolons, with decimal commas"},
		"Swiss":                        {"step;A\n1;998.5\n2;1'000.25\n3;1’234’567\n", series.Options{Thousands: "'"}, []float64{998.5, 1000.25, 1234567}, "separated by semicolons, with decimal points and apostrophes between thousands"},
		"French":                       {"step;A\n1;998,5\n2;1 000,25\n3;1\u202f234\u00a0567\n", series.Options{Thousands: " "}, []float64{998.5, 1000.25, 1234567}, "separated by semicolons, with decimal commas and blanks between thousands"},
		"signs and exponents":          {"step;A\n1;-1.234,5\n2;+1.000\n3;-2,5e3\n", series.Options{}, []float64{-1234.5, 1000, -2500}, "separated by semicolons, with decimal commas and points between thousands"},
		"long form":                    {"ticker;date;y\nA;2024-01-01;1.000,5\nA;2024-01-02;2.000\n", series.Options{}, []float64{1000.5, 2000}, "separated by semicolons, with decimal commas and points between thousands"},
		"other columns do not matter":  {"ticker;date;y;note\nA;2024-01-01;1.5;1,5\nA;2024-01-02;2.000;x\n", series.Options{}, []float64{1.5, 2}, "separated by semicolons"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, test.text, test.options)
			seriestest.Equal(t, "values", seriestest.Values(table)["A"], test.want)
			seriestest.Equal(t, "dialect", audit.Dialect, test.dialect)
		})
	}
}

// TestMarksInDoubt refuses numbers that can be read in more than one way, and such that no way explains.
func TestMarksInDoubt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		options series.Options
		reason  string
	}{
		"German thousands":      {"Datum;Absatz\n02.01.2024;998\n03.01.2024;999\n04.01.2024;1.000\n", series.Options{}, `line 4, column "Absatz": "1.000" may have a mark between thousands or before decimals, and no other number tells which: say --thousands "." or --decimal "."`},
		"thousands alone":       {"step;A\n1;1.000\n2;1.001\n", series.Options{}, `"1.000" may have a mark`},
		"beside other columns":  {"step;A;B\n1;1.000;30000\n2;1.001;40000\n", series.Options{}, `"1.000" may have a mark`},
		"commas, quoted":        {"step,A\n1,998\n2,\"1,000\"\n", series.Options{}, `line 3, column "A": "1,000" may have a mark between thousands or before decimals, and no other number tells which: say --thousands "," or --decimal ","`},
		"commas and semicolons": {"step;A\n1;1,000\n2;2\n", series.Options{}, `"1,000" may have a mark`},
		"usual file, thousands": {"step,A\n1,998\n2,1.000\n", series.Options{}, `"1.000" may have a mark`},
		"both":                  {"step;A\n1;1,000\n2;1.000\n", series.Options{}, `may have a mark`},
		"not in agreement":      {"step;A\n1;1,5\n2;1.5\n", series.Options{}, `line 3, column "A": "1.5" does not agree with "1,5" in line 2`},
		"groups and decimals":   {"step;A\n1;1.234.567\n2;1.5\n", series.Options{}, "does not agree"},
		"groups of two":         {"step;A\n1;12.34.567\n", series.Options{}, "not a number"},
		"an option not kept":    {"step;A\n1;1.5\n2;1,5\n", series.Options{Decimal: ","}, `line 2, column "A": not a number: "1.5"`},
		"thousands not wanted":  {"step;A\n1;1.500\n2;1,5\n", series.Options{Decimal: ",", Thousands: "none"}, `line 2, column "A": not a number: "1.500"`},
		"decimals of both":      {"step;A\n1;1.500\n2;1,5\n", series.Options{Thousands: "none"}, `line 3, column "A": "1,5" does not agree with "1.500" in line 2`},
		"blanks":                {"step;A\n1;1 000\n", series.Options{}, `"1 000", write it like 1234.56, or say --thousands`},
		"blanks of two":         {"step;A\n1;1 00\n", series.Options{Thousands: " "}, "not a number"},
		"percent":               {"step,A\n1,12%\n", series.Options{}, `"12%", write it like 1234.56, without a unit`},
		"a currency":            {"step,A\n1,$12.50\n2,€3\n", series.Options{}, `"$12.50", write it like 1234.56, without a unit`},
		"parentheses":           {"step,A\n1,(12.50)\n", series.Options{}, `"(12.50)", write it like -1234.56`},
		"a typographer's minus": {"step,A\n1,−5\n", series.Options{}, "not a number"},
		"no such decimal":       {"step,A\n1,1\n", series.Options{Decimal: ";"}, `decimal: ";" is neither "." nor ","`},
		"no such thousands":     {"step,A\n1,1\n", series.Options{Thousands: "_"}, `thousands: "_" is not one of`},
		"one mark for two":      {"step,A\n1,1\n", series.Options{Decimal: ",", Thousands: ","}, `thousands: "," is already the decimal mark`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := csv.Read([]byte(test.text), test.options)
			if err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got error %v, want one that says %q", err, test.reason)
			}
		})
	}
}
