package series

import "time"

// dayRule says on which day of the month the times of a monthly, quarterly or yearly axis fall: on the last day, on the last
// weekday, on the given day (or on the last day of a month that is too short), or, with day 0, on the day of the time before.
type dayRule struct {
	monthEnd, lastWeekday bool
	day                   int
}

// civil splits a time that is not a step into its date and the rest of the day, in the unit of the kind.
func civil(kind Kind, t int64) (year, month, day int, rest int64) {
	days := floorDiv(t, kind.day())
	y, m, d := time.Unix(days*24*60*60, 0).UTC().Date()
	return y, int(m), d, t - days*kind.day()
}

// monthNumber counts months from the year 0.
func monthNumber(kind Kind, t int64) int {
	y, m, _, _ := civil(kind, t)
	return 12*y + m - 1
}

// dayRuleOf finds the rule that all times follow.
func dayRuleOf(kind Kind, times []int64) dayRule {
	rule := dayRule{monthEnd: true, lastWeekday: true}
	for _, t := range times {
		y, m, d, _ := civil(kind, t)
		rule.monthEnd = rule.monthEnd && d == daysIn(y, m)
		rule.lastWeekday = rule.lastWeekday && d == lastWeekdayOf(y, m)
		rule.day = max(rule.day, d)
	}
	for _, t := range times {
		if y, m, d, _ := civil(kind, t); d != min(rule.day, daysIn(y, m)) {
			rule.day = 0
			break
		}
	}
	return rule
}

// lastWeekdayOf is the day of a month that is its last from Monday to Friday.
func lastWeekdayOf(year, month int) int {
	d := daysIn(year, month)
	for onWeekend(Date, civilDays(year, month, d)) {
		d--
	}
	return d
}

// addMonths moves a time by whole months under a rule for the day, and keeps the time of day.
func addMonths(kind Kind, t int64, months int, rule dayRule) int64 {
	y, m, d, rest := civil(kind, t)
	n := 12*y + m - 1 + months
	y, m = n/12, n%12+1
	switch {
	case rule.monthEnd:
		d = daysIn(y, m)
	case rule.lastWeekday:
		d = lastWeekdayOf(y, m)
	case rule.day > 0:
		d = min(rule.day, daysIn(y, m))
	default:
		d = min(d, daysIn(y, m))
	}
	return civilDays(y, m, d)*kind.day() + rest
}

// Next returns the h times that follow the last value of asset i, which must have one, on the asset's calendar. Business
// days skip Saturday and Sunday; months keep the last day, the last weekday or the day that all times fall on; other times
// continue at the axis's step. It panics when h is negative.
func (t *Table) Next(i, h int) []Time {
	a := &t.assets[i]
	last := t.End(i).N
	out := make([]Time, h)
	if every := a.axis.freq.months(); every > 0 && t.kind != Step {
		rule := dayRuleOf(t.kind, a.axis.times[a.first:a.first+len(a.values)])
		for k := range out {
			out[k] = t.Time(addMonths(t.kind, last, (k+1)*every, rule))
		}
		return out
	}
	if a.axis.freq == "B" && t.kind != Step {
		at := last
		for k := range out {
			at += t.kind.day()
			for onWeekend(t.kind, at) {
				at += t.kind.day()
			}
			out[k] = t.Time(at)
		}
		return out
	}
	for k := range out {
		out[k] = t.Time(last + int64(k+1)*a.axis.distance(t.kind))
	}
	return out
}

// Span identifies the times of an asset's values within one table: assets with equal spans have values at the same
// times, and [Table.Next] returns the same times for them. Assets with different spans may have equal times, too.
type Span struct {
	axis     *Axis
	first, n int
}

// Span is the span of asset i.
func (t *Table) Span(i int) Span {
	a := &t.assets[i]
	return Span{a.axis, a.first, len(a.values)}
}

// distance is the step of an axis, or one unit (a step, a day, a second) when the times do not show a step.
func (a *Axis) distance(kind Kind) int64 {
	switch {
	case a.step > 0:
		return a.step
	case kind == Step || kind == Date:
		return 1
	}
	return 1_000_000
}
