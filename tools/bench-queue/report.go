package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// table is a table in Markdown with notes below, written row by row.
type table struct {
	out   io.Writer
	err   error
	notes []string
}

// newTable writes the head of a table.
func newTable(out io.Writer, title string, header ...string) *table {
	t := &table{out: out}
	t.write("\n## " + title + "\n\n")
	t.line(header)
	t.line(slices.Repeat([]string{"---"}, len(header)))
	return t
}

func (t *table) write(text string) {
	if t.err == nil {
		_, t.err = io.WriteString(t.out, text)
	}
}

func (t *table) line(cells []string) { t.write("| " + strings.Join(cells, " | ") + " |\n") }

// add writes a row.
func (t *table) add(cells ...any) {
	var row []string
	for _, c := range cells {
		switch v := c.(type) {
		case time.Duration:
			row = append(row, fmt.Sprintf("%.1f ms", float64(v.Microseconds())/1000))
		case usage:
			for _, seconds := range []float64{v.postgres, v.service, v.client, v.sum(), max(v.others, 0)} { // the clocks differ a little
				row = append(row, fmt.Sprintf("%.2f", seconds))
			}
		default:
			row = append(row, fmt.Sprint(v))
		}
	}
	t.line(row)
}

// note adds a note.
func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// end writes the notes, and returns what went wrong.
func (t *table) end() error {
	if len(t.notes) > 0 {
		t.write("\n- " + strings.Join(t.notes, "\n- ") + "\n")
	}
	return t.err
}

// rate is a number per second.
func rate(perSecond float64) string { return fmt.Sprintf("%.0f", perSecond) }

// quantile returns the smallest time that a share of the times do not exceed; of 1, the longest.
func quantile(times []time.Duration, share float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[max(int(math.Ceil(share*float64(len(sorted))))-1, 0)]
}

// median returns the median of a value of several things.
func median[T any](all []T, value func(T) float64) float64 {
	values := make([]float64, len(all))
	for i, a := range all {
		values[i] = value(a)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
