package csv_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// TestColumns finds the columns of files as people have them. The values are those of the text.
func TestColumns(t *testing.T) {
	t.Parallel()
	one := map[string][]float64{"A": {1, 2}}
	two := map[string][]float64{"A": {1, 2}, "B": {3, 4}}
	const bars = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,9,0,5,4,100\n2024-01-03,2,9,0,6,5,101\n"
	tests := map[string]struct {
		text    string
		options series.Options
		want    map[string][]float64
	}{
		"date in the second column":  {"\"A\",\"date\"\n1,1956-01-01\n2,1956-04-01\n", series.Options{}, one},
		"date in the last column":    {"A,B,trade_date\n1,3,2020-01-01\n2,4,2020-01-02\n", series.Options{}, two},
		"dates in the last column":   {"A,B,when\n1,3,2020-01-01\n2,4,2020-01-02\n", series.Options{}, two},
		"Eurostat":                   {"A,TIME_PERIOD\n1,2020-01\n2,2020-02\n", series.Options{}, one},
		"months among numbers":       {"A,Month\n1,2020-01\n2,2020-02\n", series.Options{}, one},
		"named times":                {"A,B,n\n1,3,7\n2,4,8\n", series.Options{Time: "N"}, two},
		"steps without a usual name": {"n,A\n7,1\n8,2\n", series.Options{}, one},
		"numbered rows":              {"A,B\n1,3\n2,4\n", series.Options{NumberRows: true}, two},
		"numbered rows, long":        {"ticker,close\nA,1\nB,3\nB,4\nA,2\n", series.Options{NumberRows: true}, two},
		"only some":                  {"date,A,B,sky\n2020-01-01,1,3,rain\n2020-01-02,2,4,sun\n", series.Options{Columns: []string{"a", "B"}}, two},
		"without some":               {"date,A,B,sky\n2020-01-01,1,3,rain\n2020-01-02,2,4,sun\n", series.Options{Drop: []string{"sky", "[b]"}}, one},
		"by a pattern":               {"date,A,C1,C2\n2020-01-01,1,3,rain\n2020-01-02,2,4,sun\n", series.Options{Drop: []string{"c?"}}, one},
		"one value beside words":     {"date,A,sky\n2020-01-01,1,rain\n2020-01-02,2,sun\n", series.Options{Value: "A"}, one},
		"pandas' index":              {",date,A,B\n0,2020-01-01,1,3\n1,2020-01-02,2,4\n", series.Options{}, two},
		"pandas' index, twice":       {"Unnamed: 0.1,Unnamed: 0,date,A,B\n0,0,2020-01-01,1,3\n1,1,2020-01-02,2,4\n", series.Options{}, two},
		"pandas' index behind":       {"date,A,B,__index_level_0__\n2020-01-01,1,3,0\n2020-01-02,2,4,1\n", series.Options{}, two},
		"an index of prices":         {"date,A,index\n2020-01-01,1,3\n2020-01-02,2,4\n", series.Options{}, map[string][]float64{"A": {1, 2}, "index": {3, 4}}},
		"pandas' index, filtered":    {"Unnamed: 0,date,A,B\n7,2020-01-01,1,3\n12,2020-01-02,2,4\n", series.Options{}, two},
		"a part of a date, chosen":   {"date,year,A\n2020-01-01,2020,1\n2020-01-02,2020,2\n", series.Options{Value: "A"}, one},
		"R's row names":              {"\"\",\"date\",\"A\"\n\"1\",2020-01-01,1\n\"2\",2020-01-02,2\n", series.Options{}, one},
		"rows called id":             {"id,date,A\n1,2020-01-01,1\n2,2020-01-02,2\n", series.Options{}, one},
		"one column that counts":     {"date,x\n2020-01-01,1\n2020-01-02,2\n", series.Options{}, map[string][]float64{"x": {1, 2}}},
		"a column that counts":       {"date,A,x\n2020-01-01,1,1\n2020-01-02,2,2\n", series.Options{}, map[string][]float64{"A": {1, 2}, "x": {1, 2}}},
		"an index that is all":       {"date,index\n2020-01-01,1\n2020-01-02,2\n", series.Options{}, map[string][]float64{"index": {1, 2}}},
		"assets called id":           {"id,timestamp,y\nA,2020-01-01,1\nA,2020-01-02,2\n", series.Options{}, one},
		"ticker and datetime":        {"ticker,datetime,close\nA,2020-01-01,1\nA,2020-01-02,2\n", series.Options{}, one},
		"Stooq": {"<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\nA,D,2020-01-01,000000,0,9,0,1,7\nA,D,2020-01-02,000000,0,9,0,2,7\n",
			series.Options{}, one},
		"Nasdaq":                 {"Date,Close/Last,Volume,Open,High,Low\n01/31/2024,1,7,0,9,0\n01/30/2024,2,7,0,9,0\n", series.Options{}, map[string][]float64{"Close/Last": {2, 1}}},
		"investing.com":          {"Date,Price,Open,High,Low,Vol.,Change %\n\"Jan 30, 2024\",\"1,234.50\",1,1,1,120.5K,0.5%\n\"Jan 31, 2024\",\"1,228.00\",1,1,1,99.1K,0.5%\n", series.Options{}, map[string][]float64{"Price": {1234.5, 1228}}},
		"a German exchange":      {"Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen\n02.01.2024;1;9;0;15.769,36;100;1.000\n03.01.2024;1;9;0;15.538,39;100;1.000\n", series.Options{}, map[string][]float64{"Schlusskurs": {15769.36, 15538.39}}},
		"bars":                   {bars, series.Options{}, map[string][]float64{"Close": {5, 6}}},
		"bars, adjusted":         {bars, series.Options{Value: "adj close"}, map[string][]float64{"Adj Close": {4, 5}}},
		"bars, named":            {bars, series.Options{AssetName: "AAPL"}, map[string][]float64{"AAPL": {5, 6}}},
		"bars, chosen":           {bars, series.Options{Columns: []string{"Open", "Close", "Low"}}, map[string][]float64{"Open": {1, 2}, "Low": {0, 0}, "Close": {5, 6}}},
		"bars in another order":  {"volume,close,low,time\n100,5,0,2020-01-01\n101,6,0,2020-01-02\n", series.Options{}, map[string][]float64{"close": {5, 6}}},
		"bars with dividends":    {"Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n2020-01-01,1,9,0,5,7,0,0\n2020-01-02,1,9,0,6,7,0,0\n", series.Options{}, map[string][]float64{"Close": {5, 6}}},
		"quantmod":               {"date,A.Open,A.High,A.Low,A.Close,A.Adjusted\n2020-01-01,0,9,0,1,7\n2020-01-02,0,9,0,2,7\n", series.Options{}, one},
		"fields before assets":   {"Date,Close_A,High_A,Low_A,Close_B,High_B,Low_B\n2020-01-01,1,9,0,3,9,0\n2020-01-02,2,9,0,4,9,0\n", series.Options{}, two},
		"flattened tuples":       {"Date,\"('Close', 'A')\",\"('High', 'A')\",\"('Low', 'A')\"\n2020-01-01,1,9,0\n2020-01-02,2,9,0\n", series.Options{}, one},
		"two columns of prices":  {"date,Close,Open\n2020-01-01,1,3\n2020-01-02,2,4\n", series.Options{}, map[string][]float64{"Close": {1, 2}, "Open": {3, 4}}},
		"long bars, adjusted":    {"symbol,date,open,high,low,close,adj_close\nA,2020-01-01,0,9,0,5,1\nA,2020-01-02,0,9,0,6,2\n", series.Options{Value: "adj_close"}, one},
		"long bars":              {"symbol,date,open,high,low,close,adj_close\nA,2020-01-01,0,9,0,1,7\nA,2020-01-02,0,9,0,2,7\n", series.Options{}, one},
		"long, only adjusted":    {"symbol,date,adj_close\nA,2020-01-01,1\nA,2020-01-02,2\n", series.Options{}, one},
		"long, one of the rest":  {"symbol,date,turnover,mood\nA,2020-01-01,1,x\nA,2020-01-02,2,y\n", series.Options{Columns: []string{"turnover"}}, one},
		"midnights beside dates": {"date,time,A\n2020-01-01,00:00:00,1\n2020-01-02,00:00:00,2\n", series.Options{}, one},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, test.text, test.options)
			seriestest.Equal(t, "values", seriestest.Values(table), test.want)
		})
	}
}

