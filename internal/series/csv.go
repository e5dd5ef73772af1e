package series

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// csvFile is a CSV file that is being read.
type csvFile struct {
	scan    scanner
	dialect dialect
	layout  layout
	source  source
	faults  *Findings // the audit's unreadable rows
	first   int64     // the line whose time set the kind; 0 before there is one
	index   bool      // the first field numbers the rows, and is left out
	compact bool      // the times may be dates of eight digits
}

// readCSV reads a CSV file in memory, in the long or the wide form.
func readCSV(data []byte, o Options) (*Table, *Audit, error) {
	if err := checkEncoding(data); err != nil {
		return nil, nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	f := csvFile{source: source{audit: new(Audit)}}
	f.faults = &f.source.audit.Unreadable
	var skip int
	f.dialect, skip = detect(data)
	f.scan = scanner{data: data[skip:], separator: f.dialect.separator, line: 1 + int64(bytes.Count(data[:skip], []byte("\n")))}
	if err := f.header(o); err != nil {
		return nil, nil, err
	}
	rows := bytes.Count(f.scan.data, []byte("\n")) + 1
	f.source.long = f.layout.long
	if f.layout.long {
		// The shortest row, as in "a,1,2" and its line break, bounds what a file of empty lines can ask for.
		f.readLong(newLongRows(min(rows, len(data)/6+1)))
	} else {
		names := f.layout.names[1:]
		f.readWide(newWideRows(names, min(rows, len(data)/(len(names)+1)+1)))
	}
	if f.source.rows == 0 && f.faults.Count == 0 {
		return nil, nil, reject("the file has a header and no rows")
	}
	if f.source.rows > maxRows {
		return nil, nil, reject("the file has %d rows, more than %d", f.source.rows, maxRows)
	}
	f.source.audit.Dialect = f.dialect.String()
	return assemble(&f.source, o)
}

// binaries are files that are often taken for CSV, by what they begin with.
var binaries = []struct{ begin, what string }{
	{"\x1F\x8B", "compressed with gzip: unpack it first"},
	{"\x28\xB5\x2F\xFD", "compressed with Zstandard: unpack it first"},
	{"PK\x03\x04", "a ZIP archive, as Excel's workbooks are: unpack it, or save the sheet as CSV"},
	{"\xD0\xCF\x11\xE0", "a workbook of Excel: save the sheet as CSV"},
	{"PAR1", "a Parquet file, and not CSV"},
	{"ARROW1", "an Arrow file, and not CSV"},
}

// checkEncoding finds files that are no text in UTF-8 by what they begin with.
func checkEncoding(data []byte) error {
	for _, b := range binaries {
		if bytes.HasPrefix(data, []byte(b.begin)) {
			return reject("the file is %s", b.what)
		}
	}
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		return reject("the file is in UTF-16: save it as UTF-8")
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return rejectAt(int64(bytes.Count(data[:at], []byte("\n")))+1, "a NUL byte: the file is not text")
	}
	if bytes.IndexByte(data, '\n') < 0 && bytes.IndexByte(bytes.TrimRight(data, "\r"), '\r') >= 0 {
		return reject("the lines end in carriage returns alone: save the file with line feeds")
	}
	return nil
}

// header reads the first record.
func (f *csvFile) header(o Options) error {
	if !f.scan.next() {
		return reject("the file is empty")
	}
	if f.scan.fault != "" {
		return rejectAt(f.scan.at, "%s", f.scan.fault)
	}
	names := make([]string, len(f.scan.fields))
	for i, b := range f.scan.fields {
		if !utf8.Valid(b) {
			return rejectAt(f.scan.at, "column %d of the header is not valid UTF-8: save the file as UTF-8", i+1)
		}
		names[i] = string(b)
	}
	for len(names) > 1 && strings.TrimSpace(names[len(names)-1]) == "" {
		names = names[:len(names)-1] // spreadsheets leave separators behind the last column
	}
	if err := checkNames(names, f.scan.at); err != nil {
		return err
	}
	if f.index = numbersRows(names); f.index {
		names = names[1:]
	}
	var err error
	if f.layout, err = newLayout(names, o); err != nil {
		return err
	}
	at := 0
	if f.layout.long {
		at = f.layout.time
	}
	f.compact = strings.EqualFold(f.layout.names[at], "date")
	return nil
}

// checkNames finds a first line that has data where the names of the columns must be.
func checkNames(names []string, line int64) error {
	at, isTime := parseTime(trim([]byte(names[0])))
	if isTime && at.Kind != Step {
		return rejectAt(line, "%q is a time, and no column's name: the file must begin with a header such as date,DAX", shorten(names[0]))
	}
	named := slices.ContainsFunc(names[1:], func(n string) bool {
		v, ok := parseValue([]byte(n))
		return !ok || v != v
	})
	if isTime && !named && len(names) > 1 {
		return rejectAt(line, "there are only numbers where the columns' names must be: the file must begin with a header such as date,DAX")
	}
	return nil
}

