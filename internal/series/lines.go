package series

import "sort"

// lines maps rows to lines. Most rows follow each other line by line, so it keeps only the breaks, which blank lines, values
// over several lines and unreadable rows make.
type lines struct {
	breaks []lineBreak
}

// lineBreak says that a row is in a line, and the rows after it are in the lines after.
type lineBreak struct {
	row  int
	line int64
}

// add notes that a row is in a line. Rows come in ascending order.
func (l *lines) add(row int, line int64) {
	if n := len(l.breaks); n > 0 {
		if last := l.breaks[n-1]; line-last.line == int64(row-last.row) {
			return
		}
	}
	l.breaks = append(l.breaks, lineBreak{row, line})
}

// of is the line of a row.
func (l *lines) of(row int) int64 {
	i := sort.Search(len(l.breaks), func(i int) bool { return l.breaks[i].row > row }) - 1
	if i < 0 {
		return 0
	}
	return l.breaks[i].line + int64(row-l.breaks[i].row)
}
