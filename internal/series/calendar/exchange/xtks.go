package exchange

import "time"

// tokyo is the Tokyo Stock Exchange, which closes on Japan's national holidays and from 31 December to 3 January.
//
// Sources: Japan's Act on National Holidays (Act 178 of 1948) with its amendments, the Cabinet Office's table of
// holidays since 1955, the special acts for 2019 to 2021, and the exchange's business regulations. The equinoxes are
// those of the almanac that the Cabinet announces. On 1 October 2020 the exchange's system failed and nothing was
// traded all day. Checked against QuantLib 1.29.
func tokyo() *Exchange {
	return &Exchange{
		mic: "XTKS", title: "Tokyo Stock Exchange",
		from: 1990, to: 2025,
		week:   monToFri,
		closed: tokyoHoliday,
		unforeseen: closures(
			civil{1990, time.November, 12}, // enthronement of Emperor Akihito
			civil{1993, time.June, 9},      // wedding of Crown Prince Naruhito
			civil{2020, time.October, 1},   // failure
		),
	}
}

func tokyoHoliday(d day) bool {
	return d.is(time.December, 31) || d.month == time.January && d.dom <= 3 ||
		isNational(d) || isSubstitute(d) || isNational(d.plus(-1)) && isNational(d.plus(1))
}

// isSubstitute reports whether d stands in for a holiday on a Sunday: it is the first day after it that is no holiday
// itself. Before 2007 this was only ever Monday.
func isSubstitute(d day) bool {
	for before := d.plus(-1); isNational(before); before = before.plus(-1) {
		if before.week == time.Sunday {
			return d.year >= 2007 || d.week == time.Monday
		}
	}
	return false
}

// isNational reports whether the law names d as a holiday, whatever its weekday. A day between two such days is a
// holiday, too ("citizens' holiday"), and one on a Sunday has a substitute.
func isNational(d day) bool {
	y := d.year
	switch d.month {
	case time.January:
		return d.dom == 1 || y < 2000 && d.dom == 15 || y >= 2000 && d.isNth(2, time.Monday, time.January) // Coming of Age
	case time.February:
		return d.dom == 11 || d.dom == 23 && y >= 2020 // Foundation; Emperor Naruhito's birthday
	case time.March:
		return d.dom == equinox(20.8431, y)
	case time.April:
		return d.dom == 29 // Greenery, later Shōwa
	case time.May:
		// The fourth has a name only since 2007. Before, it was a citizens' holiday.
		return d.dom >= 3 && d.dom <= 5 || d.dom == 1 && y == 2019 // enthronement
	case time.July:
		return isJuly(d)
	case time.August:
		return d.dom == mountainDay(y)
	case time.September:
		return (y < 2003 && d.dom == 15 || y >= 2003 && d.isNth(3, time.Monday, time.September)) || d.dom == equinox(23.2488, y)
	case time.October:
		return y < 2000 && d.dom == 10 || y >= 2000 && y != 2020 && y != 2021 && d.isNth(2, time.Monday, time.October) || // Sports
			y == 2019 && d.dom == 22 // enthronement
	case time.November:
		return d.dom == 3 || d.dom == 23
	case time.December:
		return d.dom == 23 && y >= 1989 && y <= 2018 // Emperor Akihito's birthday
	}
	return false
}

// isJuly reports whether d is Marine Day, or Sports Day in the years of the Olympic Games in Tokyo.
func isJuly(d day) bool {
	switch {
	case d.year == 2020:
		return d.dom == 23 || d.dom == 24
	case d.year == 2021:
		return d.dom == 22 || d.dom == 23
	case d.year >= 2003:
		return d.isNth(3, time.Monday, time.July)
	}
	return d.dom == 20 && d.year >= 1996
}

// mountainDay returns the day of Mountain Day in August, 0 before 2016.
func mountainDay(year int) int {
	switch {
	case year < 2016:
		return 0
	case year == 2020: // for the closing of the Olympic Games
		return 10
	case year == 2021:
		return 8
	}
	return 11
}

// equinox returns the day of the month of an equinox in Japan, from its date in 1980: the sun's year is 365.242194
// days. Right from 1980 to 2099 (Japan Coast Guard's approximation).
func equinox(of1980 float64, year int) int {
	n := year - 1980
	return int(of1980+0.242194*float64(n)) - n/4
}
