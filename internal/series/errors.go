package series

import (
	"cmp"
	"fmt"
	"strings"
)

// Record is the unit of files that have records in place of lines.
const Record = "record"

// RejectError says why a file is rejected: each fault with its line, column and reason.
type RejectError struct {
	// Faults are the first faults by line, twenty at most.
	Faults []Finding
	// Total counts all faults.
	Total int64
	// Advice says what to do, if an option helps.
	Advice string
	// Unit is what the lines of the faults count: [Record], or empty for lines.
	Unit string
}

// Error writes the first three faults, and how many more there are.
func (e *RejectError) Error() string {
	var parts []string
	for _, f := range e.Faults[:min(3, len(e.Faults))] {
		parts = append(parts, f.text(cmp.Or(e.Unit, "line")))
	}
	if more := e.Total - int64(len(parts)); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more faults", more))
	}
	if e.Advice != "" {
		parts = append(parts, e.Advice)
	}
	return "the file is rejected: " + strings.Join(parts, "; ")
}

// Reject returns the error for a fault of the file as a whole.
func Reject(format string, args ...any) *RejectError {
	return RejectLine(0, format, args...)
}

// RejectLine returns the error for a fault in one line that makes the lines after it unreadable.
func RejectLine(line int64, format string, args ...any) *RejectError {
	return &RejectError{Faults: []Finding{{Line: line, Reason: fmt.Sprintf(format, args...)}}, Total: 1}
}

// rejected is the error for duplicates and unreadable rows, or nil if the audit has none.
func (s *source) rejected() error {
	a := s.audit
	total := a.Duplicates.Count + a.Unreadable.Count
	if total == 0 {
		return nil
	}
	all := Findings{First: append(append([]Finding(nil), a.Unreadable.First...), a.Duplicates.First...)}
	all.sort()
	err := &RejectError{Faults: all.First[:min(maxFindings, len(all.First))], Total: total}
	if a.Duplicates.Count > 0 {
		err.Advice = "say with --duplicates which of several values is taken"
		if s.kind == Datetime {
			err.Advice += ", or with --timezone in which zone the clocks show an hour twice"
		}
		if !s.long && len(s.columns) > 1 {
			err.Advice += ", or with --id-column which column names the assets"
		}
	}
	return err
}

// FieldError is a fault in one field of a request: a field of [Options], or what a method of [Table] is asked for.
type FieldError struct {
	// Field is the name of the field in a job or an upload, such as from, freq, as_of or time_format.
	Field string
	// Reason says what is wrong with it, in lower case and without a full stop.
	Reason string
}

// Error writes "from: reason".
func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }
