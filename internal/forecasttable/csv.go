package forecasttable

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// csvWriter writes numbers in the shortest form that reads back as the same
// bits. A field without a value is empty.
type csvWriter struct {
	out    io.Writer
	shape  Shape
	bounds []Column
	text   []byte // what is not written yet
}

// csvBuffer is how much text a csvWriter collects before it writes.
const csvBuffer = 64 << 10

// NewCSV returns a writer of CSV with a header (RFC 4180, lines end with a
// newline).
func NewCSV(w io.Writer, s Shape) (Writer, error) {
	out := &csvWriter{out: w, shape: s, text: make([]byte, 0, csvBuffer+csvBuffer/8)}
	for i, name := range s.Columns() {
		if i > 0 {
			out.text = append(out.text, ',')
		}
		out.text = append(out.text, field(name)...)
	}
	out.text = append(out.text, '\n')
	return out, nil
}

func (w *csvWriter) Write(r Rows) error {
	if err := r.Check(); err != nil {
		return err
	}
	w.bounds = w.shape.Bounds(w.bounds[:0], r)
	asset, model, members, numbers := field(r.Asset), field(r.Model), field(r.Members), r.Numbers
	for k := range r.Mean {
		w.text = append(append(w.text, asset...), ',')
		w.text = append(append(w.text, field(r.DS[k])...), ',')
		w.text = append(append(w.text, model...), ',')
		if r.Numbers == nil {
			w.text = appendNumbers(w.text, r.Mean[k], w.bounds, k)
		} else {
			end := bytes.IndexByte(numbers, '\n')
			if end < 0 {
				return fmt.Errorf("the numbers of asset %q have %d lines, and not %d", r.Asset, k, len(r.Mean))
			}
			w.text, numbers = append(w.text, numbers[:end]...), numbers[end+1:]
		}
		if w.shape.Members {
			w.text = append(append(w.text, ','), members...)
		}
		w.text = append(w.text, '\n')
	}
	if len(w.text) < csvBuffer {
		return nil
	}
	return w.flush()
}

// AppendNumbers appends the numbers of rows as CSV has them, a line for each step: the mean and the columns after it. That is most
// of the work of writing CSV, which may so be done elsewhere.
func (s Shape) AppendNumbers(b []byte, r Rows) []byte {
	bounds := s.Bounds(nil, r)
	for k, mean := range r.Mean {
		b = append(appendNumbers(b, mean, bounds, k), '\n')
	}
	return b
}

// appendNumbers appends the numbers of one step.
func appendNumbers(b []byte, mean float64, bounds []Column, k int) []byte {
	b = appendExact(b, mean)
	for _, bound := range bounds {
		b = append(b, ',')
		if v, ok := bound.At(k); ok {
			b = appendExact(b, v)
		}
	}
	return b
}

func (w *csvWriter) flush() error {
	_, err := w.out.Write(w.text)
	w.text = w.text[:0]
	return err
}

func (w *csvWriter) Close() error { return w.flush() }

func appendExact(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'g', -1, 64) }

// field is a text as a field, in quotes where a reader would take it for something
// else. As encoding/csv does, that is also a text with a blank in front, and \.,
// which ends the data for PostgreSQL.
func field(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != `\.` && !strings.ContainsAny(text, ",\"\r\n") && !unicode.IsSpace(first) {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

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
