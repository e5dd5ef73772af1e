package serve

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// accepts reports whether a body is plainly what its operation takes: strict JSON of the
// shape. It reads the body once and makes nothing. What it accepts, [bodyCheck] finds no
// fault in. A body that it does not accept may still be right: it gives up where it would have
// to do more, such as at escapes in a name.
func accepts(s *shape, body []byte) bool {
	p := pass{text: body}
	p.blanks()
	if !p.value(s) {
		return false
	}
	p.blanks()
	return p.at == len(body)
}

// value passes over a value of a shape.
func (p *pass) value(s *shape) bool {
	if p.values++; p.values > maxValues {
		return false
	}
	if s.kind == choiceKind {
		if p.next() == '"' {
			s = s.text
		} else {
			s = s.list
		}
	}
	if s.kind == anythingKind {
		return p.skip()
	}
	if p.next() == 'n' {
		return s.nullable && p.word("null")
	}
	switch s.kind {
	case booleanKind:
		return p.word("true") || p.word("false")
	case numberKind, integerKind:
		return p.numberOf(s)
	case textKind:
		_, ok := p.textOf(s)
		return ok
	case listKind:
		return p.listOf(s)
	case objectKind:
		return p.objectOf(s)
	}
	return p.mappingOf(s)
}

func (p *pass) objectOf(s *shape) bool {
	var seen uint64
	return p.fields(func(name []byte) bool {
		f, known := s.fields[string(name)]
		if !known || seen&f.bit != 0 {
			return false
		}
		seen |= f.bit
		if p.next() == 'n' && s.required&f.bit == 0 { // as if it were absent
			p.values++
			return p.word("null")
		}
		return p.value(f.shape)
	}) && seen&s.required == s.required
}

func (p *pass) mappingOf(s *shape) bool {
	seen := p.distinct()
	return p.fields(func(name []byte) bool {
		return seen.add(name) && p.value(s.others)
	}) && seen.end()
}

func (p *pass) listOf(s *shape) bool {
	n := 0
	seen := p.distinct()
	return p.items(func() bool {
		n++
		if !s.unique {
			return n <= s.maxItems && p.value(s.items)
		}
		if p.values++; p.values > maxValues {
			return false
		}
		item, ok := p.textOf(s.items)
		return ok && n <= s.maxItems && seen.add(item)
	}) && n >= s.minItems && seen.end()
}

// textOf passes over a string of a shape, and returns its text.
func (p *pass) textOf(s *shape) ([]byte, bool) {
	begin := p.at
	inside, escaped, ok := p.quoted()
	if !ok {
		return nil, false
	}
	if escaped {
		var decoded string
		if json.Unmarshal(p.text[begin:p.at], &decoded) != nil {
			return nil, false
		}
		inside = []byte(decoded)
	}
	n := len(inside)
	if s.minLength > 0 || n > s.maxLength {
		n = utf8.RuneCount(inside)
	}
	if n < s.minLength || n > s.maxLength || s.pattern != nil && !s.pattern.Match(inside) {
		return nil, false
	}
	return inside, !s.formatted || p.checked(s, string(inside))
}

// checked reports whether the router finds no fault in a value.
func (p *pass) checked(s *shape, value any) bool {
	p.result.Reset()
	huma.Validate(nil, s.schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, value, &p.result)
	return len(p.result.Errors) == 0
}

// numberOf passes over a number of a shape.
func (p *pass) numberOf(s *shape) bool {
	digits, plain, ok := p.numeral()
	if !ok {
		return false
	}
	v, ok := valueOf(digits, plain)
	b := s.schema
	return ok && (s.kind == numberKind || v == math.Trunc(v)) &&
		(b.Minimum == nil || v >= *b.Minimum) && (b.Maximum == nil || v <= *b.Maximum) &&
		(b.ExclusiveMinimum == nil || v > *b.ExclusiveMinimum) && (b.ExclusiveMaximum == nil || v < *b.ExclusiveMaximum)
}

// valueOf is the value of a number. A plain one has digits only.
func valueOf(digits []byte, plain bool) (float64, bool) {
	if plain && len(digits) <= 15 {
		n := 0
		for _, c := range digits {
			n = 10*n + int(c-'0')
		}
		return float64(n), true
	}
	v, err := strconv.ParseFloat(string(digits), 64)
	return v, err == nil
}
