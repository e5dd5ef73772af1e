package csv

import (
	"bytes"
	"strings"

	"foliocast/internal/series"
)

// dialect is how a CSV file is written: the separator of its fields, and the marks in its numbers. Until the marks are decided,
// numbers are read as with decimal points, as long as no number of the file could mean another.
type dialect struct {
	separator byte
	decimal   byte // '.' or ','
	none      bool // the options say that thousands have no mark
	thousands byte // '.', ',', '\'', ' ' for blanks of any width, or 0 for none
	decided   bool
	proven    bool   // a number shows that points are before decimals
	doubtful  bool   // a number like 1.234 was read
	small     []bool // the columns in which a number of at most three digits and no mark was read, while nothing was proven
	point     []bool // the columns in which a number like 1.234 was read, likewise
	other     bool   // a number was not read, because it has other marks
	room      []byte // for a number without its marks
}

// separators are the characters that may separate fields, with their names.
var separators = []struct {
	char byte
	name string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}}

// detect finds the separator of a file by its first line, in which a comma outside of quotes separates fields. If the line is
// "sep=;", as spreadsheets write it above the table, detect returns its length.
func detect(data []byte) (separator byte, skip int) {
	text := bytes.TrimLeft(data, "\r\n")
	line, _, more := bytes.Cut(text, []byte("\n"))
	first := strings.ToLower(string(bytes.TrimSuffix(line, []byte("\r"))))
	for _, s := range separators {
		if more && first == "sep="+string(s.char) {
			return s.char, len(data) - len(text) + len(line) + 1
		}
	}
	quoted := false
	present := make(map[byte]bool)
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		present[c] = present[c] || !quoted
	}
	for _, s := range separators {
		if present[s.char] {
			return s.char, 0
		}
	}
	return ',', 0
}

// newDialect is a dialect with the marks that the options decide.
func newDialect(separator byte, o series.Options) dialect {
	d := dialect{separator: separator, decimal: '.'}
	marks := map[string]byte{".": ',', ",": '.'} // a mark and the other
	switch {
	case o.Decimal != "":
		d.decimal, d.thousands, d.decided = o.Decimal[0], marks[o.Decimal], true
	case o.Thousands == "." || o.Thousands == ",":
		d.decimal, d.decided = marks[o.Thousands], true
	}
	switch o.Thousands {
	case "":
	case "none":
		d.thousands, d.none = 0, true
	default:
		d.thousands = o.Thousands[0]
	}
	return d
}

// String describes the dialect, unless commas separate the fields and numbers have decimal points only.
func (d *dialect) String() string {
	var parts []string
	for _, s := range separators {
		if s.char == d.separator && s.char != ',' {
			parts = append(parts, "separated by "+s.name)
		}
	}
	names := map[byte]string{'.': "points", ',': "commas", '\'': "apostrophes", ' ': "blanks"}
	marks := ""
	if d.decimal == ',' {
		marks = "with decimal commas"
	}
	if thousands := names[d.thousands]; thousands != "" && d.decided {
		if marks == "" {
			marks = "with decimal points"
		}
		marks += " and " + thousands + " between thousands"
	}
	if marks != "" {
		parts = append(parts, marks)
	}
	return strings.Join(parts, ", ")
}

// settled reports whether the numbers that were read mean what they were read as, whatever comes.
func (d *dialect) settled() bool {
	return !d.other && (d.decided || d.proven || !d.doubtful || d.separator == ',' && !smallBesidePoint(d.small, d.point))
}

// value reads a value in a column, or returns the reason why the text is not one.
func (d *dialect) value(b []byte, column int) (float64, string) {
	if d.decided {
		return d.decidedValue(b)
	}
	if v, places, ok := parseShort(b); ok {
		if !d.proven {
			d.note(marksOfShort(b, places), column)
		}
		return v, ""
	}
	b = trim(b)
	switch kind := marksOf(b); kind {
	case small, point, pointDecimal:
		d.note(kind, column)
	case commaDecimal, pointGroups, commaGroups, comma:
		d.other = true
		return 0, ""
	}
	if d.thousands != 0 && len(b) > 0 && !isMarked(b) { // the options name a mark, but not that of the decimals
		if text, ok := withoutGroups(d.room[:0], b, d.thousands); ok && len(text) < len(b) {
			d.other = true
			return 0, ""
		}
	}
	v, ok := parseValue(b)
	if !ok {
		return 0, valueReason(b)
	}
	return v, ""
}

