package series

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// csvFile is a CSV file that is being read.
type csvFile struct {
	scan   scanner
	layout layout
	source source
	faults *Findings // the audit's unreadable rows
	first  int64     // the line whose time set the kind; 0 before there is one
}

// readCSV reads a CSV file in memory, in the long or the wide form.
func readCSV(data []byte, o Options) (*Table, *Audit, error) {
	if err := checkEncoding(data); err != nil {
		return nil, nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	f := csvFile{scan: scanner{data: data, line: 1}, source: source{audit: new(Audit)}}
	f.faults = &f.source.audit.Unreadable
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
	return assemble(&f.source, o)
}

// checkEncoding finds files that are no text in UTF-8 by what they begin with.
func checkEncoding(data []byte) error {
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		return reject("the file is in UTF-16: save it as UTF-8")
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return rejectAt(int64(bytes.Count(data[:at], []byte("\n")))+1, "a NUL byte: the file is not text")
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
			return rejectAt(f.scan.at, "column %d of the header is not valid UTF-8", i+1)
		}
		names[i] = string(b)
	}
	var err error
	f.layout, err = newLayout(names, o)
	return err
}

// record goes on to the next record with the right number of fields; false is the end of the file.
func (f *csvFile) record() bool {
	for f.scan.next() {
		switch {
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
	b := f.scan.fields[column]
	v, ok := parseValue(b)
	if !ok {
		f.bad(column, "not a number: "+quote(b))
	}
	return v, ok
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
