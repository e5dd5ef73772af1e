package calendar

// fit says how well a rule agrees with times.
type fit struct {
	n       int // the times
	seen    int // those looked at before it was clear that the rule does not hold, or all
	breaks  int // times that do not obey
	clashes int // times in the slot of the time before
	holes   int // times that follow an empty slot
	empty   int // empty slots
}

// fitOf compares a rule with all times.
func fitOf(r rule, times []int64) fit { return compare(r, times, len(times), len(times)) }

// tryFit compares a rule with times until it is clear that the rule does not hold.
func tryFit(r rule, times []int64) fit {
	return compare(r, times, breaksAllowed(len(times)), (len(times)-1)/2)
}

// compare stops when there are more breaks or more holes than given.
func compare(r rule, times []int64, breaks, holes int) fit {
	f := fit{n: len(times), seen: len(times)}
	var before int64
	for k, t := range times {
		slot := r.slot(t)
		if !r.obeys(t) {
			f.breaks++
		}
		if k > 0 {
			if slot <= before {
				f.clashes++
			} else if slot > before+1 {
				f.holes++
				f.empty += int(min(slot-before-1, 1<<40))
			}
		}
		before = slot
		if f.breaks > breaks || f.holes > holes {
			f.seen = k
			break
		}
	}
	return f
}

// bad weighs what contradicts the rule: 1 for a time that stands beside its slot, as the Thursday before Good Friday, and 2
// for a time too many.
func (f fit) bad() int { return 2*f.clashes + max(0, f.breaks-f.clashes) }

// cost is what a rule leaves unexplained.
func (f fit) cost() int { return f.bad() + f.holes }

// holds reports whether times obey a rule: at most one in twelve is too many, or one in six stands beside its slot, and one
// odd time is always allowed among four. At least half of the times follow the one before without an empty slot between.
func (f fit) holds() bool {
	switch {
	case f.seen < f.n:
		return false
	case f.n < 4:
		return f.bad() == 0
	}
	return f.bad() <= max(2, f.n/6) && f.breaks <= breaksAllowed(f.n)
}

// breaksAllowed is how many of n times may disobey.
func breaksAllowed(n int) int {
	if n < 4 {
		return 0
	}
	return max(1, n/6)
}

// choice keeps the best of several rules: the one that the fewest times contradict, and of equal ones the first.
type choice struct {
	times []int64
	rule  rule
	fit   fit
	near  rule // the best of the rules that do not hold
	miss  fit
}

// perfect reports whether a rule is found that no time contradicts.
func (c *choice) perfect() bool { return c.rule != nil && c.fit.bad() == 0 }

func (c *choice) consider(r rule) {
	if c.perfect() {
		return
	}
	f := tryFit(r, c.times)
	if !f.holds() {
		if c.near == nil || f.seen > c.miss.seen || f.seen == c.miss.seen && f.cost() < c.miss.cost() {
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
		return nil, contradicting(c.near, c.times)
	}
	return nil, nil
}

// contradicting are the indices of the times that do not obey, share a slot with the time before or follow an empty one.
func contradicting(r rule, times []int64) []int {
	var out []int
	var before int64
	for k, t := range times {
		slot := r.slot(t)
		if !r.obeys(t) || k > 0 && slot != before+1 {
			out = append(out, k)
		}
		before = slot
	}
	return out
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
