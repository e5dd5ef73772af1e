package calendar

// fit says how well a rule agrees with times.
type fit struct {
	n       int
	breaks  int // times that do not obey
	clashes int // times in the slot of the time before
	next    int // times in the slot right after that of the time before, or in the same
}

func fitOf(r rule, times []int64) fit {
	f := fit{n: len(times)}
	var before int64
	for k, t := range times {
		slot := r.slot(t)
		if !r.obeys(t) {
			f.breaks++
		}
		if k > 0 {
			if slot <= before {
				f.clashes++
			}
			if slot <= before+1 {
				f.next++
			}
		}
		before = slot
	}
	return f
}

// bad weighs what contradicts the rule: 1 for a time that stands beside its slot, as the Thursday before Good Friday, and 2
// for a time too many.
func (f fit) bad() int { return 2*f.clashes + max(0, f.breaks-f.clashes) }

// holds reports whether times obey a rule: at most one in twelve is too many, or one in six stands beside its slot, and one
// odd time is always allowed among four. At least half of the times follow the one before without an empty slot between.
func (f fit) holds() bool {
	if 2*f.next < f.n-1 {
		return false
	}
	if f.n < 4 {
		return f.bad() == 0
	}
	return f.bad() <= max(2, f.n/6) && f.breaks <= max(1, f.n/6)
}

// choice keeps the best of several rules: the one that the fewest times contradict, and of equal ones the first.
type choice struct {
	times []int64
	rule  rule
	fit   fit
	near  rule // the best of the rules that do not hold
	miss  fit
}

func (c *choice) consider(r rule) {
	if c.rule != nil && c.fit.bad() == 0 {
		return
	}
	f := fitOf(r, c.times)
	if !f.holds() {
		if c.near == nil || f.bad() < c.miss.bad() {
			c.near, c.miss = r, f
		}
		return
	}
	if c.rule == nil || f.bad() < c.fit.bad() {
		c.rule, c.fit = r, f
	}
}

// result is the calendar that holds, or nil, and the indices of the times that break it or the nearest rule.
func (c *choice) result() (*Calendar, []int) {
	switch {
	case c.rule != nil:
		return &Calendar{c.rule}, breaksOf(c.rule, c.times, c.fit.breaks)
	case c.near != nil:
		return nil, breaksOf(c.near, c.times, c.miss.breaks)
	}
	return nil, nil
}

// breaksOf are the indices of the times that do not obey; there are n.
func breaksOf(r rule, times []int64, n int) []int {
	if n == 0 {
		return nil
	}
	out := make([]int, 0, n)
	for k, t := range times {
		if !r.obeys(t) {
			out = append(out, k)
		}
	}
	return out
}
