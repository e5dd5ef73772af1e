package series_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// TestPriceColumns reads each column of files with prices by each of its spellings, and looks for what the audit says of it.
func TestPriceColumns(t *testing.T) {
	t.Parallel()
	// As yfinance, stooq, and alphavantage name the columns; each column has another value.
	files := map[string]string{
		"one asset":   "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,2,3,4,5,6\n2024-01-03,1,2,3,4,5,6\n",
		"stars":       "Date,Open,High,Low,Close*,Adj Close**,Volume\n2024-01-02,1,2,3,4,5,6\n2024-01-03,1,2,3,4,5,6\n",
		"adjusted":    "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,adjusted_close,<VOL>\n2024-01-02,1,2,3,4,5,6\n2024-01-03,1,2,3,4,5,6\n",
		"long":        "symbol,date,open,high,low,close,adjClose,volume\nA,2024-01-02,1,2,3,4,5,6\nA,2024-01-03,1,2,3,4,5,6\n",
		"two headers": "Price,Open,High,Low,Close,Adj Close,Volume\nTicker,A,A,A,A,A,A\nDate,,,,,,\n2024-01-02,1,2,3,4,5,6\n2024-01-03,1,2,3,4,5,6\n",
		"a price":     "Date,Price,Open,High,Low,Vol.,Adj Close\n2024-01-02,4,1,2,3,6,5\n2024-01-03,4,1,2,3,6,5\n",
		"by asset":    "Date,A.Open,A.High,A.Low,A.Close,A.Volume,A.Adjusted\n2024-01-02,1,2,3,4,6,5\n2024-01-03,1,2,3,4,6,5\n",
		"by field":    "Date,Open_A,High_A,Low_A,Close_A,Adj Close_A,Volume_A\n2024-01-02,1,2,3,4,5,6\n2024-01-03,1,2,3,4,5,6\n",
	}
	all := []string{"open", "high", "low", "close", "adj_close", "volume"}
	spellings := []struct {
		asked, column string
		value         float64
	}{
		{"", "close", 4}, {"close", "close", 4}, {" CLOSE ", "close", 4}, {"adj_close", "adj_close", 5}, {"Adj Close", "adj_close", 5},
		{"adjclose", "adj_close", 5}, {"Adj Close*", "adj_close", 5}, {"Adjusted Close", "adj_close", 5}, {"open", "open", 1},
		{"High", "high", 2}, {"low", "low", 3}, {"volume", "volume", 6}, {"Vol", "volume", 6},
	}
	for name, text := range files {
		for _, s := range spellings {
			t.Run(name+" "+s.asked, func(t *testing.T) {
				t.Parallel()
				table, audit := seriestest.ReadText(t, text, series.Options{Value: s.asked})
				seriestest.Equal(t, "value", table.Values(0)[1], s.value)
				seriestest.Equal(t, "column", audit.Column, s.column)
				seriestest.Equal(t, "columns", audit.Columns, all)
				want := map[string]string{"adj_close": "by its name, the column is adjusted", "volume": ""}[s.column]
				if s.column != "adj_close" && s.column != "volume" {
					want = "the file does not say whether the column is adjusted"
				}
				notes := strings.Join(audit.Notes, "\n")
				if !strings.Contains(notes, want) || strings.Contains(notes, "adjusted for") != (want != "") {
					t.Errorf("the notes are %q, want %q among them", notes, want)
				}
			})
		}
	}
}

