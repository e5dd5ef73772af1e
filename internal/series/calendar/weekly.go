package calendar

import "strconv"

// weekly is one weekday in every n-th week.
type weekly struct {
	n     int64
	phase int64 // a day of the rule modulo 7n
	loose bool  // any weekday obeys: the name is W alone
}

func newWeekly(n int64, anchor int64) weekly { return weekly{n: n, phase: floorMod(anchor, 7*n)} }

func (r weekly) weekday() int { return weekdayOf(r.phase) }

// lead is how many days before its own day a slot begins. A week named by Monday begins there: its Tuesday after a holiday
// belongs to it. One named by a day late in the week ends there, but the day after still belongs to it.
func (r weekly) lead() int64 {
	switch wd := r.weekday(); {
	case r.n > 1:
		return 7 * r.n / 2
	case wd == 0:
		return 0
	case wd < 3:
		return 3
	}
	return 5
}

func (r weekly) slot(d int64) int64       { return floorDiv(d+r.lead()-r.phase, 7*r.n) }
func (r weekly) bucket(d int64) int64     { return floorDiv(d+7*r.n-1-r.phase, 7*r.n) }
func (r weekly) day(slot int64) int64     { return slot*7*r.n + r.phase }
func (r weekly) obeys(d int64) bool       { return r.loose || floorMod(d-r.phase, 7*r.n) == 0 }
func (r weekly) anchor() int64            { return r.phase }
func (r weekly) equal(other dayRule) bool { return other == dayRule(r) }
func (r weekly) days() float64            { return float64(7 * r.n) }

// at counts from the anchor; a weekday in the name stays.
func (r weekly) at(anchor int64) dayRule {
	if !r.loose {
		anchor += int64(r.weekday() - weekdayOf(anchor))
	}
	next := newWeekly(r.n, anchor)
	next.loose = r.loose
	return next
}

func (r weekly) name() string {
	if r.loose {
		return counted(r.n, "W")
	}
	return counted(r.n, "W-"+weekdayNames[r.weekday()])
}

func (r weekly) describe() string {
	text := "weeks"
	if r.n > 1 {
		text = "every " + strconv.FormatInt(r.n, 10) + " weeks"
	}
	if r.loose {
		return text
	}
	return text + ", on " + weekdayWords[r.weekday()]
}

// seasons is the year, where it is close to a whole number of slots.
func (r weekly) seasons() []int {
	if 52%r.n != 0 || r.n > 26 {
		return nil
	}
	return []int{int(52 / r.n)}
}
