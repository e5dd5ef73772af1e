package chart

import (
	"bufio"
	"io"
	"math"
	"strings"

	"foliocast/internal/texttable"
)

// Terminal says how a picture is drawn with characters.
type Terminal struct {
	Width, Height int  // in characters; the labels below come on top of the height
	Color         bool // by the sequences of ISO 6429
}

// Text draws the fan with characters: lines with the dots of Braille, eight in each, and intervals with shades. It returns the error
// of w.
func (f Fan) Text(w io.Writer, t Terminal) error {
	all := [][]float64{f.Past.Values, f.Point}
	for _, i := range f.Intervals {
		all = append(all, i.Lo, i.Hi)
	}
	ys := extent(all...)
	at, texts := ticks(ys, max(2, t.Height/4), f.Unit)
	left := 0
	for _, text := range texts {
		left = max(left, len([]rune(text)))
	}
	side := f.sideTexts()
	right := 0
	for _, text := range side {
		right = max(right, len([]rune(text))+1)
	}
	n, h := len(f.Past.Values), len(f.Point)
	c := newCells(max(t.Width-left-2-right, 10), max(t.Height, 4), ys, n+h)
	for k := len(f.Intervals) - 1; k >= 0; k-- {
		c.shade(n, f.Intervals[k])
	}
	c.line(past, 0, f.Past.Values)
	if n > 0 && h > 0 {
		c.line(ahead, n-1, append([]float64{f.Past.Values[n-1]}, f.Point...))
	} else {
		c.line(ahead, n, f.Point)
	}
	labels := make([]string, c.rows)
	for i, v := range at {
		labels[c.row(v)/4] = texts[i]
	}
	out := &lines{w: bufio.NewWriter(w), color: t.Color}
	ends := c.sides(f, side)
	for row := range c.rows {
		out.plain(strings.Repeat(" ", left-len([]rune(labels[row]))) + labels[row] + " " + axis(labels[row]))
		c.write(out, row)
		if ends[row] != "" {
			out.plain(" " + ends[row])
		}
		out.plain("\n")
	}
	out.times(f.Past.Times.Join(f.Ahead), c, left+2)
	return out.w.Flush() // reports the first error of all writes
}

// axis is the vertical line, with a mark where there is a label.
func axis(label string) string {
	if label != "" {
		return "┤"
	}
	return "│"
}

// cells are the characters of a plot, with 2 × 4 dots in each.
type cells struct {
	columns, rows int
	x, y          func(float64) float64 // place a step and a value, in dots
	dots          []byte                // by row and column: the bits of Braille
	roles         []role                // of the dots
	shades        []int                 // how many intervals hold the middle of the character
}

func newCells(columns, rows int, ys span, steps int) *cells {
	return &cells{columns: columns, rows: rows,
		x:    linear(span{0, float64(max(steps-1, 1)), true}, 0, float64(2*columns-1)),
		y:    linear(ys, float64(4*rows-1), 0),
		dots: make([]byte, columns*rows), roles: make([]role, columns*rows), shades: make([]int, columns*rows)}
}

// row is the row of dots of a value.
func (c *cells) row(v float64) int { return min(max(int(math.Round(c.y(v))), 0), 4*c.rows-1) }

// column is the column of dots of a step.
func (c *cells) column(step int) int {
	return min(max(int(math.Round(c.x(float64(step)))), 0), 2*c.columns-1)
}

func (c *cells) dot(r role, x, y int) {
	bit := [4][2]byte{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}[y%4][x%2]
	i := y/4*c.columns + x/2
	c.dots[i] |= bit
	c.roles[i] = r
}

// line draws values at the steps from and on, interrupted where they are not finite.
func (c *cells) line(r role, from int, values []float64) {
	for i, v := range values {
		if !finite(v) {
			continue
		}
		x, y := c.column(from+i), c.row(v)
		c.dot(r, x, y)
		if i == 0 || !finite(values[i-1]) {
			continue
		}
		x0, y0 := c.column(from+i-1), c.row(values[i-1])
		parts := max(x-x0, y-y0, y0-y)
		for k := 1; k < parts; k++ {
			c.dot(r, x0+(x-x0)*k/parts, y0+(y-y0)*k/parts)
		}
	}
}

