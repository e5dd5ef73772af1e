package serve

import (
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// maxDepth is how deep values may lie inside each other.
const maxDepth = 500

// pass is one reading of a text. Its methods go on behind what they have read, or report
// false; then the whole pass has ended.
type pass struct {
	text   []byte
	at     int
	values int // so far, as bodyCheck counts them
	depth  int
	names  [][]byte // of the fields so far, of each object around the place
	result huma.ValidateResult
}

// next is the byte at the place, or 0 at the end.
func (p *pass) next() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *pass) blanks() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// is passes over a byte.
func (p *pass) is(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

// word passes over true, false or null.
func (p *pass) word(w string) bool {
	if len(p.text)-p.at < len(w) || string(p.text[p.at:p.at+len(w)]) != w {
		return false
	}
	p.at += len(w)
	return true
}

// skip passes over a value of any form.
func (p *pass) skip() bool {
	switch p.next() {
	case '"':
		_, _, ok := p.quoted()
		return ok
	case '{':
		seen := p.distinct()
		return p.fields(func(name []byte) bool { return seen.add(name) && p.skip() }) && seen.end()
	case '[':
		return p.items(p.skip)
	case 't':
		return p.word("true")
	case 'f':
		return p.word("false")
	case 'n':
		return p.word("null")
	}
	_, _, ok := p.numeral()
	return ok
}

// fields passes over an object. It calls each with the name of each field, at the place of
// the field's value.
func (p *pass) fields(each func(name []byte) bool) bool {
	if p.depth++; p.depth > maxDepth || !p.is('{') {
		return false
	}
	p.blanks()
	for first := true; !p.is('}'); first = false {
		if !first {
			if !p.is(',') {
				return false
			}
			p.blanks()
		}
		name, escaped, ok := p.quoted()
		if !ok || escaped {
			return false
		}
		p.blanks()
		if !p.is(':') {
			return false
		}
		p.blanks()
		if !each(name) {
			return false
		}
		p.blanks()
	}
	p.depth--
	return true
}

// items passes over a list. It calls each at the place of each item.
func (p *pass) items(each func() bool) bool {
	if p.depth++; p.depth > maxDepth || !p.is('[') {
		return false
	}
	p.blanks()
	for first := true; !p.is(']'); first = false {
		if !first {
			if !p.is(',') {
				return false
			}
			p.blanks()
		}
		if !each() {
			return false
		}
		p.blanks()
	}
	p.depth--
	return true
}

// quoted passes over a string, and returns what stands between its quotes, which is UTF-8,
// and whether that has escapes.
func (p *pass) quoted() (inside []byte, escaped, ok bool) {
	if !p.is('"') {
		return nil, false, false
	}
	begin, wide := p.at, byte(0)
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			inside = p.text[begin:p.at]
			p.at++
			return inside, escaped, wide < utf8.RuneSelf || utf8.Valid(inside)
		case c == '\\':
			escaped = true
			if !p.escape() {
				return nil, false, false
			}
			continue
		case c < ' ':
			return nil, false, false
		}
		wide |= c
		p.at++
	}
	return nil, false, false
}

// escape passes over an escape in a string.
func (p *pass) escape() bool {
	p.at++
	switch p.next() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.at++
		return true
	case 'u':
		p.at++
		for range 4 {
			c := p.next() | 0x20
			if (c < '0' || c > '9' || p.next() < '0') && (c < 'a' || c > 'f') {
				return false
			}
			p.at++
		}
		return true
	}
	return false
}

// numeral passes over a number, and reports whether it has digits only.
func (p *pass) numeral() (digits []byte, plain, ok bool) {
	begin := p.at
	plain = !p.is('-')
	if !p.is('0') && !p.digits() {
		return nil, false, false
	}
	if p.is('.') {
		plain = false
		if !p.digits() {
			return nil, false, false
		}
	}
	if p.is('e') || p.is('E') {
		plain = false
		_ = p.is('+') || p.is('-')
		if !p.digits() {
			return nil, false, false
		}
	}
	return p.text[begin:p.at], plain, true
}

// digits passes over one digit and all that follow it.
func (p *pass) digits() bool {
	begin := p.at
	for c := p.next(); c >= '0' && c <= '9'; c = p.next() {
		p.at++
	}
	return p.at > begin
}
