package exchange

// Exchange is a stock exchange. It is immutable and safe for concurrent use.
type Exchange struct {
	mic, title string
	from, to   int                // the known years
	week       func(day) [7]bool  // the days of a week with trading, from Sunday
	closed     func(d day) bool   // a holiday by rule; asked only about days of the working week
	unforeseen map[civil]struct{} // closures outside the rules
}

// Find returns the exchange with the given market identifier code (ISO 10383), such as XNYS.
func Find(mic string) (*Exchange, bool) {
	switch mic {
	case "XNYS":
		return newYork(), true
	case "XETR":
		return xetra(), true
	case "XTKS":
		return tokyo(), true
	case "XLON":
		return london(), true
	case "XTAE":
		return telAviv(), true
	}
	return nil, false
}

// Names returns the codes that [Find] takes.
func Names() []string { return []string{"XNYS", "XETR", "XTKS", "XLON", "XTAE"} }

// Name returns the market identifier code.
func (e *Exchange) Name() string { return e.mic }

// Title returns the exchange's name for people.
func (e *Exchange) Title() string { return e.title }

// Known returns the first and the last year for which closures outside the rules are complete as well.
func (e *Exchange) Known() (from, to int) { return e.from, e.to }

// WorkingWeek returns the days of the week, from Sunday, on which the exchange trades in the week of the given day,
// counted from 1970-01-01. Weeks begin on Sunday.
func (e *Exchange) WorkingWeek(d int64) [7]bool { return e.week(on(d)) }

// Session reports whether the exchange trades on the given day, counted from 1970-01-01.
func (e *Exchange) Session(d int64) bool {
	t := on(d)
	if !e.week(t)[t.week] {
		return false
	}
	if _, ok := e.unforeseen[t.civil]; ok {
		return false
	}
	return !e.closed(t)
}

// monToFri is the week of most exchanges.
func monToFri(day) [7]bool { return [7]bool{false, true, true, true, true, true, false} }

// closures returns the set of the given days.
func closures(days ...civil) map[civil]struct{} {
	set := make(map[civil]struct{}, len(days))
	for _, d := range days {
		set[d] = struct{}{}
	}
	return set
}
