package series

import (
	"fmt"
	"slices"
	"strings"
)

// Content is what a reader knows about the cells of a column before it reads all of them.
type Content uint8

// The contents of columns.
const (
	Unknown  Content = iota // the reader has not looked
	Integers                // whole numbers
	Numbers                 // numbers, some of them with decimals
	Times                   // dates, or a type of times
	Words                   // text that is neither numbers nor times
	Empty                   // no cell has anything
)

// Column is what a reader knows about a column of a file before it reads all of it.
type Column struct {
	Name    string
	Content Content
	// RowNumbers says that the cells number the rows from 0 or from 1.
	RowNumbers bool
	// Midnights says that all cells are a time of day that is midnight: 000000 or 00:00:00.
	Midnights bool
	// Clock says that all cells are times of day in text, which the reader can put behind the dates of another column.
	Clock bool
	// Index says that the column is the index of a data frame: it may have the times, and is no asset.
	Index bool
	// Asset is the asset that the column belongs to, in a file whose header has a row of fields (Close, Volume) and a row of
	// assets.
	Asset string
}

// Named are columns of which only the names are known.
func Named(names ...string) []Column {
	columns := make([]Column, len(names))
	for i, n := range names {
		columns[i].Name = n
	}
	return columns
}

// Layout says what the columns of a file are. In the long form each row has an asset, a time and a value; in the wide
// form a row has a time, and a value of each asset.
type Layout struct {
	// Long tells the long form from the wide one.
	Long bool
	// ID and Value are the places of the assets and of the values, in the long form.
	ID, Value int
	// Time is the place of the times, or -1 if the rows are numbered.
	Time int
	// Clock is the place of the times of day that belong to the dates in Time, or -1.
	Clock int
	// Assets are the places of the columns of values, in the wide form.
	Assets []int
	// Columns are the names of all columns, without blanks around them.
	Columns []string

	columns []Column
	left    []bool   // the columns that are left out
	names   []string // of the assets, in the wide form
	guessed bool     // nothing but its place says that the first column has the times
	notes   []string // for the audit
	column  string   // see [Audit.Column]
	prices  []string // see [Audit.Columns]
}

// newLayout finds out what the columns are. A file is long if it has a column of assets.
func newLayout(columns []Column, o Options) (Layout, error) {
	l := Layout{ID: -1, Value: -1, Time: -1, Clock: -1, columns: slices.Clone(columns), left: make([]bool, len(columns))}
	for i := range columns {
		l.columns[i].Name = strings.TrimSpace(columns[i].Name)
		l.Columns = append(l.Columns, l.columns[i].Name)
	}
	steps := []func(Options) error{l.drop, l.findID, l.findTime}
	for _, step := range steps {
		if err := step(o); err != nil {
			return l, err
		}
	}
	if l.ID >= 0 {
		l.Long = true
		return l, l.findValue(o)
	}
	return l, l.findAssets(o)
}

// drop leaves out the columns that the options name, and those that are known in advance.
func (l *Layout) drop(o Options) error {
	places, err := l.matching("drop", o.Drop)
	for _, i := range places {
		l.left[i] = true
	}
	if err != nil {
		return err
	}
	var ahead []int
	for k, name := range o.X {
		i, err := l.named("x", name)
		switch {
		case err != nil:
			return err
		case o.Value != "" && strings.EqualFold(l.Columns[i], strings.TrimSpace(o.Value)):
			return &FieldError{"x", fmt.Sprintf("column %q is the value", l.Columns[i])}
		case slices.Contains(o.X[:k], name):
			return &FieldError{"x", fmt.Sprintf("names column %q twice", l.Columns[i])}
		}
		l.left[i] = true
		ahead = append(ahead, i)
	}
	if ahead != nil {
		l.note("known in advance: %s", l.listOf(ahead))
	}
	return nil
}

