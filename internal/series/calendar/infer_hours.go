package calendar

// What sessions must show: some values, on several days, and as many nights without.
const (
	minSessionTimes = 12
	minNights       = 3
	recentDays      = 20 // the hours of sessions are those of the last days: in UTC they change twice a year
)

// inferIntraday considers elapsed time and sessions. Sessions hold where they leave far fewer holes than elapsed time,
// which has one every night.
func (c *choice) inferIntraday(gap int64) {
	if gap%second != 0 {
		return
	}
	phase, _ := majority(len(c.times), func(k int) int64 { return floorMod(c.times[k], gap) })
	c.consider(newSteps(gap, phase))
	if gap%minute != 0 || len(c.times) < minSessionTimes || c.nights(gap) < minNights {
		return
	}
	holes := len(c.times)
	if c.rule != nil {
		holes = c.fit.bad() + c.fit.holes()
	}
	var best rule
	var least fit
	for _, r := range c.sessionRules(int(gap / minute)) {
		f := fitOf(r, c.times)
		if f.holds() && (best == nil || f.bad()+f.holes() < least.bad()+least.holes()) {
			best, least = r, f
		}
	}
	if best != nil && 3*(least.bad()+least.holes()) <= holes {
		c.rule, c.fit = best, least
	}
}

// holes is how often slots are empty between two times.
func (f fit) holes() int { return f.n - 1 - f.next }

// nights is the number of distances of more than two steps.
func (c *choice) nights(gap int64) int {
	n := 0
	for k := 1; k < len(c.times); k++ {
		if c.times[k]-c.times[k-1] > 2*gap {
			n++
		}
	}
	return n
}

// dayCounts counts at which minutes of which weekdays values stand.
type dayCounts struct {
	weekCounts
	minutes [7][24 * 60]uint8
}

// recent counts the last days that have values.
func (c *choice) recent(clock int64) *dayCounts {
	counts := new(dayCounts)
	counts.last = dayOf(c.times[len(c.times)-1])
	counts.first = counts.last + 1
	n := 0
	for k := len(c.times) - 1; k >= 0; k-- {
		d := dayOf(c.times[k] - clock)
		wd := weekdayOf(d)
		if d < counts.first {
			if n == recentDays {
				break
			}
			n++
			counts.first = d
			counts.seen[wd]++
		}
		counts.minutes[wd][clockOf(c.times[k]-clock)/minute]++
	}
	return counts
}

// sessionRules are the sessions that the last days show: the same hours on all days, and hours of each weekday.
func (c *choice) sessionRules(step int) []rule {
	clock, _ := majority(len(c.times), func(k int) int64 { return floorMod(c.times[k], minute) })
	counts := c.recent(clock)
	days := counts.rule()
	var all int64
	for wd, n := range counts.seen {
		if days.obeys(mondayOf(0) + int64(wd)) {
			all += n
		}
	}
	var out []rule
	if all < minNights+1 {
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
	if len(same) > 1 {
		out = append(out, sessions{days, same, step, clock})
	}
	if r := counts.weekHours(days, step, clock); r != nil {
		out = append(out, r)
	}
	return out
}

// weekHours is the hours of each weekday of a week, or nil when a weekday is seen only once.
func (counts *dayCounts) weekHours(days dayRule, step int, clock int64) rule {
	var each [7]hours
	n := 0
	for wd := range each {
		if !days.obeys(mondayOf(0)+int64(wd)) || counts.seen[wd] == 0 {
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
		n += len(each[wd])
	}
	if n < 2 {
		return nil
	}
	return newWeekHours(each, step, clock)
}
