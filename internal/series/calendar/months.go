package calendar

import "math/bits"

// months is one or several days in every n-th month.
type months struct {
	every, phase int64 // the months whose number from January 1970 is phase modulo every
	on           dayOfMonth
	roll         roll
	loose        bool // any day obeys: the name is M, Q or Y alone
}

// dayOfMonth is days of a month, as bits 1 to 31 where a day that the month lacks is its last; or, with bit 0 clear and nth
// set, one weekday.
type dayOfMonth struct {
	days    uint32
	nth     int8 // 1 to 4: the first to the fourth such weekday; -1: the last
	weekday int8
}

// onDay is one or several days of the month; 31 is the last.
func onDay(days ...int) dayOfMonth {
	var on dayOfMonth
	for _, d := range days {
		on.days |= 1 << d
	}
	return on
}

// roll says where a day that falls on a weekend moves to.
type roll uint8

const (
	unrolled  roll = iota
	preceding      // to the business day before
	following      // to the business day after
)

var (
	firstDay = onDay(1)
	lastDay  = onDay(31)
)

// distinct reports whether the days stay apart in every month, also when February clips them and weekends move them.
func (on dayOfMonth) distinct(r roll) bool {
	per := on.perMonth()
	if per == 1 {
		return true
	}
	apart := 1
	if r != unrolled {
		apart = 3
	}
	for j := 1; j < per; j++ {
		if min(on.dom(j), 28)-min(on.dom(j-1), 28) < apart {
			return false
		}
	}
	return on.dom(0)+28-min(on.dom(per-1), 28) >= apart
}

// perMonth is how many days the rule has in a month.
func (on dayOfMonth) perMonth() int {
	if on.nth != 0 {
		return 1
	}
	return bits.OnesCount32(on.days)
}

// dom is the j-th day of the rule as its number, which a short month may not have.
func (on dayOfMonth) dom(j int) int {
	days := on.days
	for ; j > 0; j-- {
		days &= days - 1
	}
	return bits.TrailingZeros32(days)
}

// in is the j-th day of the rule in a month.
func (on dayOfMonth) in(month int64, j int) int64 {
	first := firstOf(month)
	switch {
	case on.nth > 0:
		d := first + floorMod(int64(on.weekday)-int64(weekdayOf(first)), 7)
		return d + 7*int64(on.nth-1)
	case on.nth < 0:
		last := firstOf(month+1) - 1
		return last - floorMod(int64(weekdayOf(last))-int64(on.weekday), 7)
	}
	return first + int64(min(on.dom(j), daysIn(month))) - 1
}

// before is how many months before its own month a period begins: periods that are named by their first day begin there,
// those that are named by their last day end there, others lie around it.
func (r months) before() int64 {
	switch {
	case r.on == firstDay:
		return 0
	case r.on == lastDay:
		return r.every - 1
	}
	return (r.every - 1) / 2
}

func (r months) day(slot int64) int64 {
	per := int64(r.on.perMonth())
	group := floorDiv(slot, per)
	d := r.on.in(group*r.every+r.phase, int(slot-group*per))
	return r.rolled(d)
}

func (r months) rolled(d int64) int64 {
	wd := weekdayOf(d)
	switch {
	case wd < 5 || r.roll == unrolled:
		return d
	case r.roll == preceding:
		return d - int64(wd-4)
	}
	return d + int64(7-wd)
}

// begin is the first day that falls into a slot. A day that rolls over the border of its month takes the border with it.
func (r months) begin(slot int64) int64 {
	per := int64(r.on.perMonth())
	group := floorDiv(slot, per)
	month, j := group*r.every+r.phase, int(slot-group*per)
	var d int64
	switch {
	case j == 0:
		d = firstOf(month - r.before())
	case r.on.dom(0) == 1:
		d = r.on.in(month, j)
	case r.on.dom(int(per)-1) == 31:
		d = r.on.in(month, j-1) + 1
	default:
		d = (r.on.in(month, j-1) + r.on.in(month, j) + 1) / 2
	}
	if r.roll == unrolled {
		return d
	}
	return max(min(d, r.day(slot)), r.day(slot-1)+1)
}

func (r months) slot(d int64) int64 {
	month, _ := dateOf(d)
	group := floorDiv(month-r.phase+r.before(), r.every)
	per := int64(r.on.perMonth())
	if per == 1 && !r.crosses() {
		return group
	}
	slot := group*per + per - 1
	for d >= r.begin(slot+1) {
		slot++
	}
	for d < r.begin(slot) {
		slot--
	}
	return slot
}

// crosses reports whether a weekend may move the day into another month.
func (r months) crosses() bool {
	return r.roll == preceding && r.on.days&0b110 != 0 || r.roll == following && r.on.days>>27 != 0
}

func (r months) obeys(d int64) bool {
	if r.loose {
		return true
	}
	wd := weekdayOf(d)
	switch {
	case r.roll == unrolled:
		return r.named(d)
	case wd > 4:
		return false
	case r.roll == preceding && wd == 4:
		return r.named(d) || r.named(d+1) || r.named(d+2)
	case r.roll == following && wd == 0:
		return r.named(d) || r.named(d-1) || r.named(d-2)
	}
	return r.named(d)
}

// named reports whether the rule names a day, before weekends move it.
func (r months) named(d int64) bool {
	month, dom := dateOf(d)
	if r.every > 1 && floorMod(month-r.phase, r.every) != 0 {
		return false
	}
	if r.on.nth != 0 {
		return r.on.in(month, 0) == d
	}
	return r.on.days>>dom&1 == 1 || dom >= 28 && r.on.days>>(dom+1) != 0 && dom == daysIn(month)
}

func (r months) anchor() int64 {
	slot := int64(0)
	for r.loose && r.on != lastDay && daysIn(slot*r.every+r.phase) <= r.on.dom(0) && slot < 400 {
		slot++ // in a short month the day would look like the last
	}
	return r.day(slot)
}

func (r months) equal(other dayRule) bool { return other == dayRule(r) }
func (r months) days() float64 {
	return float64(r.every) * 365.2425 / 12 / float64(r.on.perMonth())
}

// at sets the months to count from, where the name does not say them, and the day of a rule without one.
func (r months) at(anchor int64) dayRule {
	month, dom := dateOf(anchor)
	if r.loose {
		r.phase = floorMod(month, r.every)
		if dom == daysIn(month) {
			dom = 31
		}
		r.on = onDay(dom)
		return r
	}
	if r.on.nth != 0 || r.every != 1 && r.every != 3 && r.every != 12 {
		// A weekend may have moved the day over the border of a month.
		if back, _ := dateOf(anchor - 3); r.rolledIn(back, anchor) {
			month = back
		} else if ahead, _ := dateOf(anchor + 2); r.rolledIn(ahead, anchor) {
			month = ahead
		}
		r.phase = floorMod(month, r.every)
	}
	return r
}

// rolledIn reports whether the day of a month is d.
func (r months) rolledIn(month, d int64) bool {
	return r.roll != unrolled && r.rolled(r.on.in(month, 0)) == d
}

// seasons is the year, and the month for several days a month.
func (r months) seasons() []int {
	per := r.on.perMonth()
	var out []int
	if per > 1 {
		out = append(out, per)
	}
	if 12%r.every == 0 && r.every < 12 {
		out = append(out, 12/int(r.every)*per)
	}
	return out
}
