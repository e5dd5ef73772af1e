package exchange

import "time"

// newYork is the New York Stock Exchange.
//
// Sources: Rule 7.2 of the NYSE (a holiday on a Saturday is kept on Friday unless a month or a year ends then, so that
// New Year on a Saturday is not kept; one on a Sunday is kept on Monday), its yearly notices "Holidays & Trading
// Hours", and its list "NYSE Historical Closings" for the closures outside the rule. Checked against QuantLib 1.29.
func newYork() *Exchange {
	return &Exchange{
		mic: "XNYS", title: "New York Stock Exchange", zone: "America/New_York",
		hours: Hours{clock(9, 30), clock(16, 0)},
		from:  1981, to: 2025,
		week:   monToFri,
		closed: newYorkHoliday,
		unforeseen: closures(
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
		d.isNth(3, time.Monday, time.February) || // Washington
		d.fromEaster() == -2 ||
		d.isLast(time.Monday, time.May, 31) || // Memorial Day
		d.year >= 2022 && d.isNearest(time.June, 19) || // Juneteenth
		d.isNearest(time.July, 4) ||
		d.isNth(1, time.Monday, time.September) || // Labor Day
		d.isNth(4, time.Thursday, time.November) || // Thanksgiving
		d.isNearest(time.December, 25)
}
