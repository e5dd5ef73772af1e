package calendar

import "strings"

var weekdayNames = [7]string{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"}

// weekdayWords are the names for a person.
var weekdayWords = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// weekdayNamed is the weekday that three letters name, or -1.
func weekdayNamed(text string) int {
	for i, name := range weekdayNames {
		if name == text {
			return i
		}
	}
	return -1
}

// week is the set of weekdays of a working week: bit 0 is Monday.
type week uint8

const (
	business week = 1<<5 - 1 // Monday to Friday
	allDays  week = 1<<7 - 1
)

func (w week) has(weekday int) bool { return w>>weekday&1 == 1 }

// size is the number of working days.
func (w week) size() int {
	n := 0
	for ; w != 0; w &= w - 1 {
		n++
	}
	return n
}

// rank is the number of working days from Monday up to a weekday, with it.
func (w week) rank(weekday int) int { return (w & (1<<(weekday+1) - 1)).size() }

// nth is the weekday of the n-th working day from Monday, from 0.
func (w week) nth(n int) int {
	for ; n > 0; n-- {
		w &= w - 1
	}
	weekday := 0
	for w>>weekday&1 == 0 {
		weekday++
	}
	return weekday
}

// first is the working day that follows the longest run of free days, from which people count the week.
func (w week) first() int {
	best, free := 0, -1
	for i := range 7 {
		if !w.has(i) {
			continue
		}
		n := 0
		for n < 7 && !w.has((i+6-n)%7) {
			n++
		}
		if n > free {
			best, free = i, n
		}
	}
	return best
}

// list is the working days in the order in which people count them.
func (w week) list() []int {
	var out []int
	for k, from := 0, w.first(); k < 7; k++ {
		if i := (from + k) % 7; w.has(i) {
			out = append(out, i)
		}
	}
	return out
}

// String is the list of names: SUN,MON,TUE,WED,THU.
func (w week) String() string {
	var names []string
	for _, i := range w.list() {
		names = append(names, weekdayNames[i])
	}
	return strings.Join(names, ",")
}

// words is the list for a person: "Sunday to Thursday", "Monday, Wednesday, Friday".
func (w week) words() string {
	days := w.list()
	last := days[len(days)-1]
	if n := len(days); n > 2 && (last-days[0]+7)%7 == n-1 {
		return weekdayWords[days[0]] + " to " + weekdayWords[last]
	}
	var names []string
	for _, i := range days {
		names = append(names, weekdayWords[i])
	}
	return strings.Join(names, ", ")
}

// rule is the working week as a rule of days.
func (w week) rule() dayRule {
	if w == allDays {
		return everyDays{n: 1}
	}
	return workdays{w}
}

// workdays is the days of a working week.
type workdays struct{ week week }

func (r workdays) slot(d int64) int64 {
	return weekOf(d)*int64(r.week.size()) + int64(r.week.rank(weekdayOf(d))) - 1
}

func (r workdays) day(slot int64) int64 {
	n := int64(r.week.size())
	return mondayOf(floorDiv(slot, n)) + int64(r.week.nth(int(floorMod(slot, n))))
}

func (r workdays) obeys(d int64) bool       { return r.week.has(weekdayOf(d)) }
func (r workdays) at(int64) dayRule         { return r }
func (r workdays) anchor() int64            { return r.day(0) }
func (r workdays) equal(other dayRule) bool { return other == dayRule(r) }
func (r workdays) days() float64            { return 7 / float64(r.week.size()) }

func (r workdays) name() string {
	if r.week == business {
		return "B"
	}
	return "B-" + r.week.String()
}

func (r workdays) describe() string {
	if r.week == business {
		return "business days"
	}
	return "business days, " + r.week.words()
}

// seasons are the week, where it has several days, and the year of 52.18 weeks.
func (r workdays) seasons() []int {
	n := r.week.size()
	if n == 1 {
		return []int{52}
	}
	return []int{n, (n*5218 + 50) / 100}
}
