package series

import (
	"slices"
	"strings"

	"foliocast/internal/series/calendar"
)

// group is the columns of one rule.
type group struct {
	rule    rule
	columns []int
}

// A column with fewer than minTimes times does not show a rule and takes the one that most rows of the file have, if its times
// obey it. One with fewer than minDays times may lack a weekend by chance, so its business days may be calendar days.
const (
	minTimes = 4
	minDays  = 8
)

// grouping finds the groups of a file's columns.
type grouping struct {
	s      *source
	frame  frame
	named  *calendar.Calendar // the frequency that the options name, or nil
	groups []group
	rows   []int            // the rows of each group, without those of short columns
	byName map[ruleName]int // the newest group of a name
	member []int            // the group of each column
	plain  rule             // the rule of the last column that was inferred, if it is plain
}

// ruleName tells most rules apart.
type ruleName struct {
	freq Freq
	step int64
}

// group groups the columns by rule, in the order in which the rules first appear. It returns a [FieldError] for a frequency in
// the options that the times contradict.
func (s *source) group(f frame, o Options) ([]group, error) {
	g := grouping{s: s, frame: f, byName: make(map[ruleName]int), member: make([]int, len(s.columns))}
	if o.Freq != "" {
		var err error
		if g.named, err = o.Freq.calendar(f.kind); err != nil {
			return nil, err
		}
	}
	for i := range s.columns {
		c := &s.columns[i]
		if i > 0 && sameSlice(c.times, s.columns[i-1].times) {
			g.member[i] = g.member[i-1]
		} else {
			r, err := g.ruleOf(c)
			if err != nil {
				return nil, err
			}
			g.member[i] = g.find(r)
		}
		if len(c.times) >= minTimes {
			g.rows[g.member[i]] += len(c.times)
		}
	}
	return g.divide(), nil
}

// ruleOf is the rule of a column's times: the named frequency, as far as they agree with it, or their own.
func (g *grouping) ruleOf(c *column) (rule, error) {
	if g.named == nil && g.frame.follows(g.plain, c.times) {
		return g.plain, nil
	}
	if g.named == nil {
		r, breaks := g.frame.inferRule(c.times)
		if r.calendar == nil || len(breaks) > 0 || g.frame.kind != Date || !r.isPlain() { // otherwise there is nothing to report
			g.s.reportRule(c, r, g.frame, breaks)
		}
		g.plain = rule{}
		if r.isPlain() {
			g.plain = r
		}
		return r, nil
	}
	fitted, reason := g.frame.fit(g.named, c.times)
	if reason != "" {
		return rule{}, &FieldError{"freq", assetText(c.name) + reason}
	}
	r := rule{calendar: fitted}
	g.s.reportRule(c, r, g.frame, nil)
	return r, nil
}

// minFollow is the least number of times that show without inference that they have the rule of another column.
const minFollow = 16

// isPlain reports whether times that obey a rule, and fill nearly all of its slots, cannot have another rule.
func (r rule) isPlain() bool {
	switch name := string(r.freq()); name {
	case "", "W", "M", "Q", "Y": // the last four hold on any day
		return false
	default:
		return !r.calendar.Absolute() && !strings.ContainsAny(name, "@|")
	}
}

// follows reports whether times clearly have a plain rule, which saves inferring it for each of many columns: all of them obey
// it, each on a day of its own at its time of day, and at most one slot in ten is empty.
func (f frame) follows(r rule, times []int64) bool {
	n := len(times)
	if r.calendar == nil || n < minFollow {
		return false
	}
	first := f.toCalendar(r.calendar, times[0])
	if r.calendar.Time(r.calendar.Slot(first)) != first {
		return false
	}
	last := first
	for _, number := range times[1:] {
		last = f.toCalendar(r.calendar, number)
		if (last-first)%microsPerDay != 0 || !r.calendar.Obeys(last) {
			return false
		}
	}
	return 10*(r.calendar.Slot(last)-r.calendar.Slot(first)+1) <= 11*int64(n)
}

// find is the number of the group with a rule, which may be new.
func (g *grouping) find(r rule) int {
	name := ruleName{r.freq(), r.step}
	newest, ok := g.byName[name]
	if ok && g.groups[newest].rule.equal(r) {
		return newest
	}
	at := -1
	if ok {
		at = slices.IndexFunc(g.groups, func(h group) bool { return h.rule.equal(r) })
	}
	if at < 0 {
		at = len(g.groups)
		g.groups, g.rows = append(g.groups, group{rule: r}), append(g.rows, 0)
	}
	g.byName[name] = at
	return at
}

// divide gives the columns to their groups, and short columns to those that they fit.
func (g *grouping) divide() []group {
	main := largest(g.rows)
	if g.rows[main] == 0 && g.named == nil {
		return []group{g.s.oneGroup(g.frame)}
	}
	days := slices.IndexFunc(g.groups, func(h group) bool { return h.rule.freq() == "D" })
	for i := range g.s.columns {
		times := g.s.columns[i].times
		n := len(times)
		if n < minTimes && g.rows[main] > 0 && g.named == nil && g.frame.obey(g.groups[main].rule, times) {
			g.member[i] = main
		}
		if days >= 0 && n < minDays && g.groups[g.member[i]].rule.isBusiness() {
			g.member[i] = days
		}
		to := &g.groups[g.member[i]]
		to.columns = append(to.columns, i)
	}
	return slices.DeleteFunc(g.groups, func(h group) bool { return len(h.columns) == 0 })
}

// isBusiness reports whether a rule is that of business days.
func (r rule) isBusiness() bool {
	return r.calendar != nil && !r.calendar.Regular() && r.calendar.Period() >= microsPerDay
}

// oneGroup is a group of all columns, with the rule of all their times together.
func (s *source) oneGroup(f frame) group {
	var all []int64
	var g group
	for i := range s.columns {
		c := &s.columns[i]
		if c.rows != nil { // rows without a value tell the rule, too, where there are so few with one
			all = append(all, c.rows...)
		} else {
			all = append(all, c.times...)
		}
		g.columns = append(g.columns, i)
	}
	slices.Sort(all)
	g.rule, _ = f.inferRule(slices.Compact(all))
	return g
}

// sameSlice reports whether two slices share their memory.
func sameSlice(a, b []int64) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// largest is the index of the largest number, and of the first of equal ones.
func largest(weight []int) int {
	best := 0
	for i, w := range weight {
		if w > weight[best] {
			best = i
		}
	}
	return best
}
