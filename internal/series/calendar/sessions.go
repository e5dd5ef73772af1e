package calendar

import (
	"slices"
	"sort"
)

// sessions is the same hours on each day of a rule of days: seven bars a day from 09:30 on. A time between two of them
// belongs to the earlier, one before the first of a day to that day.
type sessions struct {
	days  dayRule
	hours hours
	step  int   // the usual distance in minutes
	clock int64 // within the minute
}

func (r sessions) slot(t int64) int64 {
	d := dayOf(t)
	n := int64(len(r.hours))
	s := r.days.slot(d)
	if r.days.day(s) != d {
		return s*n + n - 1 // a day that has no session belongs to the one before
	}
	return s*n + int64(max(0, r.rank(clockOf(t)-r.clock)-1))
}

// rank is the number of hours up to a time of day, with it.
func (r sessions) rank(clock int64) int {
	m := int(floorDiv(clock, minute))
	return sort.Search(len(r.hours), func(i int) bool { return r.hours[i] > m })
}

func (r sessions) time(slot int64) int64 {
	n := int64(len(r.hours))
	s := floorDiv(slot, n)
	return r.days.day(s)*day + int64(r.hours[slot-s*n])*minute + r.clock
}

func (r sessions) obeys(t int64) bool {
	clock := clockOf(t) - r.clock
	if clock < 0 || clock%minute != 0 || !r.days.obeys(dayOf(t)) {
		return false
	}
	_, ok := slices.BinarySearch(r.hours, int(clock/minute))
	return ok
}

func (r sessions) open(slot int64) bool {
	return daily{days: r.days}.open(floorDiv(slot, int64(len(r.hours))))
}

func (r sessions) at(anchor int64) rule {
	r.days = r.days.at(dayOf(anchor))
	r.clock = floorMod(anchor, minute)
	return r
}

func (r sessions) anchor() int64 { return r.days.anchor()*day + int64(r.hours[0])*minute + r.clock }
func (r sessions) period() int64 { return int64(r.step) * minute }

func (r sessions) equal(other rule) bool {
	o, ok := other.(sessions)
	return ok && r.step == o.step && r.clock == o.clock && slices.Equal(r.hours, o.hours) && r.days.equal(o.days)
}

func (r sessions) name() string {
	text := steps{step: r.period()}.name() + "@"
	if days := r.days.name(); days != "B" {
		text += days + "/"
	}
	return text + r.hours.text(r.step)
}

func (r sessions) describe() string {
	days := r.days.describe()
	if w, ok := r.days.(workdays); ok {
		days = w.week.words()
	}
	return steps{step: r.period()}.describe() + " of sessions " + r.hours.words(r.step) + ", " + days
}

// seasons are the day and the week.
func (r sessions) seasons() []int {
	n := len(r.hours)
	week := 7
	switch d := r.days.(type) {
	case workdays:
		week = d.week.size()
	case market:
		week = perWeek
	}
	if n < 2 || week < 2 {
		return []int{max(n, week)}
	}
	return []int{n, n * week}
}
