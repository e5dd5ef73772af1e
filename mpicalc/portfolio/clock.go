package portfolio

import (
	"fmt"
	"slices"

	"foliocast/internal/series"
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

// fewValues is how many values may follow several rules by chance: the last business days of a few months may all be last days.
const fewValues = 12

// maxTries bounds the assets that are tried on another calendar, since each try copies a part of the table.
const maxTries = 100

// shareCalendars puts assets with few values on the calendar that most values of all assets have, where their times are on it.
func (p *Plan) shareCalendars() {
	found := p.rhythms()
	if len(found) < 2 {
		return
	}
	values := make([]int, len(found))
	for _, a := range p.overall.counted {
		c := p.table.CalendarOf(a.index)
		for k, r := range found {
			if c != nil && c.Equal(r.calendar) {
				values[k] += len(p.table.Values(a.index))
			}
		}
	}
	main := found[slices.Index(values, slices.Max(values))].calendar
	if main == nil {
		return
	}
	var few []*asset
	for _, a := range p.overall.counted {
		if len(p.table.Values(a.index)) <= fewValues && !main.Equal(p.table.CalendarOf(a.index)) {
			few = append(few, a)
		}
	}
	if len(few) > maxTries {
		return
	}
	for _, a := range few {
		changed, err := p.table.WithFreq(series.Freq(main.String()), "", a.index)
		if err == nil && len(changed.Values(a.index)) == len(p.table.Values(a.index)) && main.Equal(changed.CalendarOf(a.index)) {
			p.table, p.times.table = changed, changed
		}
	}
}

// String writes the rhythm as in "months, on the first day (MS)".
func (r rhythm) String() string {
	if r.calendar == nil {
		return fmt.Sprintf("no rule, about %d apart", r.step)
	}
	return fmt.Sprintf("%s (%s)", r.calendar.Describe(), r.calendar)
}
