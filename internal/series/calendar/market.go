package calendar

import (
	"fmt"

	"foliocast/internal/series/calendar/exchange"
)

// market is the sessions of an exchange. Every week from Sunday on has five slots, whichever its working days are, so that
// a slot says its place in the week. Holidays are slots that are not open.
type market struct{ exchange *exchange.Exchange }

// perWeek is the number of working days, which is the same in all weeks of all exchanges.
const perWeek = 5

// sunday is the first day of the week of a day.
func sunday(d int64) int64 { return d - floorMod(d+4, 7) }

func (r market) slot(d int64) int64 {
	from := sunday(d)
	rank := int64(0)
	working := r.exchange.WorkingWeek(d)
	for i := range d - from + 1 {
		if working[i] {
			rank++
		}
	}
	return floorDiv(from+4, 7)*perWeek + rank - 1
}

func (r market) day(slot int64) int64 {
	from := 7*floorDiv(slot, perWeek) - 4
	rank := floorMod(slot, perWeek)
	for i, working := range r.exchange.WorkingWeek(from) {
		if working {
			if rank == 0 {
				return from + int64(i)
			}
			rank--
		}
	}
	panic(fmt.Sprintf("calendar: %s has fewer than %d days in the week of day %d", r.exchange.Name(), perWeek, from))
}

func (r market) open(slot int64) bool { return r.exchange.Session(r.day(slot)) }
func (r market) obeys(d int64) bool   { return r.exchange.Session(d) }
func (r market) at(int64) dayRule     { return r }
func (r market) anchor() int64        { return r.day(0) }
func (r market) name() string         { return r.exchange.Name() }
func (r market) describe() string {
	return "sessions of " + r.exchange.Name() + " (" + r.exchange.Title() + ")"
}

func (r market) seasons() []int { return []int{perWeek, 261} }
func (r market) days() float64  { return 7.0 / perWeek }

func (r market) equal(other dayRule) bool {
	o, ok := other.(market)
	return ok && o.exchange.Name() == r.exchange.Name()
}
