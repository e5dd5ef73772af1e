package calendar

import "strconv"

// daily makes a rule of days a rule of times: all at the same time of day.
type daily struct {
	days  dayRule
	clock int64
}

// dayRule is a rule of days that count from 1970-01-01.
type dayRule interface {
	slot(d int64) int64
	day(slot int64) int64
	obeys(d int64) bool
	at(anchor int64) dayRule
	anchor() int64
	equal(other dayRule) bool
	name() string
	describe() string
	seasons() []int
	days() float64 // the typical distance in days
}

func (r daily) slot(t int64) int64    { return r.days.slot(dayOf(t)) }
func (r daily) time(slot int64) int64 { return r.days.day(slot)*day + r.clock }
func (r daily) obeys(t int64) bool    { return r.days.obeys(dayOf(t)) }
func (r daily) at(anchor int64) rule  { return daily{r.days.at(dayOf(anchor)), clockOf(anchor)} }
func (r daily) anchor() int64         { return r.days.anchor()*day + r.clock }
func (r daily) name() string          { return r.days.name() }
func (r daily) describe() string      { return r.days.describe() }
func (r daily) seasons() []int        { return r.days.seasons() }
func (r daily) period() int64         { return int64(r.days.days() * day) }

func (r daily) equal(other rule) bool {
	o, ok := other.(daily)
	return ok && r.clock == o.clock && r.days.equal(o.days)
}

func (r daily) open(slot int64) bool {
	o, ok := r.days.(interface{ open(slot int64) bool })
	return !ok || o.open(slot)
}

func (r daily) bucket(t int64) int64 {
	if b, ok := r.days.(interface{ bucket(d int64) int64 }); ok {
		return b.bucket(dayOf(t))
	}
	return r.days.slot(dayOf(t))
}

// everyDays is every n-th day; n = 1 are calendar days.
type everyDays struct{ n, phase int64 }

func (r everyDays) slot(d int64) int64       { return floorDiv(d-r.phase, r.n) }
func (r everyDays) day(slot int64) int64     { return slot*r.n + r.phase }
func (r everyDays) obeys(d int64) bool       { return floorMod(d-r.phase, r.n) == 0 }
func (r everyDays) at(anchor int64) dayRule  { return everyDays{r.n, floorMod(anchor, r.n)} }
func (r everyDays) anchor() int64            { return r.phase }
func (r everyDays) equal(other dayRule) bool { return other == dayRule(r) }
func (r everyDays) name() string             { return counted(r.n, "D") }
func (r everyDays) days() float64            { return float64(r.n) }

func (r everyDays) describe() string {
	if r.n == 1 {
		return "calendar days"
	}
	return "every " + strconv.FormatInt(r.n, 10) + " days"
}

// seasons are the week of calendar days, and the year where it is close to a whole number of slots: 365 days, 52 times 7,
// 26 times 14, 13 times 28 days, 4 times 91.
func (r everyDays) seasons() []int {
	var out []int
	if r.n == 1 {
		out = append(out, 7)
	}
	year := (365 + r.n/2) / r.n
	if off := year*r.n - 365; year > 1 && off >= -1 && off <= 1 {
		out = append(out, int(year))
	}
	return out
}
