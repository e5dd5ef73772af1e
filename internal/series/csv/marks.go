package csv

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"foliocast/internal/series"
)

// number is what a text shows about the marks in numbers. A sure number leaves one reading; a number like 1.234 or 1,234 may
// have decimals or thousands.
type number uint8

const (
	notNumber    number = iota
	small               // 1 to 3 digits
	bare                // more digits, and no mark
	pointDecimal        // 1.5, 0.500, 1234.567
	commaDecimal        // 1,5
	pointGroups         // 1.234.567 or 1.234,5: points between thousands, so commas before decimals
	commaGroups         // 1,234,567 or 1,234.5
	point               // 1.234
	comma               // 1,234
	kinds
)

// marksOf finds out what a text shows. Blanks and apostrophes between thousands are gone from it.
func marksOf(b []byte) number {
	b = bytes.TrimLeft(b, "+-")
	if at := bytes.IndexAny(b, "eE"); at > 0 {
		b = b[:at]
	}
	if !isMarked(b) {
		return notNumber
	}
	at := bytes.LastIndexAny(b, ".,")
	if at < 0 {
		if len(b) <= 3 {
			return small
		}
		return bare
	}
	before, mark := b[:at], b[at]
	other := byte('.' + ',' - mark)
	decimal, groups, either := pointDecimal, pointGroups, point
	if mark == ',' {
		decimal, groups, either = commaDecimal, commaGroups, comma
	}
	switch {
	case bytes.IndexByte(before, other) >= 0:
		if bytes.IndexByte(before, mark) >= 0 || !grouped(before, other) {
			return notNumber
		}
		return pointGroups + commaGroups - groups // the marks before are those of the thousands
	case bytes.IndexByte(before, mark) >= 0:
		if !grouped(b, mark) {
			return notNumber
		}
		return groups
	case grouped(b, mark) && b[0] != '0':
		return either
	}
	return decimal
}

// marksOfShort is [marksOf] of a number that parseShort has read, with the given number of decimals.
func marksOfShort(b []byte, decimals int) number {
	if b[0] == '-' || b[0] == '+' {
		b = b[1:]
	}
	switch whole := len(b) - 1 - decimals; {
	case decimals < 0 && len(b) <= 3:
		return small
	case decimals < 0:
		return bare
	case decimals == 3 && whole > 0 && whole <= 3 && b[0] != '0':
		return point
	}
	return pointDecimal
}

// isMarked reports whether a text has only digits, points and commas, and a digit.
func isMarked(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != ',' {
			return false
		}
	}
	return bytes.ContainsAny(b, "0123456789")
}

// grouped reports whether the mark is before each three digits from the right, behind one to three.
func grouped(b []byte, mark byte) bool {
	for k, group := 0, b; ; k++ {
		at := bytes.IndexByte(group, mark)
		size := at
		if at < 0 {
			size = len(group)
		}
		if size > 3 || size < 3 && (k > 0 || size == 0) {
			return false
		}
		if at < 0 {
			return k > 0
		}
		group = group[at+1:]
	}
}

// evidence is the first number of each kind that the survey finds.
type evidence struct {
	first [kinds]struct {
		line   int64 // 0 if there is none
		column int
		text   string
	}
	small, point []bool // the columns that have numbers of these kinds
}

func newEvidence(columns int) *evidence {
	return &evidence{small: make([]bool, columns), point: make([]bool, columns)}
}

func (e *evidence) add(kind number, line int64, column int, b []byte) {
	if f := &e.first[kind]; f.line == 0 {
		f.line, f.column, f.text = line, column, series.Quote(string(b))
	}
	e.small[column] = e.small[column] || kind == small
	e.point[column] = e.point[column] || kind == point
}

// has is the first of some kinds that was found, or notNumber.
func (e *evidence) has(kinds ...number) number {
	for _, k := range kinds {
		if e.first[k].line > 0 {
			return k
		}
	}
	return notNumber
}

// decide finds the marks that agree with all numbers. If the numbers leave it open or contradict each other, it returns the
// kind of the number at fault and the reason. Separator is that of the fields.
func (e *evidence) decide(separator byte) (decimal, thousands byte, fault number, reason string) {
	points, commas := e.has(pointDecimal, commaGroups), e.has(commaDecimal, pointGroups)
	switch {
	case points > 0 && commas > 0:
		if e.first[points].line < e.first[commas].line {
			points, commas = commas, points
		}
		return 0, 0, points, fmt.Sprintf("%s does not agree with %s in line %d: all numbers of a file must have the same decimal mark",
			e.first[points].text, e.first[commas].text, e.first[commas].line)
	case points > 0:
		return '.', e.thousands(',', comma, commaGroups), 0, ""
	case commas > 0:
		return ',', e.thousands('.', point, pointGroups), 0, ""
	case e.has(point, comma) == notNumber, separator == ',' && e.has(comma) == notNumber && !smallBesidePoint(e.small, e.point):
		return '.', 0, 0, ""
	}
	mark := "."
	if fault = e.has(point, comma); fault == comma {
		mark = ","
	}
	return 0, 0, fault, fmt.Sprintf("%s may have a mark between thousands or before decimals, and no other number tells which: say --thousands %q or --decimal %q",
		e.first[fault].text, mark, mark)
}

// smallBesidePoint reports whether a column has whole numbers below 1000 beside numbers like 1.234. Where thousands have a
// mark, these are the numbers without one.
func smallBesidePoint(small, point []bool) bool {
	for i := range small {
		if small[i] && point[i] {
			return true
		}
	}
	return false
}

// thousands is the mark if a number has it between thousands.
func (e *evidence) thousands(mark byte, kinds ...number) byte {
	if e.has(kinds...) == notNumber {
		return 0
	}
	return mark
}

// withoutGroups appends to room the text without the marks between thousands that options name, or returns false if they are
// not before each three digits. Blanks of any width are one mark, and so are apostrophes of any form.
func withoutGroups(room, b []byte, thousands byte) ([]byte, bool) {
	for at := 0; at < len(b); {
		r, size := utf8.DecodeRune(b[at:])
		is := thousands == ' ' && (r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009') || thousands == '\'' && (r == '\'' || r == '’')
		if !is {
			room = append(room, b[at:at+size]...)
			at += size
			continue
		}
		n := 0
		for at+size+n < len(b) && b[at+size+n] >= '0' && b[at+size+n] <= '9' {
			n++
		}
		if n != 3 || len(room) == 0 || room[len(room)-1] < '0' || room[len(room)-1] > '9' || bytes.ContainsAny(room, ".,") {
			return room, false
		}
		at += size
	}
	return room, true
}
