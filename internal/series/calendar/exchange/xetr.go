package exchange

import "time"

// xetra is Deutsche Börse's electronic exchange in Frankfurt.
//
// Sources: the yearly trading calendars of Deutsche Börse (Xetra-Handelskalender). Since 2000 Ascension, Whit Monday,
// Corpus Christi and 3 October have been sessions (Handelsblatt, "Tag der Arbeit – ohne Arbeit an der Börse"), except
// 3 October 2000 (vwd and dpa, "Kein Börsenhandel am 3. Oktober"), Whit Monday 2007, 3 October from 2014 to 2021 and
// Whit Monday from 2015 to 2021. 31 October 2017 was a holiday in all of Germany.
func xetra() *Exchange {
	return &Exchange{
		mic: "XETR", title: "Xetra, Frankfurt",
		from: 2000, to: 2025,
		week:   monToFri,
		closed: xetraHoliday,
		unforeseen: closures(
			civil{2000, time.October, 3},
			civil{2007, time.May, 28}, // Whit Monday and Memorial Day in New York
			civil{2017, time.October, 31},
		),
	}
}

func xetraHoliday(d day) bool {
	e := d.fromEaster()
	return d.is(time.January, 1) || e == -2 || e == 1 || d.is(time.May, 1) ||
		e == 50 && d.year >= 2015 && d.year <= 2021 ||
		d.is(time.October, 3) && d.year >= 2014 && d.year <= 2021 ||
		d.month == time.December && (d.dom >= 24 && d.dom <= 26 || d.dom == 31)
}
