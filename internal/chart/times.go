package chart

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Times are the times of the steps of a picture, in ascending order.
type Times struct {
	text  []string
	at    []time.Time // nil when they are no dates
	clock bool        // they have a time of day
}

// ParseTimes takes dates (2024-12-31), local times (2024-12-31 16:30:00) or instants (RFC 3339), all of one kind. Anything else, such
// as integer steps, stays as it is written.
func ParseTimes(text []string) Times {
	for i, layout := range []string{time.DateOnly, "2006-01-02 15:04:05.999999999", time.RFC3339Nano} {
		if at := parseAll(layout, text); at != nil {
			return Times{text, at, i > 0}
		}
	}
	return Times{text: text}
}

func parseAll(layout string, text []string) []time.Time {
	at := make([]time.Time, len(text))
	for i, s := range text {
		var err error
		if at[i], err = time.Parse(layout, s); err != nil {
			return nil
		}
	}
	if len(at) == 0 {
		return nil
	}
	return at
}

// Join is times followed by others.
func (t Times) Join(more Times) Times {
	return ParseTimes(append(append([]string{}, t.text...), more.text...))
}

// Len is their number.
func (t Times) Len() int { return len(t.text) }

// Text is the time with number i as a person reads it: 2 Jan 2024, and 2 Jan 2024 16:30.
func (t Times) Text(i int) string {
	switch {
	case t.at == nil:
		return t.text[i]
	case !t.clock:
		return t.at[i].Format("2 Jan 2006")
	case t.at[i].Second() != 0:
		return t.at[i].Format("2 Jan 2006 15:04:05")
	}
	return t.at[i].Format("2 Jan 2006 15:04")
}

// timeTick is a mark below the axis of times: a label, and on a second line what it belongs to.
type timeTick struct {
	index       int
	text, under string
}

// period is a way to divide time.
type period struct {
	key         func(time.Time) int // changes where a period begins
	text, under string              // layouts; under is shown where it changes
}

// periods are the ways to divide time, the finest first.
func periods() []period {
	minutes := func(n int) func(time.Time) int {
		return func(t time.Time) int { return (t.YearDay()*24*60 + t.Hour()*60 + t.Minute()) / n }
	}
	days := func(t time.Time) int { return int(dayNumber(t)) }
	const monday = 3 // 1970-01-01 was a Thursday
	weeks := func(n int) func(time.Time) int {
		return func(t time.Time) int { return int(dayNumber(t)+monday) / (7 * n) }
	}
	months := func(n int) func(time.Time) int {
		return func(t time.Time) int { return (t.Year()*12 + int(t.Month()) - 1) / n }
	}
	var all []period
	for _, n := range []int{1, 5, 15, 30, 60, 180, 360, 720} {
		all = append(all, period{minutes(n), "15:04", "2 Jan 2006"})
	}
	all = append(all, period{days, "2 Jan", "2006"}, period{weeks(1), "2 Jan", "2006"}, period{weeks(2), "2 Jan", "2006"},
		period{months(1), "Jan", "2006"}, period{months(3), "Jan", "2006"}, period{months(6), "Jan", "2006"})
	for _, n := range []int{1, 2, 5, 10, 20, 50, 100} {
		all = append(all, period{months(12 * n), "2006", ""})
	}
	return all
}

// dayNumber is the number of days since 1970-01-01 on the time's own clock.
func dayNumber(t time.Time) int64 {
	_, offset := t.Zone()
	seconds := t.Unix() + int64(offset)
	if seconds < 0 {
		seconds -= 24*60*60 - 1
	}
	return seconds / (24 * 60 * 60)
}

// room tells whether labels have room on an axis.
type room struct {
	at    func(i int) float64 // where an index is
	width func(string) float64
	gap   float64 // the least distance between two labels
}

// ticks are the marks of the axis: where periods begin, the finest ones whose labels have room.
func (t Times) ticks(r room) []timeTick {
	if t.Len() == 0 {
		return nil
	}
	if t.at == nil {
		return t.stepTicks(r)
	}
	for _, p := range periods() {
		if !t.clock && p.under == "2 Jan 2006" {
			continue // dates have no hours
		}
		if marks := t.begins(p); len(marks) > 1 && r.holds(marks) {
			return marks
		}
	}
	return t.ends(r)
}

// begins are the marks where a period begins. The first step counts as one when the second begins another.
func (t Times) begins(p period) (marks []timeTick) {
	under := ""
	add := func(i int) {
		m := timeTick{index: i, text: t.at[i].Format(p.text)}
		if p.under != "" {
			if now := t.at[i].Format(p.under); now != under {
				m.under, under = now, now
			}
		}
		marks = append(marks, m)
	}
	if len(t.at) > 1 && p.key(t.at[0]) != p.key(t.at[1]) {
		add(0)
	}
	for i := 1; i < len(t.at); i++ {
		if p.key(t.at[i]) != p.key(t.at[i-1]) {
			add(i)
		}
	}
	return marks
}

// holds reports whether no labels of marks touch each other.
func (r room) holds(marks []timeTick) bool {
	last, lastUnder := math.Inf(-1), math.Inf(-1)
	for _, m := range marks {
		x, half := r.at(m.index), r.width(m.text)/2
		if x-half < last+r.gap {
			return false
		}
		last = x + half
		if m.under == "" {
			continue
		}
		if half = r.width(m.under) / 2; x-half < lastUnder+r.gap {
			return false
		}
		lastUnder = x + half
	}
	return true
}

// ends are marks at the first and the last time, where no period fits, or only at the last.
func (t Times) ends(r room) []timeTick {
	last := t.Len() - 1
	marks := []timeTick{{0, t.Text(0), ""}, {last, t.Text(last), ""}}
	if last == 0 || !r.holds(marks) {
		return marks[1:]
	}
	return marks
}

// stepTicks are marks at round integers, or at every so many texts.
func (t Times) stepTicks(r room) []timeTick {
	steps := make([]int, t.Len())
	for i, text := range t.text {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return t.ends(r)
		}
		steps[i] = n
	}
	for every := 1; every > 0 && every < 1<<40; every = nextRound(every) {
		var marks []timeTick
		for i, n := range steps {
			if n%every == 0 {
				marks = append(marks, timeTick{i, t.text[i], ""})
			}
		}
		if len(marks) > 0 && r.holds(marks) {
			return marks
		}
	}
	return t.ends(r)
}

// nextRound is the number after n in 1, 2, 5, 10, 20, 50, 100 and so on.
func nextRound(n int) int {
	for n >= 10 && n%10 == 0 {
		return 10 * nextRound(n/10)
	}
	switch {
	case n < 2:
		return 2
	case n < 5:
		return 5
	}
	return 10
}

// From is the times from number i on.
func (t Times) From(i int) Times {
	out := Times{text: t.text[i:], clock: t.clock}
	if t.at != nil {
		out.at = t.at[i:]
	}
	return out
}
