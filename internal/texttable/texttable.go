// Package texttable writes rows under a header, in columns that line up on a
// terminal. It counts the cells that a character takes there, so that 中文,
// emoji and combining marks do not move the columns behind them. It does not
// know what the rows mean.
package texttable

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Column is a column's header, the side to which its cells are aligned, and how they are coloured.
type Column struct {
	Header string
	Right  bool
	Color  func(cell string) string // parameters of the escape sequence SGR, such as 31 for red, or "" for no colour; nil colours nothing
}

// Left is a column of text.
func Left(header string) Column { return Column{Header: header} }

// Right is a column of numbers.
func Right(header string) Column { return Column{Header: header, Right: true} }

// gap stands between two columns.
const gap = 2

// Write writes the header and a line for each row, with two spaces between
// columns and none at the end of a line. A row must not have more cells than
// there are columns; cells that are missing at its end are empty. A control
// character in a cell, which could break the line or control the terminal, is
// written as a space. Write returns the error of w.
func Write(w io.Writer, columns []Column, rows [][]string) error {
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.Header
	}
	width := make([]int, len(columns))
	widen(width, header)
	for _, row := range rows {
		widen(width, row)
	}
	out := bufio.NewWriter(w)
	writeLine(out, columns, width, header, false)
	for _, row := range rows {
		writeLine(out, columns, width, row, true)
	}
	return out.Flush() // reports the first error of all writes
}

// widen makes width hold the cells of a row.
func widen(width []int, row []string) {
	for i, cell := range row {
		width[i] = max(width[i], cells(printable(cell)))
	}
}

// writeLine writes the cells of a row. Spaces are written only before text.
func writeLine(out *bufio.Writer, columns []Column, width []int, row []string, colored bool) {
	spaces := 0
	for i, cell := range row {
		cell = printable(cell)
		if i > 0 {
			spaces += gap
		}
		padding := width[i] - cells(cell)
		if columns[i].Right {
			spaces += padding
			padding = 0
		}
		if cell != "" {
			_, _ = out.WriteString(strings.Repeat(" ", spaces))
			if colored {
				cell = columns[i].colored(cell)
			}
			_, _ = out.WriteString(cell)
			spaces = 0
		}
		spaces += padding
	}
	_ = out.WriteByte('\n')
}

// colored is a cell in its colour.
func (c Column) colored(cell string) string {
	if c.Color == nil {
		return cell
	}
	color := c.Color(cell)
	if color == "" {
		return cell
	}
	return "\x1b[" + color + "m" + cell + "\x1b[0m"
}

// cells is how many cells of a terminal a text takes. Most texts are ASCII, and
// need no search for grapheme clusters.
func cells(text string) int {
	if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return uniseg.StringWidth(text)
	}
	return len(text)
}

// Clip is as much of a line as a terminal shows in so many cells. What is cut off ends with an ellipsis.
func Clip(line string, most int) string {
	line = printable(line)
	if cells(line) <= most {
		return line
	}
	var b strings.Builder
	left := most - 1 // for the ellipsis
	for state, rest := -1, line; rest != ""; {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if width > left {
			break
		}
		left -= width
		b.WriteString(cluster)
	}
	if most < 1 {
		return ""
	}
	return b.String() + "…"
}

// printable is a cell that can be printed, without spaces at its end.
func printable(cell string) string { return strings.TrimRight(Printable(cell), " ") }
