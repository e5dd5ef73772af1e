package calendar

import "slices"

// Infer finds the rule that ascending times follow. A rule holds when few times break it: one odd date never overrules the
// others. Breaks are the indices of the times that do not obey the rule. Without a rule the calendar is nil, and breaks
// are the times that contradict the nearest one, if there is any. The times are local; for a step below a day they may be
// in UTC. Steps below one second and beyond a century have no calendar.
func Infer(times []int64) (c *Calendar, breaks []int) {
	if len(times) < 2 {
		return nil, nil
	}
	found := choice{times: times}
	switch gap := medianGap(times); {
	case gap < second || gap > maxPeriod:
		return nil, nil
	case gap < 20*hour:
		found.inferIntraday(gap)
	default:
		found.inferDays(gap)
	}
	return found.result()
}

// inferDays considers the rules of days or longer.
func (c *choice) inferDays(gap int64) {
	if gap%day != 0 && gap < 7*day && gap%second == 0 {
		start, _ := majority(len(c.times), func(k int) int64 { return floorMod(c.times[k], gap) })
		c.consider(newSteps(gap, start))
	}
	recent := c.times[max(0, len(c.times)-16):]
	clock, most := majority(len(recent), func(k int) int64 { return clockOf(recent[k]) })
	if !most {
		clock = clockOf(recent[len(recent)-1])
	}
	try := func(r dayRule) { c.consider(daily{r, clock}) }
	n := (gap + day/2) / day
	if n <= 6 {
		c.inferWeek(clock)
	}
	phase, _ := majority(len(c.times), func(k int) int64 { return floorMod(dayOf(c.times[k]), n) })
	if n == 28 && len(c.times) >= 4 {
		try(everyDays{28, phase})
	} else if n%7 == 0 && n < 28 {
		try(newWeekly(n/7, phase))
	}
	if n >= 5 {
		c.inferMonths(n, clock, try)
	}
	if c.rule == nil && n%7 == 0 && n > 28 {
		try(newWeekly(n/7, phase))
	}
	if c.rule == nil && n > 1 && (len(c.times) > 3 || !monthly(n)) {
		try(everyDays{n, phase})
	}
	if c.rule == nil && (n >= 26 || n == 7 && len(c.times) > 3) {
		c.inferLoose(n, try)
	}
}

// monthly reports whether a distance in days may be that of months, quarters, half-years or years.
func monthly(n int64) bool {
	return n >= 28 && n <= 31 || n >= 59 && n <= 62 || n >= 89 && n <= 92 || n >= 181 && n <= 184 || n == 365 || n == 366
}

// majority is the value that more than half of n have, if there is one, by the vote of Boyer and Moore (1981). Otherwise it
// is one of the values.
func majority(n int, value func(k int) int64) (int64, bool) {
	candidate, votes := int64(0), 0
	for k := range n {
		switch v := value(k); {
		case votes == 0:
			candidate, votes = v, 1
		case v == candidate:
			votes++
		default:
			votes--
		}
	}
	count := 0
	for k := range n {
		if value(k) == candidate {
			count++
		}
	}
	return candidate, 2*count > n
}

// medianGap is the lower median of the distances between neighbors. Most series have one distance in the majority, which
// is then the median and found without sorting.
func medianGap(times []int64) int64 {
	gap, most := majority(len(times)-1, func(k int) int64 { return times[k+1] - times[k] })
	if most {
		return gap
	}
	gaps := make([]int64, len(times)-1)
	for k := range gaps {
		gaps[k] = times[k+1] - times[k]
	}
	slices.Sort(gaps)
	return gaps[(len(gaps)-1)/2]
}
