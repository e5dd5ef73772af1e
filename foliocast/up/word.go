package up

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// madeWord matches what rand.Text returns.
var madeWord = regexp.MustCompile(`^[A-Z2-7]{26,}$`)

// keptWord returns the random word that a file keeps. It makes the file when it is
// missing, and makes it anew when it holds no word: an earlier version could leave it
// empty when the power failed. fresh says that the word is new, so that nobody knows
// it yet.
func keptWord(path string) (word string, fresh bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", false, err
	}
	if word := strings.TrimSpace(string(text)); madeWord.MatchString(word) {
		return word, false, nil
	}
	word = rand.Text()
	return word, true, writeFile(path, []byte(word+"\n"), 0o600)
}
