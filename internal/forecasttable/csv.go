package forecasttable

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// csvWriter writes numbers in the shortest form that reads back as the same
// bits. A field without a value is empty.
type csvWriter struct {
	out    *csv.Writer
	shape  Shape
	bounds []Column
	row    []string
}

// NewCSV returns a writer of CSV with a header (RFC 4180, lines end with a
// newline).
func NewCSV(w io.Writer, s Shape) (Writer, error) {
	out := &csvWriter{out: csv.NewWriter(w), shape: s}
	return out, out.out.Write(s.Columns())
}

func (w *csvWriter) Write(r Rows) error {
	if err := r.Check(); err != nil {
		return err
	}
	w.bounds = w.shape.Bounds(w.bounds[:0], r)
	for k, mean := range r.Mean {
		w.row = append(w.row[:0], r.Asset, r.DS[k], r.Model, exact(mean))
		for _, b := range w.bounds {
			text := ""
			if v, ok := b.At(k); ok {
				text = exact(v)
			}
			w.row = append(w.row, text)
		}
		if err := w.out.Write(w.row); err != nil {
			return err
		}
	}
	return nil
}

func (w *csvWriter) Close() error {
	w.out.Flush()
	return w.out.Error()
}

func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Cell is a text as a cell of CSV that a spreadsheet may open. Excel and others take a
// cell that begins with = + - @, a tab or a carriage return for a formula, and run it:
// such a text gets an apostrophe in front, and so does one that has apostrophes before
// such a character, so that taking one away gives every text back. Cells of numbers and
// times must not go through it.
func Cell(text string) string {
	rest := strings.TrimLeft(text, "'")
	if rest == "" || !strings.ContainsRune("=+-@\t\r", rune(rest[0])) {
		return text
	}
	return "'" + text
}
