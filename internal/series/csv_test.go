package series

import (
	"math"
	"strings"
	"testing"
)

func TestReadCSVForms(t *testing.T) {
	t.Parallel()
	two := map[string][]float64{"A": {1, 2}, "B": {3, 4}}
	tests := map[string]struct {
		text    string
		options Options
		want    map[string][]float64
	}{
		"long, nixtla":           {"unique_id,ds,y\nA,1,1\nA,2,2\nB,1,3\nB,2,4\n", Options{}, two},
		"long, prices":           {"symbol,date,price\nA,2020-01-01,1\nA,2020-01-02,2\nB,2020-01-01,3\nB,2020-01-02,4\n", Options{}, two},
		"long, other order":      {"close,extra,TIME,Asset\n1,x,1,A\n2,,2,A\n3,x,1,B\n4,x,2,B\n", Options{}, two},
		"long, interleaved":      {"series_id,step,value\nA,1,1\nB,1,3\nA,2,2\nB,2,4\n", Options{}, two},
		"long, named columns":    {"k,t,v,y\nA,1,1,9\nA,2,2,9\nB,1,3,9\nB,2,4,9\n", Options{ID: "K", Time: "t", Value: "v"}, two},
		"wide":                   {"step,A,B\n1,1,3\n2,2,4\n", Options{}, two},
		"wide, any time header":  {"Tag,A,B\n2020-01-01,1,3\n2020-01-02,2,4\n", Options{}, two},
		"wide, one value column": {"ds,y\n1,1\n2,2\n", Options{}, map[string][]float64{"y": {1, 2}}},
		"byte order mark":        {"\uFEFFunique_id,ds,y\nA,1,1\nA,2,2\nB,1,3\nB,2,4\n", Options{}, two},
		"CR LF and blank lines":  {"unique_id,ds,y\r\n\r\nA,1,1\r\nA,2,2\r\n\r\nB,1,3\r\nB,2,4\r\n", Options{}, two},
		"no last line break":     {"step,A,B\n1,1,3\n2,2,4", Options{}, two},
		"quotes":                 {"\"unique_id\",\"ds\",\"y\"\n\"A\",\"1\",\"1\"\n\"A\",2,2\nB,1,\"3\"\nB,2,4\n", Options{}, two},
		"quoted comma in a name": {"unique_id,ds,y\n\"A, Inc. \"\"x\"\"\",1,1\n", Options{}, map[string][]float64{`A, Inc. "x"`: {1}}},
		"blanks around fields":   {" unique_id , ds , y \n A , 1 , 1 \n A , 2 , 2 \nB,1,3\nB,2,4\n", Options{}, two},
		"rows out of order":      {"unique_id,ds,y\nA,2,2\nA,1,1\nB,1,3\nB,2,4\n", Options{}, two},
		"wide rows out of order": {"step,A,B\n2,2,4\n1,1,3\n", Options{}, two},
		"unnamed index column":   {",unique_id,ds,y\n0,A,1,1\n1,A,2,2\n2,B,1,3\n3,B,2,4\n", Options{}, two},
		"missing at both ends":   {"step,A,B\n1,,3\n2,1,4\n3,2,NA\n4,null,NaN\n", Options{}, two},
		"missing inside":         {"step,A\n1,1\n2,\n3,n/a\n4,2\n", Options{}, map[string][]float64{"A": {1, 1, 1, 2}}},
		"absent inside":          {"unique_id,ds,y\nA,1,1\nA,2,2\nA,4,4\nA,5,5\n", Options{}, map[string][]float64{"A": {1, 2, 2, 4, 5}}},
		"infinite inside":        {"step,A\n1,1\n2,inf\n3,1e999\n4,2\n", Options{}, map[string][]float64{"A": {1, 1, 1, 2}}},
		"semicolons":             {"step;A;B\n1;1;3\n2;2.0;4\n", Options{}, two},
		"decimal commas":         {"step;A;B\r\n1;1,0;3\r\n2;2;4,00\r\n", Options{}, two},
		"three decimals":         {"step;A;B\n1;1,000;3\n2;2;4,000\n", Options{}, two},
		"tabs":                   {"step\tA\tB\n1\t1\t3\n2\t\"2\"\t4\n", Options{}, two},
		"tabs, decimal commas":   {"step\tA\tB\n1\t1,0\t3\n2\t2\t4,0000\n", Options{}, two},
		"bars":                   {"step|A|B\n1|1|3\n2|2|4\n", Options{}, two},
		"sep line":               {"\uFEFFsep=;\r\nstep;A;B\r\n1;1;3\r\n2;2;4\r\n", Options{}, two},
		"semicolon in a name":    {"step,A;B,C\n1,1,3\n2,2,4\n", Options{}, map[string][]float64{"A;B": {1, 2}, "C": {3, 4}}},
		"quoted comma in header": {"step;\"A,1\";B\n1;1;3\n2;2;4\n", Options{}, map[string][]float64{"A,1": {1, 2}, "B": {3, 4}}},
		"separators behind":      {"step,A,B,,\n1,1,3,,\n2,2,4,,\n,,,,\n,,\n", Options{}, two},
		"separators in rows":     {"step,A,B\n1,1,3,\n2,2,4, \n", Options{}, two},
		"rows that are numbered": {",ds,A,B\n0,1,1,3\n1,2,2,4\n", Options{}, two},
		"words for missing":      {"step,A\n1,1\n2,-\n3,.\n4,?\n5,#N/A\n6,--\n7,<NA>\n8,#DIV/0!\n9,n.a.\n10,2\n", Options{}, map[string][]float64{"A": {1, 1, 1, 1, 1, 1, 1, 1, 1, 2}}},
		"an asset without value": {"step,A,B\n1,1,\n2,2,\n", Options{}, map[string][]float64{"A": {1, 2}, "B": {}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := readText(t, test.text, test.options)
			equal(t, "values", values(table), test.want)
		})
	}
}

