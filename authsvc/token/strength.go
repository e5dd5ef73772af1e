package token

import (
	"strings"

	"github.com/trustelem/zxcvbn"
)

const (
	// minGuesses is how many guesses a password must be worth: what zxcvbn calls safe
	// from guesses over a network that are not limited (Wheeler, USENIX Security 2016).
	minGuesses = 1e6
	// estimated is how many bytes of a password are looked at: the time for it grows
	// faster than the square of the length.
	estimated = 72
)

// Guessable says why nobody should have the password, as in "the password ‹is …›", or "".
// The name is that of its user. Common passwords, names, words, dates, rows of keys,
// repetitions and their usual variations are recognised.
func Guessable(password, name string) string {
	lower := strings.ToLower(password)
	if name != "" && strings.Trim(lower, " ") == strings.ToLower(name) {
		return "is the name of its user"
	}
	words := []string{name, "foliocast"}
	if zxcvbn.PasswordStrength(password[:min(len(password), estimated)], words).Guesses < minGuesses {
		return "is among the first million that a guesser tries: choose a longer or rarer one"
	}
	return ""
}
