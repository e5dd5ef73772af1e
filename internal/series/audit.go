package series

import (
	"fmt"
	"slices"
	"strings"
)

// maxFindings is how many findings of one kind an audit lists. It counts all of them.
const maxFindings = 20

// Finding is a fault or an oddity in one place of a file.
type Finding struct {
	// Line is the line of a CSV file, the record of a JSON file, or the row of a Parquet or Arrow file, each from 1; 0 means the whole file.
	Line int64 `json:"line,omitzero"`
	// Column is the name of the column, if the finding is about one.
	Column string `json:"column,omitzero"`
	// Asset is the name of the asset, if the finding is about one.
	Asset string `json:"asset,omitzero"`
	// Reason says what was found, in lower case and without a full stop.
	Reason string `json:"reason"`
}

// String writes the finding as in `line 3, asset "DAX": no value`.
func (f Finding) String() string { return f.text("line") }

// text is [Finding.String] with another word for lines.
func (f Finding) text(unit string) string {
	var where []string
	if f.Line > 0 {
		where = append(where, fmt.Sprintf("%s %d", unit, f.Line))
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

// Findings are all findings of one kind: their number, and the first twenty by line.
type Findings struct {
	Count int64     `json:"count"`
	First []Finding `json:"first,omitempty"`
}

// add counts a finding, and lists it if the list is not full.
func (f *Findings) add(at Finding) {
	f.Count++
	if len(f.First) < maxFindings {
		f.First = append(f.First, at)
	}
}

// addLazy counts a finding, and makes its text if the list is not full.
func (f *Findings) addLazy(at func() Finding) {
	if f.full() {
		f.Count++
		return
	}
	f.add(at())
}

// full reports whether the list is full. A further finding is only counted, so it needs no text.
func (f *Findings) full() bool { return len(f.First) >= maxFindings }

// sort orders the listed findings by line.
func (f *Findings) sort() {
	slices.SortStableFunc(f.First, func(a, b Finding) int { return int(a.Line - b.Line) })
}

// Audit is what a reader found in a file. Duplicates and Unreadable reject the file; the other findings are warnings.
type Audit struct {
	// Form is long, wide or stored: see [Builder] and [Table.Audit]; or flat, for series that came with a request for their forecasts.
	Form string `json:"form"`
	// Dialect describes a CSV file that does not have commas between fields and decimal points: "separated by semicolons,
	// with decimal commas".
	Dialect string `json:"dialect,omitzero"`
	// Notes are sentences about what the reader chose: which columns it left out, how it read times and numbers.
	Notes []string `json:"notes,omitempty"`
	// Column is the column that the values are those of, in a long file or one with the bars of prices: one of [PriceColumns],
	// or the name in the file. It is empty where each asset has a column of its own.
	Column string `json:"column,omitzero"`
	// Columns are the columns of prices that the file has, if Column is one of several.
	Columns []string `json:"columns,omitempty"`
	// Source is where the file was fetched, of a version that was imported.
	Source string `json:"source,omitzero"`
	// Rows counts the data rows of the file; of a stored file, its values.
	Rows int64 `json:"rows"`
	// AppendedTo is the version of a dataset that the rows were appended to, or 0, and Replaced counts its values that rows replaced. Rows
	// and the findings with lines are those of the appended file alone.
	AppendedTo int   `json:"appended_to,omitzero"`
	Replaced   int64 `json:"replaced,omitzero"`
	// Assets counts the assets, including those without any value.
	Assets int `json:"assets"`
	// Values counts the values of all assets, including those carried forward.
	Values int64 `json:"values"`
	// From and To are the first and the last time that has a value.
	From string `json:"from"`
	To   string `json:"to"`
	// Freq is the frequency that all assets have in common, or empty.
	Freq Freq `json:"freq"`
	// Calendar says in words how the times follow each other: "business days", "months", "integer steps of 1", "mixed",
	// "irregular".
	Calendar string `json:"calendar"`
	// Zone is the zone in which instants are told and in which days begin, by its name or its offset from UTC; empty for times
	// that are not instants.
	Zone string `json:"zone,omitzero"`
	// Filled counts the values carried forward: those that are missing, or whose row is, between an asset's first and last.
	Filled int64 `json:"filled"`

	Duplicates  Findings `json:"duplicates"`   // rows with an asset and a time that an earlier row has
	Unreadable  Findings `json:"unreadable"`   // rows that cannot be read
	Merged      Findings `json:"merged"`       // rows with the asset and the time of an earlier row: equal to it, or merged with it as asked
	Missing     Findings `json:"missing"`      // empty fields, and words such as NA, NaN or null
	NonFinite   Findings `json:"non_finite"`   // infinite values, treated as missing
	NonPositive Findings `json:"non_positive"` // values of zero or less
	Unsorted    Findings `json:"unsorted"`     // rows earlier than the row before of the same asset
	Gaps        Findings `json:"gaps"`         // times missing between an asset's first and last
	Splits      Findings `json:"splits"`       // lasting jumps by a factor that stock splits have
	Empty       Findings `json:"empty"`        // assets without any value
	Zones       Findings `json:"zones"`        // how the zone was found, where the file leaves it open
	OffCalendar Findings `json:"off_calendar"` // times that are not on their asset's calendar
	SamePeriod  Findings `json:"same_period"`  // times that fall into the period of the time before
	Irregular   Findings `json:"irregular"`    // assets whose times follow no rule
}

// Warnings counts the warnings of all kinds.
func (a *Audit) Warnings() int64 {
	var n int64
	for _, s := range a.warnings() {
		n += s.found.Count
	}
	return n
}

// note adds a sentence to the notes.
func (a *Audit) note(format string, args ...any) {
	a.Notes = append(a.Notes, fmt.Sprintf(format, args...))
}

// namedFindings are findings with their name in a report.
type namedFindings struct {
	one, many string
	found     *Findings
}

func (a *Audit) warnings() []namedFindings {
	return []namedFindings{
		{"row merged with an earlier one", "rows merged with an earlier one", &a.Merged},
		{"missing value", "missing values", &a.Missing},
		{"non-finite value", "non-finite values", &a.NonFinite},
		{"value of zero or less", "values of zero or less", &a.NonPositive},
		{"row out of order", "rows out of order", &a.Unsorted},
		{"gap", "gaps", &a.Gaps},
		{"jump that looks like a split", "jumps that look like splits", &a.Splits},
		{"asset without any value", "assets without any value", &a.Empty},
		{"remark on the zone", "remarks on the zone", &a.Zones},
		{"time off the calendar", "times off the calendar", &a.OffCalendar},
		{"time in the period of another", "times in the period of another", &a.SamePeriod},
		{"asset whose times follow no rule", "assets whose times follow no rule", &a.Irregular},
	}
}

// sort orders the listed findings of each kind by line.
func (a *Audit) sort() {
	a.Duplicates.sort()
	a.Unreadable.sort()
	for _, s := range a.warnings() {
		s.found.sort()
	}
}

// String writes the audit for a person, with at most three findings of each kind.
func (a *Audit) String() string {
	var b strings.Builder
	form := a.Form + " form"
	if a.Dialect != "" {
		form += ", " + a.Dialect
	}
	fmt.Fprintf(&b, "%s (%s), %s, %s, %s to %s\n", counted(a.Rows, "row", "rows"), form, counted(int64(a.Assets), "asset", "assets"), counted(a.Values, "value", "values"), a.From, a.To)
	for _, n := range a.Notes {
		fmt.Fprintf(&b, "%s\n", n)
	}
	freq := string(a.Freq)
	if freq == "" {
		freq = "none"
	}
	zone := ""
	if a.Zone != "" {
		zone = " in the zone " + a.Zone
	}
	fmt.Fprintf(&b, "frequency %s (%s%s), %s carried forward\n", freq, a.Calendar, zone, counted(a.Filled, "value", "values"))
	all := append([]namedFindings{{"duplicate row", "duplicate rows", &a.Duplicates}, {"unreadable row", "unreadable rows", &a.Unreadable}}, a.warnings()...)
	for _, s := range all {
		if s.found.Count == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s\n", counted(s.found.Count, s.one, s.many))
		for _, f := range s.found.First[:min(3, len(s.found.First))] {
			fmt.Fprintf(&b, "  %s\n", f)
		}
	}
	return b.String()
}

// counted writes a number and what is counted, in the singular or the plural.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
