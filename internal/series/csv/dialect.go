package csv

import (
	"bytes"
	"fmt"
	"strings"

	"foliocast/internal/series"
)

// dialect is how a CSV file is written: the separator of its fields and, once a number has shown it, of the decimals.
type dialect struct {
	separator byte
	decimal   byte   // 0 until a number has one; not used if commas separate fields
	line      int64  // the line of the number that showed it
	number    string // the number in that line, quoted
}

// separators are the characters that may separate fields, with their names.
var separators = []struct {
	char byte
	name string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}}

// detect finds the dialect of a file by its first line, in which a comma outside of quotes separates fields. If the line is
// "sep=;", as spreadsheets write it above the table, detect returns its length.
func detect(data []byte) (d dialect, skip int) {
	text := bytes.TrimLeft(data, "\r\n")
	line, _, more := bytes.Cut(text, []byte("\n"))
	first := strings.ToLower(string(bytes.TrimSuffix(line, []byte("\r"))))
	for _, s := range separators {
		if more && first == "sep="+string(s.char) {
			return dialect{separator: s.char}, len(data) - len(text) + len(line) + 1
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
			return dialect{separator: s.char}, 0
		}
	}
	return dialect{separator: ','}, 0
}

// String describes the dialect, unless commas separate the fields.
func (d *dialect) String() string {
	if d.separator == ',' {
		return ""
	}
	text := ""
	for _, s := range separators {
		if s.char == d.separator {
			text = "separated by " + s.name
		}
	}
	if d.decimal == ',' {
		text += ", with decimal commas"
	}
	return text
}

// value reads a value of the line at, or returns the reason why it is not one. Commas that do not separate fields may
// separate decimals, but then they must in all numbers of the file.
func (d *dialect) value(b []byte, at int64) (float64, string) {
	if d.separator == ',' {
		v, ok := parseValue(b)
		if !ok {
			return 0, valueReason(b)
		}
		return v, ""
	}
	b = trim(b)
	mark := bytes.IndexAny(b, ",.")
	text := b
	if mark >= 0 && b[mark] == ',' {
		if bytes.ContainsAny(b[mark+1:], ",.") {
			return 0, valueReason(b)
		}
		text = bytes.Clone(b)
		text[mark] = '.'
	}
	v, ok := parseValue(text)
	switch {
	case !ok:
		return 0, valueReason(b)
	case mark < 0 || v != v: // without decimals, or missing
		return v, ""
	case b[mark] == ',' && d.separator != ';' && mayBeThousands(b, mark):
		return 0, fmt.Sprintf("%s may have a decimal comma or a comma after the thousands: write it like 1234.56", series.Quote(string(b)))
	case d.decimal == 0:
		d.decimal, d.line, d.number = b[mark], at, series.Quote(string(b))
	case d.decimal != b[mark]:
		return 0, fmt.Sprintf("%s does not agree with %s in line %d: all numbers of a file must have decimal points, or all decimal commas", series.Quote(string(b)), d.number, d.line)
	}
	return v, ""
}

// mayBeThousands reports whether a comma is where English has one after the thousands.
func mayBeThousands(b []byte, comma int) bool {
	before := bytes.TrimLeft(b[:comma], "+-")
	return len(b)-comma-1 == 3 && len(before) > 0 && len(before) <= 3 && before[0] != '0'
}

// valueReason is the reason why a text is not a value.
func valueReason(b []byte) string {
	reason := "not a number: " + series.Quote(string(b))
	if bytes.ContainsAny(b, "0123456789") && (bytes.ContainsAny(b, ",.'’ %$()") || bytes.ContainsAny(b, "€£¥\u00a0\u202f−")) {
		reason += ", write it like 1234.56"
	}
	return reason
}
