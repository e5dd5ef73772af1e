package timetext

import (
	"bytes"
	"time"
)

// clock adds to a date the time of day at the beginning of a text, and the zone behind it.
func (p *Parser) clock(m Moment, b []byte) (Moment, bool) {
	micros, rest, ok := timeOfDay(b)
	if !ok {
		return Moment{}, false
	}
	m.Kind, m.N = Local, m.N*microsPerDay+micros
	if len(rest) == 0 {
		return m, true
	}
	if at := bytes.IndexByte(rest, '['); at >= 0 && rest[len(rest)-1] == ']' { // RFC 9557
		name := rest[at+1 : len(rest)-1]
		if rest = bytes.TrimRight(rest[:at], " "); len(rest) == 0 {
			return p.in(m, name)
		}
		if m, ok = p.in(m, rest); ok && p.find(name) {
			m.Zone, m.Named = p.zone, true
		}
		return m, ok && m.Named
	}
	return p.in(m, bytes.TrimLeft(rest, " "))
}

// in makes an instant of a local time in the zone of the text.
func (p *Parser) in(m Moment, zone []byte) (Moment, bool) {
	if !p.find(zone) {
		return Moment{}, false
	}
	m.Kind, m.Zone, m.Named = Instant, p.zone, bytes.IndexByte(zone, '/') >= 0
	if !m.Named { // its offset is constant
		m.N -= p.offset
		return m, true
	}
	local := time.UnixMicro(m.N).UTC()
	at := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), p.zone)
	m.N = at.UnixMicro()
	return m, true
}

// find finds a zone: an offset, UTC, GMT or Z, or a name such as Europe/Berlin.
func (p *Parser) find(text []byte) bool {
	if p.zone != nil && string(text) == p.zoneText {
		return true
	}
	zone := zoneOf(text)
	if zone == nil {
		return false
	}
	_, seconds := time.Unix(0, 0).In(zone).Zone()
	p.zoneText, p.zone, p.offset = string(text), zone, int64(seconds)*microsPerSecond
	return true
}

func zoneOf(text []byte) *time.Location {
	for _, name := range []string{"Z", "UTC", "GMT"} {
		if bytes.EqualFold(text, []byte(name)) {
			return time.UTC
		}
	}
	text = bytes.TrimPrefix(bytes.TrimPrefix(text, []byte("UTC")), []byte("GMT"))
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		return offset(text)
	}
	if bytes.IndexByte(text, '/') <= 0 {
		return nil // CET or EST are of several places, some of which change their clocks
	}
	zone, err := time.LoadLocation(string(text))
	if err != nil {
		return nil
	}
	return zone
}

// offset reads +01, +0100 or +01:00.
func offset(b []byte) *time.Location {
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if len(layout) != len(b) {
			continue
		}
		if t, err := time.Parse(layout, string(b)); err == nil {
			_, seconds := t.Zone()
			if seconds == 0 {
				return time.UTC
			}
			return time.FixedZone("", seconds)
		}
	}
	return nil
}

// timeOfDay reads 15:04, 15:04:05, 15:04:05.999, 1504, 150405 or 3:04 PM, and returns the text behind it. 24:00 is the end of
// the day.
func timeOfDay(b []byte) (micros int64, rest []byte, ok bool) {
	n := 0
	for n < len(b) && (b[n] >= '0' && b[n] <= '9' || b[n] == ':') {
		n++
	}
	hour, minute, second, ok := clockNumbers(b[:n])
	if !ok {
		return 0, nil, false
	}
	rest = b[n:]
	var fraction int64
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && isDigits(rest[1:2]) {
		fraction, rest = fractionOf(rest[1:])
	}
	if half := halfOfDay(rest); half != 0 {
		if hour < 1 || hour > 12 {
			return 0, nil, false
		}
		hour %= 12
		if half == 'P' {
			hour += 12
		}
		rest = afterHalf(rest)
	}
	whole := int64(hour)*microsPerHour + int64(minute)*microsPerMinute + int64(second)*microsPerSecond + fraction
	return whole, rest, minute < 60 && second < 60 && whole <= microsPerDay
}

// clockNumbers reads 15:04, 15:04:05, 1504 or 150405.
func clockNumbers(b []byte) (hour, minute, second int, ok bool) {
	if bytes.IndexByte(b, ':') < 0 {
		if len(b) != 4 && len(b) != 6 {
			return 0, 0, 0, false
		}
		hour, _ = digits(b[:2])
		minute, _ = digits(b[2:4])
		if len(b) == 6 {
			second, _ = digits(b[4:])
		}
		return hour, minute, second, true
	}
	parts := bytes.Split(b, []byte(":"))
	if len(parts) > 3 || len(parts[0]) > 2 {
		return 0, 0, 0, false
	}
	numbers := [3]int{}
	for i, part := range parts {
		if numbers[i], ok = digits(part); !ok || i > 0 && len(part) != 2 {
			return 0, 0, 0, false
		}
	}
	return numbers[0], numbers[1], numbers[2], true
}

// fractionOf reads the decimals of a second as microseconds, rounded down, and returns the text behind them.
func fractionOf(b []byte) (micros int64, rest []byte) {
	n, unit := 0, int64(microsPerSecond)
	for ; n < len(b) && b[n] >= '0' && b[n] <= '9'; n++ {
		unit /= 10
		micros += int64(b[n]-'0') * unit
	}
	return micros, b[n:]
}

// halfOfDay is A or P if the text begins with AM, PM, a.m. or p.m., and 0 otherwise.
func halfOfDay(b []byte) byte {
	b = bytes.TrimLeft(b, " ")
	for _, half := range []string{"AM", "PM", "A.M.", "P.M."} {
		if len(b) >= len(half) && bytes.EqualFold(b[:len(half)], []byte(half)) && (len(b) == len(half) || b[len(half)]|0x20 < 'a' || b[len(half)]|0x20 > 'z') {
			return half[0]
		}
	}
	return 0
}

// afterHalf is the text behind that of [halfOfDay].
func afterHalf(b []byte) []byte {
	b = bytes.TrimLeft(b, " ")
	if b[1] == '.' {
		return b[len("A.M."):]
	}
	return b[len("AM"):]
}
