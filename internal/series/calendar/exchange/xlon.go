package exchange

import "time"

// london is the London Stock Exchange, which closes on the bank holidays of England and Wales.
//
// Sources: the Banking and Financial Dealings Act 1971 with the royal proclamations under it, the government's list at
// gov.uk/bank-holidays, and the exchange's yearly list of business days. Checked against QuantLib 1.29.
func london() *Exchange {
	return &Exchange{
		mic: "XLON", title: "London Stock Exchange",
		from: 1978, to: 2025,
		week:   monToFri,
		closed: londonHoliday,
		unforeseen: closures(
			civil{1981, time.July, 29},                           // a royal wedding
			civil{1995, time.May, 8},                             // 50 years of VE Day, instead of 1 May
			civil{1999, time.December, 31},                       // the millennium
			civil{2002, time.June, 3}, civil{2002, time.June, 4}, // Golden Jubilee, and the spring holiday
			civil{2011, time.April, 29},                          // a royal wedding
			civil{2012, time.June, 4}, civil{2012, time.June, 5}, // the spring holiday, and the Diamond Jubilee
			civil{2020, time.May, 8},                             // 75 years of VE Day, instead of 4 May
			civil{2022, time.June, 2}, civil{2022, time.June, 3}, // the spring holiday, and the Platinum Jubilee
			civil{2022, time.September, 19}, // funeral of Queen Elizabeth II
			civil{2023, time.May, 8},        // coronation of King Charles III
		),
	}
}

func londonHoliday(d day) bool {
	e := d.fromEaster()
	return e == -2 || e == 1 ||
		d.is(time.January, 1) || (d.is(time.January, 2) || d.is(time.January, 3)) && d.week == time.Monday ||
		d.isNth(1, time.Monday, time.May) && d.year != 1995 && d.year != 2020 ||
		d.isLast(time.Monday, time.May, 31) && d.year != 2002 && d.year != 2012 && d.year != 2022 ||
		d.isLast(time.Monday, time.August, 31) ||
		londonChristmas(d)
}

// londonChristmas reports whether d is one of the two days at Christmas. Those on a weekend are kept on the next
// weekdays.
func londonChristmas(d day) bool {
	if d.month != time.December {
		return false
	}
	switch d.dom {
	case 25, 26:
		return true
	case 27, 28:
		return d.week == time.Monday || d.week == time.Tuesday
	}
	return false
}
