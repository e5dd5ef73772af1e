package series

import (
	"fmt"
	"strconv"
	"strings"

	"foliocast/internal/series/calendar"
)

// The ways to resample of [Table.WithFreq].
const (
	ResampleLast  = "last"
	ResampleMean  = "mean"
	ResampleSum   = "sum"
	ResampleFirst = "first"
)

// checkResample returns a [FieldError] for a word that is no way to resample.
func checkResample(way string) error {
	switch way {
	case "", ResampleLast, ResampleMean, ResampleSum, ResampleFirst:
		return nil
	}
	return &FieldError{"resample", "must be last, mean, sum or first, is " + strconv.Quote(way)}
}

// period is the values that fall into one slot of the calendar.
type period struct {
	slot     int64
	from, to int // the positions of the values
}

// resampled makes one value of the values in each period of the named calendar.
func (w *resampler) resampled(a Asset) (Asset, error) {
	times, values := a.observed()
	f := w.frame
	c := w.periodsFrom(f.toCalendar(w.named, times[0]))
	var whole column
	periods, remark := w.complete(c, a.axis.rule, times, w.periods(c, times))
	for _, p := range periods {
		v := w.value(values[p.from:p.to])
		if notFinite(v) {
			return a, &FieldError{"resample", fmt.Sprintf("the %s of the values from %s to %s is beyond the range of numbers", w.resample,
				w.table.Time(times[p.from]), w.table.Time(times[p.to-1]))}
		}
		whole.times = append(whole.times, f.fromCalendar(c, c.Time(p.slot)))
		whole.values = append(whole.values, v)
	}
	axis := &Axis{times: whole.times, rule: rule{calendar: c}}
	axis.finish(f)
	s := source{kind: f.kind, zone: w.table.zone, audit: new(Audit)}
	out := s.place(f, &whole, axis)
	out.remark = remark
	return out, nil
}

// periodsFrom is the named calendar with periods that begin at midnight, or at whole steps since 1970. A number of days,
// weeks or months counts from the first time. W, M, Q and Y end on Sunday and on the last day, as with pandas.
func (w *resampler) periodsFrom(first int64) *calendar.Calendar {
	if name := w.named.String(); w.named.Absolute() || name[0] < '0' || name[0] > '9' {
		return w.named
	}
	return w.named.At(floorDiv(first, microsPerDay) * microsPerDay)
}

// periods divides ascending times by the slots that contain them.
func (w *resampler) periods(c *calendar.Calendar, times []int64) []period {
	var out []period
	for k, n := range times {
		slot := c.Bucket(w.frame.toCalendar(c, n))
		if last := len(out) - 1; last >= 0 && out[last].slot == slot {
			out[last].to = k + 1
			continue
		}
		out = append(out, period{slot, k, k + 1})
	}
	return out
}

// complete leaves out the incomplete periods at the ends, as the documentation of [Table.WithFreq] says, and says so.
func (w *resampler) complete(c *calendar.Calendar, own rule, times []int64, all []period) (left []period, remark string) {
	at := func(p period) Time { return w.table.Time(w.frame.fromCalendar(c, c.Time(p.slot))) }
	var out []string
	first, last := all[0], all[len(all)-1]
	newest := times[len(times)-1]
	late := w.incomplete(c, own, last.slot, newest, rule.after)
	if w.resample != ResampleLast && w.incomplete(c, own, first.slot, times[0], rule.before) {
		all = all[1:]
		out = append(out, at(first).String())
	}
	if late && len(all) > 0 && (w.resample == ResampleMean || w.resample == ResampleSum) {
		all = all[:len(all)-1]
		out = append(out, at(last).String())
	}
	switch {
	case late && w.resample == ResampleLast:
		remark = fmt.Sprintf("the period of %s is incomplete, and its value is that of %s", at(last), w.table.Time(newest))
	case len(out) == 1:
		remark = "the incomplete period of " + out[0] + " is left out"
	case len(out) > 1:
		remark = "the incomplete periods of " + strings.Join(out, " and ") + " are left out"
	}
	return all, remark
}

// incomplete reports whether a period has more times of an asset's rule beyond its first or last value. Of the days and hours
// of a market a tenth of a period, and one in any case, may be holidays that no calendar lists.
func (w *resampler) incomplete(c *calendar.Calendar, own rule, slot, n int64, beyond func(r rule, f frame, n int64) int64) bool {
	holidays := int64(0)
	if own.calendar != nil && !own.calendar.Regular() && !own.calendar.Closes() {
		holidays = max(1, c.Period()/own.calendar.Period()/10)
	}
	for range holidays + 1 {
		if n = beyond(own, w.frame, n); c.Bucket(w.frame.toCalendar(c, n)) != slot {
			return false
		}
	}
	return true
}

// before is the time that a rule has before a time.
func (r rule) before(f frame, n int64) int64 {
	if r.calendar == nil {
		return n - r.distance(f.kind)
	}
	slot := r.calendar.Slot(f.toCalendar(r.calendar, n)) - 1
	for !r.calendar.Open(slot) {
		slot--
	}
	return f.fromCalendar(r.calendar, r.calendar.Time(slot))
}

// after is the time that a rule has after a time.
func (r rule) after(f frame, n int64) int64 {
	if r.calendar == nil {
		return n + r.distance(f.kind)
	}
	return f.fromCalendar(r.calendar, r.calendar.Next(f.toCalendar(r.calendar, n)))
}

// value is what the values of a period become.
func (w *resampler) value(values []float64) float64 {
	switch w.resample {
	case ResampleFirst:
		return values[0]
	case ResampleLast:
		return values[len(values)-1]
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if w.resample == ResampleMean {
		return sum / float64(len(values))
	}
	return sum
}
