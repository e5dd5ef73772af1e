package cli_test

import (
	"os/exec"
	"testing"

	"pgregory.net/rapid"

	"foliocast/internal/cli"
)

// A shell reads every word back as it was.
func TestQuotedIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z0-9 '"$\\*;&|<>()~#!?{}=-]{0,12}`).Draw(t, "word")
		out, err := exec.Command("sh", "-c", "printf %s "+cli.Quoted(word)).Output()
		if err != nil || string(out) != word {
			t.Fatalf("%q is quoted as %s and read as %q, %v", word, cli.Quoted(word), out, err)
		}
	})
}
