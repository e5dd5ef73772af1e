package series

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
)

// The usual names of columns, as [plain] writes them. Those of the later lists count only where no column has one of the
// earlier.
var (
	idNames   = []string{"uniqueid", "asset", "symbol", "seriesid", "ticker", "itemid"}
	timeNames = []string{"ds", "date", "time", "timestamp", "datetime", "unix", "epoch", "unixtime"}
	// A column of another language, or of a unit, may also hold values.
	unitNames = []string{"period", "month", "week", "year", "day", "quarter", "hour", "datum", "zeit", "jahr", "monat", "woche", "tag",
		"yearmonth", "yearweek", "yyyymmdd", "yyyymm", "yyyyww"}
	partNames  = []string{"month", "week", "year", "day", "quarter", "hour", "jahr", "monat", "woche", "tag"}
	weekNames  = []string{"week", "kw", "woche", "yearweek", "yyyyww"}
	valueNames = []string{"y", "value", "close", "price", "target"}
	// Names that data frames and their writers give to a first column that numbers the rows.
	rowNames = []string{"rownames", "rownumber", "row", "x", "1", "id", "no", "nr", "level0"}
)

// plain reduces a name to its letters and digits, in lower case: "<CLOSE>" to "close", "Adj Close*" to "adjclose".
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// words are the words of a name, in lower case: "Trade_Date (UTC)" has three, "observationDate" two.
func words(name string) []string {
	var spaced strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = ' '
		case unicode.IsUpper(r) && lower:
			spaced.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		spaced.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(spaced.String())
}

// namesTime reports whether a word of the name says that the column has times: trade_date, TIME_PERIOD.
func namesTime(name string) bool {
	return slices.ContainsFunc(words(name), func(w string) bool { return slices.Contains(timeNames, w) })
}

// unnamed reports whether the name is one that pandas gives to a column without one.
func unnamed(name string) bool {
	p := plain(name)
	return p == "" || p == "indexlevel0" || strings.HasPrefix(strings.ToLower(name), "unnamed: ")
}

// named finds the column that an option names.
func (l *Layout) named(field, asked string) (int, error) {
	asked = strings.TrimSpace(asked)
	at := slices.Index(l.Columns, asked)
	if at < 0 {
		at = slices.IndexFunc(l.Columns, func(n string) bool { return strings.EqualFold(n, asked) })
	}
	if at < 0 {
		return -1, &FieldError{field, fmt.Sprintf("the file has no column %q, only %s", asked, l.list())}
	}
	return at, nil
}

// matching finds the columns that the names of an option stand for. A name that no column has may be a pattern.
func (l *Layout) matching(field string, names []string) ([]int, error) {
	var found []int
	for _, name := range names {
		at, err := l.named(field, name)
		if err == nil {
			found = append(found, at)
			continue
		}
		pattern, some := strings.ToLower(strings.TrimSpace(name)), false
		for i, n := range l.Columns {
			ok, wrong := path.Match(pattern, strings.ToLower(n))
			if wrong != nil {
				return nil, &FieldError{field, fmt.Sprintf("%q is neither the name of a column nor a pattern of names", name)}
			}
			if ok {
				found, some = append(found, i), true
			}
		}
		if !some {
			return nil, err
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}
