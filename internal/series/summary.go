package series

import (
	"fmt"
	"strings"
)

// Audit returns an audit without findings, for a table that was stored and read as a whole.
func (t *Table) Audit() *Audit {
	audit := &Audit{Form: "stored"}
	t.summarize(audit)
	audit.Rows = audit.Values
	return audit
}

// summarize adds the sizes, times and frequency of the table to an audit.
func (t *Table) summarize(audit *Audit) {
	var from, to Time
	audit.Assets, audit.Freq, audit.Zone = len(t.assets), t.freq, ""
	if t.kind == Instant {
		audit.Zone = newClock(t.zone).zone.String()
	}
	for i := range t.assets {
		n := t.assets[i].len()
		if n == 0 {
			continue
		}
		if audit.Values == 0 || t.Start(i).Compare(from) < 0 {
			from = t.Start(i)
		}
		if audit.Values == 0 || t.End(i).Compare(to) > 0 {
			to = t.End(i)
		}
		audit.Values += int64(n)
		audit.Filled += int64(t.Filled(i))
	}
	if audit.Values > 0 {
		audit.From, audit.To = from.String(), to.String()
	}
	audit.Calendar = t.calendarText()
}

// mostCalendars is how many calendars of a table are named in its audit.
const mostCalendars = 3

// ruleCount is a rule and the number of assets that have it.
type ruleCount struct {
	rule   rule
	assets int
}

// calendarText says in words how the table's times follow each other, and of several calendars how many assets have each:
// "mixed: 2 assets on business days, Monday to Friday; 1 on months, on the first day".
func (t *Table) calendarText() string {
	all := t.rules()
	switch len(all) {
	case 0:
		return "none"
	case 1:
		return all[0].rule.describe(t.kind)
	case mostCalendars + 1:
		return "mixed"
	}
	parts := make([]string, len(all))
	for k, c := range all {
		noun := ""
		if k == 0 {
			noun = " assets"
			if c.assets == 1 {
				noun = " asset"
			}
		}
		parts[k] = fmt.Sprintf("%d%s on %s", c.assets, noun, c.rule.describe(t.kind))
	}
	return "mixed: " + strings.Join(parts, "; ")
}

// rules are the different rules of the assets with values, with one more than mostCalendars at most.
func (t *Table) rules() []ruleCount {
	var all []ruleCount
	var last *Axis
	at := 0
	for i := range t.assets {
		a := &t.assets[i]
		if a.len() == 0 {
			continue
		}
		if a.axis != last {
			last = a.axis
			for at = 0; at < len(all) && !all[at].rule.equal(a.axis.rule); {
				at++
			}
			if at == len(all) {
				all = append(all, ruleCount{rule: a.axis.rule})
			}
			if len(all) > mostCalendars {
				return all
			}
		}
		all[at].assets++
	}
	return all
}
