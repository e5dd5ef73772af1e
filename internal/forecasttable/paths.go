package forecasttable

import (
	"fmt"
	"io"
	"strconv"
)

// Paths are the paths of one asset, or of the portfolio, which has no name: a list of values for each path, one at each time.
type Paths struct {
	Asset  string
	DS     []string
	Values [][]float64
}

// PathColumns names the columns of a table of paths, which has a row for each step of each path. Paths are numbered from 0. Rows of the
// portfolio have no unique_id.
func PathColumns() []string { return []string{"unique_id", "path", "ds", "value"} }

// Check reports an error when the times and the values do not belong together.
func (p Paths) Check() error {
	for i, path := range p.Values {
		if len(path) != len(p.DS) {
			return fmt.Errorf("path %d of asset %q has %d values at %d times", i, p.Asset, len(path), len(p.DS))
		}
	}
	return nil
}

// PathWriter writes a table of paths. It is not safe for concurrent use.
type PathWriter interface {
	// Write adds the rows of one asset, or of the portfolio. It does not keep them.
	Write(Paths) error
	// Close ends the table. It does not close what the table is written to.
	Close() error
}

// csvPaths writes paths as csvWriter writes forecasts.
type csvPaths struct{ csvWriter }

// NewPathsCSV returns a writer of CSV with a header.
func NewPathsCSV(w io.Writer) PathWriter {
	out := &csvPaths{csvWriter{out: w, text: make([]byte, 0, csvBuffer+csvBuffer/8)}}
	for i, name := range PathColumns() {
		if i > 0 {
			out.text = append(out.text, ',')
		}
		out.text = append(out.text, name...)
	}
	out.text = append(out.text, '\n')
	return out
}

func (w *csvPaths) Write(p Paths) error {
	if err := p.Check(); err != nil {
		return err
	}
	asset := field(p.Asset)
	ds := make([]string, len(p.DS))
	for k, text := range p.DS {
		ds[k] = field(text)
	}
	for i, path := range p.Values {
		for k, v := range path {
			w.text = append(append(w.text, asset...), ',')
			w.text = append(strconv.AppendInt(w.text, int64(i), 10), ',')
			w.text = append(append(w.text, ds[k]...), ',')
			w.text = append(appendExact(w.text, v), '\n')
		}
		if len(w.text) >= csvBuffer {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}
