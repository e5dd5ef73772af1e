package foliocast

import (
	"io"
	"testing"

	"github.com/spf13/cobra"

	"foliocast/internal/cli/shelltest"
)

// What the pages tell people to type, the program knows.
func TestPagesSpeakOfCommandsThatExist(t *testing.T) {
	t.Parallel()
	n := shelltest.Pages(t, "..", "foliocast", func() *cobra.Command {
		return (&app{out: io.Discard, err: io.Discard, env: func(string) string { return "" }}).root()
	})
	if n < 100 {
		t.Errorf("found %d command lines, want at least 100", n)
	}
}
