package series

import (
	"cmp"
	"slices"
	"strings"
)

// PriceColumns are the names by which a job chooses a column of a file with prices, in the order in which an audit lists
// them. The fields of bars have other spellings in files: see [PriceColumn].
func PriceColumns() []string { return []string{"open", "high", "low", "close", "adj_close", "volume"} }

// PriceColumn is the one of [PriceColumns] that a name means, or empty. Case, blanks and punctuation do not matter:
// "Adj Close*", "adj_close" and "Adjusted" are adj_close.
func PriceColumn(name string) string {
	switch field := barField(name); field {
	case "open", "high", "low", "close", "volume":
		return field
	case "adjclose", "adjustedclose", "adjusted":
		return "adj_close"
	case "vol":
		return "volume"
	}
	return ""
}

// SameColumn reports whether two names mean the same column: see [PriceColumn].
func SameColumn(a, b string) bool {
	if p := PriceColumn(a); p != "" {
		return p == PriceColumn(b)
	}
	return plain(a) == plain(b)
}

// read notes which column the values are those of, by the field of its bar or by its name, and the columns of prices that
// could have been read in its place.
func (l *Layout) read(name string, fields []string) {
	field := PriceColumn(name)
	l.column = cmp.Or(field, strings.TrimSpace(name))
	for _, p := range PriceColumns() {
		if field != "" && slices.ContainsFunc(fields, func(f string) bool { return PriceColumn(f) == p }) {
			l.prices = append(l.prices, p)
		}
	}
	switch {
	case len(l.prices) < 2:
		l.prices = nil
	case field == "volume":
	case field == "adj_close":
		l.note("by its name, the column is adjusted for splits and dividends")
	default:
		l.note("the file does not say whether the column is adjusted for splits and dividends")
	}
}

// valueNamed finds the column that the option for the value names. A name that no column has may be another spelling.
func (l *Layout) valueNamed(asked string) (int, error) {
	at, err := l.named("value", asked)
	if err == nil {
		return at, nil
	}
	if alike := l.places(func(i int) bool { return SameColumn(l.Columns[i], asked) }); len(alike) == 1 {
		return alike[0], nil
	}
	return -1, err
}
