package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"foliocast/internal/cli/shelltest"
)

// Real shells complete commands, flags, models and files.
func TestCompletionInShells(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "prices.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"bash", "zsh"} {
		s := shelltest.Start(t, shell, "mpicalc", program, folder, nil)
		s.Completes("mpicalc backt", "mpicalc backtest ")
		s.Completes("mpicalc run --with-a", "mpicalc run --with-assets ")
		s.Completes("mpicalc run --model theta-", "mpicalc run --model theta-dynamic ")
		s.Completes("mpicalc backtest --models auto,theta-d", "mpicalc backtest --models auto,theta-dynamic")
		s.Completes("mpicalc run --input pri", "mpicalc run --input prices.csv")
		s.Completes("mpicalc convert --duplicates me", "mpicalc convert --duplicates mean ")
	}
	got := shelltest.Fish(t, "mpicalc", program, "mpicalc run --model holt", nil)
	if !slices.Equal(got, []string{"holt-winters"}) {
		t.Errorf("fish: got %q", got)
	}
}
