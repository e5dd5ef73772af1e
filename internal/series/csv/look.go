package csv

import (
	"bytes"
	"strconv"
	"unicode"

	"foliocast/internal/series"
	"foliocast/internal/series/timetext"
)

// sample is how many rows the reader looks at to see what the columns hold.
const sample = 200

// cells counts what the cells of a column hold, as far as the reader has looked.
type cells struct {
	first                 []byte
	full                  int // those that are not empty or a word for missing values
	whole, numbers, times int
	clocks                int  // times of day
	counting, midnight    bool // the cells number the rows; all are midnight
}

// look finds out what the columns hold, from the rows below the header.
func (r *reader) look(names []string) []series.Column {
	found := make([]cells, len(names))
	scan := r.scan
	scan.quoted = nil
	for row := 0; row < sample && (row < 5 || row*len(names) < 100_000) && scan.next(); row++ {
		for i := range min(len(found), len(scan.fields)) {
			found[i].add(trim(scan.fields[i]), row)
		}
	}
	columns := make([]series.Column, len(names))
	for i, name := range names {
		c := &found[i]
		columns[i] = series.Column{Name: name, Content: c.content(), RowNumbers: c.counting && c.full > 1, Midnights: c.midnight && c.full > 0,
			Clock: c.clocks == c.full && c.full > 0}
	}
	return columns
}

// add looks at the cell in a row.
func (c *cells) add(b []byte, row int) {
	v, number := parseValue(b)
	if number && v != v {
		return
	}
	if c.full == 0 {
		c.first, c.counting, c.midnight = bytes.Clone(b), row == 0, true
	}
	c.full++
	if _, ok := clockOf(nil, b); ok {
		c.clocks++
	}
	c.midnight = c.midnight && len(bytes.Trim(b, "0:")) == 0
	n, err := strconv.ParseInt(string(b), 10, 64)
	first, wrong := strconv.ParseInt(string(c.first), 10, 64)
	c.counting = c.counting && err == nil && wrong == nil && (first == 0 || first == 1) && n == first+int64(c.full-1) && row == c.full-1
	switch {
	case err == nil:
		c.whole++
	case number:
		c.numbers++
	case looksLikeTime(b):
		c.times++
	case looksLikeNumber(b):
		c.numbers++
	}
}

// looksLikeNumber reports whether a text may be a number, in some way of writing or with a unit.
func looksLikeNumber(b []byte) bool {
	letter := func(r rune) bool { return unicode.IsLetter(r) || r == ':' || r == '/' }
	return bytes.ContainsAny(b, "0123456789") && bytes.IndexFunc(b, letter) < 0
}

func looksLikeTime(b []byte) bool {
	var p timetext.Parser
	m, ok := p.Parse(b)
	return ok && m.Kind != timetext.Integer
}

// content is what all cells of the column are. A column of which some cells are numbers is one of numbers, so that the other
// cells are named with their lines.
func (c *cells) content() series.Content {
	switch {
	case c.full == 0:
		return series.Empty
	case c.times == c.full:
		return series.Times
	case c.whole == c.full:
		return series.Integers
	case c.whole+c.numbers > 0:
		return series.Numbers
	case c.times > 0:
		return series.Unknown
	}
	return series.Words
}

// clockOf appends a blank and a time of day like 15:04, 150405 or 1504, with colons, or returns false for another text.
func clockOf(room, b []byte) ([]byte, bool) {
	if colon := bytes.IndexByte(b, ':'); colon == 1 || colon == 2 {
		return append(append(room, ' '), b...), true
	}
	if len(b) != 4 && len(b) != 6 {
		return room, false
	}
	for i, c := range b {
		highest := byte('9')
		if i%2 == 0 {
			highest = [...]byte{'2', '5', '5'}[i/2]
		}
		if c < '0' || c > highest {
			return room, false
		}
	}
	room = append(append(append(room, ' '), b[:2]...), ':')
	room = append(room, b[2:4]...)
	if len(b) == 6 {
		room = append(append(room, ':'), b[4:]...)
	}
	return room, true
}
