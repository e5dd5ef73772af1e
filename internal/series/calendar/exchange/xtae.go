package exchange

import "time"

// telAviv is the Tel Aviv Stock Exchange.
//
// Sources: the exchange's yearly "Vacation Schedule" (2018 at info.tase.co.il, 2015 and 2019 as reprinted), its notice of
// December 2025 on the trading week, and Globes' daily reports for what was decided later: closed on 27 February 2024
// for the municipal elections, open on the day after Purim in 2024, and 28 December 2025 "the final-ever day of Sunday
// trading". Where they differ, the exchange and Globes were believed: exchange_calendars has a session on Sunday
// 4 January 2026 and on 27 February 2024, pandas_market_calendars has none on 8 March 2023, 31 October 2023 (elections
// that were put off) and 25 March 2024. The elections of 2026 are not here: their day was open when this was written.
func telAviv() *Exchange {
	return &Exchange{
		mic: "XTAE", title: "Tel Aviv Stock Exchange",
		from: 2013, to: 2025,
		week:   telAvivWeek,
		closed: telAvivHoliday,
		unforeseen: closures( // elections, to parliament where nothing else is said
			civil{2001, time.February, 6}, // of the prime minister
			civil{2003, time.January, 28},
			civil{2006, time.March, 28},
			civil{2009, time.February, 10},
			civil{2013, time.January, 22},
			civil{2015, time.March, 17},
			civil{2018, time.October, 30}, // municipal
			civil{2019, time.April, 9},
			civil{2019, time.September, 17},
			civil{2020, time.March, 2},
			civil{2021, time.March, 23},
			civil{2022, time.November, 1},
			civil{2024, time.February, 27}, // municipal
		),
	}
}

// mondayWeeks is Sunday 2026-01-04, when the first week with trading from Monday to Friday begins.
const mondayWeeks = 20457

// telAvivWeek returns Sunday to Thursday before 2026, Monday to Friday since.
func telAvivWeek(d day) [7]bool {
	if d.number < mondayWeeks {
		return [7]bool{true, true, true, true, true, false, false}
	}
	return monToFri(d)
}

// telAvivHoliday reports whether the exchange is closed on d. Friday's trades are cleared on Sunday, so that a Friday
// before a holiday on Sunday is closed, too.
func telAvivHoliday(d day) bool {
	return isJewishHoliday(d) || d.week == time.Friday && d.number >= mondayWeeks && isJewishHoliday(d.plus(2))
}

// isJewishHoliday reports whether d is a holiday, or an eve, that the exchange keeps. The days between the first and
// the last of Passover and of Sukkot are sessions.
func isJewishHoliday(d day) bool {
	switch d.fromNewYear() {
	case -1, 0, 1, // New Year, two days and the eve
		8, 9, // Yom Kippur
		13, 14, // Sukkot
		20, 21, // Simchat Torah
		-193,       // Purim, 14 Adar
		-164, -163, // Passover
		-158, -157, // its last day
		-114, -113, // Shavuot
		-51: // 9 Av, a fast
		return true
	case -50: // put off from a Sabbath
		return d.week == time.Sunday
	}
	return isIndependence(d) || isIndependence(d.plus(1)) // Memorial Day comes before
}

// isIndependence reports whether Independence Day is kept on d: 5 Iyar, moved so that neither it nor Memorial Day
// touches a Sabbath. Since 2004 Memorial Day is not on a Sunday either.
func isIndependence(d day) bool {
	const fifthOfIyar = -143
	late := d.fromNewYear() - fifthOfIyar
	switch d.week {
	case time.Thursday: // 5 Iyar is the Friday or the Saturday after
		return late == -1 || late == -2
	case time.Tuesday: // 5 Iyar is Monday
		return late == 1 && d.year >= 2004
	case time.Monday:
		return late == 0 && d.year < 2004
	case time.Wednesday:
		return late == 0
	}
	return false
}
