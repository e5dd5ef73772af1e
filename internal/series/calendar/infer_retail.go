package calendar

import "slices"

// inferRetail considers the periods of fiscal years of 52 or 53 weeks: times on one weekday, whose usual distance is n
// days. The first times of a year must stand out before the rules are tried on all of them, because there are many rules.
func (c *choice) inferRetail(n int64, clock int64) {
	var patterns []retailPattern
	switch {
	case n == 28 || n == 35:
		patterns = []retailPattern{weeks445, weeks454, weeks544, weeks4}
	case n == 91 || n == 98:
		patterns = []retailPattern{quarters13}
	case n == 364 || n == 371:
		patterns = []retailPattern{years52}
	default:
		return
	}
	if c.perfect() || len(c.times) < 4 || n < 91 && (len(c.times) < 6 || !c.regularLong()) {
		return
	}
	if span := c.times[len(c.times)-1] - c.times[0]; span > 4*n*day*int64(len(c.times)) {
		return // the years are too many to look at
	}
	weekday, most := majority(len(c.times), func(k int) int64 { return int64(weekdayOf(dayOf(c.times[k]))) })
	if !most {
		return
	}
	years := c.retailYears(int8(weekday))
	try := func(r retail, pattern retailPattern) {
		r.pattern = pattern
		c.consider(daily{r, clock})
		for r.extra = 1; r.extra < 4 && pattern == quarters13; r.extra++ {
			c.consider(daily{r, clock})
		}
	}
	for _, r := range years {
		if n < 91 && r.month == 0 && r.nearest && int(r.weekday) == weekdayNamed("SAT") {
			try(r, weeks454) // the calendar of the National Retail Federation, by first or by last days
		}
	}
	for _, pattern := range patterns {
		for _, r := range years {
			try(r, pattern)
		}
	}
}

// retailYears are the fiscal years whose ends or beginnings are among the times, the usual ones first.
func (c *choice) retailYears(weekday int8) []retail {
	var out []retail
	order := []bool{false, true}
	if int(weekday) == weekdayNamed("MON") {
		order = []bool{true, false} // a week begins on Monday rather than ending then
	}
	for _, month := range [...]int8{0, 11, 8, 5, 7, 1, 2, 3, 4, 6, 9, 10} {
		for _, nearest := range [...]bool{true, false} {
			for _, starts := range order {
				r := retail{month: month, weekday: weekday, nearest: nearest, starts: starts}
				if starts {
					r.weekday = (weekday + 6) % 7
				}
				if c.hasYears(r) {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// hasYears reports whether nearly all first or last days of the years of a rule are among the times.
func (c *choice) hasYears(r retail) bool {
	r.pattern = years52
	first, last := dayOf(c.times[0]), dayOf(c.times[len(c.times)-1])
	years, hits := 0, 0
	for slot := r.slot(first); ; slot++ {
		d := r.day(slot)
		if d > last {
			break
		}
		if d < first {
			continue
		}
		years++
		k, _ := slices.BinarySearch(c.times, d*day)
		if k < len(c.times) && dayOf(c.times[k]) == d {
			hits++
		}
	}
	return hits+years/6 >= years
}

// regularLong reports whether the distances of five weeks come at every third place, as in quarters of three months, or are
// rare, as in years of 13 periods.
func (c *choice) regularLong() bool {
	var at [3]int
	for k := 1; k < len(c.times); k++ {
		if dayOf(c.times[k])-dayOf(c.times[k-1]) >= 35 {
			at[k%3]++
		}
	}
	most, all := max(at[0], at[1], at[2]), at[0]+at[1]+at[2]
	return 4*(all-most) <= all || 10*all <= len(c.times)
}