// findID finds the column of the assets. Rows that are numbered under the name id are no assets.
func (l *Layout) findID(o Options) (err error) {
	if o.ID != "" {
		l.ID, err = l.named("id", o.ID)
		return err
	}
	for _, usual := range [][]string{idNames, {"id"}} {
		found := l.places(func(i int) bool { return slices.Contains(usual, plain(l.Columns[i])) && !l.columns[i].RowNumbers })
		if len(found) > 1 {
			return l.ambiguous(found, "asset", "id")
		}
		if len(found) == 1 {
			l.ID = found[0]
			return nil
		}
	}
	return nil
}

// findValue finds the column of the values of a long file.
func (l *Layout) findValue(o Options) (err error) {
	if o.Value != "" {
		if l.Value, err = l.valueNamed(o.Value); err != nil {
			return err
		}
	} else if err := l.usualValue(o); err != nil {
		return err
	}
	switch {
	case l.Value < 0:
		return Reject("no column for the value among %s: rename it to one of %s, or say which column it is", l.list(), strings.Join(valueNames, ", "))
	case l.Time < 0 && !o.NumberRows:
		return Reject("no column for the time among %s: rename it to one of %s, or say which column it is", l.list(), strings.Join(timeNames, ", "))
	case l.ID == l.Time || l.ID == l.Value || l.Time == l.Value:
		return Reject("asset, time and value must be three columns")
	case o.AssetName != "":
		return &FieldError{"asset_name", fmt.Sprintf("the file names its assets in column %q", l.Columns[l.ID])}
	}
	l.noteLong()
	return nil
}

// usualValue finds the value by the usual names, or among the columns that the options name.
func (l *Layout) usualValue(o Options) error {
	among, err := l.matching("columns", o.Columns)
	if err != nil {
		return err
	}
	if len(among) == 1 {
		l.Value = among[0]
		return nil
	}
	for _, usual := range [][]string{valueNames, {"adjclose"}} {
		found := l.places(func(i int) bool {
			return i != l.ID && i != l.Time && slices.Contains(usual, plain(l.Columns[i])) && (o.Columns == nil || slices.Contains(among, i))
		})
		if len(found) > 1 {
			return l.ambiguous(found, "value", "value")
		}
		if len(found) == 1 {
			l.Value = found[0]
			return nil
		}
	}
	return nil
}

// noteLong says which columns of a long file are not read.
func (l *Layout) noteLong() {
	rest := l.places(func(i int) bool { return i != l.ID && i != l.Time && i != l.Value })
	if len(rest) > 0 {
		l.note("the values are those of column %q; not read: %s", l.Columns[l.Value], l.listOf(rest))
	}
	fields := []string{l.Columns[l.Value]}
	for _, i := range rest {
		fields = append(fields, l.Columns[i])
	}
	l.read(l.Columns[l.Value], fields)
}

// note adds a sentence to the audit.
func (l *Layout) note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

// places are the places of the columns that are not left out and for which ok is true.
func (l *Layout) places(ok func(i int) bool) []int {
	var found []int
	for i := range l.columns {
		if !l.left[i] && ok(i) {
			found = append(found, i)
		}
	}
	return found
}

// ambiguous is the error for columns of which each could be the only one of its use.
func (l *Layout) ambiguous(found []int, use, field string) error {
	return Reject("columns %q and %q can both be the %s: say which with --%s-column, or leave one out with --drop", l.Columns[found[0]], l.Columns[found[1]], use, field)
}

// list quotes the names of all columns for a message.
func (l *Layout) list() string {
	var all []int
	for i := range l.Columns {
		all = append(all, i)
	}
	return l.listOf(all)
}

// listOf quotes the names of columns for a message, each once.
func (l *Layout) listOf(places []int) string {
	const limit = 8
	var quoted []string
	seen := make(map[string]bool, len(places))
	for _, i := range places {
		if name := l.Columns[i]; !seen[name] {
			seen[name] = true
			if len(seen) <= limit {
				quoted = append(quoted, Quote(name))
			}
		}
	}
	if more := len(seen) - limit; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}
