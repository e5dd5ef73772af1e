package calendar

// inferMonths considers months, quarters, years and other numbers of months, and several days a month, for times that are
// usually n days apart.
func (c *choice) inferMonths(n int64, try func(dayRule)) {
	if n < 26 {
		c.inferSeveral(n, try)
		return
	}
	every := monthsOf(n)
	var counts monthCounts
	for _, t := range c.times {
		counts.add(dayOf(t))
	}
	phase, _ := majority(len(c.times), func(k int) int64 {
		month, _ := dateOf(dayOf(c.times[k]))
		return floorMod(month, every)
	})
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
	if len(c.times) < 3 {
		return
	}
	rules(onDay(counts.latest()), preceding)
	rules(most, preceding, following)
	rules(onDay(counts.earliest()), following)
	if len(c.times) < 4 {
		return
	}
	rules(counts.nth(), unrolled)
	rules(counts.lastWeekday(), unrolled)
}

// monthsOf is the number of months that n days are.
func monthsOf(n int64) int64 { return max(1, int64(float64(n)*12/365.2425+0.5)) }

// inferLoose considers months without a fixed day: the usual day is kept for the times to come.
func (c *choice) inferLoose(n int64, try func(dayRule)) {
	var counts monthCounts
	for _, t := range c.times {
		counts.add(dayOf(t))
	}
	every := monthsOf(n)
	phase, _ := majority(len(c.times), func(k int) int64 {
		month, _ := dateOf(dayOf(c.times[k]))
		return floorMod(month, every)
	})
	try(months{every: every, phase: phase, on: onDay(counts.middle()), loose: true})
}

// inferSeveral considers two or three days a month.
func (c *choice) inferSeveral(n int64, try func(dayRule)) {
	var counts monthCounts
	for _, t := range c.times {
		counts.add(dayOf(t))
	}
	switch {
	case n >= 13 && n <= 18:
		try(months{every: 1, on: onDay(1, 15)})
		try(months{every: 1, on: onDay(15, 31)})
		try(months{every: 1, on: onDay(1, 16)})
		try(months{every: 1, on: onDay(15, 31), roll: preceding})
	case n <= 11:
		try(months{every: 1, on: onDay(1, 11, 21)})
		try(months{every: 1, on: onDay(10, 20, 31)})
	}
}

// monthCounts counts where in their months days fall.
type monthCounts struct {
	dom   [32]int // the day of the month; the last one of a month with fewer than 31 days is counted as itself
	weeks [4][7]int
	last  [7]int
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
	if dom > daysIn(month)-7 {
		m.last[wd]++
	}
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
