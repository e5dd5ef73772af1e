package csv

import (
	"bytes"
	"errors"
	"slices"

	"foliocast/internal/series"
)

// reader is a CSV file that is being read.
type reader struct {
	scan    scanner
	dialect dialect
	begin   scanner // before the first row
	table   *series.Builder
	parts   parts
	clock   []byte // memory for a date and a time of day
}

// Read reads a CSV file in memory, in the long or the wide form. It returns a [series.RejectError] for a file that it
// rejects, and a [series.FieldError] for an option that does not fit the file.
func Read(data []byte, o series.Options) (*series.Table, *series.Audit, error) {
	return read(data, o, partsOf(o))
}

// read is [Read], in parts where the file suits them.
func read(data []byte, o series.Options, p parts) (*series.Table, *series.Audit, error) {
	if err := checkEncoding(data); err != nil {
		return nil, nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	separator, skip := detect(data)
	return readFrom(data, o, p, separator, skip, 1+int64(bytes.Count(data[:skip], []byte("\n"))))
}

// readFrom reads a table that begins after some bytes, in the given line.
func readFrom(data []byte, o series.Options, p parts, separator byte, skip int, line int64) (*series.Table, *series.Audit, error) {
	r := reader{dialect: newDialect(separator, o), parts: p}
	r.scan = scanner{data: data[skip:], separator: separator, line: line, unquoted: bytes.IndexByte(data, '"') < 0}
	begin, held := r.scan, o.Budget.Held()
	if err := r.read(o); errors.Is(err, errDependent) {
		return readFrom(data, o, parts{}, separator, skip, line)
	} else if err != nil {
		return nil, nil, err
	}
	if !r.dialect.settled() {
		decided, err := r.dialect.survey(r.begin, r.table, r.valueColumns())
		if err != nil {
			return nil, nil, err
		}
		r = reader{dialect: decided, scan: begin, parts: p}
		o.Budget.Release(o.Budget.Held() - held) // the first table is gone
		if err := r.read(o); errors.Is(err, errDependent) {
			return readFrom(data, o, parts{}, separator, skip, line)
		} else if err != nil {
			return nil, nil, err
		}
	}
	r.table.Dialect = r.dialect.String()
	return r.table.Table()
}

// read reads the header and the rows. It stops at a number with marks that are not decided yet.
func (r *reader) read(o series.Options) error {
	if err := r.header(o); err != nil {
		return err
	}
	r.begin = r.scan
	r.dialect.small, r.dialect.point = make([]bool, len(r.table.Columns)), make([]bool, len(r.table.Columns))
	rows := bytes.Count(r.scan.data, []byte("\n")) + 1
	if r.table.Long {
		// The shortest row is like "a,1,2" with a line break. A file of empty lines has more lines than rows.
		if err := r.table.Grow(min(rows, len(r.scan.data)/6+1)); err != nil {
			return err
		}
		if !r.parts.suit(r) {
			r.readLong()
		} else if !r.readParts(r.parts) {
			return errDependent
		}
		return r.table.Err()
	}
	return r.readWide(min(rows, len(r.scan.data)/len(r.table.Columns)+1))
}

// errDependent says that rows of a file depend on others, so that it cannot be read in parts.
var errDependent = errors.New("rows depend on others")

// valueColumns are the places of the columns that have values.
func (r *reader) valueColumns() []int {
	if r.table.Long {
		return []int{r.table.Value}
	}
	return r.table.Assets
}

// binaries are the first bytes of files that people often take for CSV.
var binaries = []struct{ begin, what string }{
	{"\x1F\x8B", "compressed with gzip: unpack it first"},
	{"\x28\xB5\x2F\xFD", "compressed with Zstandard: unpack it first"},
	{"PK\x03\x04", "a ZIP archive, like the workbooks of Excel: unpack it, or save the sheet as CSV"},
	{"\xD0\xCF\x11\xE0", "an Excel workbook: save the sheet as CSV"},
	{"PAR1", "a Parquet file, not CSV"},
	{"ARROW1", "an Arrow file, not CSV"},
}

// checkEncoding rejects files that are not text in UTF-8, by their first bytes.
func checkEncoding(data []byte) error {
	for _, b := range binaries {
		if bytes.HasPrefix(data, []byte(b.begin)) {
			return series.Reject("the file is %s", b.what)
		}
	}
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		return series.Reject("the file is in UTF-16: save it as UTF-8")
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return series.RejectLine(int64(bytes.Count(data[:at], []byte("\n")))+1, "a NUL byte: the file is not text")
	}
	if bytes.IndexByte(data, '\n') < 0 && bytes.IndexByte(bytes.TrimRight(data, "\r"), '\r') >= 0 {
		return series.Reject("the lines end in carriage returns alone: save the file with line feeds")
	}
	return nil
}

