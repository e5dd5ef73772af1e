package calendar

// Regular reports whether every slot is expected to have a value. That is not so for the days and hours of a market, whether
// or not the rule knows its holidays.
func (c *Calendar) Regular() bool {
	switch r := c.rule.(type) {
	case steps:
		return true
	case daily:
		switch r.days.(type) {
		case workdays, changedWeek, market:
			return false
		}
		return true
	}
	return false
}

// Closes reports whether the rule knows the holidays of a market, so that [Calendar.Open] tells them.
func (c *Calendar) Closes() bool {
	r, ok := c.rule.(daily)
	if !ok {
		return false
	}
	_, closes := r.days.(interface{ open(slot int64) bool })
	return closes
}
