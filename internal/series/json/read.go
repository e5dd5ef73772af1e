package json

import (
	"bytes"
	std "encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// Read reads records in memory, in the long or the wide form. Findings name records, from 1, in place of lines. Read returns a
// [series.RejectError] for records that it rejects, and a [series.FieldError] for an option that does not fit them.
func Read(data []byte, o series.Options) (*series.Table, *series.Audit, error) {
	t, audit, err := read(data, o)
	if reject, ok := errors.AsType[*series.RejectError](err); ok {
		reject.Unit = series.Record
	}
	return t, audit, err
}

func read(data []byte, o series.Options) (*series.Table, *series.Audit, error) {
	for _, mark := range []struct{ field, text string }{{"decimal", o.Decimal}, {"thousands", o.Thousands}} {
		if mark.text != "" {
			return nil, nil, &series.FieldError{Field: mark.field, Reason: "the numbers of JSON have decimal points, and no marks between thousands"}
		}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !utf8.Valid(data) {
		return nil, nil, series.Reject("the file is not valid UTF-8")
	}
	text, err := asCSV(data, o.Budget)
	if err != nil {
		return nil, nil, err
	}
	return csv.ReadRecords(text, o)
}

// asCSV writes records as CSV, with a line for each and a column for each field, in the order in which they first appear.
func asCSV(data []byte, b *series.Budget) ([]byte, error) {
	w := writer{budget: b, places: make(map[string]int)}
	err := w.records(data, true)
	if errors.Is(err, errMoreFields) { // a later record has fields that the first has not
		w.rows, w.closed = w.rows[:0], false
		if err = w.records(data, false); err == nil {
			w.closed = true
			err = w.records(data, true)
		}
	}
	if err != nil {
		return nil, err
	}
	if w.record == 0 {
		return nil, series.Reject("the file has no records")
	}
	var header []byte
	for i, name := range w.names {
		if i > 0 {
			header = append(header, ',')
		}
		header = appendField(header, name)
	}
	if len(w.names) == 1 && w.names[0] == "" || len(w.names) == 0 {
		return nil, series.Reject("the records have no fields")
	}
	return slices.Concat(header, []byte("\n"), w.rows), nil
}

// errMoreFields says that a record has a field that the records before do not have.
var errMoreFields = errors.New("a record has another field")

// writer writes the lines of records.
type writer struct {
	budget *series.Budget
	names  []string // of the fields
	places map[string]int
	closed bool // all fields are known
	rows   []byte
	held   int // for how many bytes the budget has been asked

	record int64
	cells  []string // of the record
	has    []bool
	faults []series.Finding
	total  int64
}

// records goes through all records. With write it writes them, and returns errMoreFields for a field that the first record does
// not have; without, it only finds the fields.
func (w *writer) records(data []byte, write bool) error {
	in := std.NewDecoder(bytes.NewReader(data))
	in.UseNumber()
	w.record, w.faults, w.total = 0, nil, 0
	array := false
	switch text := bytes.TrimLeft(data, " \t\r\n"); {
	case len(text) == 0:
		return series.Reject("the file is empty")
	case text[0] == '[':
		array = true
		if _, err := in.Token(); err != nil {
			return w.broken(in, err)
		}
	case text[0] != '{':
		return series.Reject("the file has neither an array of objects nor objects one after the other, but begins with %q", text[0])
	}
	for {
		if w.record%1024 == 0 {
			if err := w.budget.Err(); err != nil {
				return err
			}
		}
		if array && !in.More() {
			break
		}
		begin, err := in.Token()
		if !array && errors.Is(err, io.EOF) {
			return w.rejected()
		}
		w.record++
		if err != nil {
			return w.broken(in, err)
		}
		if begin != std.Delim('{') {
			return series.RejectLine(w.record, "is %s, and not an object with fields", kindOf(begin))
		}
		if err := w.fields(in); err != nil {
			return err
		}
		if write {
			if err := w.write(); err != nil {
				return err
			}
		}
	}
	if _, err := in.Token(); err != nil {
		return w.broken(in, err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return series.Reject("something follows the array of records")
	}
	return w.rejected()
}

// fields reads the fields of a record, after its brace.
func (w *writer) fields(in *std.Decoder) error {
	clear(w.cells)
	clear(w.has)
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return w.broken(in, err)
		}
		name := key.(string) // of an object, as the decoder makes sure
		value, err := in.Token()
		if err != nil {
			return w.broken(in, err)
		}
		place, known := w.places[name]
		switch {
		case known:
		case w.closed:
			return errMoreFields
		case len(w.names) == series.MaxColumns:
			return series.RejectLine(w.record, "the records have more than %d different fields", series.MaxColumns)
		default:
			place = len(w.names)
			w.places[name] = place
			w.names, w.cells, w.has = append(w.names, name), append(w.cells, ""), append(w.has, false)
		}
		text, reason := textOf(value)
		if begin, nested := value.(std.Delim); nested {
			if err := skip(in, begin); err != nil {
				return w.broken(in, err)
			}
		}
		if w.has[place] {
			reason = "appears twice"
		}
		if reason != "" {
			w.fault(name, reason)
		}
		w.cells[place], w.has[place] = text, true
	}
	if _, err := in.Token(); err != nil {
		return w.broken(in, err)
	}
	return nil
}

// textOf is what a value is in CSV, or the reason why it cannot be one.
func textOf(value std.Token) (text, reason string) {
	switch v := value.(type) {
	case std.Number:
		return v.String(), ""
	case string:
		if strings.ContainsAny(v, "\r\n\x00") {
			return "", "has a line break or a NUL character"
		}
		return v, ""
	case bool:
		if v {
			return "true", ""
		}
		return "false", ""
	case std.Delim:
		return "", "is " + kindOf(v) + ", and may be a number, a text or null"
	}
	return "", ""
}

// kindOf names the kind of a value.
func kindOf(value std.Token) string {
	switch v := value.(type) {
	case std.Delim:
		if v == '[' {
			return "an array"
		}
		return "an object"
	case std.Number:
		return "a number"
	case string:
		return "a text"
	case bool:
		return "a truth value"
	}
	return "null"
}

// skip reads to the end of an array or an object that has begun.
func skip(in *std.Decoder, begin std.Delim) error {
	for depth := 1; depth > 0; {
		token, err := in.Token()
		if err != nil {
			return err
		}
		switch token {
		case std.Delim('['), std.Delim('{'):
			depth++
		case std.Delim(']'), std.Delim('}'):
			depth--
		}
	}
	return nil
}

// write adds the line of the record.
func (w *writer) write() error {
	w.closed = true
	for i, cell := range w.cells {
		if i > 0 {
			w.rows = append(w.rows, ',')
		}
		w.rows = appendField(w.rows, cell)
	}
	if len(w.cells) == 1 && w.cells[0] == "" {
		w.rows = append(w.rows, `""`...) // an empty line would be no row
	}
	w.rows = append(w.rows, '\n')
	const some = 1 << 20
	for len(w.rows) > w.held {
		if err := w.budget.Hold(2 * some); err != nil { // twice, for what it is copied to as it grows
			return err
		}
		w.held += some
	}
	return nil
}

// appendField writes a field, in quotes where it needs them.
func appendField(b []byte, field string) []byte {
	if !strings.ContainsAny(field, ",\"") {
		return append(b, field...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(field, `"`, `""`)...)
	return append(b, '"')
}

// fault notes that a field of the record is wrong.
func (w *writer) fault(name, reason string) {
	const most = 20
	w.total++
	if len(w.faults) < most {
		w.faults = append(w.faults, series.Finding{Line: w.record, Column: name, Reason: reason})
	}
}

// rejected is the error for what was wrong with the fields, or nil.
func (w *writer) rejected() error {
	if w.total == 0 {
		return nil
	}
	return &series.RejectError{Faults: w.faults, Total: w.total}
}

// broken is the error for text that is not JSON.
func (w *writer) broken(in *std.Decoder, err error) error {
	reason := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		reason = "the file breaks off"
	}
	return series.RejectLine(max(w.record, 1), "%s", fmt.Sprintf("is not JSON after byte %d of the file: %s", in.InputOffset(), reason))
}
