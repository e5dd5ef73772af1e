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
	for i := range t.assets {
		prefix := quoteField(t.names[i]) + ","
		filled := t.assets[i].filled
		for k, v := range t.assets[i].values {
			line = append(line[:0], prefix...)
			line = append(t.At(i, k).Append(line), ',')
			if len(filled) > 0 && int(filled[0]) == k {
				filled = filled[1:]
			} else {
				line = strconv.AppendFloat(line, v, 'g', -1, 64)
			}
			out.Write(append(line, '\n'))
		}
	}
	return out.Flush() // a failed write is kept until here
}

// quoteField puts a name in quotes where CSV needs them.
func quoteField(s string) string {
	if !strings.ContainsAny(s, "\",\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
