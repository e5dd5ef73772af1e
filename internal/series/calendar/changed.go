package calendar

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// changed is a rule that became another one on a day, once or several times: the working week of the Emirates in 2022, or
// the hours of an exchange in UTC twice a year. Slots go on without a break, so that a week of five days before and one of
// five days after keep their phases.
type changed struct{ parts []part }

// part is a rule from a day on.
type part struct {
	from  int64 // midnight; the first part has none
	rule  rule
	base  int64 // the slot of the part's first time
	first int64 // the same slot as its rule counts it
}

// newChanged joins rules; from has the days of the changes in microseconds, ascending, one fewer than there are rules.
func newChanged(rules []rule, from []int64) changed {
	c := changed{parts: []part{{rule: rules[0]}}}
	for i, at := range from {
		r := rules[i+1]
		first := r.slot(at)
		if r.time(first) < at {
			first++
		}
		c.parts = append(c.parts, part{from: at, rule: r, base: c.slot(at-1) + 1, first: first})
	}
	return c
}

// part is the part that holds at a time.
func (c changed) part(t int64) part {
	k := sort.Search(len(c.parts)-1, func(i int) bool { return c.parts[i+1].from > t })
	return c.parts[k]
}

// holding is the part that has a slot.
func (c changed) holding(slot int64) part {
	k := sort.Search(len(c.parts)-1, func(i int) bool { return c.parts[i+1].base > slot })
	return c.parts[k]
}

func (c changed) slot(t int64) int64 {
	p := c.part(t)
	return p.rule.slot(t) - p.first + p.base
}

func (c changed) time(slot int64) int64 {
	p := c.holding(slot)
	return p.rule.time(slot - p.base + p.first)
}

func (c changed) obeys(t int64) bool { return c.part(t).rule.obeys(t) }

func (c changed) open(slot int64) bool {
	p := c.holding(slot)
	o, ok := p.rule.(interface{ open(slot int64) bool })
	return !ok || o.open(slot-p.base+p.first)
}

func (c changed) last() rule     { return c.parts[len(c.parts)-1].rule }
func (c changed) anchor() int64  { return c.last().anchor() }
func (c changed) seasons() []int { return c.last().seasons() }
func (c changed) period() int64  { return c.last().period() }

func (c changed) at(anchor int64) rule {
	var rules []rule
	var from []int64
	for i, p := range c.parts {
		rules = append(rules, p.rule.at(anchor))
		if i > 0 {
			from = append(from, p.from)
		}
	}
	return newChanged(rules, from)
}

func (c changed) equal(other rule) bool {
	o, ok := other.(changed)
	return ok && slices.EqualFunc(c.parts, o.parts, func(p, q part) bool { return p.from == q.from && p.rule.equal(q.rule) })
}

// name is the names of the rules with the days of the changes between: B-SUN,MON,TUE,WED,THU|2026-01-04|B.
func (c changed) name() string {
	var b strings.Builder
	for i, p := range c.parts {
		if i > 0 {
			b.WriteString("|" + dateText(p.from) + "|")
		}
		b.WriteString(p.rule.name())
	}
	return b.String()
}

func (c changed) describe() string {
	n := len(c.parts)
	text := fmt.Sprintf("%s since %s, %s before", c.last().describe(), dateText(c.parts[n-1].from), c.parts[n-2].rule.describe())
	if n > 2 {
		text += fmt.Sprintf(" (%d changes)", n-1)
	}
	return text
}

// maxParts bounds the changes of a rule.
const maxParts = 64

// parseChanged reads what name writes. Rules that change are those of business days and of sessions.
func parseChanged(name, text string) (rule, error) {
	words := strings.Split(text, "|")
	if len(words)%2 == 0 || len(words) > 2*maxParts {
		return nil, fmt.Errorf("%q: a rule that changed is written with the day between, as in B-SUN,MON,TUE,WED,THU|2026-01-04|B", name)
	}
	var rules []rule
	var from []int64
	for i, word := range words {
		if i%2 == 0 {
			c, err := Parse(word)
			if err != nil {
				return nil, err
			}
			if !changeable(c.rule) {
				return nil, fmt.Errorf("%q: only business days and hours of sessions may change, not %s", name, word)
			}
			rules = append(rules, c.rule)
			continue
		}
		at, err := time.Parse(time.DateOnly, word)
		if err != nil || len(from) > 0 && at.UnixMicro() <= from[len(from)-1] {
			return nil, fmt.Errorf("%q: the days of changes are dates that ascend, such as 2026-01-04, not %q", name, word)
		}
		from = append(from, at.UnixMicro())
	}
	return newChanged(rules, from), nil
}

// changeable reports whether a rule may be a part: one whose name says all but its time of day.
func changeable(r rule) bool {
	switch r := r.(type) {
	case daily:
		switch d := r.days.(type) {
		case workdays, market:
			return true
		case everyDays:
			return d.n == 1
		}
	case sessions:
		return changeable(daily{days: r.days})
	case *weekHours:
		return true
	}
	return false
}
