package calendar

import "slices"

// How many of the last days with values show the hours of sessions.
const (
	fewDays       = 5
	recentDays    = 20
	allRecentDays = 120
)

// sessionFinder finds hours of sessions.
type sessionFinder struct {
	*choice
	step  int   // the usual distance in minutes
	clock int64 // within the minute
}

// dayCounts counts at which minutes of which weekdays values stand.
type dayCounts struct {
	weekCounts
	minutes [7][24 * 60]uint8
}

// count counts the last days that have values before the time with index end.
func (s *sessionFinder) count(end, days int) *dayCounts {
	counts := new(dayCounts)
	counts.last = dayOf(s.times[end-1] - s.clock)
	counts.first = counts.last + 1
	for k := end - 1; k >= 0; k-- {
		t := s.times[k] - s.clock
		d := dayOf(t)
		wd := weekdayOf(d)
		if d < counts.first {
			if days == 0 {
				break
			}
			days--
			counts.first = d
			counts.seen[wd]++
		}
		counts.minutes[wd][clockOf(t)/minute]++
	}
	return counts
}

// rules are the sessions that the last days before an index show: the same hours on all days, and hours of each weekday.
func (s *sessionFinder) rules(end, days int) []rule {
	counts := s.count(end, days)
	on := counts.rule()
	if days < recentDays {
		on = s.count(end, recentDays).rule() // a few days do not show the week
	}
	var all int64
	for wd, n := range counts.seen {
		if on.obeys(mondayOf(0) + int64(wd)) {
			all += n
		}
	}
	if all <= minNights {
		return nil
	}
	var same hours
	for m := range counts.minutes[0] {
		var seen int64
		for wd := range counts.minutes {
			seen += int64(counts.minutes[wd][m])
		}
		if 2*seen >= all {
			same = append(same, m)
		}
	}
	var out []rule
	if same = same.bridged(s.step); len(same) > 1 && same.plain(s.step) {
		out = append(out, sessions{on, same, s.step, s.clock})
	}
	if r := s.weekHours(counts, on); r != nil {
		out = append(out, r)
	}
	return out
}

// weekHours is the hours of each weekday, or nil when a weekday is seen only once.
func (s *sessionFinder) weekHours(counts *dayCounts, on dayRule) rule {
	var each [7]hours
	n := 0
	for wd := range each {
		if !on.obeys(mondayOf(0)+int64(wd)) || counts.seen[wd] == 0 {
			continue
		}
		if counts.seen[wd] < 2 {
			return nil
		}
		for m, seen := range counts.minutes[wd] {
			if 2*int64(seen) >= counts.seen[wd] && seen > 0 {
				each[wd] = append(each[wd], m)
			}
		}
		each[wd] = each[wd].bridged(s.step)
		if !each[wd].plain(s.step) {
			return nil
		}
		n += len(each[wd])
	}
	if n < 2 {
		return nil
	}
	return newWeekHours(each, s.step, s.clock)
}

// changed finds sessions whose hours changed, once or several times: from the end on, each rule reaches back to where days
// no longer obey it. It returns the number of changes, or 0 when it finds none.
func (s *sessionFinder) changed() (rule, int) {
	var rules []rule
	var from []int64
	for end := len(s.times); end > 0; {
		var best rule
		start := end
		for _, days := range [...]int{fewDays, recentDays} {
			for _, r := range s.rules(end, days) {
				// A later rule is less simple and must explain a week more.
				if k := s.reach(r, end); best == nil && k < end || best != nil && dayOf(s.times[start])-dayOf(s.times[k]) > 7 {
					best, start = r, k
				}
			}
		}
		if best == nil || len(rules) == maxParts/4 || dayOf(s.times[end-1])-dayOf(s.times[start]) < fewDays {
			return nil, 0
		}
		rules = append(rules, best)
		if start > 0 {
			from = append(from, dayOf(s.times[start])*day)
		}
		end = start
	}
	slices.Reverse(rules)
	slices.Reverse(from)
	return newChanged(rules, from), len(from)
}

// holdsToday reports whether the last day or the one before obeys a rule: otherwise its hours are over.
func (s *sessionFinder) holdsToday(r rule) bool {
	days, good := 0, false
	for k := len(s.times) - 1; k >= 0; k-- {
		if k == len(s.times)-1 || dayOf(s.times[k]) != dayOf(s.times[k+1]) {
			if good || days == 2 {
				break
			}
			days, good = days+1, true
		}
		good = good && r.obeys(s.times[k])
	}
	return good
}

// reach is the index of the first time of the days before an index that obey a rule. They end where three of ten days have
// a time that does not.
func (s *sessionFinder) reach(r rule, end int) int {
	var odd [2]int // the numbers of the last odd days, and where the times after them begin
	var after [2]int
	n, start := 0, end
	for n = 1; start > 0; n++ {
		d := dayOf(s.times[start-1])
		k, breaks := start, 0
		for k > 0 && dayOf(s.times[k-1]) == d {
			k--
			if !r.obeys(s.times[k]) {
				breaks++
			}
		}
		if breaks > 0 {
			if odd[0] > 0 && n-odd[0] < 10 {
				return after[0]
			}
			odd[0], after[0] = odd[1], after[1]
			odd[1], after[1] = n, start
		}
		start = k
	}
	return 0
}
