package up

import (
	"errors"
	"os"
	"testing"
)

func TestReadyFileOfAnEarlierWorldDoesNotCount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var ready readyFile
	if err := ready.written(t.Context()); !errors.Is(err, errNotReady) {
		t.Errorf("before any world: got %v", err)
	}
	first := ready.next(dir)
	if err := ready.written(t.Context()); !errors.Is(err, errNotReady) {
		t.Errorf("before the first world is ready: got %v", err)
	}
	if err := os.WriteFile(first, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ready.written(t.Context()); err != nil {
		t.Errorf("the first world is ready: got %v", err)
	}
	ready.next(dir)
	if err := ready.written(t.Context()); !errors.Is(err, errNotReady) {
		t.Errorf("only the first world was ready: got %v", err)
	}
}