// record advances to the next record with the right number of fields, or returns false at the end of the file. It skips rows
// of nothing but separators, and separators after the last column, both of which spreadsheets write.
func (r *reader) record() bool {
	columns := len(r.table.Columns)
	for !r.dialect.other && r.table.Err() == nil && r.scan.next() {
		for n := len(r.scan.fields); n > columns && r.scan.fault == "" && len(trim(r.scan.fields[n-1])) == 0; n-- {
			r.scan.fields = r.scan.fields[:n-1]
		}
		switch {
		case r.scan.fault == "" && !slices.ContainsFunc(r.scan.fields, func(b []byte) bool { return len(trim(b)) > 0 }):
		case r.scan.fault != "":
			r.unreadable(-1, r.scan.fault)
		case len(r.scan.fields) != columns:
			r.unreadable(-1, fieldsReason(r.scan.fields, columns, r.scan.separator))
		default:
			return true
		}
	}
	return false
}

// unreadable reports the record, because of a column or, with -1, as a whole.
func (r *reader) unreadable(column int, reason string) {
	r.table.Unreadable(r.scan.at, column, reason)
}

// time reads the time of the record.
func (r *reader) time() (int64, bool) {
	if r.table.Time < 0 {
		return 0, true
	}
	text := trim(r.scan.fields[r.table.Time])
	if r.table.Clock >= 0 {
		clock := trim(r.scan.fields[r.table.Clock])
		whole, ok := clockOf(append(r.clock[:0], text...), clock)
		if !ok {
			r.unreadable(r.table.Clock, "not a time of day: "+series.Quote(string(clock)))
			return 0, false
		}
		r.clock, text = whole, whole
	}
	n, reason := r.table.ParseTime(r.scan.at, text)
	if reason != "" {
		r.unreadable(r.table.Time, reason)
	}
	return n, reason == ""
}

// value reads the value in a column.
func (r *reader) value(column int) (float64, bool) {
	v, reason := r.dialect.value(r.scan.fields[column], column)
	if reason != "" {
		r.unreadable(column, reason)
	}
	return v, reason == ""
}

// readLong reads the rows of a long file.
func (r *reader) readLong() {
	l := r.table.Layout
	for r.record() {
		at, ok := r.time()
		value, ok2 := r.value(l.Value)
		if !ok || !ok2 {
			continue
		}
		asset, reason := r.table.Asset(trim(r.scan.fields[l.ID]))
		if reason != "" {
			r.unreadable(l.ID, reason)
			continue
		}
		r.table.Add(r.scan.at, asset, at, value)
	}
}

// readWide reads the rows of a wide file, which has at most the given number of them.
func (r *reader) readWide(most int) error {
	if err := r.table.Grow(most); err != nil {
		return err
	}
	assets := r.table.Assets
	columns := len(assets)
	values := make([]float64, most*columns) // column by column, with room for all rows in each
	row := 0
	for r.record() {
		at, ok := r.time()
		for i, place := range assets {
			v, ok2 := r.value(place)
			if ok && ok2 {
				values[i*most+row] = v
			}
			ok = ok && ok2
		}
		if ok {
			r.table.AddTime(r.scan.at, at)
			row++
		}
	}
	for i := range columns {
		r.table.SetValues(values[i*most : i*most+row : i*most+row])
	}
	return r.table.Err()
}

// trim cuts off white space at both ends of a field.
func trim(b []byte) []byte {
	if n := len(b); n > 0 && b[0] > ' ' && b[n-1] > ' ' && b[n-1] < 0x80 && b[0] < 0x80 {
		return b
	}
	return bytes.TrimSpace(b)
}
