package series

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"foliocast/internal/series/timetext"
)

// textTimes reads the times of a column in text, and keeps what all of them together must decide.
type textTimes struct {
	parser  timetext.Parser
	pattern *timetext.Pattern            // of the options, or nil
	form    string                       // of the integers, in the options, or empty
	orders  [timetext.DayFirst + 1]int64 // the first line with a date of each order of day and month
	zone    *time.Location               // that all texts name so far
	some    bool                         // an instant was read
	weeks   bool                         // the name of the column says that it has weeks
	parsed  int                          // how many texts were parsed before read was made
	read    []readTime                   // what was read before, by [slotOf], once there are many rows
}

// readTime is a text and the time that it means.
type readTime struct {
	text [readText]byte
	n    uint8 // the length of the text
	time Time
}

const (
	readText  = 31
	readTimes = 1 << 12
)

// slotOf is where a text of 8 bytes or more is kept.
func slotOf(text []byte) uint64 {
	first, last := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[len(text)-8:])
	return (first*31 + last) * 0x9E3779B97F4A7C15 >> 52
}

// parse reads a time, or says why the text is not a time. Most files have the same times for each asset, and a text that
// was read before shows nothing new about the column.
func (x *textTimes) parse(line int64, text []byte) (Time, string) {
	if x.read == nil {
		if x.parsed++; x.parsed == readTimes {
			x.read = make([]readTime, readTimes)
		}
		return x.parseNew(line, text)
	}
	if len(text) < 8 || len(text) > readText {
		return x.parseNew(line, text)
	}
	r := &x.read[slotOf(text)]
	if string(r.text[:r.n]) == string(text) {
		return r.time, ""
	}
	t, reason := x.parseNew(line, text)
	if reason == "" {
		r.n, r.time = uint8(copy(r.text[:], text)), t
	}
	return t, reason
}

// parseNew is parse of a text that is not kept.
func (x *textTimes) parseNew(line int64, text []byte) (Time, string) {
	if x.pattern != nil {
		m, ok := x.pattern.Parse(text)
		if !ok {
			return Time{}, "not written as --time-format says: " + Quote(string(text))
		}
		return x.take(m, line, text)
	}
	if x.form == "excel" {
		return excelTime(text)
	}
	m, ok := x.parser.Parse(text)
	switch {
	case !ok:
		return Time{}, x.fault(text)
	case x.form != "" && m.Kind != timetext.Integer:
		form, _ := formNamed(x.form)
		return Time{}, Quote(string(text)) + " is not " + form.what
	case x.weeks && yearAndNumber(text):
		return Time{}, fmt.Sprintf("%q may be a week or a month: write weeks like 2024-W05, or say --time-format, such as %%Y-%%m", text)
	}
	return x.take(m, line, text)
}

// yearAndNumber reports whether a text is a year and a number of two digits, 2024-05 or 05/2024.
func yearAndNumber(text []byte) bool {
	mark := bytes.IndexAny(text, "-/.")
	return len(text) == len("2024-05") && (mark == 4 || mark == 2)
}

// fault is the reason why a text is not a time, and what to do for one that may be.
func (x *textTimes) fault(text []byte) string {
	reason := notATime(string(text))
	if bytes.ContainsAny(text, "0123456789") {
		reason += " (--time-format can say how the times are written)"
	}
	return reason
}

// take notes what a moment shows about the column.
func (x *textTimes) take(m timetext.Moment, line int64, text []byte) (Time, string) {
	if x.orders[m.Order] == 0 && m.Kind != timetext.Integer {
		x.orders[m.Order] = line
	}
	if m.Kind == timetext.Instant {
		switch {
		case !m.Named || x.some && (x.zone == nil || x.zone.String() != m.Zone.String()):
			x.zone = nil
		case !x.some:
			x.zone = m.Zone
		}
		x.some = true
	}
	t := timeOf(m)
	if low, high := t.Kind.bounds(); t.Kind != Step && (t.N < low || t.N > high) {
		return Time{}, notATime(string(text))
	}
	return t, ""
}

// excelTime is the time of a serial number of Excel, to the millisecond.
func excelTime(text []byte) (Time, string) {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(v >= 1 && v < 2958466) { // 9999-12-31
		return Time{}, Quote(string(text)) + " is not a serial number of Excel"
	}
	return Time{Kind: Datetime, N: int64(math.Round((v-excelEpoch)*microsPerDay/1000)) * 1000}, ""
}

// excelEpoch is the serial number of 1970-01-01.
const excelEpoch = 25569

// settleOrders decides the order of day and month of dates with both before the year: what one date shows holds for all.
func (b *Builder) settleOrders() {
	o := b.text.orders
	either, month, day := o[timetext.Either], o[timetext.MonthFirst], o[timetext.DayFirst]
	fault := func(line int64, format string, args ...any) {
		b.Unreadable(line, b.Time, fmt.Sprintf(format, args...)+": say --time-format, such as %d/%m/%Y or %m/%d/%Y")
	}
	switch {
	case month > 0 && day > 0:
		fault(max(month, day), "the day and the month are in another order than in %s %d", b.options.unit(), min(month, day))
	case either == 0:
	case o[timetext.Plain] > 0:
		fault(either, "it is not clear which number is the day, and %s %d has a date of another form", b.options.unit(), o[timetext.Plain])
	case month == 0 && day == 0:
		fault(either, "it is not clear which number is the day, because no date of the file has a number above 12 that tells")
	case day > 0 && b.Kind == Instant:
		fault(either, "the order of day and month is known only from %s %d", b.options.unit(), day)
	case day > 0:
		b.source.convertTimes(b.Kind, func(t int64) int64 { return dayAsMonth(b.Kind, t) })
	}
}

// dayAsMonth swaps day and month of a time that was read with the month first, though the day is. A day above 12 shows that
// it was read with the day first.
func dayAsMonth(kind Kind, t int64) int64 {
	days := floorDiv(t, kind.day())
	y, m, d := time.Unix(days*24*60*60, 0).UTC().Date()
	if d > 12 {
		return t
	}
	swapped, _ := timetext.Days(y, d, int(m))
	return swapped*kind.day() + t - days*kind.day()
}

// convertTimes changes all times of the file, and their kind.
func (s *source) convertTimes(kind Kind, convert func(int64) int64) {
	s.kind = kind
	var read, done []int64
	for i := range s.columns {
		c := &s.columns[i]
		if read == nil || !sameSlice(c.times, read) {
			read, done = c.times, make([]int64, len(c.times))
			for k, t := range read {
				done[k] = convert(t)
			}
		}
		c.times = done
	}
}
