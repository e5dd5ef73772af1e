package worker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"foliocast/mpicalc/worker"
)

// Another user must not be able to replace a dataset between its verification and its use.
func TestACacheIsTheUsersOwn(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := worker.NewDatasets("", open, 1, nil); err == nil || !strings.Contains(err.Error(), "everybody may write") || !strings.Contains(err.Error(), open) {
		t.Errorf("a directory for everybody: %v", err)
	}
	if err := os.Chmod(open, 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := worker.NewDatasets("", open, 1, nil); err != nil {
		t.Errorf("a directory of a group: %v", err)
	}
	if err := os.Chown(open, 12345, -1); err != nil {
		return // only root may give a directory away
	}
	if _, err := worker.NewDatasets("", open, 1, nil); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("another user's directory: %v", err)
	}
}
