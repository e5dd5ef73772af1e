package nixtla

import (
	"fmt"
	"strings"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/calendar"
)

// axis is how the times of a request follow each other.
type axis struct {
	kind   series.Kind
	rule   *calendar.Calendar // nil for integer steps
	zone   string             // of instants: the offset of the first series
	starts []start            // one for each series; nil where the request has none
}

// start is the time of the first value of a series, on the clock of its own offset, in microseconds.
type start struct{ local, offset int64 }

const (
	second       = int64(1_000_000)
	microsPerDay = 24 * 60 * 60 * second
	lastYear     = 9999
)

// newAxis reads the frequency and the times of a request. Integer times come as the frequency MS without a time; other requests
// without times, whose zone the client could not write as one offset, begin at an arbitrary Monday: models know only how times
// follow each other.
func newAxis(r *request, f *faults) *axis {
	name := pandasName(r.Freq)
	a := &axis{kind: series.Step}
	if name == "MS" && r.Series.Starts == nil {
		return a
	}
	rule, err := calendar.Parse(name)
	if err != nil {
		f.add("/freq", "%s", err)
		return a
	}
	a.rule, a.kind = rule, series.Date
	if rule.Period() < microsPerDay {
		a.kind = series.Datetime
	}
	zoned := 0
	for i, text := range r.Series.Starts {
		at, hasZone, ok := parseStart(text)
		if !ok {
			f.add(fmt.Sprintf("/series/start_datetime/%d", i), "must be a date or a time of ISO 8601, is %.40q", text)
			return a
		}
		_, offset := at.Zone()
		s := start{local: at.UnixMicro() + int64(offset)*second, offset: int64(offset) * second}
		if !rule.At(s.local).Obeys(s.local) {
			f.add(fmt.Sprintf("/series/start_datetime/%d", i), "%s is no time of the frequency %s: %s", text, name, rule.Describe())
			return a
		}
		if s.local%microsPerDay != 0 && a.kind == series.Date {
			a.kind = series.Datetime
		}
		if hasZone {
			if zoned++; zoned == 1 {
				a.zone = at.Format("-07:00")
			}
		}
		a.starts = append(a.starts, s)
	}
	switch {
	case zoned == 0:
	case zoned < len(a.starts):
		f.add("/series/start_datetime", "must have an offset from UTC in each time, or in none")
	default:
		a.kind = series.Instant
	}
	return a
}

// pandasName is the name of a frequency as the house reads it: pandas' custom business days are business days, and the m of polars
// is minutes.
func pandasName(freq string) string {
	name := strings.TrimSpace(freq)
	switch {
	case name == "C":
		return "B"
	case strings.HasSuffix(name, "m") && strings.Trim(name[:len(name)-1], "0123456789") == "":
		return name[:len(name)-1] + "min"
	}
	return name
}

// parseStart reads a date, or a time with or without an offset from UTC.
func parseStart(text string) (at time.Time, zoned, ok bool) {
	text = strings.Replace(strings.TrimSpace(text), " ", "T", 1)
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15", "2006-01", "2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, false, inYears(t)
		}
		if t, err := time.Parse(layout+"Z07:00", text); err == nil {
			return t, true, inYears(t)
		}
	}
	return time.Time{}, false, false
}

func inYears(t time.Time) bool { return t.Year() >= 1 && t.Year() <= lastYear }

// freq is the name that the job has for the frequency, or empty for steps.
func (a *axis) freq() string {
	if a.rule == nil {
		return ""
	}
	return a.rule.String()
}

// season is the shortest season that the frequency suggests, or 0.
func (a *axis) season() int {
	if a.rule == nil || len(a.rule.Seasons()) == 0 {
		return 0
	}
	return a.rule.Seasons()[0]
}

// aMonday is where series without times begin: 2001-01-01.
var aMonday = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// times are n times of a series in the unit of the kind, and false when the last of them is after the year 9999.
func (a *axis) times(i, n int) ([]int64, bool) {
	out := make([]int64, n)
	if a.rule == nil {
		for k := range out {
			out[k] = int64(k) + 1
		}
		return out, true
	}
	s := start{local: aMonday.UnixMicro()}
	if a.starts != nil {
		s = a.starts[i]
	}
	rule, at := a.rule.At(s.local), s.local
	if !rule.Obeys(at) || !rule.Open(rule.Slot(at)) {
		at = rule.Next(at)
	}
	for k := range out {
		if out[k] = at - s.offset; a.kind == series.Date {
			out[k] = at / microsPerDay
			if at < 0 && at%microsPerDay != 0 {
				out[k]--
			}
		}
		at = rule.Next(at)
	}
	return out, time.UnixMicro(at).UTC().Year() <= lastYear
}
