package series

import (
	"fmt"
	"slices"
	"strings"
)

// maxFindings is how many findings of one sort a report lists; the rest are counted.
const maxFindings = 20

// Finding is one remark on one place of a file.
type Finding struct {
	// Line is the line of a CSV file, or the row of a Parquet or Arrow file, both from 1; 0 means the whole file.
	Line int64 `json:"line,omitzero"`
	// Column is the name of the column at fault, where one is.
	Column string `json:"column,omitzero"`
	// Asset is the asset at fault, where one is.
	Asset string `json:"asset,omitzero"`
	// Reason is the remark, as a part of a sentence in lower case.
	Reason string `json:"reason"`
}

// String writes the finding as "line 3, asset DAX: empty value".
func (f Finding) String() string {
	var where []string
	if f.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", f.Line))
	}
	if f.Column != "" {
		where = append(where, fmt.Sprintf("column %q", f.Column))
	}
	if f.Asset != "" {
		where = append(where, fmt.Sprintf("asset %q", f.Asset))
	}
	if len(where) == 0 {
		return f.Reason
	}
	return strings.Join(where, ", ") + ": " + f.Reason
}

// Findings are all remarks of one sort: how many there are, and the first twenty of them by line.
type Findings struct {
	Count int64     `json:"count"`
	First []Finding `json:"first,omitempty"`
}

// add counts a finding, and lists it while there is room.
func (f *Findings) add(at Finding) {
	f.Count++
	if len(f.First) < maxFindings {
		f.First = append(f.First, at)
	}
}

// full reports whether a further finding would only be counted, so that its text need not be made.
func (f *Findings) full() bool { return len(f.First) >= maxFindings }

// sort orders the listed findings by line.
func (f *Findings) sort() {
	slices.SortStableFunc(f.First, func(a, b Finding) int { return int(a.Line - b.Line) })
}

// Audit is what reading a file told about it. Duplicates and Unreadable reject the file; the rest are warnings.
type Audit struct {
	// Form is long, wide or stored: see [Builder] and [Table.Audit].
	Form string `json:"form"`
	// Dialect says how a CSV file is written where that is not with commas and decimal points: "separated by
	// semicolons, with decimal commas".
	Dialect string `json:"dialect,omitzero"`
	// Rows counts the data rows of the file; of a stored file, its values.
	Rows int64 `json:"rows"`
	// Assets counts the assets, those without any value included.
	Assets int `json:"assets"`
	// Values counts the values of all assets after cutting and carrying forward.
	Values int64 `json:"values"`
	// From and To are the first and the last time that has a value.
	From string `json:"from"`
	To   string `json:"to"`
	// Freq is the frequency that all assets have in common, or empty.
	Freq Freq `json:"freq"`
	// Calendar says it in words: "business days", "months", "integer steps of 1", "mixed", "irregular".
	Calendar string `json:"calendar"`
	// Filled counts the values carried forward: missing values and absent rows inside an asset's range.
	Filled int64 `json:"filled"`

	Duplicates  Findings `json:"duplicates"`   // rows with an asset and a time that an earlier row has
	Unreadable  Findings `json:"unreadable"`   // rows that cannot be read
	Missing     Findings `json:"missing"`      // empty, NA, N/A, NaN, null or none in the value column
	NonFinite   Findings `json:"non_finite"`   // infinite values, treated as missing
	NonPositive Findings `json:"non_positive"` // values of zero or less
	Unsorted    Findings `json:"unsorted"`     // rows earlier than the row before of the same asset
	Gaps        Findings `json:"gaps"`         // times that are absent inside an asset's range
	Splits      Findings `json:"splits"`       // lasting jumps by a factor that stock splits have
	Empty       Findings `json:"empty"`        // assets without any value
}

// Warnings counts the warnings of all sorts.
func (a *Audit) Warnings() int64 {
	var n int64
	for _, s := range a.warnings() {
		n += s.found.Count
	}
	return n
}

// namedFindings are findings with the words that introduce them in a report.
type namedFindings struct {
	words string
	found *Findings
}

func (a *Audit) warnings() []namedFindings {
	return []namedFindings{
		{"missing values", &a.Missing},
		{"non-finite values", &a.NonFinite},
		{"values of zero or less", &a.NonPositive},
		{"rows out of order", &a.Unsorted},
		{"gaps", &a.Gaps},
		{"jumps that look like splits", &a.Splits},
		{"assets without any value", &a.Empty},
	}
}

// sort orders the listed findings of every sort by line.
func (a *Audit) sort() {
	a.Duplicates.sort()
	a.Unreadable.sort()
	for _, s := range a.warnings() {
		s.found.sort()
	}
}

// String writes the audit for a person, one line a fact and at most three examples of each sort of warning.
func (a *Audit) String() string {
	var b strings.Builder
	form := a.Form + " form"
	if a.Dialect != "" {
		form += ", " + a.Dialect
	}
	fmt.Fprintf(&b, "%d rows (%s), %d assets, %d values, %s to %s\n", a.Rows, form, a.Assets, a.Values, a.From, a.To)
	freq := string(a.Freq)
	if freq == "" {
		freq = "none"
	}
	fmt.Fprintf(&b, "frequency %s (%s), %d values carried forward\n", freq, a.Calendar, a.Filled)
	all := append([]namedFindings{{"duplicate rows", &a.Duplicates}, {"unreadable rows", &a.Unreadable}}, a.warnings()...)
	for _, s := range all {
		if s.found.Count == 0 {
			continue
		}
		fmt.Fprintf(&b, "%d %s\n", s.found.Count, s.words)
		for _, f := range s.found.First[:min(3, len(s.found.First))] {
			fmt.Fprintf(&b, "  %s\n", f)
		}
	}
	return b.String()
}
