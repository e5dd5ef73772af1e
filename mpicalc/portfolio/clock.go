package portfolio

import (
	"fmt"
	"slices"

	"foliocast/internal/series/calendar"
)

// rhythm is how the times of some assets follow each other.
type rhythm struct {
	calendar *calendar.Calendar // nil for steps, and for times without a rule
	step     int64              // between times without a calendar
	first    *asset             // the first by name
}

// rhythms are those of the assets that count, each once.
func (p *Plan) rhythms() []rhythm {
	var found []rhythm
	for _, a := range p.overall.counted {
		r := rhythm{calendar: p.table.CalendarOf(a.index), first: a}
		if r.calendar == nil {
			next := p.table.Next(a.index, 1)[0]
			r.step = next.N - p.table.End(a.index).N
		}
		k := slices.IndexFunc(found, func(o rhythm) bool { return o.step == r.step && r.calendar.Equal(o.calendar) })
		switch {
		case k < 0:
			found = append(found, r)
		case a.name < found[k].first.name:
			found[k].first = a
		}
	}
	slices.SortFunc(found, func(a, b rhythm) int {
		if a.first.name < b.first.name {
			return -1
		}
		return 1
	})
	return found
}

// String says it in words: months, on the first day (MS).
func (r rhythm) String() string {
	if r.calendar == nil {
		return fmt.Sprintf("no rule, about %d apart", r.step)
	}
	return fmt.Sprintf("%s (%s)", r.calendar.Describe(), r.calendar)
}
