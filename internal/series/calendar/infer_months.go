package calendar

// inferMonths considers months, quarters, years and other numbers of months, and several days a month, for times that are
// usually n days apart.
func (c *choice) inferMonths(n, clock int64, try func(dayRule)) {
	if n < 26 {
		c.inferSeveral(n, try)
		return
	}
	every := monthsOf(n)
	var counts monthCounts
	for _, t := range c.times {
		counts.add(dayOf(t))
	}
	phase := c.phaseOf(every)
	rules := func(on dayOfMonth, rolls ...roll) {
		for _, r := range rolls {
			try(months{every: every, phase: phase, on: on, roll: r})
		}
	}
	most := onDay(counts.most())
	rules(firstDay, unrolled)
	rules(lastDay, unrolled)
	rules(most, unrolled)
	rules(onDay(counts.latest()), unrolled)
	rules(firstDay, following)
	rules(lastDay, preceding)
	if len(c.times) < 3 || c.perfect() {
		return
	}
	rules(onDay(counts.latest()), preceding)
	rules(most, preceding, following)
	rules(onDay(counts.earliest()), following)
	if every > 1 {
		c.inferRetail(n, clock)
	}
	if len(c.times) >= 4 {
		rules(counts.nth(), unrolled)
		rules(counts.lastWeekday(), unrolled)
	}
	if every == 1 {
		c.inferRetail(n, clock)
	}
}

// phaseOf is the months that most times are in, as their number modulo a number of months.
func (c *choice) phaseOf(every int64) int64 {
	phase, _ := majority(len(c.times), func(k int) int64 {
		month, _ := dateOf(dayOf(c.times[k]))
		return floorMod(month, every)
	})
	return phase
}

// monthsOf is the number of months that n days are.
func monthsOf(n int64) int64 { return max(1, int64(float64(n)*12/365.2425+0.5)) }

// inferLoose considers weeks and months without a fixed day: the usual day is kept for the times to come.
func (c *choice) inferLoose(n int64, try func(dayRule)) {
	if n < 9 {
		weekday, _ := majority(len(c.times), func(k int) int64 { return int64(weekdayOf(dayOf(c.times[k]))) })
		try(weekly{n: 1, phase: floorMod(mondayOf(0)+weekday, 7), loose: true})
		return
	}
	var counts monthCounts
	for _, t := range c.times {
		counts.add(dayOf(t))
	}
	every := monthsOf(n)
	if every != 1 && every != 3 && every != 6 && every != 12 {
		return
	}
	usual := onDay(counts.middle())
	if 2*counts.ends > counts.n {
		usual = lastDay
	}
	try(months{every: every, phase: c.phaseOf(every), on: usual, loose: true})
}

// inferSeveral considers two to six days a month, for times that are usually n days apart.
func (c *choice) inferSeveral(n int64, try func(dayRule)) {
	var counts monthCounts
	for _, t := range c.times {
		counts.add(dayOf(t))
	}
	per := int((61 + n) / (2 * n)) // the number of n days in 30.5
	if len(c.times) <= per {
		return
	}
	var usual []dayOfMonth
	switch per {
	case 2:
		usual = []dayOfMonth{onDay(1, 15), onDay(15, 31), onDay(1, 16)}
	case 3:
		usual = []dayOfMonth{onDay(1, 11, 21), onDay(10, 20, 31)}
	case 4:
		usual = []dayOfMonth{onDay(1, 8, 15, 22), onDay(7, 14, 21, 31)}
	case 6:
		usual = []dayOfMonth{onDay(1, 6, 11, 16, 21, 26), onDay(5, 10, 15, 20, 25, 31)}
	}
	for _, on := range usual {
		try(months{every: 1, on: on})
	}
	if len(c.times) <= 2*per {
		return
	}
	usual = append(usual, counts.several(per))
	for _, on := range usual {
		for _, roll := range [...]roll{unrolled, preceding, following} {
			if on.distinct(roll) {
				try(months{every: 1, on: on, roll: roll})
			}
		}
	}
}

// monthCounts counts where in their months days fall.
type monthCounts struct {
	dom   [32]int // the day of the month; the last one of a month with fewer than 31 days is counted as itself
	weeks [4][7]int
	last  [7]int // the weekdays of the last seven days
	ends  int    // last days and last business days
	n     int
}

func (m *monthCounts) add(d int64) {
	month, dom := dateOf(d)
	m.dom[dom]++
	m.n++
	wd := weekdayOf(d)
	if dom <= 28 {
		m.weeks[(dom-1)/7][wd]++
	}
	length := daysIn(month)
	if dom > length-7 {
		m.last[wd]++
	}
	if dom == length || wd == 4 && dom >= length-2 {
		m.ends++
	}
}

// several is the most frequent days of the month, not close to each other.
func (m *monthCounts) several(per int) dayOfMonth {
	count := m.dom
	count[31] = m.ends
	count[28], count[29], count[30] = 0, 0, 0
	var on dayOfMonth
	for range per {
		best := 0
		for d := range count {
			if count[d] > count[best] {
				best = d
			}
		}
		if best == 0 {
			break
		}
		on.days |= 1 << best
		for d := max(1, best-15/per); d <= min(31, best+15/per); d++ {
			count[d] = 0
		}
	}
	if on.days == 0 {
		return lastDay
	}
	return on
}

// most is the most frequent day.
func (m *monthCounts) most() int {
	best := 1
	for d := range m.dom {
		if m.dom[d] > m.dom[best] {
			best = d
		}
	}
	return best
}

func (m *monthCounts) earliest() int {
	d := 1
	for m.dom[d] == 0 {
		d++
	}
	return d
}

func (m *monthCounts) latest() int {
	d := 31
	for m.dom[d] == 0 {
		d--
	}
	return d
}

// middle is the median day.
func (m *monthCounts) middle() int {
	d, count := 1, m.dom[1]
	for 2*count < m.n {
		d++
		count += m.dom[d]
	}
	return d
}

// nth is the most frequent weekday with its number in the month.
func (m *monthCounts) nth() dayOfMonth {
	on := dayOfMonth{nth: 1}
	most := 0
	for i, week := range m.weeks {
		for wd, count := range week {
			if count > most {
				on, most = dayOfMonth{nth: int8(i + 1), weekday: int8(wd)}, count
			}
		}
	}
	return on
}

// lastWeekday is the most frequent weekday among the last seven days of the months.
func (m *monthCounts) lastWeekday() dayOfMonth {
	best := 0
	for wd, count := range m.last {
		if count > m.last[best] {
			best = wd
		}
	}
	return dayOfMonth{nth: -1, weekday: int8(best)}
}
