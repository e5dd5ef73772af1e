package series

import (
	"fmt"
	"strings"
)

// reportRule reports the times of a column that break its calendar, and that several fall into one period. Of a column without
// a calendar it reports that, and the times that break the nearest rule.
func (s *source) reportRule(c *column, r rule, f frame, breaks []int) {
	if s.kind == Step || len(c.times) < minTimes {
		return
	}
	if r.calendar == nil {
		s.reportIrregular(c, breaks)
		return
	}
	var before int64
	for k, n := range c.times {
		t := f.toCalendar(r.calendar, n)
		slot := r.calendar.Slot(t)
		switch {
		case k > 0 && slot <= before:
			s.audit.SamePeriod.addLazy(func() Finding {
				return s.finding(c, k, "%s and %s fall into one period (%s)", s.time(c.times[k-1]), s.time(n), r.calendar.Describe())
			})
		case !r.calendar.Obeys(t):
			s.audit.OffCalendar.addLazy(func() Finding {
				return s.finding(c, k, "%s is not on the calendar (%s)", s.time(n), r.calendar.Describe())
			})
		}
		before = slot
	}
}

// reportIrregular reports a column whose times follow no rule.
func (s *source) reportIrregular(c *column, breaks []int) {
	s.audit.Irregular.addLazy(func() Finding {
		const irregular = "the times follow no rule, so the forecast goes on at their usual distance"
		if len(breaks) == 0 {
			return Finding{Asset: c.name, Reason: irregular}
		}
		var at []string
		for _, k := range breaks[:min(3, len(breaks))] {
			at = append(at, s.time(c.times[k]).String())
		}
		if more := len(breaks) - len(at); more > 0 {
			at = append(at, fmt.Sprintf("and %d more", more))
		}
		return s.finding(c, breaks[0], irregular+"; the nearest rule is broken at %s", strings.Join(at, ", "))
	})
}

// finding is a finding about entry k of a column.
func (s *source) finding(c *column, k int, format string, args ...any) Finding {
	return Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: fmt.Sprintf(format, args...)}
}

// assetText begins a message about an asset.
func assetText(name string) string { return fmt.Sprintf("asset %q: ", name) }
