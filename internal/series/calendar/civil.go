package calendar

// Lengths in microseconds.
const (
	second = 1_000_000
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// dayOf is the day that a time falls on, counted from 1970-01-01.
func dayOf(t int64) int64 { return floorDiv(t, day) }

// clockOf is the time of day in microseconds.
func clockOf(t int64) int64 { return t - dayOf(t)*day }

// weekdayOf is the weekday of a day: 0 is Monday, 6 is Sunday. 1970-01-01 was a Thursday.
func weekdayOf(d int64) int { return int(floorMod(d+3, 7)) }

// weekOf counts weeks, which begin on Monday, from that of 1970-01-01.
func weekOf(d int64) int64 { return floorDiv(d+3, 7) }

// mondayOf is the first day of a week.
func mondayOf(week int64) int64 { return 7*week - 3 }

// dateOf splits a day into its month, counted from January 1970, and the day of the month. The arithmetic is that of
// Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, eras have 400 years.
func dateOf(d int64) (month int64, dom int) {
	z := d + 719_468 // days from 0000-03-01
	era := floorDiv(z, 146_097)
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	return 12*(yoe+400*era-1970) + mp + 2, int(doy-(153*mp+2)/5) + 1
}

// firstOf is the first day of a month that counts from January 1970.
func firstOf(month int64) int64 {
	y, m := floorDiv(month-2, 12)+1970, floorMod(month-2, 12) // a year from March on
	era := floorDiv(y, 400)
	yoe := y - era*400
	return era*146_097 + yoe*365 + yoe/4 - yoe/100 + (153*m+2)/5 - 719_468
}

// daysIn is the number of days of a month.
func daysIn(month int64) int { return int(firstOf(month+1) - firstOf(month)) }

// floorDiv divides and rounds down, so that times before 1970 have the right day.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// floorMod is what floorDiv leaves: from 0 to b-1.
func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