// TestColumnsRefused names the columns that make a file no table of series.
func TestColumnsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		options series.Options
		reason  string
	}{
		"no times":               {"North,South,West\n84,31,12\n65,28,11\n72,30,10\n", series.Options{}, `no column of times: the first, "North", is not called date, time or the like, and its numbers do not ascend in equal steps: 65 comes after 84 in line 3`},
		"no times, decimals":     {"North,South\n84.5,31\n85.5,28\n", series.Options{}, `"North", is not called date, time or the like, and has decimals`},
		"no times, ascending":    {"Total,South\n84,31\n91,28\n95,30\n99,30\n107,31\n", series.Options{}, "do not ascend in equal steps"},
		"no times, long":         {"ticker,close\nA,1\n", series.Options{}, "no column for the time"},
		"words":                  {"date,temp,sky\n2012-01-01,12.8,rain\n2012-01-02,10.6,sun\n", series.Options{}, `column "sky" has words in place of numbers: leave it out with --drop`},
		"two dates":              {"when,until,A\n2012-01-01,2012-01-02,1\n2012-01-03,2012-01-04,2\n", series.Options{}, `"when" and "until" can both be the time: say which with --time-column`},
		"dates beside times":     {"date,settled,A\n2012-01-01,2012-01-02,1\n2012-01-03,2012-01-04,2\n", series.Options{}, `column "settled" has times in place of numbers`},
		"an id of each row":      {"id,date,y\n7f3,2019-11-01,1\n81c,2019-12-01,2\n0aa,2020-01-01,3\n", series.Options{}, `column "id" has another name in each row, so each of the 3 assets would have one value: leave it out with --drop`},
		"ids in a wide file":     {"order_id,date,A\n1007,2019-11-01,1\n1014,2019-12-01,2\n", series.Options{}, `column "order_id" is called an id, and not a value: leave it out with --drop`},
		"stores in a wide file":  {"store,date,sales\n1,2019-11-01,1\n2,2019-11-01,2\n", series.Options{}, "say with --duplicates which of several values is taken, or with --id-column which column names the assets"},
		"a part beside the date": {"date,year,A\n2019-11-01,2019,1\n2019-12-01,2019,2\n", series.Options{}, `column "year" is called a part of a date, and not a value: leave it out with --drop`},
		"parts of a date":        {"year,month,A\n2019,11,1\n2019,12,2\n2020,1,3\n", series.Options{}, `the times are in several columns ("year", "month"): write them into one, like 2024-01-31`},
		"date and a number":      {"date,time,A\n20200101,93000,1\n20200101,94500,2\n", series.Options{}, `"date" and "time" can both be the time`},
		"a row without a clock":  {"date,time,A\n20200101,093000,1\n" + strings.Repeat("20200101,094500,2\n", 250) + "20200101,noon,2\n", series.Options{}, `line 253, column "time": not a time of day: "noon"`},
		"countries in rows":      {"Country,2019,2020\nGermany,1,2\nFrance,4,5\n", series.Options{}, `the file has no column of times: the first, "Country", is not called date, time or the like, and has words`},
		"bars of many, unnamed":  {"date,open,high,low,close,Name\n2012-01-01,1,1,1,1,AAL\n", series.Options{}, `if column "Name" names the assets, say so with --id-column`},
		"bars and others":        {"date,open,high,low,close,DAX\n2012-01-01,1,1,1,1,5\n", series.Options{}, `the bars of a price ("open", "high", "low", "close") and other columns ("DAX")`},
		"rows of a long file":    {"id,day,y\n1,2020-01-01,1\n2,2020-01-02,2\n", series.Options{ID: "id", Value: "z"}, `the file has no column "z"`},
		"no such column to keep": {"date,A\n2020-01-01,1\n", series.Options{Columns: []string{"B"}}, `columns: the file has no column "B", only "date", "A"`},
		"no such column to drop": {"date,A\n2020-01-01,1\n", series.Options{Drop: []string{"B*"}}, `drop: the file has no column "B*"`},
		"a pattern at fault":     {"date,A\n2020-01-01,1\n", series.Options{Drop: []string{"["}}, `drop: "[" is neither the name of a column nor a pattern`},
		"everything left out":    {"date,A\n2020-01-01,1\n", series.Options{Drop: []string{"*"}}, "no column is left"},
		"a name for two":         {"date,A,B\n2020-01-01,1,1\n", series.Options{AssetName: "X"}, `asset_name: the file has 2 assets: "A", "B"`},
		"times and numbers":      {"date,A\n2020-01-01,1\n", series.Options{Time: "date", NumberRows: true}, `number_rows: the rows are numbered where there is no column of times`},
		"a name without letters": {"date,A,\n2020-01-01,1,5\n", series.Options{}, "line 2: 3 fields, and the header has 2"},
		"values in no column":    {"date,,A\n2020-01-01,5,1\n", series.Options{}, "column 2 of the header: the asset's name is empty"},
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

// TestColumnsAreSaid looks for what was chosen in the audit.
func TestColumnsAreSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Date,Open,High,Low,Close,Volume\n2024-01-02,1,9,0,5,100\n": `the file has the bars of one asset: its series is column "Close"; not read: "Open", "High", "Low", "Volume"` +
			"\nthe file does not say whether the column is adjusted for splits and dividends",
		"ticker,date,close,mood\nA,2020-01-01,1,x\n": `the values are those of column "close"; not read: "mood"`,
		"symbol,date,close,Adj Close\nA,2020-01-01,1,2\n": `the values are those of column "close"; not read: "Adj Close"` +
			"\nthe file does not say whether the column is adjusted for splits and dividends",
		",date,A\n0,2020-01-01,1\n1,2020-01-02,1\n": `column "" numbers the rows and is not read`,
	} {
		_, audit := seriestest.ReadText(t, text, series.Options{})
		seriestest.Equal(t, text, strings.Join(audit.Notes, "\n"), want)
		if !strings.Contains(audit.String(), want) {
			t.Errorf("%q is not in %q", want, audit)
		}
	}
}