// note takes a number with a decimal point, or with few digits, into account. Three decimals may be thousands.
func (d *dialect) note(kind number, column int) {
	switch kind {
	case pointDecimal:
		d.proven = true
	case point:
		d.proven, d.doubtful = d.none, d.doubtful || !d.none
		d.point[column] = true
	case small:
		d.small[column] = true
	}
}

// decidedValue reads a value with known marks.
func (d *dialect) decidedValue(b []byte) (float64, string) {
	b = trim(b)
	text, ok := d.plain(b)
	if ok {
		if v, ok := parseValue(text); ok {
			return v, ""
		}
	}
	return 0, valueReason(b)
}

// plain is a number without marks between thousands and with a decimal point, or false if it has others than the dialect.
func (d *dialect) plain(b []byte) ([]byte, bool) {
	if d.thousands == '\'' || d.thousands == ' ' {
		text, ok := withoutGroups(d.room[:0], b, d.thousands)
		if !ok {
			return b, false
		}
		d.room, b = text, text
	}
	point := bytes.IndexByte(b, '.') >= 0
	if !point && bytes.IndexByte(b, ',') < 0 {
		return b, true
	}
	kind := marksOf(b)
	if kind == notNumber { // a word
		return b, bytes.IndexByte(b, ',') < 0
	}
	whole, decimals, some := bytes.Cut(b, []byte{d.decimal})
	digits := bytes.TrimLeft(whole, "+-")
	other := byte('.' + ',' - d.decimal)
	if bytes.IndexByte(digits, other) >= 0 && (d.thousands != other || !grouped(digits, other)) || bytes.ContainsAny(decimals, ".,") {
		return b, false
	}
	text := d.room[:0] // b may be in the same memory, but never before what is written
	for _, c := range whole {
		if c != other {
			text = append(text, c)
		}
	}
	if some {
		text = append(append(text, '.'), decimals...)
	}
	d.room = text
	return text, true
}

// valueReason is the reason why a text is not a value.
func valueReason(b []byte) string {
	reason := "not a number: " + series.Quote(string(b))
	switch {
	case !bytes.ContainsAny(b, "0123456789"):
	case bytes.ContainsAny(b, "%$€£¥"):
		reason += ", write it like 1234.56, without a unit"
	case bytes.ContainsAny(b, "()"):
		reason += ", write it like -1234.56"
	case bytes.ContainsAny(b, "'’ \u00a0\u202f\u2009"):
		reason += ", write it like 1234.56, or say --thousands"
	case bytes.ContainsAny(b, ",.−"):
		reason += ", write it like 1234.56, or say --decimal and --thousands"
	}
	return reason
}

// survey looks at all numbers in some columns of the table, from the row that the scanner is at, and decides the marks.
func (d dialect) survey(scan scanner, table *series.Builder, columns []int) (dialect, error) {
	e := newEvidence(len(table.Columns))
	scan.quoted, scan.fields = nil, nil
	for table.Err() == nil && scan.next() {
		for _, i := range columns {
			if i >= len(scan.fields) {
				continue
			}
			b := trim(scan.fields[i])
			if text, ok := withoutGroups(nil, b, d.thousands); ok && d.thousands != 0 {
				b = text
			}
			kind := marksOf(b)
			switch {
			case kind == notNumber:
				continue
			case d.none && kind == point:
				kind = pointDecimal
			case d.none && kind == comma:
				kind = commaDecimal
			}
			e.add(kind, scan.at, i, b)
		}
	}
	if err := table.Err(); err != nil {
		return d, err
	}
	decimal, thousands, fault, reason := e.decide(d.separator)
	if reason != "" {
		at := e.first[fault]
		return d, &series.RejectError{Total: 1, Faults: []series.Finding{{Line: at.line, Column: table.Columns[at.column], Reason: reason}}}
	}
	d.decimal, d.decided, d.other = decimal, true, false
	if d.thousands == 0 && !d.none {
		d.thousands = thousands
	}
	return d, nil
}
