package exchange

import "time"

// newYork is the New York Stock Exchange.
//
// Sources: Rule 7.2 of the NYSE (a holiday on a Saturday is kept on Friday unless a month or a year ends then, so that
// New Year on a Saturday is not kept; one on a Sunday is kept on Monday), its yearly notices "Holidays & Trading
// Hours", and its list "NYSE Historical Closings" for the closures outside the rule. Checked against QuantLib 1.29, which
// has the elections of 1955, 1960 and 1966 on 1 November, a week before they were.
func newYork() *Exchange {
	return &Exchange{
		mic: "XNYS", title: "New York Stock Exchange",
		from: 1954, to: 2025,
		week:   monToFri,
		closed: newYorkHoliday,
		unforeseen: closures(
			civil{1956, time.December, 24},
			civil{1958, time.December, 26},
			civil{1961, time.May, 29},
			civil{1963, time.November, 25}, // funeral of President Kennedy
			civil{1968, time.April, 9},     // mourning for Martin Luther King
			civil{1968, time.July, 5},
			civil{1969, time.February, 10},  // snow
			civil{1969, time.March, 31},     // funeral of President Eisenhower
			civil{1969, time.July, 21},      // the first men on the moon
			civil{1972, time.December, 28},  // funeral of President Truman
			civil{1973, time.January, 25},   // funeral of President Johnson
			civil{1977, time.July, 14},      // no electricity
			civil{1985, time.September, 27}, // hurricane Gloria
			civil{1994, time.April, 27},     // funeral of President Nixon
			civil{2001, time.September, 11}, civil{2001, time.September, 12},
			civil{2001, time.September, 13}, civil{2001, time.September, 14},
			civil{2004, time.June, 11},                                   // funeral of President Reagan
			civil{2007, time.January, 2},                                 // mourning for President Ford
			civil{2012, time.October, 29}, civil{2012, time.October, 30}, // hurricane Sandy
			civil{2018, time.December, 5}, // mourning for President George H. W. Bush
			civil{2025, time.January, 9},  // mourning for President Carter
		),
	}
}

func newYorkHoliday(d day) bool {
	return d.is(time.January, 1) || d.is(time.January, 2) && d.week == time.Monday ||
		d.year >= 1998 && d.isNth(3, time.Monday, time.January) || // Martin Luther King
		d.year >= 1971 && d.isNth(3, time.Monday, time.February) || d.year < 1971 && d.isNearest(time.February, 22) || // Washington
		d.fromEaster() == -2 ||
		d.year >= 1971 && d.isLast(time.Monday, time.May, 31) || d.year < 1971 && d.isNearest(time.May, 30) || // Memorial Day
		d.year >= 2022 && d.isNearest(time.June, 19) || // Juneteenth
		d.isNearest(time.July, 4) ||
		d.isNth(1, time.Monday, time.September) || // Labor Day
		isElection(d) || isPaperWednesday(d) ||
		d.isNth(4, time.Thursday, time.November) || // Thanksgiving
		d.isNearest(time.December, 25)
}

// isElection reports whether d is the Tuesday of an election on which the exchange was closed: every November until 1968,
// then those of a president until 1980.
func isElection(d day) bool {
	return (d.year <= 1968 || d.year <= 1980 && d.year%4 == 0) &&
		d.month == time.November && d.week == time.Tuesday && d.dom >= 2 && d.dom <= 8
}

// isPaperWednesday reports whether d is one of the Wednesdays of 1968 on which the exchange worked off its paper.
func isPaperWednesday(d day) bool {
	return d.year == 1968 && d.week == time.Wednesday && (d.month > time.June || d.month == time.June && d.dom >= 12)
}