// numbersRows reports whether the first column, without a name, only numbers the rows of a wide file, as data frames
// are written.
func numbersRows(names []string) bool {
	is := func(usual []string, name string) bool {
		return slices.ContainsFunc(usual, func(u string) bool { return strings.EqualFold(u, strings.TrimSpace(name)) })
	}
	return len(names) > 2 && strings.TrimSpace(names[0]) == "" && is(timeNames, names[1]) &&
		!slices.ContainsFunc(names, func(n string) bool { return is(idNames, n) })
}

// record goes on to the next record with the right number of fields; false is the end of the file. Spreadsheets write
// rows of nothing but separators, and separators behind the last column: both are passed over.
func (f *csvFile) record() bool {
	for f.scan.next() {
		if f.index {
			f.scan.fields = f.scan.fields[1:]
		}
		for n := len(f.scan.fields); n > len(f.layout.names) && f.scan.fault == "" && len(trim(f.scan.fields[n-1])) == 0; n-- {
			f.scan.fields = f.scan.fields[:n-1]
		}
		switch {
		case f.scan.fault == "" && !slices.ContainsFunc(f.scan.fields, func(b []byte) bool { return len(trim(b)) > 0 }):
		case f.scan.fault != "":
			f.bad(-1, f.scan.fault)
		case len(f.scan.fields) != len(f.layout.names):
			f.bad(-1, fmt.Sprintf("%d fields, and the header has %d", len(f.scan.fields), len(f.layout.names)))
		default:
			return true
		}
	}
	return false
}

// bad notes a fault of the record, in a column or with -1 in the whole.
func (f *csvFile) bad(column int, reason string) {
	at := Finding{Line: f.scan.at, Reason: reason}
	if column >= 0 {
		at.Column = f.layout.names[column]
	}
	f.faults.add(at)
}

// time reads the time in a column. All times have the kind of the first.
func (f *csvFile) time(column int) (int64, bool) {
	b := trim(f.scan.fields[column])
	t, ok := parseTime(b)
	if f.compact && t.Kind == Step && (f.first == 0 || f.source.kind == Date) {
		if days, isDate := parseCompactDate(b); isDate {
			t = Time{Date, days}
		}
	}
	switch {
	case !ok:
		f.bad(column, timeReason(string(b)))
		return 0, false
	case f.first == 0:
		f.first = f.scan.at
		f.source.kind = t.Kind
	case t.Kind != f.source.kind:
		f.bad(column, fmt.Sprintf("%q is no %s like the one in line %d", shorten(string(b)), f.source.kind, f.first))
		return 0, false
	}
	return t.N, true
}

// value reads the value in a column.
func (f *csvFile) value(column int) (float64, bool) {
	v, reason := f.dialect.value(f.scan.fields[column], f.scan.at)
	if reason != "" {
		f.bad(column, reason)
	}
	return v, reason == ""
}

// readLong takes the rows of a long file.
func (f *csvFile) readLong(rows *longRows) {
	l := f.layout
	for f.record() {
		at, ok := f.time(l.time)
		value, ok2 := f.value(l.value)
		if !ok || !ok2 {
			continue
		}
		asset, reason := rows.asset(trim(f.scan.fields[l.id]))
		if reason != "" {
			f.bad(l.id, reason)
			continue
		}
		f.source.lines.at(len(rows.values), f.scan.at)
		rows.add(asset, at, value)
	}
	f.source.rows = int64(len(rows.values))
	f.source.columns = rows.columns()
}

// readWide takes the rows of a wide file.
func (f *csvFile) readWide(rows *wideRows) {
	for f.record() {
		at, ok := f.time(0)
		for i := range rows.names {
			v, ok2 := f.value(i + 1)
			if ok && ok2 {
				rows.set(i, v)
			}
			ok = ok && ok2
		}
		if ok {
			f.source.lines.at(len(rows.times), f.scan.at)
			rows.add(at)
		}
	}
	f.source.rows = int64(len(rows.times))
	f.source.columns = rows.columns()
}

// trim cuts blanks from both ends of a field.
func trim(b []byte) []byte {
	if n := len(b); n > 0 && b[0] > ' ' && b[n-1] > ' ' && b[n-1] < 0x80 && b[0] < 0x80 {
		return b
	}
	return bytes.TrimSpace(b)
}

// quote shows a field in a message, without what is not text.
func quote(b []byte) string {
	return fmt.Sprintf("%q", shorten(strings.ToValidUTF8(string(b), "?")))
}
