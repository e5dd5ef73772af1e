package csv_test

import (
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

func TestReadCSVForms(t *testing.T) {
	t.Parallel()
	two := map[string][]float64{"A": {1, 2}, "B": {3, 4}}
	tests := map[string]struct {
		text    string
		options series.Options
		want    map[string][]float64
	}{
		"long, nixtla":           {"unique_id,ds,y\nA,1,1\nA,2,2\nB,1,3\nB,2,4\n", series.Options{}, two},
		"long, prices":           {"symbol,date,price\nA,2020-01-01,1\nA,2020-01-02,2\nB,2020-01-01,3\nB,2020-01-02,4\n", series.Options{}, two},
		"long, other order":      {"close,extra,TIME,Asset\n1,x,1,A\n2,,2,A\n3,x,1,B\n4,x,2,B\n", series.Options{}, two},
		"long, interleaved":      {"series_id,step,value\nA,1,1\nB,1,3\nA,2,2\nB,2,4\n", series.Options{}, two},
		"long, named columns":    {"k,t,v,y\nA,1,1,9\nA,2,2,9\nB,1,3,9\nB,2,4,9\n", series.Options{ID: "K", Time: "t", Value: "v"}, two},
		"wide":                   {"step,A,B\n1,1,3\n2,2,4\n", series.Options{}, two},
		"wide, any time header":  {"Tag,A,B\n2020-01-01,1,3\n2020-01-02,2,4\n", series.Options{}, two},
		"wide, one value column": {"ds,y\n1,1\n2,2\n", series.Options{}, map[string][]float64{"y": {1, 2}}},
		"byte order mark":        {"\uFEFFunique_id,ds,y\nA,1,1\nA,2,2\nB,1,3\nB,2,4\n", series.Options{}, two},
		"CR LF and blank lines":  {"unique_id,ds,y\r\n\r\nA,1,1\r\nA,2,2\r\n\r\nB,1,3\r\nB,2,4\r\n", series.Options{}, two},
		"no last line break":     {"step,A,B\n1,1,3\n2,2,4", series.Options{}, two},
		"quotes":                 {"\"unique_id\",\"ds\",\"y\"\n\"A\",\"1\",\"1\"\n\"A\",2,2\nB,1,\"3\"\nB,2,4\n", series.Options{}, two},
		"quoted comma in a name": {"unique_id,ds,y\n\"A, Inc. \"\"x\"\"\",1,1\n", series.Options{}, map[string][]float64{`A, Inc. "x"`: {1}}},
		"blanks around fields":   {" unique_id , ds , y \n A , 1 , 1 \n A , 2 , 2 \nB,1,3\nB,2,4\n", series.Options{}, two},
		"rows out of order":      {"unique_id,ds,y\nA,2,2\nA,1,1\nB,1,3\nB,2,4\n", series.Options{}, two},
		"wide rows out of order": {"step,A,B\n2,2,4\n1,1,3\n", series.Options{}, two},
		"unnamed index column":   {",unique_id,ds,y\n0,A,1,1\n1,A,2,2\n2,B,1,3\n3,B,2,4\n", series.Options{}, two},
		"missing at both ends":   {"step,A,B\n1,,3\n2,1,4\n3,2,NA\n4,null,NaN\n", series.Options{}, two},
		"missing inside":         {"step,A\n1,1\n2,\n3,n/a\n4,2\n", series.Options{}, map[string][]float64{"A": {1, 1, 1, 2}}},
		"absent inside":          {"unique_id,ds,y\nA,1,1\nA,2,2\nA,4,4\nA,5,5\n", series.Options{}, map[string][]float64{"A": {1, 2, 2, 4, 5}}},
		"infinite inside":        {"step,A\n1,1\n2,inf\n3,1e999\n4,2\n", series.Options{}, map[string][]float64{"A": {1, 1, 1, 2}}},
		"semicolons":             {"step;A;B\n1;1;3\n2;2.0;4\n", series.Options{}, two},
		"decimal commas":         {"step;A;B\r\n1;1,0;3\r\n2;2;4,00\r\n", series.Options{}, two},
		"tabs":                   {"step\tA\tB\n1\t1\t3\n2\t\"2\"\t4\n", series.Options{}, two},
		"tabs, decimal commas":   {"step\tA\tB\n1\t1,0\t3\n2\t2\t4,0000\n", series.Options{}, two},
		"bars":                   {"step|A|B\n1|1|3\n2|2|4\n", series.Options{}, two},
		"sep line":               {"\uFEFFsep=;\r\nstep;A;B\r\n1;1;3\r\n2;2;4\r\n", series.Options{}, two},
		"semicolon in a name":    {"step,A;B,C\n1,1,3\n2,2,4\n", series.Options{}, map[string][]float64{"A;B": {1, 2}, "C": {3, 4}}},
		"quoted comma in header": {"step;\"A,1\";B\n1;1;3\n2;2;4\n", series.Options{}, map[string][]float64{"A,1": {1, 2}, "B": {3, 4}}},
		"separators behind":      {"step,A,B,,\n1,1,3,,\n2,2,4,,\n,,,,\n,,\n", series.Options{}, two},
		"separators in rows":     {"step,A,B\n1,1,3,\n2,2,4, \n", series.Options{}, two},
		"rows that are numbered": {",ds,A,B\n0,1,1,3\n1,2,2,4\n", series.Options{}, two},
		"words for missing":      {"step,A\n1,1\n2,-\n3,.\n4,?\n5,#N/A\n6,--\n7,<NA>\n8,#DIV/0!\n9,n.a.\n10,2\n", series.Options{}, map[string][]float64{"A": {1, 2}}},
		"an asset without value": {"step,A,B\n1,1,\n2,2,\n", series.Options{}, map[string][]float64{"A": {1, 2}, "B": {}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, test.text, test.options)
			seriestest.Equal(t, "values", seriestest.Values(table), test.want)
		})
	}
}

