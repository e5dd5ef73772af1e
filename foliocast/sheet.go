package foliocast

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"foliocast/internal/audit"
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// sheet is what a listing command shows: a table for people, CSV for programs. A cell is a
// text, a number, a time, or one of the types below; a nil pointer to a time is empty.
type sheet struct {
	names []string // of the columns
	more  []string // of further columns, in a wide table and in CSV
	rows  [][]any  // the values of the columns, and then of the further ones
}

// Cells that look different to people and to programs.
type (
	share   float64       // of a whole: 57%, and 0.57 in CSV
	seconds time.Duration // rounded for people, and a number of seconds in CSV
	limit   int           // "none" for 0, and 0 in CSV
	float   float64       // has three digits or its whole part for people
	count   int           // nothing for 0, and 0 in CSV
	status  string        // has a colour on a terminal, which its first word chooses
)

// newSheet is a sheet without rows; the names of columns are separated by commas.
func newSheet(names, more string) sheet {
	s := sheet{names: strings.Split(names, ",")}
	if more != "" {
		s.more = strings.Split(more, ",")
	}
	return s
}

func (s *sheet) add(cells ...any) { s.rows = append(s.rows, cells) }

// recordOf is a sheet with one row, from pairs of a name and a cell.
func recordOf(pairs ...any) sheet {
	var s sheet
	var row []any
	for i := 0; i+1 < len(pairs); i += 2 {
		s.names = append(s.names, pairs[i].(string))
		row = append(row, pairs[i+1])
	}
	s.add(row...)
	return s
}

// table prints a sheet for people.
func (s sheet) table(w io.Writer, wide, color bool) {
	names := s.names
	if wide {
		names = s.all()
	}
	columns := make([]texttable.Column, len(names))
	rows := make([][]string, len(s.rows))
	for k, name := range names {
		columns[k] = texttable.Left(strings.ToUpper(name))
	}
	for i, row := range s.rows {
		for k, c := range row[:len(names)] {
			text, _, number := cellOf(c)
			rows[i] = append(rows[i], text)
			columns[k].Right = columns[k].Right || number
			if _, is := c.(status); is && color {
				columns[k].Color = statusColor
			}
		}
	}
	_ = texttable.Write(w, columns, rows) // w keeps the error
}

// fields prints the only row of a sheet for people, a line for each cell. It leaves out empty ones.
func (s sheet) fields(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for k, name := range s.all() {
		if text, _, _ := cellOf(s.rows[0][k]); text != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, texttable.Printable(text))
		}
	}
	t.Flush()
}

func (s sheet) all() []string { return append(s.names[:len(s.names):len(s.names)], s.more...) }

// csvWriter writes rows of cells as CSV.
type csvWriter struct{ w *csv.Writer }

// csv writes the header of a sheet for programs, with all columns, and its rows.
func (s sheet) csv(w io.Writer) (csvWriter, error) {
	c := csvWriter{csv.NewWriter(w)}
	header := s.all()
	for k, name := range header {
		header[k] = strings.ReplaceAll(name, " ", "_")
	}
	if err := c.w.Write(header); err != nil {
		return c, err
	}
	return c, c.add(s.rows...)
}

// add writes further rows, at once.
func (c csvWriter) add(rows ...[]any) error {
	for _, row := range rows {
		cells := make([]string, len(row))
		for k, v := range row {
			_, cells[k], _ = cellOf(v)
		}
		if err := c.w.Write(cells); err != nil {
			return err
		}
	}
	c.w.Flush()
	return c.w.Error()
}

// cellOf is a cell as people and as programs read it, and whether it is aligned as a number.
func cellOf(v any) (text, raw string, number bool) {
	switch v := v.(type) {
	case nil:
		return "", "", false
	case share:
		return percent(float64(v)), strconv.FormatFloat(float64(v), 'g', -1, 64), true
	case seconds:
		d := time.Duration(v)
		return rounded(d), strconv.FormatFloat(d.Seconds(), 'g', -1, 64), true
	case limit:
		if v == 0 {
			return "none", "0", true
		}
	case float:
		digits := 2
		if math.Abs(float64(v)) >= 100 {
			digits = 0
		}
		return strconv.FormatFloat(float64(v), 'f', digits, 64), strconv.FormatFloat(float64(v), 'g', -1, 64), true
	case count:
		if v == 0 {
			return "", "0", true
		}
	case *time.Time:
		if v == nil {
			return "", "", false
		}
		return when(*v), stamp(*v), false
	case time.Time:
		return when(v), stamp(v), false
	}
	switch v := reflect.ValueOf(v); v.Kind() {
	case reflect.Int, reflect.Int64:
		text = strconv.FormatInt(v.Int(), 10)
		return text, text, true
	case reflect.String:
		text = v.String()
		return text, forecasttable.Cell(texttable.Printable(text)), false
	default:
		panic(fmt.Sprintf("a cell cannot hold %T", v.Interface()))
	}
}

// rounded is a duration with two or three digits, from a minute on to a second.
func rounded(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// when formats a time for people, in the local zone, which it names; "" for the zero time.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05Z07:00")
}

// stamp formats a time for programs; "" for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// statusColor is the colour of a state: of a job, a queue, or a check.
func statusColor(cell string) string {
	const red, green, yellow, cyan = "31", "32", "33", "36"
	word := cell
	if end := strings.IndexAny(cell, " :"); end > 0 {
		word = cell[:end]
	}
	return map[string]string{
		string(job.Running): cyan, string(job.Done): green, string(job.Partial): yellow, string(job.Failed): red, string(job.Dead): red,
		"paused": yellow, string(audit.Refused): red,
	}[word]
}
