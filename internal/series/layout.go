package series

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Options change how a file is read. The zero value takes the usual column names and infers the frequency.
type Options struct {
	// ID, Time and Value name the columns of a long file in place of the usual names. Case does not matter.
	ID, Time, Value string
	// Freq is the frequency in place of the one that the times show.
	Freq Freq
	// Timezone is the zone of times that have none, and the zone in which instants are told, by its name in the IANA database
	// or its offset from UTC: Europe/Berlin, +09:00. Of a local time that the zone's clocks show twice in autumn, the first row
	// in the order of time has the earlier instant.
	Timezone string
}

// check returns the error for an option that has no meaning.
func (o Options) check() error {
	if !o.Freq.Valid() {
		return &FieldError{"freq", strconv.Quote(string(o.Freq)) + " is not one of H, D, B, W, M, Q, Y"}
	}
	return nil
}

// The usual names of the three columns of a long file.
var (
	idNames    = []string{"unique_id", "asset", "symbol", "series_id"}
	timeNames  = []string{"ds", "date", "time", "step"}
	valueNames = []string{"y", "value", "close", "price"}
)

// Layout says what the columns of a file are. In the long form each row has an asset, a time and a value; in the wide
// form the first column has the times, and each further one is an asset.
type Layout struct {
	// Long tells the long form from the wide one.
	Long bool
	// ID, Time and Value are the places of the three columns of the long form. Time is 0 in the wide form.
	ID, Time, Value int
	// Columns are the names of all columns, without blanks around them.
	Columns []string
}

// newLayout finds out what the columns are. A file is long if it has an identifier, or if the options name one or a value.
func newLayout(columns []string, o Options) (Layout, error) {
	l := Layout{Columns: make([]string, len(columns))}
	for i, c := range columns {
		l.Columns[i] = strings.TrimSpace(c)
	}
	var err error
	if l.ID, err = l.find("id", o.ID, idNames); err != nil {
		return l, err
	}
	if l.ID < 0 && o.Value == "" {
		return l, l.checkWide(o)
	}
	l.Long = true
	if l.Time, err = l.find("time", o.Time, timeNames); err != nil {
		return l, err
	}
	if l.Value, err = l.find("value", o.Value, valueNames); err != nil {
		return l, err
	}
	return l, l.checkLong()
}

// find returns the column that was asked for, or else the one with a usual name, or -1.
func (l *Layout) find(field, asked string, usual []string) (int, error) {
	if asked != "" {
		i := slices.IndexFunc(l.Columns, func(n string) bool { return strings.EqualFold(n, strings.TrimSpace(asked)) })
		if i < 0 {
			return -1, &FieldError{field, fmt.Sprintf("the file has no column %q, only %s", asked, l.list())}
		}
		return i, nil
	}
	found := -1
	for i, n := range l.Columns {
		if !isOneOf(usual, n) {
			continue
		}
		if found >= 0 {
			return -1, Reject("columns %q and %q can both be the %s: say which", l.Columns[found], n, field)
		}
		found = i
	}
	return found, nil
}

// checkLong returns the error for a column that a long file lacks.
func (l *Layout) checkLong() error {
	switch {
	case l.ID < 0:
		return Reject("no column for the asset among %s: rename it to one of %s, or say which column it is", l.list(), strings.Join(idNames, ", "))
	case l.Time < 0:
		return Reject("no column for the time among %s: rename it to one of %s, or say which column it is", l.list(), strings.Join(timeNames, ", "))
	case l.Value < 0:
		return Reject("no column for the value among %s: rename it to one of %s, or say which column it is", l.list(), strings.Join(valueNames, ", "))
	case l.ID == l.Time || l.ID == l.Value || l.Time == l.Value:
		return Reject("asset, time and value must be three columns")
	}
	return nil
}

// checkWide returns the error for columns that cannot be assets.
func (l *Layout) checkWide(o Options) error {
	if o.Time != "" && !strings.EqualFold(strings.TrimSpace(o.Time), l.Columns[0]) {
		return &FieldError{"time", fmt.Sprintf("a wide file has its time in the first column, which is %q", l.Columns[0])}
	}
	if len(l.Columns) < 2 {
		return Reject("the file has no column of values, only %s", l.list())
	}
	seen := make(map[string]bool, len(l.Columns))
	for i, n := range l.Columns[1:] {
		if reason := nameFault(n); reason != "" {
			return Reject("column %d of the header: %s", i+2, reason)
		}
		if seen[n] {
			return Reject("the header has column %q twice", n)
		}
		seen[n] = true
	}
	return nil
}

// list quotes the names of the columns for a message.
func (l *Layout) list() string {
	const limit = 8
	var quoted []string
	for _, n := range l.Columns[:min(limit, len(l.Columns))] {
		quoted = append(quoted, Quote(n))
	}
	if more := len(l.Columns) - limit; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}

// NumbersRows reports whether the first column, which has no name, only numbers the rows of a wide file, as data
// frames are written. A reader leaves such a column out.
func NumbersRows(columns []string) bool {
	return len(columns) > 2 && strings.TrimSpace(columns[0]) == "" && isOneOf(timeNames, columns[1]) &&
		!slices.ContainsFunc(columns, func(n string) bool { return isOneOf(idNames, n) })
}

// isOneOf reports whether name is one of the usual names, without regard to case and blanks.
func isOneOf(usual []string, name string) bool {
	return slices.ContainsFunc(usual, func(u string) bool { return strings.EqualFold(u, strings.TrimSpace(name)) })
}
