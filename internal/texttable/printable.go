package texttable

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is a text in one line that cannot control a terminal, no matter who wrote it: each
// control character, and each character that turns the direction of what follows it, is a
// space.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if controls(r) {
			return ' '
		}
		return r
	}, text)
}

// PrintableLines is Printable for a text of several lines, in which line feeds and tabs stay.
func PrintableLines(text string) string {
	return strings.Map(func(r rune) rune {
		if controls(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, text)
}

// PrintableJSON is a JSON text in which every character that controls a terminal is escaped.
func PrintableJSON(text []byte) []byte {
	var out bytes.Buffer
	from := 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if controls(r) && r >= 0x7f { // the encoder escapes those below in strings; outside of them, a line feed is layout
			out.Write(text[from:at])
			fmt.Fprintf(&out, `\u%04x`, r)
			from = at + size
		}
		at += size
	}
	if from == 0 {
		return text
	}
	out.Write(text[from:])
	return out.Bytes()
}

// controls reports whether a character controls a terminal: those of ISO 6429, and the marks of Unicode that open, override
// and end a direction of writing.
func controls(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
