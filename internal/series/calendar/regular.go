package calendar

// Regular reports whether every slot is expected to have a value. That is not so for the days and hours of a market, whether
// or not the rule knows its holidays.
func (c *Calendar) Regular() bool {
	switch r := c.rule.(type) {
	case steps:
		return true
	case daily:
		switch r.days.(type) {
		case workdays, market:
			return false
		}
		return true
	}
	return false
}

// Closes reports whether the rule knows the holidays of a market, so that [Calendar.Open] tells them.
func (c *Calendar) Closes() bool { return closes(c.rule) }

func closes(r rule) bool {
	switch r := r.(type) {
	case daily:
		_, ok := r.days.(market)
		return ok
	case sessions:
		_, ok := r.days.(market)
		return ok
	case changed:
		return closes(r.last())
	}
	return false
}
