package series

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// findAssets finds the columns of values of a wide file: all that are not left out, or those that the options name, or the
// closing prices where the file has the bars of an asset.
func (l *Layout) findAssets(o Options) error {
	rest := l.places(func(i int) bool { return i != l.Time })
	asked, err := l.matching("columns", o.Columns)
	if err != nil {
		return err
	}
	if o.Columns != nil {
		rest = slices.DeleteFunc(rest, func(i int) bool { _, ok := slices.BinarySearch(asked, i); return !ok })
	}
	if values := slices.DeleteFunc(slices.Clone(rest), l.isNothing); o.Columns == nil && len(values) > 0 {
		l.noteRowNumbers(rest, values)
		rest = values
	}
	if err := l.chooseAssets(rest, o); err != nil {
		return err
	}
	if o.AssetName != "" {
		if len(l.Assets) != 1 {
			return &FieldError{"asset_name", fmt.Sprintf("the file has %d assets: %s", len(l.Assets), l.listOf(l.Assets))}
		}
		l.names[0] = o.AssetName
	}
	return l.checkAssets()
}

// isNothing reports whether a column is no asset because it numbers the rows, is the index of a data frame, or has neither a
// name nor a cell.
func (l *Layout) isNothing(i int) bool {
	c := l.columns[i]
	return c.Index || l.isFiltered(i) || c.RowNumbers && isRowName(i, c.Name) || c.Name == "" && c.Content == Empty
}

// isFiltered reports whether a first column is what pandas writes of the index of a frame that lost some rows.
func (l *Layout) isFiltered(i int) bool {
	return i == 0 && l.Time > 0 && unnamed(l.Columns[i]) && l.columns[i].Content == Integers
}

// noteRowNumbers says which columns are not among those of values, and why.
func (l *Layout) noteRowNumbers(columns, values []int) {
	for _, i := range columns {
		c := l.columns[i]
		if _, ok := slices.BinarySearch(values, i); ok {
			continue
		}
		switch {
		case c.Index, l.isFiltered(i) && !c.RowNumbers:
			l.note("column %q is the index of a data frame and is not read", c.Name)
		case c.RowNumbers:
			l.note("column %q numbers the rows and is not read", c.Name)
		}
	}
}

// isRowName reports whether a column of the name at the place may number the rows.
func isRowName(place int, name string) bool {
	return unnamed(name) || plain(name) == "index" || place == 0 && slices.Contains(rowNames, plain(name))
}

// chooseAssets takes the bars among the columns, or the one that the options name, or all.
func (l *Layout) chooseAssets(rest []int, o Options) error {
	if bars, ok := l.barsOf(rest); ok && o.Columns == nil {
		return l.takeBars(bars, rest, o)
	}
	if o.Value != "" {
		return l.takeValue(rest, o.Value)
	}
	for _, i := range rest {
		if l.isID(i) && len(rest) > 1 && o.Columns == nil {
			return Reject("column %q is called an id, and not a value: leave it out with --drop, or say with --id-column that it names the assets", l.Columns[i])
		}
		if l.isPart(i) && len(rest) > 1 && o.Columns == nil {
			return Reject("column %q is called a part of a date, and not a value: leave it out with --drop, or name the columns to read with --columns", l.Columns[i])
		}
		l.take(i, l.Columns[i])
	}
	return nil
}

// takeValue takes the one column that the options name.
func (l *Layout) takeValue(rest []int, value string) error {
	at, err := l.valueNamed(value)
	if err != nil {
		return err
	}
	if at == l.Time {
		return &FieldError{"value", fmt.Sprintf("column %q has the times", l.Columns[at])}
	}
	l.take(at, l.Columns[at])
	l.column = cmp.Or(PriceColumn(l.Columns[at]), l.Columns[at])
	if others := slices.DeleteFunc(rest, func(i int) bool { return i == at }); len(others) > 0 {
		l.note("not read: %s", l.listOf(others))
	}
	return nil
}

