package calendar

// inferWeek considers calendar days and working weeks.
func (c *choice) inferWeek(try func(dayRule)) {
	first, last := dayOf(c.times[0]), dayOf(c.times[len(c.times)-1])
	var seen [7]int64
	before := first - 1
	for _, t := range c.times {
		if d := dayOf(t); d != before {
			seen[weekdayOf(d)]++
			before = d
		}
	}
	try(weekRule(seen, first, last))
}

// weekRule is the working week that counts of weekdays show, from a first to a last day. A weekday belongs to it when it
// has a value at least half as often as the most frequent one. A week other than Monday to Friday must show at least twice
// that its free days are free.
func weekRule(seen [7]int64, first, last int64) dayRule {
	var days [7]int64 // how often each weekday came
	for i := range days {
		days[i] = floorDiv(last-mondayOf(0)-int64(i), 7) - floorDiv(first-1-mondayOf(0)-int64(i), 7)
	}
	best := 0
	for i := range days {
		if seen[i]*max(1, days[best]) > seen[best]*max(1, days[i]) {
			best = i
		}
	}
	var w week
	for i := range days {
		if seen[i] > 0 && 2*seen[i]*max(1, days[best]) >= seen[best]*max(1, days[i]) {
			w |= 1 << i
		}
	}
	sure := true
	for i := range days {
		sure = sure && (w.has(i) || days[i] >= 3 || days[i] == 2 && w&^business != 0)
	}
	switch {
	case w&^business == 0 && (w == business || !sure):
		return workdays{business}
	case w == allDays || !sure:
		return everyDays{n: 1}
	}
	return workdays{w}
}