func TestReadCSVRejects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		options Options
		lines   []int64
		reason  string
	}{
		"empty":                {"", Options{}, []int64{0}, "the file is empty"},
		"blank lines only":     {"\n\n", Options{}, []int64{0}, "the file is empty"},
		"header only":          {"unique_id,ds,y\n", Options{}, []int64{0}, "a header and no rows"},
		"one column":           {"ds\n1\n", Options{}, []int64{0}, "no column of values"},
		"no time column":       {"unique_id,y\nA,1\n", Options{}, []int64{0}, "no column for the time"},
		"no value column":      {"unique_id,ds,yhat\nA,1,1\n", Options{}, []int64{0}, "no column for the value"},
		"two value columns":    {"unique_id,ds,close,price\nA,1,1,1\n", Options{}, []int64{0}, `"close" and "price" can both be the value`},
		"duplicate header":     {"step,A,A\n1,1,1\n", Options{}, []int64{0}, `column "A" twice`},
		"empty header":         {"step,,A\n1,1,1\n", Options{}, []int64{0}, "column 2 of the header: the asset's name is empty"},
		"value without header": {"step,A,\n1,1,1\n", Options{}, []int64{2}, "3 fields, and the header has 2"},
		"no header":            {"2020-01-01,1\n2020-01-02,2\n", Options{}, []int64{1}, "must begin with a header"},
		"no header, steps":     {"1,1.5\n2,2.5\n", Options{}, []int64{1}, "must begin with a header"},
		"lines end in CR":      {"step,A\r1,1\r2,2\r", Options{}, []int64{0}, "carriage returns"},
		"gzip":                 {"\x1F\x8B\x08\x00", Options{}, []int64{0}, "compressed with gzip"},
		"a workbook":           {"PK\x03\x04\x14\x00", Options{}, []int64{0}, "save the sheet as CSV"},
		"thousands":            {"step,A\n1,\"1,100.25\"\n2,1 100\n3,1'100\n", Options{}, []int64{2, 3, 4}, `"1,100.25", write it like 1234.56`},
		"thousands, semicolon": {"step;A\n1;1.100,25\n", Options{}, []int64{2}, `"1.100,25", write it like 1234.56`},
		"thousands, tabs":      {"step\tA\n1\t1,100\n", Options{}, []int64{2}, "may be a decimal number or have a thousands separator"},
		"points and commas":    {"step;A\n1;1,5\n2;3\n3;1.250\n", Options{}, []int64{4}, `"1.250" does not fit to "1,5" in line 2`},
		"day or month":         {"step,A\n01/02/2020,1\n", Options{}, []int64{2}, "which number is the day is not clear"},
		"text value":           {"step,A\n1,1\n2,many\n3,0x10\n4,1_000\n", Options{}, []int64{3, 4, 5}, `not a number: "many"`},
		"text in a long value": {"unique_id,ds,y\nA,1,1\nA,2,1.2.3\n", Options{}, []int64{3}, `column "y": not a number: "1.2.3"`},
		"no number at all":     {"step,A\n1,x\n2,y\n", Options{}, []int64{2, 3}, "not a number"},
		"nothing but missing":  {"step,A\n1,\n2,NA\n", Options{}, []int64{0}, "no value that is a number"},
		"bad time":             {"unique_id,ds,y\nA,2020-02-30,1\nA,01/02/2020,1\nA,,1\n", Options{}, []int64{2, 3, 4}, "not a date"},
		"mixed kinds of time":  {"unique_id,ds,y\nA,2020-01-01,1\nA,2,1\n", Options{}, []int64{3}, `"2" is no date like the one in line 2`},
		"too few fields":       {"step,A,B\n1,1\n2,1,2\n3,1,2,3\n", Options{}, []int64{2, 4}, "2 fields, and the header has 3"},
		"duplicate":            {"unique_id,ds,y\nA,1,1\nB,1,1\nA,1,2\n", Options{}, []int64{4}, `asset "A": 1 stands in line 2 already`},
		"duplicate in wide":    {"step,A,B\n1,1,1\n2,2,2\n1,3,3\n", Options{}, []int64{4}, "1 stands in line 2 already"},
		"same day, other form": {"unique_id,ds,y\nA,2020-01-01,1\nA,2020/01/01,2\n", Options{}, []int64{3}, "2020-01-01 stands in line 2"},
		"star as asset":        {"unique_id,ds,y\n*,1,1\n", Options{}, []int64{2}, "stands for every asset"},
		"star as column":       {"step,A,*\n1,1,1\n", Options{}, []int64{0}, "column 3 of the header: the asset's name is *"},
		"empty asset":          {"unique_id,ds,y\n,1,1\n", Options{}, []int64{2}, "name is empty"},
		"control character":    {"unique_id,ds,y\nA\tB,1,1\n", Options{}, []int64{2}, "control character U+0009"},
		"long name":            {"unique_id,ds,y\n" + strings.Repeat("A", 300) + ",1,1\n", Options{}, []int64{2}, "300 bytes"},
		"a huge line":          {"unique_id,ds,y\nA,1,1\n" + strings.Repeat("A", 5<<20) + ",1,1\n", Options{}, []int64{3}, "bytes, more than 256"},
		"NUL byte":             {"unique_id,ds,y\nA,1,1\nA,2,\x00\n", Options{}, []int64{3}, "NUL byte"},
		"UTF-16":               {"\xFF\xFEu\x00", Options{}, []int64{0}, "UTF-16"},
		"invalid UTF-8":        {"unique_id,ds,y\nA\xFF,1,1\n", Options{}, []int64{2}, "not valid UTF-8"},
		"invalid UTF-8 above":  {"step,A\xFF\n1,1\n", Options{}, []int64{1}, "not valid UTF-8"},
		"quote not closed":     {"unique_id,ds,y\nA,1,1\n\"A,2,1\nA,3,1\n", Options{}, []int64{3}, "a quote that nothing closes"},
		"quote inside":         {"unique_id,ds,y\nA\"B,1,1\n", Options{}, []int64{2}, "a quote inside a field"},
		"text behind a quote":  {"unique_id,ds,y\n\"A\"B,1,1\n", Options{}, []int64{2}, "text behind a closing quote"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := ReadCSV(strings.NewReader(test.text), test.options)
			r := rejection(t, err)
			var lines []int64
			for _, f := range r.Faults {
				lines = append(lines, f.Line)
			}
			equal(t, "lines", lines, test.lines)
			if !strings.Contains(r.Error(), test.reason) {
				t.Errorf("error %q does not say %q", r, test.reason)
			}
		})
	}
}

