package csv

import (
	"bytes"
	"fmt"
	"strings"

	"foliocast/internal/series"
)

// dialect is how a CSV file is written: what separates its fields, and once a number has shown it, what separates
// the decimals.
type dialect struct {
	separator byte
	decimal   byte // 0 until a number has one; always a point where commas separate fields
	line      int64
	number    string // the one in that line
}

// separators are what may stand between fields, with what they are called.
var separators = []struct {
	char byte
	name string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}}

// detect tells the dialect by the first line, and returns how many bytes of it are no part of the table: spreadsheets
// write a line "sep=;" above. A line with a comma outside of quotes is separated by commas.
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

// String describes a dialect that is not the usual one.
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

// value reads a value of the line at, or says why it is none. Where commas do not separate fields they may separate
// decimals, in all numbers of the file or in none.
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
	case mark < 0 || v != v: // nothing that separates decimals, or a word for a missing value
		return v, ""
	case b[mark] == ',' && d.separator != ';' && mayBeThousands(b, mark):
		return 0, fmt.Sprintf("%s may be a decimal number or have a thousands separator: write it like 1234.56", series.Quote(string(b)))
	case d.decimal == 0:
		d.decimal, d.line, d.number = b[mark], at, series.Quote(string(b))
	case d.decimal != b[mark]:
		return 0, fmt.Sprintf("%s does not fit to %s in line %d: decimals have points or commas in all of a file", series.Quote(string(b)), d.number, d.line)
	}
	return v, ""
}

// mayBeThousands reports whether a comma stands where English writes one after the thousands.
func mayBeThousands(b []byte, comma int) bool {
	before := bytes.TrimLeft(b[:comma], "+-")
	return len(b)-comma-1 == 3 && len(before) > 0 && len(before) <= 3 && before[0] != '0'
}

// valueReason says why a text is no value.
func valueReason(b []byte) string {
	reason := "not a number: " + series.Quote(string(b))
	if bytes.ContainsAny(b, "0123456789") && (bytes.ContainsAny(b, ",.'’ %$()") || bytes.ContainsAny(b, "€£¥\u00a0\u202f−")) {
		reason += ", write it like 1234.56"
	}
	return reason
}
