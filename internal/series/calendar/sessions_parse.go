package calendar

import (
	"fmt"
	"strings"
)

// parseSessions reads a step and hours: 30min@09:00-11:00,12:30-14:30 for business days, h@D/08:00-20:00,
// h@B-SUN,MON,TUE,WED,THU/10:00-14:00 and h@XNYS/09:30-15:30 for other days, h@MON-THU/00:00-23:00;FRI/00:00-20:00 for
// hours that differ from day to day.
func parseSessions(name, step, text string) (rule, error) {
	every, err := Parse(step)
	if err != nil {
		return nil, err
	}
	s, ok := every.rule.(steps)
	if !ok || s.step%minute != 0 || s.step >= day {
		return nil, fmt.Errorf("%q: sessions need a step of minutes or hours before the @, as in 30min@09:30-15:30", name)
	}
	width := int(s.step / minute)
	days, times, ok := strings.Cut(text, "/")
	if !ok {
		days, times = "B", text
	}
	if wd, _, _ := strings.Cut(days, "-"); weekdayNamed(wd) >= 0 {
		return parseWeekHours(name, text, width)
	}
	on, err := Parse(days)
	if err != nil {
		return nil, err
	}
	d, ok := on.rule.(daily)
	if !ok {
		return nil, fmt.Errorf("%q: %s is not a rule of days", name, days)
	}
	h, err := parseHours(times, width)
	if err != nil {
		return nil, err
	}
	return sessions{days: d.days, hours: h, step: width}, nil
}

// parseWeekHours reads MON-THU/00:00-23:00;FRI/00:00-20:00.
func parseWeekHours(name, text string, width int) (rule, error) {
	var days [7]hours
	for group := range strings.SplitSeq(text, ";") {
		on, times, _ := strings.Cut(group, "/")
		from, to, ok := strings.Cut(on, "-")
		if !ok {
			to = from
		}
		first, last := weekdayNamed(from), weekdayNamed(to)
		if first < 0 || last < first {
			return nil, fmt.Errorf("%q: %q are not days of a week: write them as MON-THU/09:00-17:00;FRI/09:00-12:00", name, on)
		}
		h, err := parseHours(times, width)
		if err != nil {
			return nil, err
		}
		for i := first; i <= last; i++ {
			if days[i] != nil {
				return nil, fmt.Errorf("%q names %s twice", name, weekdayWords[i])
			}
			days[i] = h
		}
	}
	return newWeekHours(days, width, 0), nil
}
