package calendar

import (
	"slices"
	"sort"
	"strings"
)

// weekHours is hours that differ from one weekday to the next, such as those of currencies: from Sunday evening to Friday
// evening without a break.
type weekHours struct {
	days  [7]hours // an empty one has no session
	from  [8]int   // the number of hours in the week before each weekday, and in all
	step  int      // the usual distance in minutes
	clock int64    // within the minute
}

func newWeekHours(days [7]hours, step int, clock int64) *weekHours {
	r := &weekHours{days: days, step: step, clock: clock}
	for i, h := range days {
		r.from[i+1] = r.from[i] + len(h)
	}
	return r
}

func (r *weekHours) slot(t int64) int64 {
	d := dayOf(t)
	wd := weekdayOf(d)
	m := int(floorDiv(clockOf(t)-r.clock, minute))
	rank := sort.Search(len(r.days[wd]), func(i int) bool { return r.days[wd][i] > m })
	if rank == 0 && len(r.days[wd]) > 0 {
		rank = 1 // before the first hour of its day
	}
	return weekOf(d)*int64(r.from[7]) + int64(r.from[wd]+rank) - 1
}

func (r *weekHours) time(slot int64) int64 {
	n := int64(r.from[7])
	week := floorDiv(slot, n)
	i := int(slot - week*n)
	wd := 0
	for r.from[wd+1] <= i {
		wd++
	}
	return (mondayOf(week)+int64(wd))*day + int64(r.days[wd][i-r.from[wd]])*minute + r.clock
}

func (r *weekHours) obeys(t int64) bool { return r.time(r.slot(t)) == t }
func (r *weekHours) anchor() int64      { return r.time(0) }
func (r *weekHours) period() int64      { return int64(r.step) * minute }

func (r *weekHours) at(anchor int64) rule {
	return newWeekHours(r.days, r.step, floorMod(anchor, minute))
}

func (r *weekHours) equal(other rule) bool {
	o, ok := other.(*weekHours)
	return ok && r.step == o.step && r.clock == o.clock && slices.EqualFunc(r.days[:], o.days[:], slices.Equal[hours])
}

// groups calls a function for each run of weekdays with the same hours.
func (r *weekHours) groups(each func(first, last int, h hours)) {
	for first := 0; first < 7; {
		last := first
		for last < 6 && slices.Equal(r.days[last+1], r.days[first]) {
			last++
		}
		if len(r.days[first]) > 0 {
			each(first, last, r.days[first])
		}
		first = last + 1
	}
}

func (r *weekHours) name() string {
	var out []string
	r.groups(func(first, last int, h hours) {
		days := weekdayNames[first]
		if last > first {
			days += "-" + weekdayNames[last]
		}
		out = append(out, days+"/"+h.text(r.step))
	})
	return steps{step: r.period()}.name() + "@" + strings.Join(out, ";")
}

func (r *weekHours) describe() string {
	var out []string
	r.groups(func(first, last int, h hours) {
		days := weekdayWords[first]
		if last > first {
			days += " to " + weekdayWords[last]
		}
		out = append(out, days+" "+h.words(r.step))
	})
	return steps{step: r.period()}.describe() + " of sessions: " + strings.Join(out, "; ")
}

// seasons are the longest day and the week.
func (r *weekHours) seasons() []int {
	n := 0
	for _, h := range r.days {
		n = max(n, len(h))
	}
	if n < 2 || n == r.from[7] {
		return []int{r.from[7]}
	}
	return []int{n, r.from[7]}
}
