package exchange

// fromNewYear returns the days from the Jewish New Year (1 Tishrei) in the Gregorian year of d: 0 is the New Year, 9 is
// Yom Kippur. The months from Nisan to the New Year always have the same lengths, 177 days together, so that spring's
// holidays have a distance of their own: -163 is the first day of Passover, 15 Nisan.
func (d day) fromNewYear() int { return int(d.number - newYear(int64(d.year)+3761)) }

// The Hebrew calendar is arithmetic: mean lunar months from the new moon of creation, and four reasons to postpone a
// new year (Reingold and Dershowitz, Calendrical Calculations, chapter 8). A day has 25,920 parts.
const (
	hebrewEpoch = -2092590 // 1 Tishrei 1 in days since 1970-01-01
	partsPerDay = 25920
)

// newYear returns the day of 1 Tishrei of a Hebrew year, in days since 1970-01-01.
func newYear(year int64) int64 {
	d := newMoon(year)
	switch {
	case newMoon(year+1)-d == 356: // the year would be too long
		d += 2
	case d-newMoon(year-1) == 382: // the year before would be too short
		d++
	}
	return hebrewEpoch + d
}

// newMoon returns the days from the epoch to the new moon of Tishrei, or to the day after it where that is a Sunday,
// Wednesday or Friday.
func newMoon(year int64) int64 {
	months := (235*year - 234) / 19
	d := 29*months + (12084+13753*months)/partsPerDay
	if 3*(d+1)%7 < 3 {
		d++
	}
	return d
}
