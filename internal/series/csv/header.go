package csv

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"foliocast/internal/series"
)

// header reads the first record, and the further rows of names that a data frame with fields and assets has.
func (r *reader) header(o series.Options) error {
	if !r.scan.next() {
		return series.Reject("the file is empty")
	}
	names, err := r.names()
	if err != nil {
		return err
	}
	for len(names) > 1 && names[len(names)-1] == "" {
		names = names[:len(names)-1] // spreadsheets write separators after the last column
	}
	if err := r.checkNames(names); err != nil {
		return err
	}
	assets, err := r.secondRow(names)
	if err != nil {
		return err
	}
	columns := r.look(names)
	for i := range assets {
		columns[i].Asset = assets[i]
	}
	r.table, err = series.NewBuilder(columns, o)
	return err
}

// names are the fields of the record, without blanks around them.
func (r *reader) names() ([]string, error) {
	if r.scan.fault != "" {
		return nil, series.RejectLine(r.scan.at, "%s", r.scan.fault)
	}
	names := make([]string, len(r.scan.fields))
	for i, b := range r.scan.fields {
		if !utf8.Valid(b) {
			return nil, series.RejectLine(r.scan.at, "column %d of the header is not valid UTF-8: save the file as UTF-8", i+1)
		}
		names[i] = string(trim(b))
	}
	return names, nil
}

// peek returns the fields of up to n records from the next on, and the lines of the last.
func (r *reader) peek(n int) (rows [][]string, lines []int64) {
	scan := r.scan
	scan.quoted, scan.fields = nil, nil
	for len(rows) < n && scan.next() {
		row := make([]string, len(scan.fields))
		for i, b := range scan.fields {
			row[i] = strings.ToValidUTF8(string(trim(b)), "?")
		}
		rows, lines = append(rows, row), append(lines, scan.at)
	}
	return rows, lines
}

// checkNames rejects a first line that has data, or a text above the table, in place of the names of the columns.
func (r *reader) checkNames(names []string) error {
	line := r.scan.at
	at, notTime := series.ParseTime([]byte(names[0]))
	isTime := notTime == ""
	if isTime && at.Kind != series.Step {
		return series.RejectLine(line, "%s is a time, not a column's name: the file must begin with a header such as date,DAX", series.Quote(names[0]))
	}
	named := slices.ContainsFunc(names[1:], func(n string) bool {
		v, ok := parseValue([]byte(n))
		return !ok || v != v
	})
	if isTime && !named && len(names) > 1 {
		return series.RejectLine(line, "the first line has numbers in place of the columns' names: the file must begin with a header such as date,DAX")
	}
	below, lines := r.peek(10)
	for k, row := range below {
		wider := len(names) < 3 && len(row) > len(names) && filled(row) > len(names)
		if wider && (len(names) == 1 || k > 0 && !looksLikeTime([]byte(row[0]))) || strings.HasPrefix(names[0], "#") && len(row) > len(names) {
			return series.RejectLine(line, "%s is not a header, since line %d has %d fields: remove the lines above the header", series.Quote(names[0]), lines[k], len(row))
		}
	}
	return nil
}

// filled counts the fields that are not empty.
func filled(row []string) int {
	n := 0
	for _, f := range row {
		if f != "" {
			n++
		}
	}
	return n
}

// Names in front of the rows of a header of fields and assets, as pandas, yfinance and pandas-datareader write them.
var (
	assetRows = []string{"ticker", "tickers", "symbol", "symbols", "asset"}
	barFields = []string{"open", "high", "low", "close", "adj close", "volume", "dividends", "stock splits", "capital gains"}
)

// secondRow looks whether the second line has names, too. If one of the two lines has the fields of bars, and the other assets,
// it skips the rows of the header, puts the fields into names, and returns the assets. It rejects other second rows of names.
func (r *reader) secondRow(names []string) (assets []string, err error) {
	below, lines := r.peek(3)
	if len(below) < 2 || len(below[0]) < len(names) || !isNames(below[0]) {
		return nil, nil
	}
	second := below[0][:len(names)]
	rows := 1 // after the first line
	inFront := []string{names[0], second[0]}
	if third := below[1]; filled(third[1:]) == 0 && third[0] != "" {
		rows++
		inFront = append(inFront, third[0])
	}
	fields, assets := slices.Clone(names), second
	if areFields(second) {
		fields, assets = second, slices.Clone(names)
	}
	if !areFields(fields) || areFields(assets) || filled(assets[1:]) < len(assets)-1 {
		return nil, series.RejectLine(lines[0], "the file has more than one row of names: line %d has %s below %s in line %d. Keep one row with a name for each column",
			lines[0], sampleOf(second), sampleOf(names), r.scan.at)
	}
	copy(names, fields)
	assets[0] = ""
	names[0] = inFront[len(inFront)-1]
	for range rows {
		r.scan.next()
	}
	return assets, nil
}

// isNames reports whether a row has names in place of a time and of values.
func isNames(row []string) bool {
	if slices.Contains(assetRows, strings.ToLower(row[0])) && filled(row[1:]) == len(row)-1 {
		return true
	}
	some := false
	for _, f := range row {
		v, number := parseValue([]byte(f))
		switch {
		case number && v != v: // empty, or a word for a missing value
		case number || looksLikeTime([]byte(f)) || looksLikeNumber([]byte(f)):
			return false
		default:
			some = true
		}
	}
	return some && filled(row[1:]) > 0
}

// areFields reports whether the names behind the first are those of the fields of bars.
func areFields(row []string) bool {
	return !slices.ContainsFunc(row[1:], func(f string) bool { return !slices.Contains(barFields, strings.ToLower(f)) })
}

// sampleOf quotes the first names of a row.
func sampleOf(row []string) string {
	var quoted []string
	for _, f := range row {
		if f != "" && len(quoted) < 3 {
			quoted = append(quoted, series.Quote(f))
		}
	}
	return strings.Join(quoted, ", ")
}

// fieldsReason is the reason why a row has the wrong number of fields.
func fieldsReason(fields [][]byte, columns int, separator byte) string {
	reason := fmt.Sprintf("%d fields, and the header has %d", len(fields), columns)
	switch {
	case len(fields) > columns && separator == ',':
		reason += ": a number with a comma needs quotes, or the file another mark between fields"
	case len(fields) == 1:
		reason = fmt.Sprintf("1 field, and the header has %d: remove lines that are not rows of the table", columns)
	}
	return reason
}
