package series

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// WriteCSV writes the table in the long form, unique_id, ds and y, asset by asset. A value that was carried forward is
// left empty, so that reading the file again gives an equal table.
func (t *Table) WriteCSV(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString("unique_id,ds,y\n")
	var line []byte
	var prefix string
	last := -1
	times := timeTexts{kind: t.kind}
	err := t.each(func(i, place int, value float64, present bool) error {
		if i != last {
			prefix, last = quoteField(t.names[i])+",", i
		}
		line = append(line[:0], prefix...)
		line = append(append(line, times.of(t.assets[i].axis, place)...), ',')
		if present {
			line = strconv.AppendFloat(line, value, 'g', -1, 64)
		}
		_, err := out.Write(append(line, '\n'))
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// each calls a function with each row of the long form: the asset, the place on its axis, the value, and whether the
// value was present in the file. An asset without values has one row that is not present.
func (t *Table) each(do func(i, place int, value float64, present bool) error) error {
	for i := range t.assets {
		a := &t.assets[i]
		if len(a.values) == 0 && len(a.axis.times) > 0 {
			if err := do(i, a.first, 0, false); err != nil {
				return err
			}
		}
		filled := a.filled
		for k, v := range a.values {
			present := len(filled) == 0 || int(filled[0]) != k
			if !present {
				filled = filled[1:]
			}
			if err := do(i, a.first+k, v, present); err != nil {
				return err
			}
		}
	}
	return nil
}

// timeTexts writes the times of an axis once for all assets that follow on it.
type timeTexts struct {
	kind  Kind
	axis  *axis
	texts []string
}

func (c *timeTexts) of(a *axis, place int) string {
	if c.axis != a {
		c.axis = a
		c.texts = make([]string, len(a.times))
		for k, at := range a.times {
			c.texts[k] = Time{c.kind, at}.String()
		}
	}
	return c.texts[place]
}

// quoteField puts a name in quotes where CSV needs them.
func quoteField(s string) string {
	if !strings.ContainsAny(s, "\",\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