func TestRejectListsTwentyAndCountsAll(t *testing.T) {
	t.Parallel()
	_, audit, err := ReadCSV(strings.NewReader("step,A\n"+strings.Repeat("1,x\n", 5000)), Options{})
	r := rejection(t, err)
	equal(t, "listed", len(r.Faults), maxFindings)
	equal(t, "total", r.Total, 5000)
	equal(t, "audited", audit.Unreadable.Count, 5000)
	if !strings.HasSuffix(r.Error(), "and 4997 more faults") {
		t.Errorf("error %q does not count the rest", r)
	}
}

func TestOptionsAtFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options Options
		want    string
	}{
		"no such column":    {Options{Value: "yhat"}, `value: the file has no column "yhat", only "unique_id", "ds", "y"`},
		"no such frequency": {Options{Freq: "5min"}, `freq: "5min" is not one of H, D, B, W, M, Q, Y`},
		"hours of dates":    {Options{Freq: "H"}, "freq: H needs times of day, and the file has dates"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := ReadCSV(strings.NewReader("unique_id,ds,y\nA,2020-01-01,1\n"), test.options)
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}

func TestAuditCountsWithLines(t *testing.T) {
	t.Parallel()
	// Line by line: 4 is out of order, 5 is zero, 6 missing, 7 infinite, 9 missing at the end of B, and A lacks step 6
	// before line 8.
	text := "unique_id,ds,y\nA,1,10\nA,3,11\nA,2,12\nA,4,0\nA,5,\nA,7,Inf\nA,8,13\nB,1,\n"
	table, audit := readText(t, text, Options{})
	got := map[string]Findings{"missing": audit.Missing, "nonFinite": audit.NonFinite, "nonPositive": audit.NonPositive,
		"unsorted": audit.Unsorted, "gaps": audit.Gaps, "empty": audit.Empty}
	want := map[string]Findings{
		"missing":     {2, []Finding{{Line: 6, Asset: "A", Reason: "no value"}, {Line: 9, Asset: "B", Reason: "no value"}}},
		"nonFinite":   {1, []Finding{{Line: 7, Asset: "A", Reason: "the value is +Inf"}}},
		"nonPositive": {1, []Finding{{Line: 5, Asset: "A", Reason: "the value is 0"}}},
		"unsorted":    {1, []Finding{{Line: 4, Asset: "A", Reason: "2 comes after 3"}}},
		"gaps":        {1, []Finding{{Line: 7, Asset: "A", Reason: "nothing between 5 and 7"}}},
		"empty":       {1, []Finding{{Asset: "B", Reason: "no value at all"}}},
	}
	equal(t, "findings", got, want)
	equal(t, "values", values(table)["A"], []float64{10, 12, 11, 0, 0, 0, 0, 13})
	equal(t, "filled", table.Filled(0), 3)
	equal(t, "rest", Audit{Form: audit.Form, Rows: audit.Rows, Assets: audit.Assets, Values: audit.Values,
		From: audit.From, To: audit.To, Freq: audit.Freq, Calendar: audit.Calendar, Filled: audit.Filled},
		Audit{Form: "long", Rows: 8, Assets: 2, Values: 8, From: "1", To: "8", Calendar: "integer steps of 1", Filled: 3})
	equal(t, "warnings", audit.Warnings(), 7)
	if math.IsNaN(table.Values(0)[7]) {
		t.Error("a value is NaN")
	}
}

func TestLinesAfterBlankAndLongRecords(t *testing.T) {
	t.Parallel()
	text := "unique_id,ds,y,note\nA,1,1,\n\n\nA,2,0,\"two\nlines\"\nA,3,0,\n"
	_, audit := readText(t, text, Options{})
	equal(t, "zeros", audit.NonPositive.First, []Finding{
		{Line: 5, Asset: "A", Reason: "the value is 0"}, {Line: 7, Asset: "A", Reason: "the value is 0"}})
}

func TestReadCSVTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"date,A\n20200131,1\n20200201,2\n":               "2020-01-31 to 2020-02-01", // one day apart
		"date,A\n7,1\n20200201,2\n":                      "7 to 20200201",
		"step,A\n20200131,1\n20200132,2\n":               "20200131 to 20200132",
		"ds,A\n20200131,1\n20200201,2\n":                 "20200131 to 20200201",
		"Datum;A\n31.12.2019;1\n1.1.2020;2\n":            "2019-12-31 to 2020-01-01",
		"t;A\n31.12.2019 23:00;1\n1.1.2020 00:00:00;2\n": "2019-12-31 23:00:00 to 2020-01-01 00:00:00",
		"q,A\n2019Q4,1\n2020-q1,2\n":                     "2019-10-01 to 2020-01-01",
		"m,A\n2019M12,1\n2020M01,2\n":                    "2019-12-01 to 2020-01-01",
	} {
		_, audit := readText(t, text, Options{})
		equal(t, text, audit.From+" to "+audit.To, want)
	}
}

func TestReadCSVSaysHowItWasRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"step,A\n1,1.5\n":       "",
		"step;A\n1;1.5\n":       "separated by semicolons",
		"step;A\n1;1,5\n":       "separated by semicolons, with decimal commas",
		"step\tA\n1\t-\n2\t1\n": "separated by tabs",
	} {
		_, audit := readText(t, text, Options{})
		equal(t, text, audit.Dialect, want)
		if !strings.Contains(audit.String(), want) {
			t.Errorf("%q is not in %q", want, audit)
		}
	}
}