// shade shades an interval whose first step is from.
func (c *cells) shade(from int, i Interval) {
	if len(i.Lo) == 0 || len(i.Hi) != len(i.Lo) {
		return
	}
	for column := range c.columns {
		step := math.Round(float64(2*column) / float64(2*c.columns-1) * (c.inverse(2*c.columns - 1)))
		k := min(int(step)-from, len(i.Lo)-1)
		if k < 0 || !finite(i.Lo[k]) || !finite(i.Hi[k]) {
			continue
		}
		for row := c.row(i.Hi[k]) / 4; row <= c.row(i.Lo[k])/4; row++ {
			c.shades[row*c.columns+column]++
		}
	}
}

// inverse is the step at a column of dots.
func (c *cells) inverse(column int) float64 {
	zero, one := c.x(0), c.x(1)
	return (float64(column) - zero) / (one - zero)
}

// write writes a row of characters.
func (c *cells) write(out *lines, row int) {
	for i := row * c.columns; i < (row+1)*c.columns; i++ {
		switch {
		case c.dots[i] != 0:
			out.colored(c.roles[i], string(rune(0x2800)+rune(c.dots[i])))
		case c.shades[i] == 1:
			out.colored(band, "░")
		case c.shades[i] > 1:
			out.colored(band, "▒")
		default:
			out.plain(" ")
		}
	}
}

// sides are the labels at the right end, by row. The point forecast wins over the ends of the interval.
func (c *cells) sides(f Fan, texts []string) []string {
	at := make([]string, c.rows)
	h := len(f.Point)
	if h == 0 || !finite(f.Point[h-1]) {
		return at
	}
	if k := len(f.Intervals); k > 0 && finite(f.Intervals[k-1].Hi[h-1]) && finite(f.Intervals[k-1].Lo[h-1]) {
		at[c.row(f.Intervals[k-1].Hi[h-1])/4] = texts[1]
		at[c.row(f.Intervals[k-1].Lo[h-1])/4] = texts[2]
	}
	at[c.row(f.Point[h-1])/4] = texts[0]
	return at
}

// lines writes text, with colours if they are wanted. Its writer keeps the error.
type lines struct {
	w     *bufio.Writer
	color bool
	now   string // the sequence in force
}

func (l *lines) plain(text string) {
	if l.now != "" {
		_, _ = l.w.WriteString("\x1b[0m")
		l.now = ""
	}
	_, _ = l.w.WriteString(text)
}

func (l *lines) colored(r role, text string) {
	sequence := map[role]string{ahead: "\x1b[1;36m", band: "\x1b[36m"}[r]
	if !l.color || sequence == "" {
		l.plain(text)
		return
	}
	if sequence != l.now {
		l.plain("")
		_, _ = l.w.WriteString(sequence)
		l.now = sequence
	}
	_, _ = l.w.WriteString(text)
}

// times writes the axis of times below the plot, which begins at a column.
func (l *lines) times(t Times, c *cells, from int) {
	const gap = 2
	at := func(i int) float64 { return float64(c.column(i) / 2) }
	width := func(s string) float64 { return float64(len([]rune(s))) }
	rule := []rune(strings.Repeat("─", c.columns))
	text, under := []rune(strings.Repeat(" ", from+c.columns)), []rune(strings.Repeat(" ", from+c.columns))
	put := func(line []rune, s string, x int) {
		s = texttable.Printable(s)
		begin := min(max(from+x-len([]rune(s))/2, 0), max(len(line)-len([]rune(s)), 0))
		copy(line[begin:], []rune(s))
	}
	for _, m := range t.ticks(room{at, width, gap}) {
		x := int(at(m.index))
		rule[x] = '┬'
		put(text, m.text, x)
		put(under, m.under, x)
	}
	l.plain(strings.Repeat(" ", from-1) + "└" + string(rule) + "\n")
	for _, line := range [][]rune{text, under} {
		if s := strings.TrimRight(string(line), " "); s != "" {
			l.plain(s + "\n")
		}
	}
}
