package timetext

import (
	"bytes"
	"fmt"
	"strings"
)

// Pattern reads texts that are written by a pattern of strftime.
type Pattern struct {
	parser Parser
	items  []byte // a directive, or 0 before a literal byte
}

// directives are the directives that a pattern may have.
const directives = "YymdeHIMSfpbBhaAjzZGVus%"

// Compile reads a pattern: %Y %m %d %H %M %S as in strftime of Python and POSIX, with %y (69 to 99 are 1969 to 1999), %b and
// %B (English names), %e, %j (the day of the year), %I and %p, %f (decimals of a second), %z and %Z, %a and %A, %F, %T, %R, %D,
// %G, %V and %u (weeks of ISO 8601), %s (seconds since 1970) and %%. A date must be complete; without a day or a month it is
// the first.
func Compile(pattern string) (*Pattern, error) {
	long := strings.NewReplacer("%F", "%Y-%m-%d", "%T", "%H:%M:%S", "%R", "%H:%M", "%D", "%m/%d/%y").Replace(pattern)
	p := &Pattern{}
	for i := 0; i < len(long); i++ {
		if long[i] != '%' {
			p.items = append(p.items, 0, long[i])
			continue
		}
		i++
		if i == len(long) || strings.IndexByte(directives, long[i]) < 0 {
			return nil, fmt.Errorf("the pattern %q has %%%s, which is not one of %%%s", pattern, long[i:min(i+1, len(long))], strings.Join(strings.Split(directives, ""), " %"))
		}
		p.items = append(p.items, long[i])
	}
	has := func(any string) bool {
		for i := 0; i < len(p.items); i++ {
			if p.items[i] == 0 {
				i++
			} else if strings.IndexByte(any, p.items[i]) >= 0 {
				return true
			}
		}
		return false
	}
	if !has("s") && !has("Yy") && !(has("G") && has("V")) {
		return nil, fmt.Errorf("the pattern %q has no year: it needs %%Y, or %%G and %%V", pattern)
	}
	return p, nil
}

// parts are the numbers of a text, as far as it has them; -1 where not.
type parts struct {
	year, month, day, yearDay  int
	isoYear, week, weekday     int
	hour, minute, second       int
	timed, afternoon, forenoon bool
	micros, epoch              int64
	hasEpoch                   bool
	zone                       []byte
}

// Parse reads a text, or returns false if it is not written by the pattern.
func (p *Pattern) Parse(b []byte) (Moment, bool) {
	f := parts{year: -1, month: 1, day: 1, yearDay: -1, isoYear: -1, week: -1, weekday: 1}
	for i := 0; i < len(p.items); i++ {
		var ok bool
		if p.items[i] == 0 {
			i++
			if p.items[i] == ' ' { // any number of blanks
				b = bytes.TrimLeft(b, " ")
				continue
			}
			b, ok = bytes.CutPrefix(b, p.items[i:i+1])
		} else {
			b, ok = f.read(p.items[i], b)
		}
		if !ok {
			return Moment{}, false
		}
	}
	if len(b) > 0 {
		return Moment{}, false
	}
	return p.moment(&f)
}

// read reads the part of a directive from the beginning of a text, and returns the rest.
func (f *parts) read(directive byte, b []byte) ([]byte, bool) {
	number := func(into *int, size, low, high int) ([]byte, bool) {
		n := 0
		for n < len(b) && n < size && b[n] >= '0' && b[n] <= '9' {
			n++
		}
		v, ok := digits(b[:n])
		*into = v
		return b[n:], ok && v >= low && v <= high
	}
	switch directive {
	case 'Y':
		return number(&f.year, 4, 1, 9999)
	case 'G':
		return number(&f.isoYear, 4, 1, 9999)
	case 'y':
		rest, ok := number(&f.year, 2, 0, 99)
		if f.year += 1900; f.year < 1969 {
			f.year += 100
		}
		return rest, ok
	case 'm':
		return number(&f.month, 2, 1, 12)
	case 'd':
		return number(&f.day, 2, 1, 31)
	case 'e':
		b = bytes.TrimLeft(b, " ")
		return number(&f.day, 2, 1, 31)
	case 'j':
		return number(&f.yearDay, 3, 1, 366)
	case 'V':
		return number(&f.week, 2, 1, 53)
	case 'u':
		return number(&f.weekday, 1, 1, 7)
	case 'H', 'I':
		f.timed = true
		return number(&f.hour, 2, 0, 24)
	case 'M':
		return number(&f.minute, 2, 0, 59)
	case 'S':
		return number(&f.second, 2, 0, 59)
	}
	return f.readText(directive, b)
}

// readText reads the part of a directive that is not a small number.
func (f *parts) readText(directive byte, b []byte) ([]byte, bool) {
	switch directive {
	case 'f':
		if !isDigits(b[:min(1, len(b))]) {
			return b, false
		}
		f.micros, b = fractionOf(b)
		return b, true
	case 'p':
		half := halfOfDay(b)
		f.forenoon, f.afternoon = half == 'A', half == 'P'
		if half == 0 {
			return b, false
		}
		return afterHalf(b), true
	case 'b', 'B', 'h', 'a', 'A':
		n := 0
		for n < len(b) && (b[n]|0x20 >= 'a' && b[n]|0x20 <= 'z') {
			n++
		}
		if directive == 'a' || directive == 'A' {
			return b[n:], n >= 3 && len(withoutWeekday(append(bytes.Clone(b[:n]), ' '))) == 0
		}
		f.month = monthNumber(b[:n])
		return b[n:], f.month > 0
	case 'z', 'Z':
		n := bytes.IndexByte(b, ' ')
		if n < 0 {
			n = len(b)
		}
		f.zone = b[:n]
		return b[n:], n > 0
	case 's':
		n := 0
		for n < len(b) && (b[n] >= '0' && b[n] <= '9' || n == 0 && b[n] == '-') {
			n++
		}
		var ok bool
		f.epoch, ok = integer(b[:n])
		f.hasEpoch = true
		return b[n:], ok && f.epoch > -1e11 && f.epoch < 1e12
	}
	return bytes.CutPrefix(b, []byte("%"))
}

// moment puts the parts together.
func (p *Pattern) moment(f *parts) (Moment, bool) {
	if f.hasEpoch {
		return Moment{Kind: Instant, N: f.epoch * microsPerSecond}, true
	}
	days, ok := Days(f.year, f.month, f.day)
	switch {
	case f.isoYear >= 0 && f.week >= 0:
		days, ok = WeekDays(f.isoYear, f.week)
		days += int64(f.weekday - 1)
	case f.yearDay >= 0:
		days, ok = Days(f.year, 1, 1)
		days += int64(f.yearDay - 1)
		last, _ := Days(f.year, 12, 31)
		ok = ok && days <= last
	}
	m := Moment{Kind: Date, N: days}
	if !ok || !f.timed {
		return m, ok && f.zone == nil
	}
	if f.forenoon || f.afternoon {
		if f.hour < 1 || f.hour > 12 {
			return m, false
		}
		f.hour %= 12
		if f.afternoon {
			f.hour += 12
		}
	}
	micros := int64(f.hour)*microsPerHour + int64(f.minute)*microsPerMinute + int64(f.second)*microsPerSecond + f.micros
	if micros > microsPerDay {
		return m, false
	}
	m.Kind, m.N = Local, m.N*microsPerDay+micros
	if f.zone == nil {
		return m, true
	}
	return p.parser.in(m, f.zone)
}
