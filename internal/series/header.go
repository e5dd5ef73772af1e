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
}

// check reports an option that cannot be.
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

// layout says where in a file what stands: in the long form columns id, time and value, in the wide form the time in
// the first column and one asset in each further one.
type layout struct {
	long            bool
	id, time, value int
	names           []string // all columns, blanks around the names cut off
}

// newLayout judges a file's columns. A file with an identifier, or for which the options name an identifier or a value,
// is long; any other is wide.
func newLayout(columns []string, o Options) (layout, error) {
	l := layout{names: make([]string, len(columns))}
	for i, c := range columns {
		l.names[i] = strings.TrimSpace(c)
	}
	var err error
	if l.id, err = l.find("id", o.ID, idNames); err != nil {
		return l, err
	}
	if l.id < 0 && o.Value == "" {
		return l, l.checkWide(o)
	}
	l.long = true
	if l.time, err = l.find("time", o.Time, timeNames); err != nil {
		return l, err
	}
	if l.value, err = l.find("value", o.Value, valueNames); err != nil {
		return l, err
	}
	return l, l.checkLong()
}

// find returns the column that was asked for, or else the one with a usual name, or -1.
func (l *layout) find(field, asked string, usual []string) (int, error) {
	if asked != "" {
		i := slices.IndexFunc(l.names, func(n string) bool { return strings.EqualFold(n, strings.TrimSpace(asked)) })
		if i < 0 {
			return -1, &FieldError{field, fmt.Sprintf("the file has no column %q, only %s", asked, l.list())}
		}
		return i, nil
	}
	found := -1
	for i, n := range l.names {
		if !slices.ContainsFunc(usual, func(u string) bool { return strings.EqualFold(n, u) }) {
			continue
		}
		if found >= 0 {
			return -1, reject("columns %q and %q can both be the %s: say which", l.names[found], n, field)
		}
		found = i
	}
	return found, nil
}

// checkLong reports the parts that a long file lacks.
func (l *layout) checkLong() error {
	switch {
	case l.id < 0:
		return reject("no column for the asset among %s: name one of %s, or say which it is", l.list(), strings.Join(idNames, ", "))
	case l.time < 0:
		return reject("no column for the time among %s: name one of %s, or say which it is", l.list(), strings.Join(timeNames, ", "))
	case l.value < 0:
		return reject("no column for the value among %s: name one of %s, or say which it is", l.list(), strings.Join(valueNames, ", "))
	case l.id == l.time || l.id == l.value || l.time == l.value:
		return reject("asset, time and value must be three columns")
	}
	return nil
}

// checkWide reports names that cannot be assets.
func (l *layout) checkWide(o Options) error {
	if o.Time != "" && !strings.EqualFold(strings.TrimSpace(o.Time), l.names[0]) {
		return &FieldError{"time", fmt.Sprintf("a wide file has its time in the first column, which is %q", l.names[0])}
	}
	if len(l.names) < 2 {
		return reject("the file has no column of values, only %s", l.list())
	}
	seen := make(map[string]bool, len(l.names))
	for i, n := range l.names[1:] {
		if reason := nameFault(n); reason != "" {
			return reject("column %d of the header: %s", i+2, reason)
		}
		if seen[n] {
			return reject("the header has column %q twice", n)
		}
		seen[n] = true
	}
	return nil
}

// list quotes the columns of the file for a message.
func (l *layout) list() string {
	const limit = 8
	var quoted []string
	for _, n := range l.names[:min(limit, len(l.names))] {
		quoted = append(quoted, strconv.Quote(shorten(n)))
	}
	if more := len(l.names) - limit; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}