// isID reports whether integers are called an id, such as order_id or storeId.
func (l *Layout) isID(i int) bool {
	w := words(l.Columns[i])
	return len(w) > 1 && w[len(w)-1] == "id" && l.columns[i].Content == Integers
}

// take adds an asset.
func (l *Layout) take(place int, name string) {
	l.Assets, l.names = append(l.Assets, place), append(l.names, name)
}

// checkAssets returns the error for columns that cannot be assets.
func (l *Layout) checkAssets() error {
	if len(l.Assets) == 0 {
		return Reject("the file has no column of values, only %s", l.list())
	}
	seen := make(map[string]bool, len(l.Assets))
	numeric := slices.ContainsFunc(l.Assets, func(i int) bool { return l.columns[i].Content == Integers || l.columns[i].Content == Numbers })
	for k, i := range l.Assets {
		name, content := l.names[k], l.columns[i].Content
		switch reason := nameFault(name); {
		case reason != "" && !isRowName(i, l.Columns[i]):
			return Reject("column %d of the header: %s", i+1, reason)
		case seen[name]:
			return Reject("the header has column %q twice", name)
		case content == Words && numeric: // otherwise the lines tell more
			return l.notNumbers(i, "words")
		case content == Times:
			return l.notNumbers(i, "times")
		}
		seen[name] = true
	}
	return nil
}

// notNumbers is the error for a column of a wide file that has something else than numbers.
func (l *Layout) notNumbers(i int, what string) error {
	text := fmt.Sprintf("column %q has %s in place of numbers: leave it out with --drop, or name the columns to read with --columns", l.Columns[i], what)
	if what == "words" {
		text += "; if it names the assets, say so with --id-column"
	}
	return Reject("%s", text)
}

// dropRowNumbers leaves out the columns that are called like one that numbers the rows, and do. It returns the error for such
// a column that does not, and has no name for an asset.
func (b *Builder) dropRowNumbers() error {
	keep := b.source.columns[:0]
	for k, c := range b.source.columns {
		name := b.Columns[b.Assets[k]]
		if isRowName(b.Assets[k], name) && len(b.source.columns) > 1 && numbersRows(c.values) && len(b.options.Columns) == 0 {
			b.source.audit.note("column %q numbers the rows and is not read", name)
			continue
		}
		if reason := nameFault(c.name); reason != "" {
			return Reject("column %d of the header: %s", b.Assets[k]+1, reason)
		}
		keep = append(keep, c)
	}
	b.source.columns = keep
	return nil
}

// numbersRows reports whether values count from 0 or from 1.
func numbersRows(values []float64) bool {
	if len(values) < 2 || values[0] != 0 && values[0] != 1 {
		return false
	}
	for k, v := range values {
		if v != values[0]+float64(k) {
			return false
		}
	}
	return true
}

// checkIDs rejects a long file whose column of assets, called id, identifies or numbers the rows: each has another time.
func (b *Builder) checkIDs() error {
	if !b.Long || plain(b.Columns[b.ID]) != "id" || len(b.source.columns) < 2 || b.options.ID != "" {
		return nil
	}
	numbers, at := true, make(map[int64]bool)
	for k, c := range b.source.columns {
		if len(c.times) != 1 {
			return nil
		}
		numbers = numbers && (c.name == fmt.Sprint(k) || c.name == fmt.Sprint(k+1))
		at[c.times[0]] = true
	}
	name, assets := strings.TrimSpace(b.Columns[b.ID]), len(b.source.columns)
	switch {
	case numbers:
		return Reject("column %q numbers the rows, so each of the %d assets would have one value: leave it out with --drop", name, assets)
	case len(at) == assets && assets > 2:
		return Reject("column %q has another name in each row, so each of the %d assets would have one value: leave it out with --drop, or say with --id-column that it names the assets", name, assets)
	}
	return nil
}
