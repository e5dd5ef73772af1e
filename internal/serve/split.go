package serve

import (
	"bytes"
	"iter"
)

// itemsOf splits a list, which must be valid JSON, into the texts of its items, without
// copying them.
func itemsOf(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		rest := blanks(text[1:])
		for rest[0] != ']' {
			end := valueEnd(rest)
			if !yield(rest[:end]) {
				return
			}
			if rest = blanks(rest[end:]); rest[0] == ',' {
				rest = blanks(rest[1:])
			}
		}
	}
}

// fieldsOf splits an object, which must be valid JSON, into the names and the texts of its
// fields.
func fieldsOf(text []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		rest := blanks(text[1:])
		for rest[0] != '}' {
			end := stringEnd(rest, 0)
			name := keyText(rest[:end])
			rest = blanks(blanks(rest[end:])[1:]) // behind the colon
			end = valueEnd(rest)
			if !yield(name, rest[:end]) {
				return
			}
			if rest = blanks(rest[end:]); rest[0] == ',' {
				rest = blanks(rest[1:])
			}
		}
	}
}

// blanks cuts off white space.
func blanks(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n") }

// valueEnd is the length of the value at the beginning of a text.
func valueEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = stringEnd(text, i) - 1
		case '[', '{':
			depth++
			continue
		case ']', '}':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}
