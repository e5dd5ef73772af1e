package series

import (
	"fmt"

	"foliocast/internal/series/calendar"
)

// Freq is how often values come: the name of a calendar as pandas writes it, such as 15min, h, D, B, W-FRI, ME, QE-DEC, YE, or
// the name of an exchange, such as XNYS; see [calendar.Parse]. The empty Freq is unknown: integer steps, or times without a
// rule.
type Freq string

// Valid reports whether f is the name of a calendar or empty.
func (f Freq) Valid() bool { return f.Check() == nil }

// Check returns a [FieldError] for a name that is not that of a calendar.
func (f Freq) Check() error {
	if f == "" {
		return nil
	}
	if _, err := calendar.Parse(string(f)); err != nil {
		return &FieldError{"freq", err.Error()}
	}
	return nil
}

// calendar is the calendar of a name, for times of a kind.
func (f Freq) calendar(kind Kind) (*calendar.Calendar, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if kind == Step {
		return nil, &FieldError{"freq", fmt.Sprintf("the times are integer steps, which have no frequency such as %s: leave it out and give the season, or write the times as dates", f)}
	}
	c, err := calendar.Parse(string(f))
	if err == nil && kind == Date && c.Period() < microsPerDay {
		return nil, &FieldError{"freq", string(f) + " needs times of day, and the file has dates"}
	}
	return c, err
}
