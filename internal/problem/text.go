package problem

import (
	"strings"
	"unicode/utf8"
)

// Storable reports whether text can be kept: it is UTF-8 without the character
// NUL, which PostgreSQL does not take.
func Storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
