package exchange

import "time"

// civil is a date of the Gregorian calendar.
type civil struct {
	year  int
	month time.Month
	dom   int
}

// day is a date with its number since 1970-01-01 and its weekday.
type day struct {
	civil
	number int64
	week   time.Weekday
}

const secondsPerDay = 24 * 60 * 60

// on returns the day with the given number.
func on(number int64) day {
	t := time.Unix(number*secondsPerDay, 0).UTC()
	y, m, d := t.Date()
	return day{civil{y, m, d}, number, t.Weekday()}
}

// plus returns the day n days later.
func (d day) plus(n int) day { return on(d.number + int64(n)) }

// is reports whether d is the given day of its year.
func (d day) is(m time.Month, dom int) bool { return d.month == m && d.dom == dom }

// isNth reports whether d is the nth weekday w of month m, such as the third Monday of January.
func (d day) isNth(n int, w time.Weekday, m time.Month) bool {
	return d.month == m && d.week == w && (d.dom-1)/7 == n-1
}

// isLast reports whether d is the last weekday w of month m, which has the given number of days.
func (d day) isLast(w time.Weekday, m time.Month, days int) bool {
	return d.month == m && d.week == w && d.dom > days-7
}

// isNearest reports whether a holiday on the given date is kept on d by the American custom: on a Saturday's Friday,
// on a Sunday's Monday.
func (d day) isNearest(m time.Month, dom int) bool {
	return d.is(m, dom) || d.week == time.Friday && d.plus(1).is(m, dom) || d.week == time.Monday && d.plus(-1).is(m, dom)
}

// fromEaster returns the days from Easter Sunday of the same year: -2 is Good Friday, 50 is Whit Monday.
func (d day) fromEaster() int {
	m, dom := easter(d.year)
	return d.YearDay() - civil{d.year, m, dom}.YearDay()
}

// YearDay returns the day's number in its year, from 1.
func (c civil) YearDay() int {
	return time.Date(c.year, c.month, c.dom, 0, 0, 0, 0, time.UTC).YearDay()
}

// easter returns the Gregorian date of Easter Sunday: the algorithm of Meeus, Jones and Butcher (Meeus, Astronomical
// Algorithms, 1991, chapter 8).
func easter(year int) (time.Month, int) {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return time.Month(month), (h + l - 7*m + 33*month + 19) % 32
}