func TestReadCSVRejects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		options series.Options
		lines   []int64
		reason  string
	}{
		"empty":                {"", series.Options{}, []int64{0}, "the file is empty"},
		"blank lines only":     {"\n\n", series.Options{}, []int64{0}, "the file is empty"},
		"header only":          {"unique_id,ds,y\n", series.Options{}, []int64{0}, "the file has no rows"},
		"one column":           {"ds\n1\n", series.Options{}, []int64{0}, "no column of values"},
		"no time column":       {"unique_id,y\nA,1\n", series.Options{}, []int64{0}, "no column for the time"},
		"no value column":      {"unique_id,ds,yhat\nA,1,1\n", series.Options{}, []int64{0}, "no column for the value"},
		"two value columns":    {"unique_id,ds,close,price\nA,1,1,1\n", series.Options{}, []int64{0}, `"close" and "price" can both be the value`},
		"duplicate header":     {"step,A,A\n1,1,1\n", series.Options{}, []int64{0}, `column "A" twice`},
		"empty header":         {"step,,A\n1,1,1\n", series.Options{}, []int64{0}, "column 2 of the header: the asset's name is empty"},
		"value without header": {"step,A,\n1,1,1\n", series.Options{}, []int64{2}, "3 fields, and the header has 2"},
		"no header":            {"2020-01-01,1\n2020-01-02,2\n", series.Options{}, []int64{1}, "must begin with a header"},
		"no header, steps":     {"1,1.5\n2,2.5\n", series.Options{}, []int64{1}, "must begin with a header"},
		"lines end in CR":      {"step,A\r1,1\r2,2\r", series.Options{}, []int64{0}, "carriage returns"},
		"gzip":                 {"\x1F\x8B\x08\x00", series.Options{}, []int64{0}, "compressed with gzip"},
		"a workbook":           {"PK\x03\x04\x14\x00", series.Options{}, []int64{0}, "save the sheet as CSV"},
		"thousands":            {"step,A\n1,\"1,100.25\"\n2,1 100\n3,1'100\n", series.Options{}, []int64{3, 4}, `"1 100", write it like 1234.56, or say --thousands`},
		"thousands, tabs":      {"step\tA\n1\t1,100\n", series.Options{}, []int64{2}, `"1,100" may have a mark between thousands or before decimals`},
		"points and commas":    {"step;A\n1;1,5\n2;3\n3;1.25\n", series.Options{}, []int64{4}, `"1.25" does not agree with "1,5" in line 2`},
		"day or month":         {"step,A\n01/02/2020,1\n", series.Options{}, []int64{2}, "it is not clear which number is the day"},
		"text value":           {"step,A\n1,1\n2,many\n3,0x10\n4,1_000\n", series.Options{}, []int64{3, 4, 5}, `not a number: "many"`},
		"text in a long value": {"unique_id,ds,y\nA,1,1\nA,2,1.2.3\n", series.Options{}, []int64{3}, `column "y": not a number: "1.2.3"`},
		"no number at all":     {"step,A\n1,x\n2,y\n", series.Options{}, []int64{2, 3}, "not a number"},
		"nothing but missing":  {"step,A\n1,\n2,NA\n", series.Options{}, []int64{0}, "no value that is a number"},
		"bad time":             {"unique_id,ds,y\nA,2020-02-30,1\nA,01/02/2020,1\nA,,1\n", series.Options{}, []int64{2, 3, 4}, "not a date"},
		"mixed kinds of time":  {"unique_id,ds,y\nA,2020-01-01,1\nA,2,1\n", series.Options{}, []int64{3}, `"2" is an integer step, and line 2 has a date`},
		"too few fields":       {"step,A,B\n1,1\n2,1,2\n3,1,2,3\n", series.Options{}, []int64{2, 4}, "2 fields, and the header has 3"},
		"duplicate":            {"unique_id,ds,y\nA,1,1\nB,1,1\nA,1,2\n", series.Options{}, []int64{4}, `asset "A": line 2 already has the time 1`},
		"duplicate in wide":    {"step,A,B\n1,1,1\n2,2,2\n1,3,3\n", series.Options{}, []int64{4}, "line 2 already has the time 1"},
		"same day, other form": {"unique_id,ds,y\nA,2020-01-01,1\nA,2020/01/01,2\n", series.Options{}, []int64{3}, "line 2 already has the time 2020-01-01"},
		"star as asset":        {"unique_id,ds,y\n*,1,1\n", series.Options{}, []int64{2}, "stands for every asset"},
		"star as column":       {"step,A,*\n1,1,1\n", series.Options{}, []int64{0}, "column 3 of the header: the asset's name is *"},
		"empty asset":          {"unique_id,ds,y\n,1,1\n", series.Options{}, []int64{2}, "name is empty"},
		"control character":    {"unique_id,ds,y\nA\tB,1,1\n", series.Options{}, []int64{2}, "control character U+0009"},
		"long name":            {"unique_id,ds,y\n" + strings.Repeat("A", 300) + ",1,1\n", series.Options{}, []int64{2}, "300 bytes"},
		"a huge line":          {"unique_id,ds,y\nA,1,1\n" + strings.Repeat("A", 5<<20) + ",1,1\n", series.Options{}, []int64{3}, "bytes, more than 256"},
		"NUL byte":             {"unique_id,ds,y\nA,1,1\nA,2,\x00\n", series.Options{}, []int64{3}, "NUL byte"},
		"UTF-16":               {"\xFF\xFEu\x00", series.Options{}, []int64{0}, "UTF-16"},
		"invalid UTF-8":        {"unique_id,ds,y\nA\xFF,1,1\n", series.Options{}, []int64{2}, "not valid UTF-8"},
		"invalid UTF-8 above":  {"step,A\xFF\n1,1\n", series.Options{}, []int64{1}, "not valid UTF-8"},
		"quote not closed":     {"unique_id,ds,y\nA,1,1\n\"A,2,1\nA,3,1\n", series.Options{}, []int64{3}, "a quote that is not closed"},
		"quote inside":         {"unique_id,ds,y\nA\"B,1,1\n", series.Options{}, []int64{2}, "a quote inside a field"},
		"text behind a quote":  {"unique_id,ds,y\n\"A\"B,1,1\n", series.Options{}, []int64{2}, "text after a closing quote"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := csv.Read([]byte(test.text), test.options)
			r := seriestest.Rejection(t, err)
			var lines []int64
			for _, f := range r.Faults {
				lines = append(lines, f.Line)
			}
			seriestest.Equal(t, "lines", lines, test.lines)
			if !strings.Contains(r.Error(), test.reason) {
				t.Errorf("error %q does not say %q", r, test.reason)
			}
		})
	}
}