// TestFewPriceColumns reads files whose values leave little to choose.
func TestFewPriceColumns(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, asked, column string
		columns             []string
	}{
		"assets":           {"date,A,B\n2024-01-02,1,2\n", "", "", nil},
		"one of them":      {"date,A,B\n2024-01-02,1,2\n", "B", "B", nil},
		"its own name":     {"asset,ds,Price (EUR)\nA,2024-01-02,1\n", "price eur", "Price (EUR)", nil},
		"not a price":      {"asset,ds,y,close\nA,2024-01-02,1,2\n", "y", "y", nil},
		"only the close":   {"symbol,date,close\nA,2024-01-02,1\n", "", "close", nil},
		"both closes":      {"symbol,date,close,adj_close,mood\nA,2024-01-02,1,1,1\n", "", "close", []string{"close", "adj_close"}},
		"wide closes":      {"Date,Close,Adj Close\n2024-01-02,1,1\n", "", "close", []string{"close", "adj_close"}},
		"with its volume":  {"Date,AAPL_Close,AAPL_Volume\n2024-01-02,1,1\n", "", "close", []string{"close", "volume"}},
		"price and volume": {"date,price,volume\n2024-01-02,1,1\n", "", "close", []string{"close", "volume"}},
		"CoinGecko":        {"snapped_at,price,market_cap,total_volume\n2024-01-02 00:00:00 UTC,1,1,1\n", "", "close", nil},
		"Bloomberg":        {"Date,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME\n2024-01-02,1,3,0,2,9\n", "", "close", []string{"open", "high", "low", "close", "volume"}},
		"futures":          {"Date,Open,High,Low,Last,Change,Settle,Volume,Previous Day Open Interest\n2024-01-02,1,3,0,2,1,2,9,9\n", "settle", "close", []string{"open", "high", "low", "close", "volume"}},
		"names with price": {"Date,Open Price,High Price,Low Price,Close Price\n2024-01-02,1,3,0,2\n", "", "close", []string{"open", "high", "low", "close"}},
		"French":           {"Date,Ouverture,Plus haut,Plus bas,Clôture,Volume\n2024-01-02,1,3,0,2,9\n", "", "close", []string{"open", "high", "low", "close", "volume"}},
		"beside bars":      {"Date,Open,High,Low,Close,MA20\n2024-01-02,1,3,0,2,9\n", "ma20", "MA20", nil},
		"price and area":   {"date,price,area\n2024-01-02,1,1\n", "", "", nil},
		"German":           {"Datum;Erster;Hoch;Tief;Schlusskurs;Volumen\n2024-01-02;1;3;0;2;9\n", "", "close", []string{"open", "high", "low", "close", "volume"}},
		"open and close":   {"date,open,close\n2024-01-02,1,1\n", "", "", nil},                                                                // perhaps tickets
		"letters":          {"t,v,vw,o,c,h,l,n\n2024-01-02,9,1,1,2,3,0,7\n", "", "close", []string{"open", "high", "low", "close", "volume"}}, // Polygon
		"assets' letters":  {"date,a,c,h,l,o\n2024-01-02,9,1,1,2,3\n", "", "", nil},
		"and dividends":    {"Date,Close,Dividends\n2024-01-02,1,\n2024-01-09,,0.2\n", "", "close", nil},
		"Tiingo":           {"date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor\n2024-01-02,1,1,1,1,1,1,1,1,1,1,0,1\n", "", "close", []string{"open", "high", "low", "close", "adj_close", "volume"}},
		"in another order": {"Date,A.Volume,A.Close,A.Open\n2024-01-02,1,2,3\n", "", "close", []string{"open", "close", "volume"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, audit := seriestest.ReadText(t, test.text, series.Options{Value: test.asked})
			seriestest.Equal(t, "column", audit.Column, test.column)
			seriestest.Equal(t, "columns", audit.Columns, test.columns)
		})
	}
}

// TestBarsWithoutClose refuses bars whose closing price has no name that is known, in place of a mean of highs and lows.
func TestBarsWithoutClose(t *testing.T) {
	t.Parallel()
	const text = "Date,Open,High,Low,Fix,Volume\n2024-01-02,1,3,0,2,9\n"
	table, _ := seriestest.ReadText(t, text, series.Options{Value: "Fix"})
	seriestest.Equal(t, "values as asked", seriestest.Values(table), map[string][]float64{"Fix": {2}})
	_, _, err := csv.Read([]byte(text), series.Options{})
	want := `the price has no column Close among "Open", "High", "Low", "Volume": say with --value-column which is the value`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one that says %q", err, want)
	}
}
