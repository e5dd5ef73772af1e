package calendar

// What sessions must show: some values, on several days, and as many nights without.
const (
	minSessionTimes = 12
	minNights       = 3
)

// inferIntraday considers elapsed time and sessions. Sessions hold where they leave far fewer slots empty than elapsed time,
// which has those of every night.
func (c *choice) inferIntraday(gap int64) {
	if gap%second != 0 {
		return
	}
	phase, _ := majority(len(c.times), func(k int) int64 { return floorMod(c.times[k], gap) })
	c.consider(newSteps(gap, phase))
	if gap%minute != 0 || len(c.times) < minSessionTimes || c.nights(gap) < minNights {
		return
	}
	limit := len(c.times)
	if c.rule != nil {
		limit = (c.fit.bad() + c.fit.empty) / 3
	}
	s := sessionFinder{choice: c, step: int(gap / minute)}
	s.clock, _ = majority(len(c.times), func(k int) int64 { return floorMod(c.times[k], minute) })
	var best rule
	var least fit
	consider := func(r rule, extra int) {
		f := tryFit(r, c.times)
		cost := f.bad() + f.empty + extra
		// A later rule is less simple and must leave half as much unexplained.
		if f.holds() && cost <= limit && (best == nil || 2*cost < least.bad()+least.empty) {
			best, least = r, f
		}
	}
	for _, days := range [...]int{recentDays, allRecentDays} {
		for _, r := range s.rules(len(c.times), days) {
			consider(r, 0)
		}
	}
	if best == nil || least.bad()+least.empty > minChange {
		if r, changes := s.changed(); changes > 0 && s.holdsToday(r) {
			consider(r, minChange*changes)
		}
	}
	if best != nil {
		c.rule, c.fit = best, least
	}
}

// nights is the number of distances of more than a step.
func (c *choice) nights(gap int64) int {
	n := 0
	for k := 1; k < len(c.times); k++ {
		if c.times[k]-c.times[k-1] > gap {
			n++
		}
	}
	return n
}
