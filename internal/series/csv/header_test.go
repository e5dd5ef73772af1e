package csv_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// TestRowsOfFieldsAndAssets reads the headers that pandas writes for columns with two levels.
func TestRowsOfFieldsAndAssets(t *testing.T) {
	t.Parallel()
	two := map[string][]float64{"A": {1, 2}, "B": {3, 4}}
	const rows = "2024-01-02,1,3,7,8\n2024-01-03,2,4,7,8\n"
	tests := map[string]struct {
		text    string
		options series.Options
		want    map[string][]float64
	}{
		"yfinance":            {"Price,Close,Close,Volume,Volume\nTicker,A,B,A,B\nDate,,,,\n" + rows, series.Options{}, two},
		"yfinance, by ticker": {"Ticker,A,B,A,B\nPrice,Close,Close,Open,Open\nDate,,,,\n" + rows, series.Options{}, two},
		"pandas-datareader":   {"Attributes,Close,Close,High,High\nSymbols,A,B,A,B\nDate,,,,\n" + rows, series.Options{}, two},
		"before 2024":         {",Close,Close,Volume,Volume\n,A,B,A,B\nDate,,,,\n" + rows, series.Options{}, two},
		"without a third row": {",Close,Close,Open,Open\nDate,A,B,A,B\n" + rows, series.Options{}, two},
		"a field as asked":    {"Price,Close,Close,Open,Open\nTicker,A,B,A,B\nDate,,,,\n2024-01-02,7,8,1,3\n2024-01-03,7,8,2,4\n", series.Options{Value: "open"}, two},
		"one asset":           {"Price,Close,High,Low\nTicker,A,A,A\nDate,,,\n2024-01-02,1,9,0\n2024-01-03,2,9,0\n", series.Options{}, map[string][]float64{"A": {1, 2}}},
		"tickers of digits":   {"Price;Close;Close\nTicker;600519;000001\nDate;;\n2024-01-02;1,5;3\n2024-01-03;2;4\n", series.Options{}, map[string][]float64{"600519": {1.5, 2}, "000001": {3, 4}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, test.text, test.options)
			seriestest.Equal(t, "values", seriestest.Values(table), test.want)
			seriestest.Equal(t, "times", audit.From+" to "+audit.To, "2024-01-02 to 2024-01-03")
		})
	}
}

// TestTextThatIsNoTable names the line that is not one of the table.
func TestTextThatIsNoTable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, reason string }{
		"two rows of names":      {"date,sales,sales\n,north,south\n2024-01-02,1,2\n", `line 2: the file has more than one row of names: line 2 has "north", "south" below "date", "sales", "sales" in line 1. Keep one row`},
		"units":                  {"date,temp,rain\n,°C,mm\n2024-01-02,1,2\n", `line 2: the file has more than one row of names`},
		"the header again":       {"date,A\ndate,A\n2024-01-02,1\n", "more than one row of names"},
		"the header again, late": {"date,A\n2024-01-02,1\ndate,A\n2024-01-03,1\n", `line 3, column "date": not a date`},
		"a title":                {"Sales of 2024\n\ndate,A\n2024-01-02,1\n", `line 1: "Sales of 2024" is not a header, since line 3 has 2 fields: remove the lines above the header`},
		"a title of two":         {"Source:,ECB\n,\ndate,A,B\n2024-01-02,1,2\n", `"Source:" is not a header, since line 3 has 3 fields`},
		"a comment above":        {"# daily, by ECB\ndate,A,B\n2024-01-02,1,2\n", `"# daily" is not a header, since line 2 has 3 fields`},
		"a comment inside":       {"date,A\n2024-01-02,1\n# closed\n2024-01-04,1\n", "line 3: 1 field, and the header has 2: remove lines that are not rows of the table"},
		"decimal commas":         {"date,A\n2024-01-02,1\n2024-01-03,1,5\n", "line 3: 3 fields, and the header has 2: a number with a comma needs quotes, or the file another mark between fields"},
		"a footer":               {"date,A\n2024-01-02,1\n2024-01-03,1\nSource: ECB\n", "line 4: 1 field, and the header has 2"},
		"a sum":                  {"date,A\n2024-01-02,1\n2024-01-03,1\nTotal,2\n", `line 4, column "date": not a date`},
		"UTF-16":                 {"\xFE\xFF\x00d", "UTF-16: save it as UTF-8"},
		"UTF-16 without a mark":  {"d\x00a\x00t\x00e\x00\n\x00", "line 1: a NUL byte: the file is not text"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := csv.Read([]byte(test.text), series.Options{})
			if err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got error %v, want one that says %q", err, test.reason)
			}
		})
	}
	table, _ := seriestest.ReadText(t, "#date,A\n2024-01-02,1\n2024-01-03,2\n", series.Options{})
	seriestest.Equal(t, "a header behind a mark", seriestest.Values(table), map[string][]float64{"A": {1, 2}})
}
