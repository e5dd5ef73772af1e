package calendar

import (
	"fmt"
	"strconv"
	"strings"
)

var monthNames = [12]string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}

// monthWords are the names for a person.
var monthWords = [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// monthNamed is the month that three letters name, from 0, or -1.
func monthNamed(text string) int {
	for i, name := range monthNames {
		if name == text {
			return i
		}
	}
	return -1
}

// unit is the largest of the year, the quarter and the month that the rule's period is counted in. Quarters count only
// one by one: half-years are six months.
func (r months) unit() (n int64, letter string) {
	switch {
	case r.every%12 == 0:
		return r.every / 12, "Y"
	case r.every == 3:
		return 1, "Q"
	}
	return r.every, "M"
}

// name is MS, ME, BMS, BME, QS-JAN, QE-DEC, YS-JAN and so on, SMS and SME, WOM-3FRI and LWOM-FRI as in pandas; M-15 and
// Q-FEB-15 for a day of the month, M-1,11,21 for several, with -P and -F when weekends move it; M, Q, Y for any day.
func (r months) name() string {
	n, letter := r.unit()
	if r.loose {
		return counted(n, letter)
	}
	switch {
	case r.on.nth > 0:
		return counted(r.every, fmt.Sprintf("WOM-%d%s", r.on.nth, weekdayNames[r.on.weekday]))
	case r.on.nth < 0:
		return counted(r.every, "LWOM-"+weekdayNames[r.on.weekday])
	case r.every == 1 && r.roll == unrolled && r.on == onDay(1, 15):
		return "SMS"
	case r.every == 1 && r.roll == unrolled && r.on == onDay(15, 31):
		return "SME"
	case r.on == firstDay && r.roll != preceding:
		return counted(n, r.business()+letter+"S"+r.month())
	case r.on == lastDay && r.roll != following:
		return counted(n, r.business()+letter+"E"+r.month())
	}
	var days []string
	for j := range r.on.perMonth() {
		days = append(days, strconv.Itoa(r.on.dom(j)))
	}
	return counted(n, letter+r.month()+"-"+strings.Join(days, ",")+[...]string{"", "-P", "-F"}[r.roll])
}

// business is the letter of names whose first or last day is a business day.
func (r months) business() string {
	if r.roll == unrolled {
		return ""
	}
	return "B"
}

// month is the part of the name that says the month of the year, for quarters and single years.
func (r months) month() string {
	switch {
	case r.every == 3 && r.on == lastDay:
		return "-" + monthNames[9+r.phase]
	case r.every == 3:
		return "-" + monthNames[r.phase]
	case r.every == 12:
		return "-" + monthNames[r.phase]
	}
	return ""
}

func (r months) describe() string {
	n, letter := r.unit()
	text := map[string]string{"Y": "years", "Q": "quarters", "M": "months"}[letter]
	switch {
	case r.every == 6:
		text = "half-years"
	case n > 1:
		text = "every " + strconv.FormatInt(n, 10) + " " + text
	}
	switch {
	case r.loose:
		return text + ", on no fixed day"
	case r.on.nth != 0:
		text += ", on the " + [...]string{"last", "", "first", "second", "third", "fourth", "fifth"}[r.on.nth+1] + " " + weekdayWords[r.on.weekday]
	case r.on == firstDay && r.roll == following:
		text += ", on the first business day"
	case r.on == lastDay && r.roll == preceding:
		text += ", on the last business day"
	default:
		text += ", on the " + r.dayWords() + [...]string{"", " or the business day before", " or the business day after"}[r.roll]
	}
	return text + r.monthWords()
}

// monthWords says the months of the year: " of June and December".
func (r months) monthWords() string {
	switch {
	case r.every == 1:
		return ""
	case r.every > 12 || 12%r.every != 0:
		return ", counted from " + monthWords[floorMod(r.phase, 12)]
	}
	var words []string
	for m := floorMod(r.phase, r.every); m < 12; m += r.every {
		words = append(words, monthWords[m])
	}
	return " of " + listed(words)
}

// listed joins words: "June and December".
func listed(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return words[0]
}

// dayWords says the days of the month: "first and 15th day".
func (r months) dayWords() string {
	var words []string
	for j := range r.on.perMonth() {
		switch d := r.on.dom(j); {
		case d == 1:
			words = append(words, "first")
		case d == 31:
			words = append(words, "last")
		case d%10 == 1 && d != 11:
			words = append(words, strconv.Itoa(d)+"st")
		case d%10 == 2 && d != 12:
			words = append(words, strconv.Itoa(d)+"nd")
		case d%10 == 3 && d != 13:
			words = append(words, strconv.Itoa(d)+"rd")
		default:
			words = append(words, strconv.Itoa(d)+"th")
		}
	}
	return listed(words) + " day"
}
