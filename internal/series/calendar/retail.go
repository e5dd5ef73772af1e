package calendar

import (
	"fmt"
	"strings"
)

// retail is the periods of fiscal years of 52 or 53 weeks, as retailers have them: months of four and five weeks, quarters
// of 13 weeks, periods of four weeks, or the years. The 53rd week belongs to the last period of its year.
type retail struct {
	pattern retailPattern
	month   int8 // the month, from January = 0, at whose end the year ends
	weekday int8 // the last day of every period
	nearest bool // the year ends on the weekday nearest to the month's last day; otherwise on the month's last such weekday
	starts  bool // times are the first days of the periods, not the last
	extra   int8 // the quarter with the 53rd week, from 1; 0 is the last
}

// retailPattern is how a year is divided.
type retailPattern uint8

const (
	weeks445 retailPattern = iota
	weeks454
	weeks544
	weeks4 // 13 periods of four weeks
	quarters13
	years52
)

// per is the number of periods in a year.
func (p retailPattern) per() int64 { return [...]int64{12, 12, 12, 13, 4, 1}[p] }

// weeks is the number of weeks from the beginning of the year to the end of period j, without a 53rd week.
func (p retailPattern) weeks(j int64) int64 {
	switch p {
	case weeks445, weeks454, weeks544:
		inQuarter := [...][3]int64{{4, 8, 13}, {4, 9, 13}, {5, 9, 13}}[p]
		return 13*(j/3) + inQuarter[j%3]
	case weeks4:
		return 4 * (j + 1)
	case quarters13:
		return 13 * (j + 1)
	}
	return 52
}

// yearEnd is the last day of a fiscal year, counted by the calendar year of its last month from 1970.
func (r retail) yearEnd(year int64) int64 {
	last := firstOf(12*year+int64(r.month)+1) - 1
	back := floorMod(int64(weekdayOf(last))-int64(r.weekday), 7)
	if r.nearest && back > 3 {
		back -= 7
	}
	return last - back
}

// end is the last day of a period.
func (r retail) end(slot int64) int64 {
	per := r.pattern.per()
	year := floorDiv(slot, per)
	return r.endIn(r.yearEnd(year-1), r.yearEnd(year), slot-year*per)
}

// endIn is the last day of period j of a year that goes from the day after begin to end.
func (r retail) endIn(begin, end, j int64) int64 {
	if j == r.pattern.per()-1 {
		return end
	}
	d := begin + 7*r.pattern.weeks(j)
	if r.extra > 0 && j >= int64(r.extra)-1 && end-begin > 7*52 {
		d += 7
	}
	return d
}

func (r retail) day(slot int64) int64 {
	if r.starts {
		return r.end(slot-1) + 1
	}
	return r.end(slot)
}

func (r retail) slot(d int64) int64 {
	month, _ := dateOf(d)
	year := floorDiv(month, 12)
	for d > r.yearEnd(year) {
		year++
	}
	begin := r.yearEnd(year - 1)
	for d <= begin {
		year--
		begin = r.yearEnd(year - 1)
	}
	per, end := r.pattern.per(), r.yearEnd(year)
	j := int64(0)
	for j < per-1 && d > r.endIn(begin, end, j) {
		j++
	}
	return year*per + j
}

func (r retail) obeys(d int64) bool       { return r.day(r.slot(d)) == d }
func (r retail) at(int64) dayRule         { return r }
func (r retail) anchor() int64            { return r.day(0) }
func (r retail) equal(other dayRule) bool { return other == dayRule(r) }
func (r retail) days() float64            { return 365.2425 / float64(r.pattern.per()) }

// name is 445-N-JAN-SAT for months of four, four and five weeks in years that end on the Saturday nearest to the end of
// January, REQ-L-DEC-SUN-4 for quarters in years that end on the last Sunday of December, and RE-... for years, the latter
// two as in pandas. With an S, as in 445S, the times are the first days of the periods.
func (r retail) name() string {
	name := [...]string{"445", "454", "544", "444", "REQ", "RE"}[r.pattern]
	if r.starts {
		name += "S"
	}
	name += map[bool]string{true: "-N-", false: "-L-"}[r.nearest] + monthNames[r.month] + "-" + weekdayNames[r.weekday]
	if r.pattern == quarters13 {
		name += "-" + [...]string{"4", "1", "2", "3"}[r.extra]
	}
	return name
}

func (r retail) describe() string {
	text := [...]string{
		"months of 4, 4 and 5 weeks", "months of 4, 5 and 4 weeks", "months of 5, 4 and 4 weeks", "periods of 4 weeks", "quarters of 13 weeks", "years of 52 or 53 weeks",
	}[r.pattern]
	if r.starts {
		text += " by their first days"
	}
	if r.extra > 0 {
		text += fmt.Sprintf(" (a 53rd week is in quarter %d)", r.extra)
	}
	if r.nearest {
		return fmt.Sprintf("%s, in years that end on the %s nearest to the end of %s", text, weekdayWords[r.weekday], monthWords[r.month])
	}
	return fmt.Sprintf("%s, in years that end on the last %s of %s", text, weekdayWords[r.weekday], monthWords[r.month])
}

// seasons is the year.
func (r retail) seasons() []int {
	if per := r.pattern.per(); per > 1 {
		return []int{int(per)}
	}
	return nil
}

// parseRetail reads what name writes. It returns false for other names.
func parseRetail(text string) (retail, bool) {
	parts := strings.Split(text, "-")
	extra := int8(0)
	if len(parts) == 5 && strings.HasPrefix(parts[0], "REQ") && len(parts[4]) == 1 && parts[4][0] >= '1' && parts[4][0] <= '4' {
		extra = int8(parts[4][0]-'0') % 4
		parts = parts[:4]
	}
	if len(parts) != 4 || parts[1] != "N" && parts[1] != "L" {
		return retail{}, false
	}
	pattern, starts := strings.CutSuffix(parts[0], "S")
	for i, name := range [...]string{"445", "454", "544", "444", "REQ", "RE"} {
		if name == pattern {
			month, weekday := monthNamed(parts[2]), weekdayNamed(parts[3])
			return retail{retailPattern(i), int8(month), int8(weekday), parts[1] == "N", starts, extra}, month >= 0 && weekday >= 0
		}
	}
	return retail{}, false
}
