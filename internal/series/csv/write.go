package csv

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"foliocast/internal/series"
)

// Write writes the table in the long form, unique_id, ds and y, asset by asset. A value that was carried forward is
// left empty, so that reading the file again gives an equal table.
func Write(w io.Writer, t *series.Table) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString("unique_id,ds,y\n")
	var line []byte
	var prefix string
	last := -1
	times := timeTexts{table: t}
	for row := range t.Rows() {
		if row.Asset != last {
			prefix, last = quoteField(t.Names()[row.Asset])+",", row.Asset
			times.use(t.Axis(row.Asset))
		}
		line = append(line[:0], prefix...)
		line = append(append(line, times.texts[row.Place]...), ',')
		if row.Present {
			line = strconv.AppendFloat(line, row.Value, 'g', -1, 64)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// timeTexts are the times of an axis as text, made once for all assets in a row that share it.
type timeTexts struct {
	table *series.Table
	axis  *series.Axis
	texts []string
}

// use switches to the times of an axis.
func (c *timeTexts) use(a *series.Axis) {
	if c.axis == a {
		return
	}
	c.axis = a
	c.texts = make([]string, len(a.Times()))
	for k, at := range a.Times() {
		c.texts[k] = c.table.Time(at).String()
	}
}

// quoteField puts a name in quotes where CSV needs them.
func quoteField(s string) string {
	if !strings.ContainsAny(s, "\",\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
