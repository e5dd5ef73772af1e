package series

import (
	"cmp"
	"strconv"
	"time"
)

// Kind is how a table counts time. All times of one table have the same kind.
type Kind uint8

// The four kinds of time, with what the number in a [Time] counts.
const (
	Step     Kind = iota // an integer step
	Date                 // days since 1970-01-01
	Datetime             // microseconds since 1970-01-01 00:00:00, in an unknown zone
	Instant              // microseconds since 1970-01-01T00:00:00Z
)

// String names the kind for a message, without an article.
func (k Kind) String() string {
	switch k {
	case Step:
		return "integer step"
	case Date:
		return "date"
	case Datetime:
		return "time without a zone"
	}
	return "time with a zone"
}

// withArticle names the kind for a message, with its article.
func (k Kind) withArticle() string {
	if k == Step {
		return "an " + k.String()
	}
	return "a " + k.String()
}

// microsPerDay is the length of a day in the unit of Datetime and Instant.
const microsPerDay = 24 * 60 * 60 * 1_000_000

// day is the length of a day in the unit of the kind, or 0 for steps.
func (k Kind) day() int64 {
	switch k {
	case Step:
		return 0
	case Date:
		return 1
	}
	return microsPerDay
}

// Time is a time of a table. N counts in the unit of the kind. Compare times with [Time.Compare] or [Time.Equal]: equal
// instants may be told in different zones.
type Time struct {
	Kind Kind
	N    int64
	// Zone is the zone in which an instant is written; nil is UTC. It is nil for the other kinds.
	Zone *time.Location
}

// Equal reports whether two times have the same kind and number.
func (t Time) Equal(u Time) bool { return t.Kind == u.Kind && t.N == u.N }

// Compare orders two times of the same kind: -1, 0 or 1.
func (t Time) Compare(u Time) int { return cmp.Compare(t.N, u.N) }

// Go returns the time as a [time.Time], in UTC or, for an instant, in its zone, or false for an integer step.
func (t Time) Go() (time.Time, bool) {
	switch t.Kind {
	case Step:
		return time.Time{}, false
	case Date:
		return time.Unix(t.N*24*60*60, 0).UTC(), true
	}
	at := time.UnixMicro(t.N).UTC()
	if t.Zone != nil {
		at = at.In(t.Zone)
	}
	return at, true
}

// String writes the time as in the column ds of a file: 17, 2006-01-02, 2006-01-02 15:04:05 or 2006-01-02T15:04:05+01:00,
// with a fraction of a second if there is one.
func (t Time) String() string { return string(t.Append(nil)) }

// Append appends the text of [Time.String] to b.
func (t Time) Append(b []byte) []byte {
	at, ok := t.Go()
	if !ok {
		return strconv.AppendInt(b, t.N, 10)
	}
	switch t.Kind {
	case Date:
		return appendDate(b, at)
	case Datetime:
		return at.AppendFormat(append(appendDate(b, at), ' '), "15:04:05.999999")
	}
	return at.AppendFormat(append(appendDate(b, at), 'T'), "15:04:05.999999Z07:00")
}

// appendDate appends the date of t: for the years 0 to 9999, eight digits and two dashes.
func appendDate(b []byte, t time.Time) []byte {
	y, m, d := t.Date()
	if y < 0 || y > 9999 {
		return t.AppendFormat(b, time.DateOnly)
	}
	return append(b,
		byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
}

// floorDiv divides and rounds down, so that times before 1970 have the right day.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