func TestLinesAfterBlankAndLongRecords(t *testing.T) {
	t.Parallel()
	text := "unique_id,ds,y,note\nA,1,1,\n\n\nA,2,0,\"two\nlines\"\nA,3,0,\n"
	_, audit := seriestest.ReadText(t, text, series.Options{})
	seriestest.Equal(t, "zeros", audit.NonPositive.First, []series.Finding{
		{Line: 5, Asset: "A", Reason: "the value is 0"}, {Line: 7, Asset: "A", Reason: "the value is 0"}})
}

func TestReadCSVTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"date,A\n20200131,1\n20200201,2\n":               "2020-01-31 to 2020-02-01", // one day apart
		"ds,A\n20200131,1\n20200201,2\n":                 "2020-01-31 to 2020-02-01",
		"Datum;A\n31.12.2019;1\n1.1.2020;2\n":            "2019-12-31 to 2020-01-01",
		"t;A\n31.12.2019 23:00;1\n1.1.2020 00:00:00;2\n": "2019-12-31 23:00:00 to 2020-01-01 00:00:00",
		"q,A\n2019Q4,1\n2020-q1,2\n":                     "2019-10-01 to 2020-01-01",
		"m,A\n2019M12,1\n2020M01,2\n":                    "2019-12-01 to 2020-01-01",
	} {
		_, audit := seriestest.ReadText(t, text, series.Options{})
		seriestest.Equal(t, text, audit.From+" to "+audit.To, want)
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
		_, audit := seriestest.ReadText(t, text, series.Options{})
		seriestest.Equal(t, text, audit.Dialect, want)
		if !strings.Contains(audit.String(), want) {
			t.Errorf("%q is not in %q", want, audit)
		}
	}
}
