package csv

import (
	"bytes"
	"fmt"

	"foliocast/internal/series"
)

// scanner splits a CSV file in memory into records, as encoding/csv does: it skips empty lines; a field in quotes may hold
// separators, doubled quotes and line breaks; a carriage return before a line break is not part of the line. Unlike
// encoding/csv, it splits records without quotes, as most are, without copying them.
type scanner struct {
	data      []byte
	separator byte  // of fields
	line      int64 // the number of the next line, from 1
	unquoted  bool  // there is no quote in data

	// The record that next found, valid until the next call.
	fields [][]byte
	at     int64  // its first line
	fault  string // what is wrong with its quotes, or empty
	quoted []byte // the text of its quoted fields
}

// maxFields is the most fields of a record that are split.
const maxFields = series.MaxColumns

var faultFields = fmt.Sprintf("more than %d fields", maxFields)

// next advances to the next record, or returns false at the end of the file.
func (s *scanner) next() bool {
	for len(s.data) > 0 {
		end := bytes.IndexByte(s.data, '\n')
		rest := end + 1
		if end < 0 {
			end = len(s.data)
			rest = end
		}
		line := s.data[:end]
		s.at = s.line
		if !s.unquoted && bytes.IndexByte(line, '"') >= 0 {
			s.split()
			return true
		}
		s.data = s.data[rest:]
		s.line++
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if len(line) == 0 {
			continue
		}
		s.splitPlain(line)
		return true
	}
	return false
}

// splitPlain splits a line without quotes.
func (s *scanner) splitPlain(line []byte) {
	s.fault = ""
	s.fields = s.fields[:0]
	for {
		end := bytes.IndexByte(line, s.separator)
		if end < 0 {
			s.fields = append(s.fields, line)
			return
		}
		if len(s.fields) == maxFields {
			s.fault = faultFields
			return
		}
		s.fields = append(s.fields, line[:end])
		line = line[end+1:]
	}
}

// split splits a record with quotes.
func (s *scanner) split() {
	s.fault, s.fields, s.quoted = "", s.fields[:0], s.quoted[:0]
	for {
		var more bool
		if len(s.data) > 0 && s.data[0] == '"' {
			more = s.quotedField()
		} else {
			more = s.plainField()
		}
		if !more {
			return
		}
		if len(s.fields) >= maxFields { // the rest of the record is that of no file
			s.fault, s.data = faultFields, nil
			return
		}
	}
}

// plainField reads a field that does not begin with a quote, and reports whether another follows in the record.
func (s *scanner) plainField() bool {
	end := 0
	for end < len(s.data) && s.data[end] != s.separator && s.data[end] != '\n' {
		end++
	}
	field := s.data[:end]
	comma := end < len(s.data) && s.data[end] == s.separator
	s.data = s.data[min(end+1, len(s.data)):]
	if !comma {
		s.line++
		field = bytes.TrimSuffix(field, []byte("\r"))
	}
	if bytes.IndexByte(field, '"') >= 0 {
		s.fault = "a quote inside a field that does not begin with one"
	}
	s.fields = append(s.fields, field)
	return comma
}

// quotedField reads a field in quotes, and reports whether another follows in the record.
func (s *scanner) quotedField() bool {
	s.data = s.data[1:]
	from := len(s.quoted)
	for {
		end := bytes.IndexByte(s.data, '"')
		if end < 0 {
			s.text(s.data)
			s.data = nil
			s.fault = "a quote that is not closed"
			s.fields = append(s.fields, s.quoted[from:])
			return false
		}
		s.text(s.data[:end])
		s.data = s.data[end+1:]
		if len(s.data) == 0 || s.data[0] != '"' {
			break
		}
		s.quoted = append(s.quoted, '"')
		s.data = s.data[1:]
	}
	s.fields = append(s.fields, s.quoted[from:])
	return s.afterQuote()
}

// text appends a part of a quoted field, with each line break as a single line feed.
func (s *scanner) text(b []byte) {
	for {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			s.quoted = append(s.quoted, b...)
			return
		}
		s.line++
		s.quoted = append(append(s.quoted, bytes.TrimSuffix(b[:end], []byte("\r"))...), '\n')
		b = b[end+1:]
	}
}

// afterQuote reads what follows a closing quote, a separator or the end of the line, and reports whether it is a separator.
func (s *scanner) afterQuote() bool {
	if len(s.data) > 0 && s.data[0] == s.separator {
		s.data = s.data[1:]
		return true
	}
	end := bytes.IndexByte(s.data, '\n')
	if end < 0 {
		end = len(s.data)
	}
	if len(bytes.TrimSuffix(s.data[:end], []byte("\r"))) > 0 {
		s.fault = "text after a closing quote"
	}
	s.data = s.data[min(end+1, len(s.data)):]
	s.line++
	return false
}
