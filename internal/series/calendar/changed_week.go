package calendar

import (
	"fmt"
	"strings"
	"time"
)

// changedWeek is a working week that became another one, as that of the Emirates in 2022 and of Tel Aviv's exchange in 2026.
// Both weeks count from the weekday of the change.
type changedWeek struct {
	before, after week
	from          int64 // the first day of the first new week
}

// rankFrom is the number of working days from a first weekday up to another, with it.
func (w week) rankFrom(first, weekday int) int {
	n := w.rank(weekday) - w.rank(first)
	if w.has(first) {
		n++
	}
	if weekday < first {
		n += w.size()
	}
	return n
}

// week is the week that holds before or from the change on.
func (r changedWeek) week(later bool) week {
	if later {
		return r.after
	}
	return r.before
}

func (r changedWeek) slot(d int64) int64 {
	w := r.week(d >= r.from)
	weeks := floorDiv(d-r.from, 7)
	return weeks*int64(w.size()) + int64(w.rankFrom(weekdayOf(r.from), weekdayOf(d))) - 1
}

func (r changedWeek) day(slot int64) int64 {
	w := r.week(slot >= 0)
	n := int64(w.size())
	weeks := floorDiv(slot, n)
	first := weekdayOf(r.from)
	rank := int(slot - weeks*n)
	for k := range 7 {
		if w.has((first + k) % 7) {
			if rank == 0 {
				return r.from + 7*weeks + int64(k)
			}
			rank--
		}
	}
	return r.from // a week has a working day
}

func (r changedWeek) obeys(d int64) bool {
	w := r.week(d >= r.from)
	return w.has(weekdayOf(d))
}

func (r changedWeek) at(int64) dayRule         { return r }
func (r changedWeek) anchor() int64            { return r.day(0) }
func (r changedWeek) equal(other dayRule) bool { return other == dayRule(r) }
func (r changedWeek) days() float64            { return workdays{r.after}.days() }
func (r changedWeek) seasons() []int           { return workdays{r.after}.seasons() }

// name is the two names with the date between: B-SUN,MON,TUE,WED,THU|2026-01-04|B.
func (r changedWeek) name() string {
	return workdays{r.before}.name() + "|" + dateText(r.from*day) + "|" + workdays{r.after}.name()
}

func (r changedWeek) describe() string {
	return fmt.Sprintf("business days, %s since %s, %s before", r.after.words(), dateText(r.from*day), r.before.words())
}

// parseChange reads what name writes.
func parseChange(name, text string) (rule, error) {
	parts := strings.Split(text, "|")
	if len(parts) == 3 {
		from, err := time.Parse(time.DateOnly, parts[1])
		before, err1 := parseWeek(parts[0])
		after, err2 := parseWeek(parts[2])
		if err == nil && err1 == nil && err2 == nil {
			return daily{days: changedWeek{before, after, from.Unix() / (24 * 60 * 60)}}, nil
		}
	}
	return nil, fmt.Errorf("%q: a week that changed is written as B-SUN,MON,TUE,WED,THU|2026-01-04|B", name)
}
