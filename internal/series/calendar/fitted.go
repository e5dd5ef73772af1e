package calendar

// Fit returns the calendar of the same name that agrees best with ascending times: it counts from where they do, has their
// hour of day, and B, W, M, Q and Y take the working week, the weekday or the day of the month that the times show.
func (c *Calendar) Fit(times []int64) *Calendar {
	if len(times) == 0 {
		return c
	}
	own, _ := Infer(times)
	if own != nil && c.leavesOpen(own) {
		return own
	}
	best, least := c.At(times[len(times)-1]), -1
	for k := len(times) - 1; k >= 0 && k > len(times)-8; k-- { // an odd last time is no anchor
		try := c.At(times[k])
		if bad := fitOf(try.rule, times).bad(); least < 0 || bad < least {
			best, least = try, bad
		}
	}
	return best
}

// leavesOpen reports whether own is one of the rules that the name of c may mean.
func (c *Calendar) leavesOpen(own *Calendar) bool {
	rule := own.rule
	if r, ok := rule.(changed); ok {
		rule = r.last()
	}
	if s, ok := c.rule.(steps); ok {
		return s.step == rule.period() && changeable(rule) // hours may be those of sessions
	}
	named, ok := c.rule.(daily)
	shown, also := rule.(daily)
	if !ok || !also {
		return false
	}
	switch r := named.days.(type) {
	case workdays:
		w, ok := shown.days.(workdays)
		return ok && r.week == business && w.week.size() > 1
	case weekly:
		w, ok := shown.days.(weekly)
		return ok && r.loose && w.n == r.n
	case months:
		m, ok := shown.days.(months)
		return ok && r.loose && m.every == r.every && m.on.perMonth() == 1
	}
	return false
}
