package calendar

// inferWeek considers calendar days, working weeks, and a working week that changed.
func (c *choice) inferWeek(clock int64) {
	whole := c.weekCounts(0, len(c.times))
	one := daily{whole.rule(), clock}
	c.consider(one)
	if c.rule != nil && c.fit.cost() < minChange {
		return
	}
	changed, ok := c.change()
	if !ok {
		return
	}
	r := changed.rule(clock)
	f, g := tryFit(r, c.times), fitOf(one, c.times)
	if f.holds() && f.cost()+minChange <= g.cost() {
		c.rule, c.fit = r, f
	}
}

// minChange is how many times and holes a change of the week must explain.
const minChange = 3

// weekCounts counts the days with values from a first to a last day by weekday.
type weekCounts struct {
	seen        [7]int64
	first, last int64
}

// weekCounts counts the times from one index up to another.
func (c *choice) weekCounts(from, to int) weekCounts {
	w := weekCounts{first: dayOf(c.times[from]), last: dayOf(c.times[to-1])}
	before := w.first - 1
	for _, t := range c.times[from:to] {
		if d := dayOf(t); d != before {
			w.seen[weekdayOf(d)]++
			before = d
		}
	}
	return w
}

// chances is how often a weekday came from the first to the last day.
func (w *weekCounts) chances(weekday int) int64 {
	offset := mondayOf(0) + int64(weekday)
	return floorDiv(w.last-offset, 7) - floorDiv(w.first-1-offset, 7)
}

// week is the weekdays that have a value at least half as often as the most frequent one.
func (w *weekCounts) week() week {
	best := 0
	for i := range 7 {
		if w.seen[i]*max(1, w.chances(best)) > w.seen[best]*max(1, w.chances(i)) {
			best = i
		}
	}
	var out week
	for i := range 7 {
		if w.seen[i] > 0 && 2*w.seen[i]*max(1, w.chances(best)) >= w.seen[best]*max(1, w.chances(i)) {
			out |= 1 << i
		}
	}
	return out
}

// rule is the working week that the counts show, or calendar days. A week other than Monday to Friday must show at least
// twice that its free days are free, one within Monday to Friday three times.
func (w *weekCounts) rule() dayRule {
	week := w.week()
	sure := true
	for i := range 7 {
		n := w.chances(i)
		sure = sure && (week.has(i) || n >= 3 || n == 2 && week&^business != 0)
	}
	switch {
	case week&^business == 0 && (week == business || !sure):
		return workdays{business}
	case !sure:
		return everyDays{n: 1}
	}
	return week.rule()
}

// weekChange is a working week that became another one.
type weekChange struct {
	before, after week
	from          int64 // the first day of the first new week
}

func (w weekChange) rule(clock int64) rule {
	return newChanged([]rule{daily{w.before.rule(), clock}, daily{w.after.rule(), clock}}, []int64{w.from * day})
}

// change finds a working week that became another one: the last weeks have days of the week that those before lack, or
// lack days that they had.
func (c *choice) change() (weekChange, bool) {
	last := dayOf(c.times[len(c.times)-1])
	for _, weeks := range [...]int64{3, 5, 8} {
		from := len(c.times)
		for from > 0 && dayOf(c.times[from-1]) > last-7*weeks {
			from--
		}
		if from == 0 {
			break
		}
		tail := c.weekCounts(from, len(c.times))
		after := tail.week()
		if !tail.pure(after, weeks) {
			continue
		}
		if r, ok := c.changeTo(after); ok && (weeks == 8 || r.after&^r.before != 0) {
			return r, true
		}
	}
	return weekChange{}, false
}

// pure reports whether only days of the week have values, each in most weeks.
func (w *weekCounts) pure(days week, weeks int64) bool {
	for i, n := range w.seen {
		if days.has(i) != (n > 0) || days.has(i) && 2*n < weeks {
			return false
		}
	}
	return true
}

// changeTo finds from when on a week holds: after the last day that is not in it or, when all days are, from the first day
// that the first weeks lack.
func (c *choice) changeTo(after week) (weekChange, bool) {
	from := len(c.times)
	for from > 0 && after.has(weekdayOf(dayOf(c.times[from-1]))) {
		from--
	}
	if from == 0 {
		first := c.weekCounts(0, (len(c.times)+2)/3)
		early := first.week()
		for from < len(c.times) && early.has(weekdayOf(dayOf(c.times[from]))) {
			from++
		}
	}
	if from == 0 || from == len(c.times) {
		return weekChange{}, false
	}
	head := c.weekCounts(0, from)
	before := head.week()
	if before == after || head.last-head.first < 21 {
		return weekChange{}, false
	}
	for k := from; k < len(c.times); k++ { // the days that both weeks have belong to the one before
		if !before.has(weekdayOf(dayOf(c.times[k]))) {
			from = k
			break
		}
	}
	r := weekChange{before: before, after: after, from: dayOf(c.times[from])}
	for _, first := range [...]int{before.first(), after.first()} {
		if d := r.from - floorMod(int64(weekdayOf(r.from)-first), 7); d > head.last {
			r.from = d
			break
		}
	}
	return r, true
}
