package token

import (
	"strings"
	"testing"
)

// Passwords that guessers try first, usual variations of shorter ones, and those made of
// the user's name.
func TestGuessable(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"1234567890", "qwertyuiop", "password123", "1q2w3e4r5t", "0987654321", "q1w2e3r4t5", "1qaz2wsx3edc", "manchester1", "basketball",
		"Password123", "PASSWORD123", "P@ssw0rd123", "passw0rd2024", "password12!", "iloveyou123", "administrator", "aaaaaaaaaa", "abcdefghij", "qwerty12345",
		"foliocast1", "lovelace-ada", "Lovelace-Ada", "lovelace-ada1", "ada-ecalevol",
	} {
		if Guessable(bad, "lovelace-ada") == "" {
			t.Errorf("%q is taken", bad)
		}
	}
	if why := Guessable("Lovelace-Ada ", "lovelace-ada"); why != "is the name of its user" {
		t.Errorf("the name as the password %q", why)
	}
	for _, good := range []string{"correct horse battery staple", "the first password", "k7x9q2m4zt", NewSecret(), strings.Repeat("λόγος ", 30)} {
		if why := Guessable(good, "lovelace-ada"); why != "" {
			t.Errorf("%q %s", good, why)
		}
	}
}

func FuzzGuessable(f *testing.F) {
	f.Add("password", "ada")
	f.Add("\xff\xfe", "")
	f.Fuzz(func(t *testing.T, password, name string) {
		if why := Guessable(password, name); why == "" && len(password) < 3 {
			t.Errorf("%q is taken", password)
		}
	})
}
