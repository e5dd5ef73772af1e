package main

import (
	"testing"

	"github.com/spf13/cobra"

	"foliocast/internal/cli/shelltest"
)

// What the pages tell people to type, the program knows.
func TestPagesSpeakOfCommandsThatExist(t *testing.T) {
	t.Parallel()
	if n := shelltest.Pages(t, "..", "mpicalc", func() *cobra.Command { return rootCommand(&world{}) }); n < 10 {
		t.Errorf("found %d command lines, want at least 10", n)
	}
}
