package series

import "sort"

// lines tells the line of a row. Most rows follow each other line by line, so only the breaks are kept: blank lines,
// values over several lines, rows left out.
type lines struct {
	breaks []lineBreak
}

// lineBreak says that row stands in line, and the rows after it in the lines after.
type lineBreak struct {
	row  int
	line int64
}

// at notes that row stands in line. Rows come in ascending order.
func (l *lines) at(row int, line int64) {
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
